"""Clients that people use beside JupyterLab: the terminal's, Qt's, and the converters."""

import json
import os
import re
import subprocess
import sys
import time

import nbformat
import pexpect
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from generate import g1
from harness import OUT, descendants, eventually, quoted

QUERY = 'Read({}).GroupBy("id1").Agg(Mean("v3").As("m")).Sort("id1").Head(3)'
FOOTER = re.compile(r"3 rows × 2 columns · [\d.]+ m?s")


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    return g1(tmp_path_factory.mktemp("clients") / "g1.csv", 2_000_000)


class Terminal:
    """jupyter console in a pseudo-terminal."""

    def __init__(self):
        env = {**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm-256color", "RIVULET_HISTORY": "off"}
        self.child = pexpect.spawn(
            sys.executable, ["-m", "jupyter_console", "--kernel", "rivulet"], env=env, dimensions=(50, 150), encoding="utf-8", timeout=60
        )
        self.prompt(1)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_):
        self.child.close(force=True)

    def expect(self, pattern: str) -> str:
        self.child.expect(pattern)
        return plain(self.child.before)

    def prompt(self, number: int) -> str:
        """Waits for a prompt, and gives what was shown before it."""
        text = ""
        while True:
            text += self.expect(r"In \[(?:\x1b\[[0-9;]*m)*(\d+)")
            if int(self.child.match[1]) == number:
                # Once drawn it takes keys.
                time.sleep(0.2)
                return text

    def run(self, number: int, code: str) -> str:
        self.child.send(code + "\r")
        return self.prompt(number + 1)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r", "", text)


def test_jupyter_console(big):
    with Terminal() as terminal:
        assert re.search(r"Out\[1\]: *42", terminal.run(1, "6 * 7"))
        shown = terminal.run(2, QUERY.format(quoted(big)))
        assert " so far" in shown, "no progress"
        assert len(FOOTER.findall(shown)) == 1 and shown.count("Out[2]") == 1, shown
        assert shown.index(" so far") < shown.index("Out[2]") and " so far" not in shown[shown.index("Out[2]") :]
        # Completion: a menu, of which one is taken.
        terminal.child.send("strings.ToUpperSpec\t")
        # What was typed may be on the screen before, and the rest is drawn where it ends.
        terminal.expect(r"(?:\x1b\[[0-9;?]*[A-Za-z])*".join("ToUpperSpecial"))
        terminal.child.send("\x15")
        # A question, with what was printed before it.
        terminal.child.send('var name string; fmt.Print("who? "); fmt.Scan(&name); "hello " + name\r')
        terminal.expect(r"who\? ")
        terminal.child.send("Ada\r")
        assert "hello Ada" in terminal.prompt(4)
        # An unfinished cell goes on in the next line.
        terminal.child.send("func f() int {\r")
        terminal.expect(r"\.\.\.: ")
        terminal.child.send("return 43 }\r")
        terminal.prompt(5)
        assert "43" in terminal.run(5, "f()")
        # The terminal's key for an interrupt.
        terminal.child.send('fmt.Println("star" + "ted"); for { time.Sleep(1) }\r')
        terminal.expect("started")
        terminal.child.sendintr()
        assert "interrupt" in terminal.prompt(7)
        below = descendants(terminal.child.pid)
        assert below
        terminal.child.sendeof()
        terminal.expect(r"\[y\]/n")
        terminal.child.send("y\r")
        terminal.child.expect(pexpect.EOF)
        eventually(lambda: not any(os.path.exists(f"/proc/{p}") for p in below), what="the kernel ends with the console")


def test_qtconsole(big):
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyqt5", "RIVULET_HISTORY": "off"}
    program = os.path.join(os.path.dirname(__file__), "qt_client.py")
    done = subprocess.run([sys.executable, program, big, OUT / "qtconsole.png"], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    shown = result["shown"]
    assert "Rivulet" in shown.splitlines()[1] and "Out[1]: 42" in shown
    assert len(FOOTER.findall(shown)) == 1 and shown.count("Out[2]") == 1 and "so far" not in shown[shown.index("Out[2]") :]
    assert "who? Ada" in shown and "hello Ada" in shown
    assert "panic: on purpose" in shown and 'panic("on purpose")\n     | ^' in shown
    assert re.fullmatch(r"for i := range 3 {\n\s+", result["continued"]), result["continued"]


@pytest.fixture(scope="module")
def book(big) -> nbformat.NotebookNode:
    sources = (QUERY.format(quoted(big)), 'display.Markdown("**bold**")', "6 * 7")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    made.metadata.kernelspec = {"name": "rivulet", "display_name": "Go (Rivulet)", "language": "go"}
    made.metadata.language_info = {"name": "go", "pygments_lexer": "go"}
    return made


@pytest.mark.parametrize("preprocessors", [["nbconvert.preprocessors.ExecutePreprocessor"], []], ids=["running", "not running"])
def test_nbconvert(book, preprocessors):
    """The page has the final table of each cell, and nothing of what was before it."""
    if not preprocessors:
        NotebookClient(book, kernel_name="rivulet", timeout=120).execute()
        assert book.metadata.language_info.file_extension == ".go"
    page, _ = HTMLExporter(preprocessors=preprocessors).from_notebook_node(book)
    body = page[page.index("<body") :]
    text = re.sub(r"<[^>]+>", " ", body)
    assert len(FOOTER.findall(text)) == 1, text[-3000:]
    assert "id001" in text and "id003" in text and "so far" not in text
    assert "<strong>bold</strong>" in body and re.search(r"\b42\b", text)
    for junk in ("widget-view", "Loading widget", "application/vnd", "rivulet&quot;"):
        assert junk not in body, junk
    assert body.count("<table") == 1
    assert '<span class="nx">Read</span>' in body, "the cells are not highlighted as Go"
