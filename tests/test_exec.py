"""rivulet exec: programs, cells in a Go file, notebooks; its outputs and its exit status."""

import nbformat
import pytest

from harness import rivulet

PROGRAM = """package main

import "fmt"

func main() {
	fmt.Println("program", add(40, 2))
}

func add(a, b int) int { return a + b }
"""

CELLS = """// %% first
x := 20
// %%
x * 2
// %% frame
frame.New(map[string]any{"k": []string{"a", "b", "a"}, "v": []int{1, 2, 3}}).GroupBy("k").Agg(Sum("v").As("s")).Sort("k")
"""


def test_program(tmp_path):
    (tmp_path / "main.go").write_text(PROGRAM)
    done = rivulet("exec", tmp_path / "main.go")
    assert (done.returncode, done.stdout) == (0, "program 42\n"), done.stderr


def test_cells(tmp_path):
    (tmp_path / "cells.go").write_text(CELLS)
    done = rivulet("exec", tmp_path / "cells.go")
    assert done.returncode == 0, done.stderr
    assert "40" in done.stdout.splitlines()
    assert [line.split() for line in done.stdout.splitlines() if line.split()[:1] in (["a"], ["b"])] or "a" in done.stdout


def test_notebook_runs_in_its_own_folder(tmp_path):
    (tmp_path / "beside.csv").write_text("n\n1\n2\n")
    cells = [nbformat.v4.new_code_cell('Read("beside.csv").Count()')]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "book.ipynb")
    done = rivulet("exec", tmp_path / "book.ipynb", cwd="/")
    assert done.returncode == 0, done.stderr
    assert "2" in done.stdout


@pytest.mark.parametrize(
    "text, said",
    [
        ('// %%\npanic("on purpose")\n// %%\nprintln("never")\n', "on purpose"),
        ("// %%\nx := undefinedName\n", "undefinedName"),
        ('package main\n\nfunc main() { panic("main died") }\n', "main died"),
        ('// %%\nRead("no-such.csv")\n', "no-such.csv"),
        ('// %%\nimport "os"\nos.Exit(3)\n', "3"),
    ],
    ids=["panic", "compile error", "program", "failed frame", "exit"],
)
def test_failure_is_status_1(tmp_path, text, said):
    (tmp_path / "f.go").write_text(text)
    done = rivulet("exec", tmp_path / "f.go", cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert said in done.stdout + done.stderr
    assert "never" not in done.stdout + done.stderr


def test_missing_file():
    done = rivulet("exec", "no-such-file.go")
    assert done.returncode == 1 and "no-such-file.go" in done.stderr
