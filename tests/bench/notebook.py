"""What a cell costs by itself."""

from __future__ import annotations

import statistics
import time

from harness import Kernel


def round_trip(count: int = 100) -> dict:
    times = []
    with Kernel() as kernel:
        for number in range(count):
            began = time.monotonic()
            kernel.run(f"{number} + 1").ok()
            times.append((time.monotonic() - began) * 1000)
    times.sort()
    out = {"median_ms": statistics.median(times), "95_percent_ms": times[int(count * 0.95)]}
    print(f"\nA cell's round trip: median {out['median_ms']:.1f} ms, 95 % under {out['95_percent_ms']:.1f} ms")
    return out
