"""In a real JupyterLab a table with rows is on the screen before the query has finished; what stays is what is saved."""

import os
import re
import shutil

import nbformat
import pytest

from generate import g1
from harness import DATA, OUT, SOAK
from lab import CURRENT, Browser, Server

ROWS = 8_000_000
QUERY = """Read("g1*.csv").
	WithColumn("z", "sqrt(v3) * log(v3 + 1)").
	GroupBy("id1").
	Agg(Count().As("rows"), Mean("z").As("z"), Max("v3").As("high"), Col("id3").CountDistinct().As("kinds")).
	Sort("id1")"""
FLIGHTS = """flights := Read("flights.csv.zip")
flights.GroupBy("carrier").
	Agg(Count().As("flights"), Mean("dep_delay").As("mean_delay"), Max("dep_delay").As("worst")).
	Join(Read("airlines.csv"), "carrier").
	Sort(Desc("mean_delay"))"""


@pytest.fixture(scope="module")
def folder(server):
    """The server's own: a console has no other."""
    # Twice the same rows: a page that has just begun may not look for a second or two.
    os.link(g1(server.folder / "g1.csv", ROWS // 2), server.folder / "g1-again.csv")
    for name in ("flights.csv.zip", "airlines.csv"):
        shutil.copy(DATA / name, server.folder / name)
    return server.folder


@pytest.fixture(scope="module")
def chrome(chromium):
    with Browser(chromium) as browser:
        yield browser


@pytest.fixture
def browser(chrome):
    yield chrome
    chrome.close_pages()


def write_notebook(path, *sources):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    book.metadata.kernelspec = {"name": "rivulet", "display_name": "Go (Rivulet)", "language": "go"}
    nbformat.write(book, path)


def check_progress(states):
    early = [s for s in states if s["status"] == "busy" and s["rows"] >= 10]
    assert early, f"no table with rows while the query ran: {[(s['status'], s['rows']) for s in states]}"
    assert len({s["text"] for s in early}) >= 3, "the table did not refine"
    assert any("so far" in s["text"] for s in early), early[0]["text"][:400]
    final = states[-1]
    assert final["status"] == "idle" and final["rows"] >= 10
    assert "so far" not in final["text"]
    assert f"{ROWS // 1_000_000}" in re.sub(r"\D", "", final["text"]) or final["rows"] >= 100


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_notebook(browser, folder, server, theme):
    book = folder / f"{theme.lower()}.ipynb"
    write_notebook(book, QUERY)
    server.set("themes", theme=f"JupyterLab {theme}")
    panel = browser.notebook(server, book.name, theme.lower())
    assert panel.page.get_attribute("body", "data-jp-theme-name") == f"JupyterLab {theme}"
    panel.command("notebook:run-all-cells")
    panel.page.wait_for_function("() => document.querySelectorAll('.jp-OutputArea table tbody tr').length >= 10", timeout=60_000)
    panel.shot(OUT / f"lab-{theme.lower()}-running.png")
    states = panel.states_until_idle(120)
    check_progress(states)
    panel.shot(OUT / f"lab-{theme.lower()}-final.png")
    shown = panel.page.inner_text(".jp-OutputArea-output table")
    panel.save()
    saved = nbformat.read(book, as_version=4)
    panel.page.close()
    server.set("themes", theme="JupyterLab Light")
    outputs = saved.cells[0].outputs
    assert len(outputs) == 1 and outputs[0].metadata["rivulet"]["final"]
    html = outputs[0].data["text/html"]
    assert "<script" not in html and "<style" not in html
    for word in re.findall(r"id\d{3}|\d[\d.,]*", shown)[:60]:
        assert word in re.sub(r"<[^>]+>", "", html), f"{word} is on the screen, not in the file"
    # What an untrusted notebook shows is the same table: open the file again, where nothing has run.
    server.end_kernels()
    panel = browser.notebook(server, book.name)
    panel.page.wait_for_selector(".jp-OutputArea-output table", timeout=30_000)
    assert panel.page.inner_text(".jp-OutputArea-output table").split() == shown.split()


def test_notebook_7(browser, folder, tmp_path):
    book = folder / "seven.ipynb"
    write_notebook(book, QUERY)
    with Server(folder, tmp_path, app="notebook") as server:
        panel = browser.notebook7(server, book.name)
        panel.command("notebook:run-all-cells")
        check_progress(panel.states_until_idle(120))
        panel.shot(OUT / "notebook-7.png")


def test_console(browser, folder, server):
    panel = browser.console(server)
    panel.page.click(".jp-CodeConsole-input .cm-content")
    # insert_text does not trigger the editor's closing of brackets.
    panel.page.keyboard.insert_text(QUERY)
    panel.command("console:run-forced")
    states = panel.states_until_idle(120)
    check_progress(states)
    panel.shot(OUT / "lab-console.png")


def test_flights_picture(browser, folder, server):
    """The README's picture."""
    book = folder / "flights.ipynb"
    write_notebook(book, FLIGHTS)
    panel = browser.notebook(server, book.name)
    panel.command("notebook:run-all-cells")
    states = panel.states_until_idle(60)
    assert "ExpressJet" in states[-1]["text"]
    panel.shot(OUT / "lab-flights.png")


if SOAK:

    def test_large_output(browser, folder, server):
        """Ten megabytes, more than a Jupyter server lets through at once, are paced: they come whole and in order."""
        book = folder / "large.ipynb"
        lines = 100_000
        write_notebook(
            book,
            f'import ("fmt"; "strings")\npad := strings.Repeat("x", 91)\nfor i := range {lines} {{\n\tfmt.Printf("%07d %s\\n", i, pad)\n}}',
        )
        panel = browser.notebook(server, book.name)
        panel.command("notebook:run-all-cells")
        panel.page.wait_for_function(f"() => {CURRENT}.content.widgets[0].model.executionCount", timeout=240_000)
        panel.wait_status("idle", 60)
        text = panel.page.evaluate(
            f"() => {CURRENT}.content.widgets[0].model.outputs.toJSON().map(o => [].concat(o.text).join('')).join('')"
        )
        assert "rate exceeded" not in text
        assert text == "".join(f"{i:07} {'x' * 91}\n" for i in range(lines))
