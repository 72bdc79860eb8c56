"""The wheel: pip installs it into a new environment, notebooks run there without anything on PATH, and pip takes it away whole."""

import os
import pathlib
import platform
import subprocess
import sys
import venv

import nbformat
import pytest

from harness import ROOT

sys.path.append(str(ROOT / "wheel"))

from rivulet_papermill import GoTranslator  # noqa: E402

CELLS = [
    'import "fmt"\nfmt.Println("printed")',
    'frame.New(map[string]any{"k": []string{"a", "b", "a"}, "v": []int{1, 2, 40}}).GroupBy("k").Agg(Sum("v").As("total")).Sort("k")',
]


@pytest.fixture(scope="module")
def wheel() -> pathlib.Path:
    found = list((ROOT / "dist").glob(f"rivulet_kernel-*_{platform.machine()}.whl"))
    assert found, "there is no wheel in dist: run make wheel"
    return max(found, key=lambda path: path.stat().st_mtime)


def run(*command, **options) -> subprocess.CompletedProcess:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=240, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def files(folder: pathlib.Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts}


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> pathlib.Path:
    """An environment with nbclient only, in a folder whose name has a space."""
    folder = tmp_path_factory.mktemp("wheel") / "an environment"
    venv.create(folder)
    pip(folder, "install", "-c", ROOT / "requirements-test.txt", "nbclient")
    return folder


def pip(folder: pathlib.Path, *arguments):
    # This Python's pip, which spares the environment one of its own.
    return run(sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check", "--quiet", *arguments)


def bare(tmp_path: pathlib.Path) -> dict:
    """The variables of a user who has activated nothing and configured nothing."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}


def test_install_run_uninstall(wheel, environment, tmp_path):
    before = files(environment)
    pip(environment, "install", wheel)
    added = files(environment) - before
    assert {"bin/rivulet", "share/jupyter/kernels/rivulet/kernel.json", "share/jupyter/kernels/rivulet/logo-svg.svg"} <= added
    env = bare(tmp_path)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    book.metadata.kernelspec = {"name": "rivulet", "display_name": "Go (Rivulet)", "language": "go"}
    nbformat.write(book, tmp_path / "book.ipynb")
    run(environment / "bin" / "jupyter-execute", "--inplace", tmp_path / "book.ipynb", env=env, cwd=tmp_path)
    printed, table = nbformat.read(tmp_path / "book.ipynb", as_version=4).cells
    assert printed.outputs[0].text == "printed\n"
    assert ["a", "41"] in [line.split() for line in table.outputs[0].data["text/plain"].splitlines()]
    # Its own tools see it as well.
    done = run(environment / "bin" / "rivulet", "doctor", env={**env, "PATH": f"{environment}/bin:/usr/bin:/bin"})
    assert "WRONG" not in done.stdout, done.stdout
    pip(environment, "uninstall", "-y", "rivulet-kernel")
    assert files(environment) == before
    assert not (environment / "share" / "jupyter" / "kernels" / "rivulet").exists()


@pytest.fixture(scope="module")
def target(wheel, tmp_path_factory) -> dict:
    """The variables with which the tests' own Python sees the wheel's module, entry point and kernel."""
    folder = tmp_path_factory.mktemp("target")
    pip(pathlib.Path(sys.prefix), "install", "--no-deps", "--target", folder, wheel)
    return {**os.environ, "PYTHONPATH": str(folder), "JUPYTER_PATH": str(folder / "share" / "jupyter")}


PARAMETERS = """carrier := "UA"   // the airline // its code
delay := 0.5
rows, legs := 3, []string{"EWR"}
var most float64 = 1e3 // minutes
limits := map[string]int{}
nothing := 1"""
USE = """fmt.Printf("%T %v|%T %v|%T %v|%T %v|%T %v|%T %v|%v", carrier, carrier, delay, delay, rows, rows, legs, legs, most, most, limits, limits, nothing)"""


def parameterised(path: pathlib.Path):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in ('import "fmt"', PARAMETERS, USE)])
    book.cells[1].metadata.tags = ["parameters"]
    book.metadata.kernelspec = {"name": "rivulet", "display_name": "Go (Rivulet)", "language": "go"}
    book.metadata.language_info = {"name": "go"}
    nbformat.write(book, path)


def papermill(target: dict, *arguments) -> subprocess.CompletedProcess:
    return run(sys.executable, "-m", "papermill", *arguments, env=target)


@pytest.mark.parametrize(
    "given, printed",
    [
        (
            {"carrier": 'a "quoted"\n\\ 𝒳\u2028', "delay": 2.0, "rows": -7, "legs": ["JFK", "LGA"], "most": 1e-7, "limits": {"a": 1}, "nothing": None},
            'string a "quoted"\n\\ 𝒳\u2028|float64 2|int -7|[]string [JFK LGA]|float64 1e-07|map[string]int map[a:1]|<nil>',
        ),
        (
            {"carrier": True, "delay": float("nan"), "rows": 2**63, "legs": [1, 2.5], "most": float("-inf"), "limits": {"a": [1, "x"]}, "nothing": []},
            "bool true|float64 NaN|uint64 9223372036854775808|[]float64 [1 2.5]|float64 -Inf|map[string][]interface {} map[a:[1 x]]|[]",
        ),
    ],
    ids=["same types", "other types"],
)
def test_parameters(kernel, given, printed):
    """What papermill would inject, injected here."""
    kernel.run('import "fmt"\n' + PARAMETERS).ok()
    kernel.run(GoTranslator.codify(given)).ok()
    assert kernel.run(USE).ok().stdout == printed


def test_parameters_that_go_has_no_type_for():
    with pytest.raises(ValueError, match="does not fit"):
        GoTranslator.codify({"n": 2**64})


def test_papermill_command_line(target, tmp_path):
    parameterised(tmp_path / "in.ipynb")
    papermill(target, tmp_path / "in.ipynb", tmp_path / "out.ipynb", "-p", "carrier", "AA", "-p", "delay", "0.25", "--no-progress-bar")
    cells = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    assert cells[2].metadata.tags == ["injected-parameters"]
    assert cells[2].source.splitlines() == ["// Parameters", 'carrier := "AA"', "delay := 0.25"]
    assert cells[-1].outputs[0].text.startswith("string AA|float64 0.25|int 3|")
    shown = papermill(target, "--help-notebook", tmp_path / "in.ipynb").stdout
    for line in ['carrier: string (default "UA")', "the airline // its code", "delay: float64 (default 0.5)", "most: float64 (default 1e3)"]:
        assert line in shown, shown
