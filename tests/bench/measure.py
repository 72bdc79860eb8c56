"""Measures a question on every engine: in a fresh process each (cold, warm, first row, memory), or in processes that stay (warm)."""

from __future__ import annotations

import contextlib
import pathlib
import statistics
from dataclasses import dataclass, field

import data
from digest import difference
from engines import Failed, Peer, Rivulet
from meter import cpu_seconds
from ops import MEMORY, Op

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

    def files(self, op: Op, variant: data.Variant) -> dict[str, pathlib.Path]:
        paths = data.files(self.folder, self.rows, variant, op.kind)
        return {name: paths[name] for name in op.tables}


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
    files = setup.files(op, variant)
    data.remember(files)
    for name in setup.engines:
        figures = line.engines[name] = {}
        with noted(figures), contextlib.closing(setup.start(name)) as engine:
            engine.load(files, source == MEMORY)
            with engine.meter() as meter:
                cold = engine.run(op, variant.names)
            figures |= {"cold": cold, "peak": meter.peak_bytes}
            figures |= warm(engine, op, variant.names)
            figures["digest"] = engine.digest(op, variant.names)
            first = engine.first(op, variant.names)
            figures["first"] = figures["warm"] if first is None else first
    line.settle()
    return line


def together(setup: Setup, ops: list[Op], source: str, variant: data.Variant, compare: bool = True):
    """Yields a line for each question: the engines stay, with their tables, and take turns; the first run is not counted."""
    tables = tuple(dict.fromkeys(t for op in ops for t in op.tables))
    paths = data.files(setup.folder, setup.rows, variant, ops[0].kind)
    files = {name: paths[name] for name in tables}
    data.remember(files)
    with contextlib.ExitStack() as stack:
        running, broken = {}, {}
        for name in setup.engines:
            broken[name] = {}
            with noted(broken[name]):
                running[name] = stack.enter_context(contextlib.closing(setup.start(name)))
                running[name].load(files, source == MEMORY)
        for op in ops:
            line = Line(op.name, source, variant.name)
            for name, engine in running.items():
                figures = line.engines[name] = dict(broken[name])
                if figures:
                    continue
                with noted(figures):
                    first = engine.run(op, variant.names)
                    # A file is read whole each time: of a long run a second tells little more.
                    long = source != MEMORY and first > WARM_SECONDS
                    figures |= {"warm": first} if long else warm(engine, op, variant.names)
                    if compare:
                        figures["digest"] = engine.digest(op, variant.names)
            line.settle()
            yield line
