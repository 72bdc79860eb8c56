"""Frames on a Ray cluster of two nodes give what they give in the session: notebooks, questions, functions of cells."""

import json
import os
import re
import subprocess
import sys
import time

import pytest

from harness import NOTEBOOKS, ROOT, rivulet

SETTINGS = {"RIVULET_PYTHON": sys.executable}


class Cluster:
    """tests/ray_cluster.py, for as long as its block runs."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "ray_cluster.py", "--dashboard", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def __enter__(self):
        line = self.process.stdout.readline()
        assert line, "the cluster did not start"
        facts = json.loads(line)
        assert facts["hidden"], "this system refuses mount namespaces: the second node would see what it must not"
        self.address, self.dashboard = facts["address"], facts["dashboard"]
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as c:
        yield c


def facts(text: str) -> str:
    """What is shown without how long it took."""
    return re.sub(r" · [0-9.]+ (ms|s|µs|min)\b.*", "", text)


def run(path, engine="", timeout=240):
    done = rivulet("exec", path, timeout=timeout, env=dict(os.environ, RIVULET_ENGINE=engine, **SETTINGS))
    assert done.returncode == 0, done.stdout + done.stderr
    return facts(done.stdout)


@pytest.mark.parametrize("name", ["ray", "quickstart"])
def test_notebooks_are_the_same(cluster, name):
    here = run(NOTEBOOKS / f"{name}.ipynb")
    there = run(NOTEBOOKS / f"{name}.ipynb", cluster.address)
    there = re.sub(r"placement: .*\n( +stage .*\n)*", "", there)  # of Explain, on a cluster alone
    assert there == here.replace("runs on this process", "runs on Ray")


# The questions of the H2O benchmark on groups, and some more.
QUESTIONS = """
x.GroupBy("id1").Agg(Sum("v1").As("v1"))
x.GroupBy("id1", "id2").Agg(Sum("v1").As("v1"))
x.GroupBy("id3").Agg(Sum("v1").As("v1"), Mean("v3").As("v3")).Sort("id3").Head(20)
x.GroupBy("id4").Agg(Mean("v1").As("v1"), Mean("v2").As("v2"), Mean("v3").As("v3"))
x.GroupBy("id6").Agg(Sum("v1").As("v1"), Sum("v2").As("v2"), Sum("v3").As("v3")).Sort("id6").Head(20)
x.GroupBy("id4", "id5").Agg(frame.Median("v3").As("m"), frame.Std("v3").As("s")).Sort("id4", "id5").Head(20)
x.GroupBy("id3").Agg(Max("v1").As("a"), Min("v2").As("b")).Sort("id3").Tail(20)
x.GroupBy("id1", "id2", "id3", "id4", "id5", "id6").Agg(Sum("v3").As("v3"), Count().As("n")).Sort(Desc("v3"), "id6").Head(20)
x.Filter("v1 == 2 && v3 > 50").Sort(Desc("v3"), "id6").Head(20)
x.Distinct("id1", "id4").Sort("id1", "id4").Head(30)
x.Join(x.GroupBy("id2").Agg(Count().As("n")), "id2").GroupBy("n").Agg(Sum("v3").As("t")).Sort("n").Head(20)
x.Map("w", func(v1 int, v3 float64) float64 { return v3 * scale / float64(v1+1) }).GroupBy("id1").Agg(Sum("w").As("w")).Sort("id1").Head(20)
x.Filter(func(id1 string) bool { return strings.HasSuffix(id1, "7") }).GroupBy("id1").Agg(Count().As("n")).Sort("id1")
"""


@pytest.fixture(scope="module")
def groups(tmp_path_factory):
    import random

    dice = random.Random(7)
    path = tmp_path_factory.mktemp("ray") / "g.csv"
    with open(path, "w") as f:
        f.write("id1,id2,id3,id4,id5,id6,v1,v2,v3\n")
        for _ in range(120_000):
            f.write(
                f"id{dice.randint(1, 100):03},id{dice.randint(1, 100):03},id{dice.randint(1, 1200):010},"
                f"{dice.randint(1, 100)},{dice.randint(1, 100)},{dice.randint(1, 1200)},"
                f"{dice.randint(1, 5)},{dice.randint(1, 15)},{dice.randint(0, 99_999_999) / 1e6}\n"
            )
    return path


def test_questions_are_the_same(cluster, groups, tmp_path):
    cells = ['import "strings"', "scale := 2.5", f"x := Read({str(groups)!r})".replace("'", '"')]
    cells += [line for line in QUESTIONS.splitlines() if line]
    program = tmp_path / "questions.go"
    program.write_text("".join("// %%\n" + c + "\n" for c in cells))
    here = run(program)
    assert here.count("rows ×") == len(cells) - 3
    assert run(program, cluster.address) == here
    # From anywhere, over HTTP: no Python of this side has a part in it.
    SETTINGS["RIVULET_PYTHON"] = "/nonexistent"
    try:
        assert run(program, cluster.dashboard) == here
    finally:
        SETTINGS["RIVULET_PYTHON"] = sys.executable


def test_where_it_runs_is_shown(cluster, groups, tmp_path):
    """The display of a running frame has the splits of each node and a link to Ray's dashboard; Explain says it afterwards."""
    program, events = tmp_path / "sight.go", tmp_path / "events"
    slow = 'func(v3 float64) bool { if v3 < 1 { time.Sleep(time.Millisecond) }; return v3 > 1 }'
    program.write_text(f'''// %%
import "time"
// %%
slow := Read("{groups}").Filter({slow}).GroupBy("id1").Agg(Sum("v1").As("t")).Sort("id1")
// %%
slow
// %%
fmt.Println(slow.Explain())
''')
    environment = dict(os.environ, RIVULET_ENGINE=cluster.address, **SETTINGS)
    done = rivulet("exec", "--events", events, program, env=environment, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    nodes = {"127.0.0.2", "127.0.0.3"}
    assert set(re.findall(r"    on (\S+): \d+ splits, \d+ rows read, \d+ rows made", done.stdout)) == nodes, done.stdout
    assert " · on 2 nodes" in done.stdout
    shown = events.read_text()
    assert re.search(r"splits by node: 127\.0\.0\.[23] \d", shown), shown
    assert f'href=\\"{cluster.dashboard}\\"' in shown.replace("\\u003c", "<"), shown


def test_what_functions_print_is_in_the_error(cluster, groups, tmp_path):
    program = tmp_path / "prints.go"
    program.write_text(f'''// %%
failing := func(v1 int) bool {{
	if v1 == 5 {{
		fmt.Println("about to divide")
		zero := 0
		return 1/zero > 0
	}}
	return true
}}
Read("{groups}").Filter(failing)
''')
    done = rivulet("exec", program, env=dict(os.environ, RIVULET_ENGINE=cluster.address, **SETTINGS), timeout=240)
    shown = done.stdout + done.stderr
    assert done.returncode != 0 and "divide by zero" in shown, shown
    assert re.search(r"log of task \"\S+/g.csv 1/0\" on node 127.0.0.[23]:", shown) and "about to divide" in shown, shown


@pytest.mark.parametrize("address, says", [
    ("ray://127.0.0.1:10001", 'use "HOST:6379" from a machine of the cluster, "http://HOST:8265" from any other'),
    ("127.0.0.1:9", "no Ray cluster at 127.0.0.1:9"),
    ("http://127.0.0.1:9", "no Ray cluster at 127.0.0.1:9"),
])
def test_bad_addresses(tmp_path, address, says):
    program = tmp_path / "bad.go"
    program.write_text(f'// %%\nif err := frame.Connect("{address}"); err != nil {{ fmt.Println(err) }}\n')
    start = time.monotonic()
    done = rivulet("exec", program)
    assert says in done.stdout, done.stdout + done.stderr
    assert time.monotonic() - start < 6


def processes():
    """The command lines of all processes that have to do with Ray or its workers."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as f:
                    line = f.read().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                continue
            if line.startswith(("ray::", "rivulet worker")) or "raylet/raylet" in line or "gcs_server" in line:
                found.append(entry + " " + line[:80])
    return set(found)


def test_a_local_cluster_leaves_nothing(tmp_path, groups):
    before = processes()
    program = tmp_path / "local.go"
    program.write_text(f'// %%\nerr := frame.Connect("ray")\nerr\n// %%\nRead("{groups}").GroupBy("id1").Agg(Count().As("n")).Sort("id1").Head(3)\n')
    done = rivulet("exec", program, env=dict(os.environ, **SETTINGS), timeout=120)
    assert done.returncode == 0 and "id001" in done.stdout, done.stdout + done.stderr
    until = time.monotonic() + 15
    while processes() - before and time.monotonic() < until:
        time.sleep(0.2)
    assert not processes() - before


def test_doctor(cluster):
    done = rivulet("doctor", cluster.dashboard, timeout=60)
    assert re.search(r"ok +connection +in [0-9.]+s, Ray ", done.stdout), done.stdout + done.stderr
    assert len(re.findall(r"ok +node +127\.0\.0\.[23]: 1 CPUs, memory ", done.stdout)) == 2, done.stdout
    assert re.search(r"ok +data port +[0-9.]+:\d+, TLS", done.stdout), done.stdout
    start = time.monotonic()
    done = rivulet("doctor", env={"RIVULET_ENGINE": "127.0.0.1:9"})
    assert done.returncode == 1 and "WRONG  cluster      no Ray cluster at 127.0.0.1:9" in done.stdout, done.stdout
    assert time.monotonic() - start < 5 + 3  # the rest of the report
