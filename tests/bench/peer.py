"""One engine in a process of its own: peer.py ENGINE THREADS. Takes commands as lines of JSON and answers each with a line:
load (tables into memory, or where they are), run (a question; seconds), first (seconds to the first row; the last command), digest.
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

# module, and what its Engine is told
ENGINES = {
    "polars": ("peer_polars", "in-memory"),
    "polars-streaming": ("peer_polars", "streaming"),
    "duckdb": ("peer_duckdb", ""),
    "pyarrow": ("peer_pyarrow", ""),
    "pandas": ("peer_pandas", "pandas"),
    "modin": ("peer_pandas", "modin.pandas"),
}


def serve(name: str, threads: int):
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, mode = ENGINES[name]
    engine = None
    for line in sys.stdin:
        command = json.loads(line)
        try:
            engine = engine or importlib.import_module(module).Engine(mode, threads)
            answer = getattr(engine, command.pop("do"))(**command)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
