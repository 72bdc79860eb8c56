"""The notebooks run whole, with nbclient and with rivulet exec, and say what they should."""

import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from harness import NOTEBOOKS, OUT, rivulet

NAMES = ["quickstart", "streaming", "widgets"]


def outputs_text(notebook) -> str:
    text = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                text.append(output.text)
            else:
                text.append(output.get("data", {}).get("text/plain", ""))
    return "\n".join(text)


@pytest.mark.parametrize("name", NAMES)
def test_nbclient(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    client = NotebookClient(
        notebook, kernel_name="rivulet", timeout=240, resources={"metadata": {"path": str(NOTEBOOKS)}}
    )
    client.execute()
    nbformat.validate(notebook)
    nbformat.write(notebook, OUT / f"{name}.ipynb")
    if name == "widgets":
        # As the cells left it: the client collects what widgets say.
        models = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
        bar = next(m["state"] for m in models if m["model_name"] == "IntProgressModel")
        assert (bar["value"], bar["bar_style"]) == (30_000, "success")
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.output_type == "stream" or "text/plain" in output.data
            facts = output.get("metadata", {}).get("rivulet")
            assert facts is None or facts["final"], "a saved result is not the final one"
    check(name, outputs_text(notebook))


@pytest.mark.parametrize("name", NAMES)
def test_exec(name):
    done = rivulet("exec", NOTEBOOKS / f"{name}.ipynb", timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    check(name, done.stdout)


def check(name: str, text: str):
    # The figures are those of the package's CSVs, taken with polars.
    if name == "quickstart":
        for want in ["336,776", "JFK", "LAX", "11,262", "United Air Lines", "dep_dely", "Mean departure delay", "115 to 120 "]:
            assert want in text or want.replace(",", "") in text, f"{want} is not shown"
    elif name == "widgets":
        for want in ["6984", "carrier 3 60", "3245"]:
            assert want in text, f"{want} is not shown"
    else:
        for want in ["10000000 rows", "S68", "of 100 stations"]:
            assert want in text, f"{want} is not shown"


@pytest.mark.parametrize("name", NAMES)
def test_saved_without_outputs(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    assert notebook.metadata.kernelspec.name == "rivulet"
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_run_script_reports_a_failed_cell(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('panic("no")')])
    nbformat.write(notebook, tmp_path / "bad.ipynb")
    done = subprocess.run(
        [sys.executable, NOTEBOOKS / "run.py", tmp_path / "bad.ipynb", "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1 and "no" in done.stdout
    assert (tmp_path / "out" / "bad.html").exists()
