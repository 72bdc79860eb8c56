"""Messages: each request by its fields, on the channel that it may come by, and what is published for it, in which order."""

import pytest
import zmq

from harness import Kernel, eventually
from wire import Process, Wire, printed

ASTRAL = "𝒳😀"  # two code points, four UTF-16 units, eight bytes


@pytest.fixture(scope="module")
def served():
    with Kernel() as kernel, Wire(kernel.manager.connection_file) as wire:
        wire.kernel = kernel
        yield wire


def kinds(messages: list[dict]) -> list[str]:
    return [m["content"].get("execution_state", m["msg_type"]) for m in messages]


def test_order_of_a_cell(served):
    reply, messages = served.run('import "fmt"\nfmt.Println("out")\ndisplay.HTML("<b>x</b>")\n42')
    assert kinds(messages) == ["busy", "execute_input", "stream", "display_data", "execute_result", "idle"]
    assert reply["status"] == "ok" and reply["execution_count"] == messages[1]["content"]["execution_count"]
    assert messages[1]["content"]["code"].startswith("import")
    assert len({m["header"]["msg_id"] for m in messages}) == len(messages), "an id was used twice"


@pytest.mark.parametrize("kind", ["complete_request", "inspect_request"])
def test_cursor_counts_code_points(served, kind):
    before = f's := "{ASTRAL}"; '
    code = before + 'strings.ToUpper("é") // after'
    cursor = len(before + "strings.ToUp")
    content = served.ask(kind, {"code": code, "cursor_pos": cursor, "detail_level": 0})
    assert content["status"] == "ok"
    if kind == "complete_request":
        assert "strings.ToUpper" in content["matches"] or "ToUpper" in content["matches"]
        start, end = content["cursor_start"], content["cursor_end"]
        assert code[start:end].lstrip("strings.").startswith("ToUp"), (start, end)
        assert end in (cursor, len(before + "strings.ToUpper"))
        typed = content["metadata"]["_jupyter_types_experimental"]
        assert {(t["start"], t["end"]) for t in typed} == {(start, end)} and all(t["type"] for t in typed)
    else:
        assert content["found"] and "ToUpper" in content["data"]["text/plain"]


@pytest.mark.parametrize("cursor", [-1, 10**9], ids=["before the text", "behind the text"])
@pytest.mark.parametrize("kind", ["complete_request", "inspect_request"])
def test_cursor_outside_the_text(served, kind, cursor):
    assert served.ask(kind, {"code": ASTRAL, "cursor_pos": cursor, "detail_level": 0})["status"] == "ok"


def test_inspect_levels(served):
    served.run("// halve does what it says.\nfunc halve(n int) int { return n / 2 }")
    brief, whole = (served.ask("inspect_request", {"code": "halve", "cursor_pos": 5, "detail_level": n})["data"]["text/plain"] for n in (0, 1))
    assert "func halve(n int) int" in brief and "does what it says" in brief and "n / 2" not in brief
    assert "return n / 2" in whole, "detail 1 has no source"
    missing = served.ask("inspect_request", {"code": "nothingHere", "cursor_pos": 4, "detail_level": 0})
    assert missing == {"status": "ok", "found": False, "data": {}, "metadata": {}}


@pytest.mark.parametrize(
    "code, status, indent",
    [
        ("x := 1", "complete", None),
        ("func f() {", "incomplete", "\t"),
        ("for {\n\tif true {", "incomplete", "\t\t"),
        ("f := func() {\n\tg(", "incomplete", "\t\t"),
        ("s := `raw", "incomplete", ""),
        ("x := )", "invalid", None),
        ("", "complete", None),
    ],
)
def test_is_complete(served, code, status, indent):
    content = served.ask("is_complete_request", {"code": code})
    assert (content["status"], content.get("indent")) == (status, indent)


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_kernel_info(served, channel):
    content = served.ask("kernel_info_request", {}, channel)
    assert content["status"] == "ok" and content["language_info"]["name"] == "go"
    assert content["protocol_version"].startswith("5.") and "kernel subshells" in content["supported_features"]


