"""%config: what it shows is so, and what it sets takes effect in the next line."""

import re
import time

import pytest

from harness import NOTEBOOKS, Kernel, quoted


@pytest.fixture(scope="module")
def session():
    with Kernel(cwd=NOTEBOOKS) as k:
        k.run('flights := Read("data/flights.csv.zip")').ok()
        yield k


def options(k) -> dict[str, str]:
    rows = k.run("%config").ok().stdout.splitlines()
    return {name: value for name, value, _ in (re.split(r" {2,}", row, maxsplit=2) for row in rows)}


def rows_shown(k, code: str) -> int:
    return k.run(code).ok().displays[-1].data["text/html"].count("<tr") - 1


def test_all_are_shown(session):
    assert set(options(session)) == {"columns", "engine", "lanes", "memory", "progress", "rows", "spill"}
    assert "did you" not in session.run("%config rows").ok().stdout
    failed = session.run("%config row=5").error_text
    assert 'there is no option "row"; there is columns, engine, lanes, memory, progress, rows, spill' in failed


def test_rows_and_columns(session):
    assert rows_shown(session, "flights") == 20
    assert session.run("%config rows=7").ok().stdout == "rows = 7\n"
    assert rows_shown(session, "flights") == 7 and rows_shown(session, "flights.Head(21)") == 21
    assert rows_shown(session, "make([]struct{ A, B int }, 100)") == 7, "Go's own values"
    session.run("%config columns 4").ok()
    shown = session.run("flights").ok().displays[-1].data["text/html"]
    assert "15 more" in re.sub(r"<[^>]+>", " ", shown) and "carrier" not in shown
    session.run("%config rows=default\n%config columns=default").ok()
    assert rows_shown(session, "flights") == 20 and options(session)["columns"] == "20"
    for bad in ["rows=0", "rows=many", "columns=1"]:
        assert "is no number from" in session.run(f"%config {bad}").error_text


def test_memory_and_spill(session, tmp_path):
    before = options(session)
    # Some 60 MB are sorted.
    query = f'flights.Sort("tailnum").Write({quoted(tmp_path / "sorted.parquet")})'
    spilled = "frame.SpilledBytes()"
    session.run(query).ok()
    assert session.run(spilled).ok().text == "0"
    session.run(f"%config memory=16MiB\n%config spill={tmp_path}").ok()
    assert options(session)["memory"] == "16.0MiB" and options(session)["spill"] == str(tmp_path)
    session.run(query).ok()
    assert int(session.run(spilled).ok().text) > 1_000_000
    assert "spill directory /nowhere: no such file" in session.run("%config spill=/nowhere").error_text
    assert options(session)["spill"] == str(tmp_path)
    for bad in ["memory=lots", "memory=1KiB"]:
        assert "%config memory" in session.run(f"%config {bad}").error_text
    session.run("%config memory=default\n%config spill=default").ok()
    assert options(session) == before


def test_lanes_and_engine(session):
    # A function that waits takes a third of the time where three of it wait at once.
    session.run(
        'import "time"\n'
        "slow := flights.Filter(\"dep_delay > 200\").Map(\"late\", func(hour int) int {\n\ttime.Sleep(time.Millisecond)\n\treturn hour\n})"
    ).ok()
    took = {}
    for lanes in (1, 3):
        assert session.run(f"%config lanes={lanes}").ok().stdout == f"lanes = {lanes}\n"
        assert options(session)["lanes"] == str(lanes)
        start = time.monotonic()
        session.run('slow.Agg(Sum("late"))').ok()
        took[lanes] = time.monotonic() - start
    assert took[1] > 1.7 * took[3], took
    assert "is no number from 1 to" in session.run("%config lanes=0").error_text
    session.run("%config lanes=default").ok()
    assert options(session)["engine"] == "local"
    assert session.run("%config engine=nohost.invalid:1").error, "a cluster that is not there"
    assert options(session)["engine"] == "local"
    assert session.run("%config engine=local\nflights.Head(3)").ok().displays


def test_completion(session):
    def complete(code: str) -> list[str]:
        msg = session.client.complete(code, len(code))
        while True:
            reply = session.client.get_shell_msg(timeout=20)
            if reply["parent_header"]["msg_id"] == msg:
                return reply["content"]["matches"]

    assert complete("%config r") == ["rows"]
    assert complete("%config progress=l") == ["live", "line"]
    assert complete("%config engine = ") == ["local", "ray", "default"]
    assert complete("%config spill=/pro") == ["/proc/"]
