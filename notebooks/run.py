"""Executes a notebook with nbclient, prints what its cells show as text, and writes the notebook and its HTML.

    run.py notebooks/quickstart.ipynb --out notebooks/out
"""

import argparse
import pathlib
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter


def text_of(output) -> str:
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return output.data.get("text/plain", "")


def print_cell(cell) -> None:
    for line in cell.source.splitlines():
        print("    " + line)
    for output in cell.get("outputs", []):
        text = text_of(output).rstrip()
        if text:
            print(text)
    print(flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--kernel", default="rivulet")
    args = parser.parse_args()

    notebook = nbformat.read(args.notebook, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name=args.kernel,
        timeout=600,
        resources={"metadata": {"path": str(args.notebook.parent)}},
        on_cell_executed=lambda cell, **_: print_cell(cell),
    )
    failed = None
    try:
        client.execute()
    except CellExecutionError as error:
        failed = error

    args.out.mkdir(parents=True, exist_ok=True)
    executed = args.out / args.notebook.name
    nbformat.write(notebook, executed)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    executed.with_suffix(".html").write_text(page, encoding="utf-8")
    print(f"written: {executed} and {executed.with_suffix('.html')}")
    if failed is not None:
        print(f"run.py: {args.notebook}: a cell failed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