def test_unknown_and_malformed_requests_are_survived(served):
    served.send("no_such_request", {"a": 1})
    for kind in ("execute_request", "complete_request", "is_complete_request", "history_request"):
        content = served.ask(kind, {"code": 7, "cursor_pos": "here", "hist_access_type": 1})
        assert content["status"] == "error", kind
    assert served.ask("history_request", {"hist_access_type": "backwards"})["status"] == "error"
    reply, _ = served.run("1 + 1")
    assert reply["status"] == "ok"


def test_stop_on_error_false_goes_on(served):
    first = served.execute('time.Sleep(300 * time.Millisecond)\npanic("on")', stop_on_error=False)
    second = served.execute("2")
    assert served.reply(first)["content"]["status"] == "error"
    assert served.reply(second)["content"]["status"] == "ok"


def test_silent_error_is_not_published(served):
    reply, messages = served.run('panic("quiet")', silent=True)
    assert reply["status"] == "error" and "quiet" in reply["evalue"]
    assert kinds(messages) == ["busy", "idle"]


def test_no_stdin(served):
    reply, messages = served.run('import "fmt"\nvar word string\nn, err := fmt.Scan(&word)\nfmt.Println(n, err)', allow_stdin=False)
    assert reply["status"] == "ok" and printed(messages).startswith("0 "), messages
    assert not served.stdin.poll(0)


def test_heartbeat_and_control_while_input_waits(served):
    request = served.execute('import "fmt"\nvar name string\nfmt.Print("who? ")\nfmt.Scan(&name)\nfmt.Println("hello", name)', allow_stdin=True)
    question = served.receive(served.stdin)
    assert question["msg_type"] == "input_request" and question["parent_header"]["msg_id"] == request
    before = []
    while served.iopub.poll(0):
        before.append(served.receive(served.iopub))
    assert kinds(before)[-2:] == ["execute_input", "stream"], "the question has overtaken what was published before it"
    beat = served.context.socket(zmq.REQ)
    beat.linger = 0
    beat.connect(f"tcp://{served.facts['ip']}:{served.facts['hb_port']}")
    beat.send(b"ping")
    assert beat.poll(5000) and beat.recv() == b"ping"
    assert served.ask("kernel_info_request", {}, "control", timeout=5)["status"] == "ok"
    served.session.send(served.stdin, "input_reply", {"value": "Ada"}, parent=question)
    assert printed(before + served.published(request)) == "who? hello Ada\n"
    assert served.reply(request)["content"]["status"] == "ok"


def test_interrupt_ends_a_question(served):
    request = served.execute('import "fmt"\nvar name string\nfmt.Scan(&name)', allow_stdin=True)
    question = served.receive(served.stdin)
    assert served.ask("interrupt_request", {}, "control")["status"] == "ok"
    assert served.reply(request)["content"]["status"] == "error"
    served.published(request)
    # An answer that comes too late is for nobody, and not for the next question.
    served.session.send(served.stdin, "input_reply", {"value": "late"}, parent=question)
    request = served.execute("var other string\nfmt.Scan(&other)\nother", allow_stdin=True)
    question = served.receive(served.stdin)
    served.session.send(served.stdin, "input_reply", {"value": "in time"}, parent=question)
    assert [m["content"]["data"]["text/plain"] for m in served.published(request) if m["msg_type"] == "execute_result"] == ["in"]
    served.reply(request)


def test_interrupt_of_nothing(served):
    assert served.ask("interrupt_request", {}, "control")["status"] == "ok"
    reply, _ = served.run("20 + 22")
    assert reply["status"] == "ok"


def test_bytes_that_are_no_text(served):
    """Characters that are cut by writes are put together, bytes that are none are replaced: a message is always JSON."""
    code = """import ("os"; "time")
os.Stdout.Write([]byte{'a', 0xe2, 0x82})
time.Sleep(200 * time.Millisecond)
os.Stdout.Write([]byte{0xac, 'b', 0xff, 'c', 0, '\\n'})"""
    _, messages = served.run(code)
    assert printed(messages) == "a€b\ufffdc\0\n"


