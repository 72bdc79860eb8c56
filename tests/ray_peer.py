"""Questions of H2O's benchmark from CSV on Ray: ours beside Modin's, each on a cluster of this machine that it starts itself.

    python tests/ray_peer.py [--rows 10000000] [--data FOLDER] [--modin PYTHON] [QUESTION ...]

It prints seconds (the first run of a fresh process, and a later one), and the most memory of all processes during the first,
shared pages counted once. Answers are compared. Without a Python that has Modin it prints ours alone.
"""

import argparse
import contextlib
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "bench")]
QUESTIONS = ["q1", "q3", "q5", "sort float"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent / "bench-data")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--modin", help="a Python that has modin[ray]")
    parser.add_argument("questions", nargs="*", default=QUESTIONS)
    options = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(options.threads)

    import data
    import engines
    from harness import OUT
    from measure import Line, noted
    from meter import Meter
    from ops import BY_NAME, CSV

    class Ours(engines.Rivulet):
        def load(self, files, memory):
            # Modin's cluster is there before it is asked, too.
            self.cell('if err := frame.Connect("ray"); err != nil {\n\tpanic(err)\n}')
            super().load(files, memory)

        def meter(self):
            return Meter(self.pid, shared=True)

    def start(name):
        if name == "modin":
            return engines.Peer(name, options.threads, options.modin)
        return Ours(options.threads, {"RIVULET_PYTHON": sys.executable})

    peers = ["modin"] if options.modin else []
    options.data.mkdir(parents=True, exist_ok=True)
    OUT.mkdir(parents=True, exist_ok=True)
    print("%-12s %-8s %8s %8s %8s" % ("", "", "first s", "later s", "MB"), flush=True)
    for name in options.questions:
        op, names = BY_NAME[name], data.BASE.names
        paths = data.files(options.data.resolve(), options.rows, data.BASE, op.kind)
        files = {table: paths[table] for table in op.tables}
        data.remember(files)
        line = Line(name, CSV, data.BASE.name)
        for engine in ["rivulet", *peers]:
            figures = line.engines[engine] = {}
            with noted(figures), contextlib.closing(start(engine)) as running:
                running.load(files, False)
                with running.meter() as meter:
                    figures["cold"] = running.run(op, names)
                figures["peak"] = meter.peak_bytes
                figures["warm"] = running.run(op, names)
                figures["digest"] = running.digest(op, names)
        line.settle()
        for engine, figures in line.engines.items():
            if "error" in figures:
                print("%-12s %-8s %s" % (name, engine, figures["error"]))
                continue
            differs = " ! " + figures["differs"] if "differs" in figures else ""
            row = (name, engine, figures["cold"], figures["warm"], figures["peak"] >> 20)
            print("%-12s %-8s %8.2f %8.2f %8d%s" % (*row, differs), flush=True)
        if all("peak" in f for f in line.engines.values()) and peers:
            ours, theirs = line.engines["rivulet"], line.engines["modin"]
            ratios = [theirs[k] / ours[k] for k in ("cold", "warm", "peak")]
            print("%-12s %-8s %7.1fx %7.1fx %7.1fx" % (name, "", *ratios), flush=True)


if __name__ == "__main__":
    main()
