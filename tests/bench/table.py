"""The figures as lines of text, readable in a terminal."""

from __future__ import annotations

import math

from measure import OURS, Line

LEVEL, FLOOR = 1.0, 0.7
SHORT = {"polars-streaming": "pl-stream"}
WIDTH = 10


def seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def cell(figures: dict, run: str) -> str:
    """Seconds, or why there are none; ! marks an answer that differs."""
    if run not in figures:
        return "missing" if figures.get("missing") else "failed" if "error" in figures else "-"
    return seconds(figures[run]) + ("!" if "differs" in figures else "")


def ratio(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" + ("  " if value >= LEVEL else " <" if value >= FLOOR else " #")


class Table:
    def __init__(self, engines: list[str]):
        self.engines = engines

    def header(self) -> str:
        names = "".join(f"{SHORT.get(name, name):>{WIDTH}}" for name in self.engines)
        return f"  {'op':12} {'from':7} {'run':6}{names}  best/ours"

    def base(self, line: Line) -> str:
        """Cold, warm, processor time, first row and peak memory of a question."""
        rows = []
        for number, run in enumerate(("cold", "warm", "cpu", "first")):
            what = f"{line.op:12} {line.source:7}" if number == 0 else " " * 20
            cells = "".join(f"{cell(line.engines[e], run):>{WIDTH}}" for e in self.engines)
            rows.append(f"  {what} {run:6}{cells}{ratio(line.ratio(run)):>10}")
        peaks = (line.engines[e].get("peak") for e in self.engines)
        rows.append(f"  {' ' * 20} {'MB':6}" + "".join(f"{p / 1e6 if p else math.nan:>{WIDTH}.0f}" for p in peaks))
        return "\n".join([*rows, *complaints(line)])

    def variant(self, line: Line, base: Line | None) -> str:
        cells = "".join(f"{cell(line.engines.get(e, {}), 'warm'):>{WIDTH}}" for e in self.engines)
        change = held(line, base)
        mark = "" if change is None else f"  x{change:.2f}" + (" #" if change < 0.75 else "")
        text = f"  {line.op:12} {line.source:7} {line.variant:6}{cells}{ratio(line.ratio('warm')):>10}{mark}"
        return "\n".join([text, *complaints(line)])


def held(line: Line, base: Line | None) -> float | None:
    """What remains of the ratio of the base."""
    now, then = line.ratio("warm"), base.ratio("warm") if base else None
    return now / then if now and then else None


def complaints(line: Line) -> list[str]:
    out = []
    for name, figures in line.engines.items():
        if "differs" in figures:
            out.append(f"    ! {name}: {figures['differs']}")
        if "error" in figures:
            out.append(f"    {'missing' if figures['missing'] else 'failed'}: {' '.join(figures['error'].split())[:160]}")
    return out


def geometric(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def summary(lines: list[Line], variants: list[tuple[Line, float | None]]) -> dict:
    out = {"missing": sorted({f"{x.op} {x.source}" for x in lines if "error" in x.engines.get(OURS, {})})}
    every = []
    out["geometric_mean_cpu"] = geometric([r for x in lines if (r := x.ratio("cpu"))])
    for run in ("cold", "warm"):
        ratios = {f"{x.op} {x.source} {run}": r for x in lines if (r := x.ratio(run))}
        out[f"geometric_mean_{run}"] = geometric(list(ratios.values()))
        every += ratios.items()
    out["lines"] = len(every)
    out["level"] = sum(r >= LEVEL for _, r in every) / max(len(every), 1)
    out["below_level"] = {name: round(r, 3) for name, r in sorted(every, key=lambda x: x[1]) if FLOOR <= r < LEVEL}
    out["below_floor"] = {name: round(r, 3) for name, r in sorted(every, key=lambda x: x[1]) if r < FLOOR}
    out["memory"] = geometric([m for x in lines if (m := memory_ratio(x))])
    out["differ"] = [
        f"{x.op} {x.source} {x.variant} {e}" for x in [*lines, *(v for v, _ in variants)] for e, f in x.engines.items() if "differs" in f
    ]
    out["fell"] = {f"{x.op} {x.source} {x.variant}": round(change, 3) for x, change in variants if change is not None and change < 0.75}
    return out


def memory_ratio(line: Line) -> float | None:
    peaks = [f["peak"] for e, f in line.engines.items() if e != OURS and "peak" in f]
    ours = line.engines.get(OURS, {}).get("peak")
    return min(peaks) / ours if peaks and ours else None


def text(s: dict) -> str:
    def listed(items: dict) -> str:
        return "".join(f"\n    {r:6.2f}  {name}" for name, r in items.items()) or " none"

    lines = [
        f"  geometric mean of best peer / ours: cold {s['geometric_mean_cold']:.2f}, warm {s['geometric_mean_warm']:.2f}  (goal 2); of processor time {s['geometric_mean_cpu']:.2f}",
        f"  level or better: {100 * s['level']:.0f} % of {s['lines']} lines  (90 %)",
        f"  least peak memory of a peer / ours: geometric mean {s['memory']:.2f}  (above 1)",
        f"  below 1: {listed(s['below_level'])}",
        f"  below {FLOOR}: {listed(s['below_floor'])}",
        f"  ratio fell by more than a quarter in a variant: {listed(s['fell'])}",
        f"  answers that differ: {', '.join(s['differ']) or 'none'}",
        f"  no figure of ours: {', '.join(s['missing']) or 'none'}",
    ]
    return "\n".join(lines)