def test_streams_keep_their_order(served):
    code = 'import ("fmt"; "os")\nfor i := range 50 {\n\tfmt.Println("out", i)\n\tfmt.Fprintln(os.Stderr, "err", i)\n}'
    _, messages = served.run(code)
    assert printed(messages) == "".join(f"out {i}\n" for i in range(50))
    assert printed(messages, "stderr") == "".join(f"err {i}\n" for i in range(50))
    texts = "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")
    assert texts == "".join(f"out {i}\nerr {i}\n" for i in range(50))


def test_late_output_belongs_to_its_cell(served):
    request = served.execute('import ("fmt"; "time")\ngo func() { time.Sleep(500 * time.Millisecond); fmt.Println("late") }()')
    served.published(request)
    served.reply(request)
    other = served.execute("time.Sleep(time.Second)")
    printed_by = []
    while True:
        message = served.receive(served.iopub)
        if message["msg_type"] == "stream":
            printed_by.append((message["content"]["text"], message["parent_header"]["msg_id"]))
        if message["parent_header"]["msg_id"] == other and message["content"].get("execution_state") == "idle":
            break
    served.reply(other)
    assert printed_by == [("late\n", request)]


def test_ten_megabytes_in_order(served):
    line = 'fmt.Printf("%07d %s\\n", i, pad)'
    reply, messages = served.run(f'import ("fmt"; "strings")\npad := strings.Repeat("x", 91)\nfor i := range 105_000 {{\n\t{line}\n}}', timeout=120)
    assert reply["status"] == "ok"
    text = printed(messages)
    assert len(text) == 105_000 * 100
    assert text == "".join(f"{i:07} {'x' * 91}\n" for i in range(105_000))
    assert len(messages) < 1000, f"{len(messages)} messages: small prints are not merged"


def test_a_large_cell(served):
    reply, messages = served.run("/*" + "long " * 2_000_000 + "*/ 7", store_history=False)
    assert reply["status"] == "ok"
    assert [m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "execute_result"] == ["7"]


def test_other_major_versions_are_dropped(tmp_path):
    with Process(tmp_path) as kernel, Wire(kernel.file) as wire:
        message = wire.session.msg("kernel_info_request", {})
        message["header"]["version"] = "4.1"
        wire.session.send(wire.shell, message)
        assert not wire.shell.poll(500)
        eventually(lambda: "4.1" in kernel.log.read_text(), what="a line in the log")
        message = wire.session.msg("kernel_info_request", {})
        message["header"]["version"] = "5.0"
        wire.session.send(wire.shell, message)
        assert wire.receive(wire.shell)["msg_type"] == "kernel_info_reply"


def test_history_requests(tmp_path):
    def inputs(**content) -> list[str]:
        return [item[2] for item in wire.ask("history_request", {"output": False, "raw": True, **content})["history"]]

    with Process(tmp_path, env={"RIVULET_HISTORY": str(tmp_path / "history"), "HOME": str(tmp_path)}) as kernel, Wire(kernel.file) as wire:
        for code in ("a := 1", "b := 2", "a := 1", "a + b", "c := 3"):
            wire.run(code)
        wire.run("hidden := 1", store_history=False)
        assert inputs(hist_access_type="tail", n=2) == ["a + b", "c := 3"]
        assert inputs(hist_access_type="range", session=0, start=2, stop=4) == ["b := 2", "a := 1"]
        assert inputs(hist_access_type="range", session=0, start=4) == ["a + b", "c := 3"]
        assert inputs(hist_access_type="search", pattern="a*") == ["a := 1", "a := 1", "a + b"]
        assert inputs(hist_access_type="search", pattern="a*", unique=True) == ["a := 1", "a + b"]
        assert inputs(hist_access_type="search", pattern="?*:=*", n=1) == ["c := 3"]
        assert inputs(hist_access_type="search", pattern="nothing*") == []
        items = wire.ask("history_request", {"hist_access_type": "tail", "n": 2, "output": True, "raw": True})["history"]
        assert [item[2] for item in items] == [["a + b", "3"], ["c := 3", None]]
