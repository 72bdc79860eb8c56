"""What streams cost over calls in a loop, and how much a lane holds: Go benchmarks, since an interpreter would hide it."""

from __future__ import annotations

import os
import re
import subprocess

from harness import ROOT

MOST = {"%-overhead": 2.0, "blocks-peak": 2.5}


def report() -> dict:
    print(
        "\nBlocks of 8 MiB through generators, against the operators called in a loop: at most 2 % more processor time, about 2 blocks held\n"
    )
    go = os.environ.get("GO", "go")
    command = [go, "test", "-run", "^$", "-bench", "^Benchmark(Generators|LanePeak)$", "-benchtime", "60x", "./frame/exec"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    found = re.findall(r"^Benchmark\w+/(\S+?)(?:-\d+)?\s.*?([-\d.]+) (%-overhead|blocks-peak)", done.stdout, re.MULTILINE)
    if not found:
        print("  failed: " + " ".join((done.stdout + done.stderr).split())[-200:])
    for name, value, unit in found:
        print(f"  {name:30}{float(value):7.2f} {unit}" + (" #" if float(value) > MOST[unit] else ""))
    return {f"{name} {unit}": float(value) for name, value, unit in found}
