"""The parts of the report, each printed as it is measured and kept for the JSON file."""

from __future__ import annotations

import itertools

import budget
import data
import generators
import notebook
import parquet_writes
import protocol
import scaling
import table
import tpch
from measure import Setup, fresh, together
from ops import OPS


class Report:
    def __init__(self, setup: Setup, only: list[str], sources: list[str], huge: bool, scale: str):
        self.setup, self.sources, self.huge, self.scale, self.only = setup, sources, huge, scale, only
        self.ops = [op for op in OPS if not only or op.name in only]
        self.table = table.Table(setup.engines)
        self.lines, self.changes = [], []
        self.results = {"rows": setup.rows, "threads": setup.threads, "lines": self.lines}

    def questions(self):
        for source in self.sources:
            for op in self.ops:
                if source in op.sources:
                    yield op, source

    def cell(self):
        self.results["cell"] = notebook.round_trip()

    def kernel(self):
        self.results["kernel"] = protocol.report()

    def tpch(self):
        named = [f"q{name[4:]}" for name in self.only if name.startswith("tpch")]
        if named or not self.only:
            self.results["tpch"] = {"scale": self.scale, "lines": tpch.report(self.setup, self.scale, named)}

    def base(self):
        print(f"\n{self.setup.rows:,} rows, {self.setup.threads} threads. Seconds, each engine in a fresh process: cold is the first run,")
        print("warm a later one, cpu its processor time, first the time to the first row; MB the peak of the cold run with its tables.")
        print("From memory, the tables are loaded before. < behind the best peer, # by more than 30 %, ! another answer.\n")
        print(self.table.header())
        for op, source in self.questions():
            line = fresh(self.setup, op, source)
            self.lines.append(line)
            print(self.table.base(line), flush=True)

    def variants(self):
        print("\nThe same with other column names, another seed, 2 % nulls; warm, all questions in one process;")
        print("xN is what remains of the ratio\n")
        print(self.table.header())
        by_files = sorted(self.questions(), key=lambda q: (self.sources.index(q[1]), q[0].kind))
        for (source, _), questions in itertools.groupby(by_files, key=lambda q: (q[1], q[0].kind)):
            ops = [op for op, _ in questions]
            before = {}
            for variant in [data.BASE, *data.VARIANTS]:
                for line in together(self.setup, ops, source, variant, compare=variant is not data.BASE):
                    base = before.get(line.op)
                    if variant is data.BASE:
                        before[line.op] = line
                    self.changes.append((line, table.held(line, base)))
                    print(self.table.variant(line, base), flush=True)
        self.results["variants"] = [{"line": line, "held": change} for line, change in self.changes]

    def scaling(self):
        self.results["scaling"] = scaling.report(self.setup, [op for op in self.ops if "csv" in op.sources], self.huge)

    def budget(self):
        self.results["budget"] = budget.report(self.setup, [op for op in self.ops])

    def generators(self):
        self.results["generators"] = generators.report()

    def writes(self):
        self.results["writes"] = parquet_writes.report(self.setup)

    def summary(self):
        if not self.lines:
            return
        self.results["summary"] = table.summary(self.lines, self.changes)
        print("\nIn all\n" + table.text(self.results["summary"]))
