"""Long runs: thousands of cells in one kernel, hundreds of kernels. make test runs a part, RIVULET_SOAK=1 all."""

import os
import pathlib
import random
import signal
import statistics
import time

import pytest

from harness import SOAK, Kernel, descendants, eventually, resident_bytes
from wire import Process, Wire, printed

# Cells, and what each publishes between execute_input and idle; an update of a display apart; # is the cell's number.
CELLS = [
    ("# + 1", ["execute_result"]),
    ('import "fmt"\nfmt.Println("line", #)', ["stream"]),
    ('panic("no #")', ["error"]),
    ("undefinedName#", ["error"]),
    ('frame.New(map[string][]int{"v": {1, 2, #}}).Agg(Sum("v").As("s"))', ["display_data"]),
    ('display.HTML("<b>#</b>")', ["display_data"]),
    ('import ("fmt"; "os")\nfmt.Println("out #")\nfmt.Fprintln(os.Stderr, "err #")\n#', ["stream", "stream", "execute_result"]),
    ("func() int { c := make(chan int); go func() { c <- # }(); return <-c }()", ["execute_result"]),
    ("total += #", []),
    ("", []),
]
DECLARES = [
    ("n := #\nn * 2", ["execute_result"]),
    ("func twice(k int) int { return k*2 + # - # }\ntwice(4)", ["execute_result"]),
    ("type P struct{ X, Y int }\np := P{#, 2}\np", ["execute_result"]),
]
# What a cell may leave: its text and its lines, for messages that point into it; what it declares, for later cells.
PLAIN_BYTES, DECLARING_BYTES = 3 << 10, 40 << 10
MEASURE = """func measured() {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Print(m.HeapAlloc, " ", runtime.NumGoroutine())
}"""


class State:
    """What a kernel and its session hold, when they rest."""

    def __init__(self, process: Process, wire: Wire):
        heap, goroutines = printed(wire.run("measured()")[1]).split()
        self.heap, self.goroutines = int(heap), int(goroutines)
        pids = [process.process.pid, *descendants(process.process.pid)]
        assert len(pids) == 2
        self.files = sum(len(os.listdir(f"/proc/{p}/fd")) for p in pids)
        self.threads = sum(len(os.listdir(f"/proc/{p}/task")) for p in pids)


def kernel_bytes(process: Process) -> int:
    """The memory of the kernel, without its session."""
    kernel = process.process.pid
    return resident_bytes(kernel) - sum(resident_bytes(session) for session in descendants(kernel))


@pytest.mark.parametrize(
    "cells, per_cell, count",
    [(CELLS, PLAIN_BYTES, 10_000 if SOAK else 300), (DECLARES, DECLARING_BYTES, 2_000 if SOAK else 100)],
    ids=["plain", "declaring"],
)
def test_cells(tmp_path, cells, per_cell, count):
    """Every message in its order and with its parent; memory, goroutines, threads and files stay."""
    with Process(tmp_path) as process, Wire(process.file) as wire:
        wire.run(f'import ("fmt"; "runtime")\nvar total int\n{MEASURE}')
        last = 1

        def run(number: int):
            nonlocal last
            code, expected = cells[number % len(cells)]
            request = wire.execute(code.replace("#", str(number)))
            kinds = []
            while True:
                message = wire.receive(wire.iopub)
                assert message["parent_header"]["msg_id"] == request, f"cell {number}: a message of another cell"
                kind = message["content"].get("execution_state") or message["msg_type"]
                if kind == "execute_input":
                    last += 1
                    assert message["content"]["execution_count"] == last
                if kind != "update_display_data":
                    kinds.append(kind)
                if kind == "idle":
                    break
            wire.reply(request)
            assert kinds == ["busy", "execute_input", *expected, "idle"], f"cell {number}"

        def least(numbers: range) -> int:
            """Runs the cells; the least that the kernel held during the last quarter of them, since garbage comes and goes."""
            held = []
            for number in numbers:
                run(number)
                if number >= numbers.stop - len(numbers) // 4 and number % 10 == 0:
                    held.append(kernel_bytes(process))
            return min(held)

        warm = count // 3
        kernel_before = least(range(warm))
        last += 1
        before = State(process, wire)
        kernel_after = least(range(warm, count))
        last += 1
        after = State(process, wire)
        grown = (after.heap - before.heap) / (count - warm)
        print(f"{count} cells: {grown:.0f} bytes a cell stay in the session, {kernel_after - kernel_before:+} bytes in the kernel")
        # A collection leaves some: pools, and what was cached for the first time.
        assert grown < per_cell + (2 << 20) / (count - warm), f"{grown:.0f} bytes stay of each cell"
        assert kernel_after < kernel_before + (6 << 20), "the kernel grows"
        assert after.goroutines <= before.goroutines + 2
        assert after.files <= before.files + 2
        assert after.threads <= before.threads + 8, "Go starts threads as they are needed, and keeps them"


def test_memory_is_given_back_at_rest():
    with Kernel() as kernel:
        kernel.run("1").ok()
        kernel.run('import "fmt"\nfor i := range 300_000 {\n\tfmt.Sprint(i, "garbage")\n}').ok()
        full = resident_bytes(kernel.session_pid)
        eventually(lambda: resident_bytes(kernel.session_pid) < full - (10 << 20), timeout=10, what="garbage goes back to the system")


KERNELS = 200 if SOAK else 10
ENDS = ["shutdown", "shutdown while busy", "SIGTERM", "SIGKILL", "SIGKILL while busy", "session killed, then shutdown"]


def test_kernels_leave_nothing_behind(tmp_path):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chosen = random.Random(seed)
    started, times = set(), []
    for number in range(KERNELS):
        end = ENDS[number] if number < len(ENDS) else chosen.choice(ENDS)
        folder = tmp_path / str(number)
        folder.mkdir()
        began = time.monotonic()
        with Process(folder, transport="ipc", ip=str(folder / "s")) if number % 3 == 0 else Process(folder) as process, Wire(process.file) as wire:
            assert wire.run("1 + 1")[0]["status"] == "ok"
            times.append(time.monotonic() - began)
            pid = process.process.pid
            started |= {pid, *descendants(pid)}
            if "busy" in end:
                wire.execute('import "fmt"\nfmt.Println("on")\nfor {\n}')
                while wire.receive(wire.iopub)["msg_type"] != "stream":
                    pass
            if "session" in end:
                os.kill(descendants(pid)[0], signal.SIGKILL)
            if "shutdown" in end:
                wire.send("shutdown_request", {"restart": False}, "control")
                assert process.ended() == 0, end
            else:
                process.process.send_signal(getattr(signal, end.split()[0]))
                process.ended()
            started |= set(descendants(pid))
    assert len(started) >= 2 * KERNELS
    eventually(lambda: not running(started), timeout=10, what="all processes end")
    print(f"{KERNELS} kernels, the first result after {statistics.median(times) * 1000:.0f} ms (median)")


def running(pids: set[int]) -> list[int]:
    """Those of pids that are still processes of this binary: numbers may be used again."""
    found = []
    for pid in pids:
        try:
            if b"rivulet" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            pass
    return found
