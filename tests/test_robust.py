"""What cells can do to a kernel: each is reported in its cell, and the next cell runs."""

import os
import signal
import time

import pytest

from generate import g1
from harness import Kernel, eventually, quoted

ENDLESS = 'import "fmt"\nfmt.Println("started")\nfor {\n}'


def on_started(action):
    """Calls action once, when the cell says that it has started."""
    done = []

    def on_message(message):
        if message["msg_type"] == "stream" and "started" in message["content"]["text"] and not done:
            done.append(True)
            action()

    return on_message


def alive(kernel, lost: bool):
    """The next cell runs; where the session was lost, in a new one."""
    assert kernel.run("20 + 22").ok().text == "42"
    cell = kernel.run("before")
    if lost:
        assert cell.error is not None and "before" in cell.error_text
    else:
        assert cell.ok().text == "1"


@pytest.fixture
def fresh(kernel):
    kernel.run("before := 1").ok()
    return kernel


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM], ids=lambda s: s.name)
def test_killed_session(fresh, number):
    cell = fresh.run(ENDLESS, on_message=on_started(lambda: os.kill(fresh.session_pid, number)), timeout=30)
    text = cell.error_text
    assert cell.stdout == "started\n"
    assert "session" in text or "lost" in text, text
    alive(fresh, lost=True)


def test_killed_between_cells(fresh):
    os.kill(fresh.session_pid, signal.SIGKILL)
    # The next cell either says that the state is gone or runs in the new session; the one after runs.
    fresh.run("1")
    alive(fresh, lost=True)


def test_stack_overflow(fresh):
    cell = fresh.run("func down(n int) int { return down(n+1) + 1 }\ndown(0)", timeout=60)
    assert "stack" in cell.error_text
    assert fresh.run("20 + 22").ok().text == "42"


def test_panic_in_a_goroutine(fresh):
    cell = fresh.run('done := make(chan bool)\ngo func() { panic("in the back") }()\n<-done', timeout=30)
    assert "in the back" in cell.error_text
    assert fresh.run("20 + 22").ok().text == "42"


@pytest.mark.parametrize(
    "error",
    [
        "var m map[string]int\nm[\"a\"] = 1",
        "var p *struct{ X int }\np.X",
        "zero := 0\n1 / zero",
        'panic(fmt.Errorf("wrapped: %w", os.ErrNotExist))\nimport ("fmt"; "os")',
    ],
    ids=["nil map", "nil pointer", "division", "panic with an error"],
)
def test_panics_keep_the_state(fresh, error):
    assert fresh.run(error, timeout=30).error is not None
    alive(fresh, lost=False)


def test_concurrent_map_writes(fresh):
    """A fatal error of Go's runtime can't be recovered: the session ends, and says why."""
    code = """m := map[int]int{}
for g := 0; g < 8; g++ {
	go func() {
		for i := 0; ; i++ {
			m[i%10] = i
		}
	}()
}
select {}"""
    sent = fresh.send(code)
    cell = None
    try:
        cell = fresh.collect(sent, timeout=20)
    except AssertionError:
        # The interpreter may serialise the writes; then it is an endless loop.
        fresh.manager.interrupt_kernel()
        cell = fresh.collect(sent, timeout=40)
    assert cell.error is not None
    assert fresh.run("20 + 22").ok().text == "42"


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    return g1(tmp_path_factory.mktemp("robust") / "g1.csv", 4_000_000)


@pytest.mark.parametrize(
    "query",
    [
        'Read({}).GroupBy("id3").Agg(Mean("v3").As("m")).Sort("m")',
        'Read({}).Sort("v3", "id3")',
        'Read({}).Filter("v3 > 1")',
    ],
    ids=["aggregate", "sort", "scan"],
)
def test_interrupt_of_a_scan(fresh, big, query):
    """The last state stays, marked partial; nothing goes on in the background."""
    seen = []

    def on_message(message):
        facts = message["content"].get("metadata", {}).get("rivulet")
        if facts is not None and not facts["final"] and not seen:
            seen.append(facts)
            fresh.manager.interrupt_kernel()

    cell = fresh.run(query.format(quoted(big)), on_message=on_message, timeout=60)
    assert seen, "the query finished before it could be interrupted"
    assert "interrupt" in cell.error_text.lower()
    last = [d for d in cell.displays if d.facts][-1]
    assert not last.facts["final"]
    assert "partial" in last.data["text/plain"].lower() or "interrupted" in last.data["text/plain"].lower()
    quiet(fresh)
    assert fresh.run("20 + 22").ok().text == "42"


def quiet(kernel):
    """The session rests: nothing runs on after its cell."""
    from harness import cpu_seconds

    pid = kernel.session_pid

    def rests():
        before = cpu_seconds(pid)
        time.sleep(0.5)
        return cpu_seconds(pid) - before < 0.05

    eventually(rests, timeout=10, what="the session rests")


def test_output_flood_is_bounded():
    """A cell that prints without end can be interrupted, and the kernel answers after it."""
    with Kernel() as k:
        cell = k.run('import "fmt"\nfor {\n\tfmt.Println("started flood")\n}', on_message=on_started(k.manager.interrupt_kernel), timeout=60)
        assert "interrupt" in cell.error_text.lower()
        assert k.run("20 + 22").ok().text == "42"
