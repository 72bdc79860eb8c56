"""Measures a question on every engine: in a fresh process each (cold, warm, first row, memory), or in processes that stay (warm)."""

from __future__ import annotations

import contextlib
import pathlib
import statistics
from dataclasses import dataclass, field

import data
import parquet_files
from digest import difference
from engines import Failed, Peer, Rivulet
from meter import cpu_seconds
from ops import CSV, MEMORY, PARQUET, ZSTD, Op

OURS = "rivulet"
# Short runs are repeated until they took this long together, so that the median means something.
WARM_SECONDS, MOST_RUNS = 0.5, 7


@dataclass
class Setup:
    folder: pathlib.Path
    rows: int
    threads: int
    peers: list[str]

    @property
    def engines(self) -> list[str]:
        return [OURS, *self.peers]

    def start(self, name: str):
        return Rivulet(self.threads) if name == OURS else Peer(name, self.threads)

    def files(self, op: Op, variant: data.Variant, source: str = CSV) -> dict[str, pathlib.Path]:
        paths = self.tables(op.kind, variant, source)
        return {name: paths[name] for name in op.tables}

    def tables(self, kind: str, variant: data.Variant, source: str) -> dict[str, pathlib.Path]:
        if source in (PARQUET, ZSTD):
            return parquet_files.files(self.folder, self.rows, variant, kind, source)
        return data.files(self.folder, self.rows, variant, kind)

    def names(self, variant: data.Variant) -> dict[str, str]:
        """What questions have for the columns, and for the bounds of a hundredth of them."""
        return variant.names | parquet_files.stretch(self.rows)

    def asked(self, ops: list[Op], source: str) -> list[str]:
        """The engines that have one of the questions: pyarrow only reads Parquet files."""
        reads = source in (PARQUET, ZSTD) and any(op.name in parquet_files.READS for op in ops)
        return [e for e in self.engines if e != "pyarrow" or reads]


@dataclass
class Line:
    op: str
    source: str
    variant: str
    engines: dict[str, dict] = field(default_factory=dict)

    def best(self, run: str) -> float | None:
        times = [e[run] for name, e in self.engines.items() if name != OURS and run in e]
        return min(times, default=None)

    def ratio(self, run: str) -> float | None:
        """The best peer's time over ours: above 1 we are ahead."""
        ours, best = self.engines.get(OURS, {}).get(run), self.best(run)
        return best / max(ours, 1e-6) if ours is not None and best is not None else None

    def settle(self):
        """Compares the answers: with polars', which two engines share, or else with the first there is."""
        digests = {name: e.pop("digest") for name, e in self.engines.items() if "digest" in e}
        if not digests:
            return
        reference = next((name for name in ("duckdb", "polars") if name in digests), next(iter(digests)))
        for name, one in digests.items():
            if text := difference(one, digests[reference]):
                self.engines[name]["differs"] = f"{text} ({reference} has the latter)"
        self.engines[reference]["reference"] = True


def warm(engine, op: Op, names: dict) -> dict:
    """The median of some runs, and the processor time of one."""
    times, before = [], cpu_seconds(engine.pid)
    while not times or (sum(times) < WARM_SECONDS and len(times) < MOST_RUNS):
        times.append(engine.run(op, names))
    return {"warm": statistics.median(times), "cpu": (cpu_seconds(engine.pid) - before) / len(times)}


@contextlib.contextmanager
def noted(into: dict):
    """Keeps what an engine can't do as a part of its figures."""
    try:
        yield
    except (Failed, AssertionError) as failure:
        into["error"] = str(failure)
        into["missing"] = getattr(failure, "missing", False)


def fresh(setup: Setup, op: Op, source: str, variant: data.Variant = data.BASE) -> Line:
    """Every engine in a process of its own, one after the other on the same files."""
    line = Line(op.name, source, variant.name)
    files, names = setup.files(op, variant, source), setup.names(variant)
    data.remember(files)
    for name in setup.engines:
        figures = line.engines[name] = {}
        if name not in setup.asked([op], source):
            continue
        with noted(figures), contextlib.closing(setup.start(name)) as engine:
            engine.load(files, source == MEMORY)
            with engine.meter() as meter:
                cold = engine.run(op, names)
            figures |= {"cold": cold, "peak": meter.peak_bytes}
            figures |= warm(engine, op, names)
            figures["digest"] = engine.digest(op, names)
            first = engine.first(op, names)
            figures["first"] = figures["warm"] if first is None else first
    line.settle()
    return line


def together(setup: Setup, ops: list[Op], source: str, variant: data.Variant, compare: bool = True):
    """Yields a line for each question: the engines stay, with their tables, and take turns; the first run is not counted."""
    tables = tuple(dict.fromkeys(t for op in ops for t in op.tables))
    paths, names = setup.tables(ops[0].kind, variant, source), setup.names(variant)
    files = {name: paths[name] for name in tables}
    data.remember(files)
    with contextlib.ExitStack() as stack:
        running, broken = {}, {}
        for name in setup.asked(ops, source):
            broken[name] = {}
            with noted(broken[name]):
                running[name] = stack.enter_context(contextlib.closing(setup.start(name)))
                running[name].load(files, source == MEMORY)
        for op in ops:
            line = Line(op.name, source, variant.name)
            for name, engine in running.items():
                figures = line.engines[name] = dict(broken[name])
                if figures or name not in setup.asked([op], source):
                    continue
                with noted(figures):
                    first = engine.run(op, names)
                    # A file is read whole each time: of a long run a second tells little more.
                    long = source != MEMORY and first > WARM_SECONDS
                    figures |= {"warm": first} if long else warm(engine, op, names)
                    if compare:
                        figures["digest"] = engine.digest(op, names)
            line.settle()
            yield line
