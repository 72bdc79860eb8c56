"""An interrupt ends whatever a cell does, soon, and keeps what earlier cells have made; only what can't be stopped costs the session."""

import os
import signal
import time

import pytest

from generate import g1
from harness import Kernel, cpu_seconds, eventually, quoted

# What a cell may be doing. Each says first that it has started.
WAITS = {
    "loop": "for {\n}",
    "loop in a function": "func spin() { for i := 0; ; i++ { _ = i } }\nspin()",
    "sleep": "time.Sleep(time.Hour)",
    "receive": "<-make(chan int)",
    "send": "make(chan int) <- 1",
    "range over a channel": "for range make(chan int) {\n}",
    "mutex": 'import "sync"\nvar lock sync.Mutex\nlock.Lock()\nlock.Lock()',
    "wait group": 'import "sync"\nvar group sync.WaitGroup\ngroup.Add(1)\ngroup.Wait()',
    "condition": 'import "sync"\nc := sync.NewCond(&sync.Mutex{})\nc.L.Lock()\nc.Wait()',
    "timer": "<-time.After(time.Hour)",
    "network": 'import "net"\nl, _ := net.Listen("tcp", "127.0.0.1:0")\nl.Accept()',
    "process": 'import "os/exec"\nexec.Command("sleep", "1000").Run()',
    "pipe": 'import ("io"; "os")\nr, _, _ := os.Pipe()\nio.ReadAll(r)',
    "callback of compiled code": 'import "sort"\nsort.Search(1<<62, func(int) bool { for {\n} })',
    "deferred": "func() { defer func() { select {} }() }()",
    "recovering": "func() { for { func() { defer func() { recover() }(); time.Sleep(time.Millisecond) }() } }()",
    "function of a frame": 'frame.New(map[string][]int{"n": {1, 2, 3}}).Map("m", func(n int) int { for {\n}; return n }).Collect()',
    "shell": "!sleep 1000",
}
STARTED = 'import "fmt"\nfmt.Println("started")\n'


@pytest.fixture(scope="module")
def working():
    with Kernel() as kernel:
        yield kernel


def interrupted(kernel, code: str, how=None, timeout: float = 30):
    """Runs code, interrupts it when it has started, and gives the cell and the seconds from the interrupt to its end."""
    asked = []

    def on_message(message):
        if message["msg_type"] == "stream" and "started" in message["content"]["text"] and not asked:
            time.sleep(0.1)  # for what comes after the print
            asked.append(time.monotonic())
            (how or kernel.manager.interrupt_kernel)()

    cell = kernel.run(code, on_message=on_message, timeout=timeout)
    assert asked, "the cell has not started"
    return cell, time.monotonic() - asked[0]


@pytest.mark.parametrize("name", WAITS)
def test_interrupt_keeps_the_state(working, name):
    working.run("kept := 41").ok()
    code = WAITS[name]
    if code.startswith("!"):
        code = "!echo started; " + code[1:]
    else:
        code = STARTED + code
    cell, took = interrupted(working, code)
    assert "interrupt" in cell.error_text.lower(), cell.error_text
    assert took < 3, f"{took:.1f} s"
    assert working.run("kept + 1").ok().text == "42"


def test_signal_interrupts_as_the_message_does(working):
    """Older clients and terminals send SIGINT."""
    cell, took = interrupted(working, STARTED + "select {}", lambda: os.kill(working.pid, signal.SIGINT))
    assert "interrupt" in cell.error_text.lower() and took < 3
    assert working.run("1 + 1").ok().text == "2"


def test_compiled_work_that_burns_on_costs_the_session(working):
    """Compiled code that computes can't be stopped: its process is ended, and the cell says what is lost."""
    working.run("kept := 41").ok()
    cell, took = interrupted(working, STARTED + 'import ("io"; "os")\nzero, _ := os.Open("/dev/zero")\nio.Copy(io.Discard, zero)')
    assert "interrupt" in cell.error_text.lower() and took < 6, f"{took:.1f} s: {cell.error_text}"
    assert "gone" in cell.stderr or "lost" in cell.error_text, cell.stderr + cell.error_text
    assert working.run("20 + 22").ok().text == "42"
    assert "kept" in working.run("kept").error_text


def test_interrupt_of_a_function_over_a_file(working, tmp_path):
    big = g1(tmp_path / "g1.csv", 300_000)
    code = f'{STARTED}Read({quoted(big)}).Map("m", func(v1 int) int {{ for i := range 100_000 {{ v1 += i % 3 }}; return v1 }}).Collect()'
    cell, took = interrupted(working, code)
    assert "interrupt" in cell.error_text.lower() and took < 4, f"{took:.1f} s"
    eventually(lambda: busy_seconds(working) < 0.1, timeout=10, what="the lanes rest")


def busy_seconds(kernel) -> float:
    before = cpu_seconds(kernel.session_pid)
    time.sleep(0.5)
    return cpu_seconds(kernel.session_pid) - before


def test_many_interrupts(working):
    """One is for the cell that runs; more of them change nothing, and reach no later cell."""
    cell, _ = interrupted(working, STARTED + "select {}", lambda: [working.manager.interrupt_kernel() for _ in range(20)])
    assert "interrupt" in cell.error_text.lower()
    for n in range(5):
        assert working.run(f"{n} + 1").ok().text == str(n + 1)


def test_queue_behind_an_interrupted_cell_is_aborted(working):
    first = working.send(STARTED + "select {}")
    second = working.send("2")
    asked = []

    def on_message(message):
        if message["msg_type"] == "stream" and not asked:
            asked.append(True)
            working.manager.interrupt_kernel()

    assert "interrupt" in working.collect(first, on_message=on_message).error_text.lower()
    assert working.collect(second).reply["content"]["status"] == "aborted"
    assert working.run("3").ok().text == "3"
