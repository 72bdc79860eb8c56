"""The protocol's own test suite, and what it leaves out."""

import jupyter_kernel_test as jkt
import pytest

from harness import Kernel

HELLO = 'import "fmt"\nfmt.Println("hello, world")'


class IopubWelcomeTests(jkt.IopubWelcomeTests):
    kernel_name = "rivulet"
    support_iopub_welcome = True


class KernelTests(jkt.KernelTests):
    kernel_name = "rivulet"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = HELLO
    code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "oops")'
    completion_samples = [
        {"text": "strings.ToUpp", "matches": {"ToUpper", "ToUpperSpecial"}},
        {"text": "frame.Sel"},
    ]
    complete_code_samples = ["1", "x := 1", "func f() int {\n\treturn 1\n}", "// note", 's := "{"']
    incomplete_code_samples = ["func f() {", "for {", "x := `raw", "f(1,", "a +", "/* open"]
    invalid_code_samples = ["func func", "x := )", "1 := := 2"]
    code_page_something = "Read?"
    code_generate_error = 'panic("on purpose")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": 'import "strings"\nstrings.Repeat("ab", 2)', "result": 'abab'},
        {"code": "a, b := 3, 4\na*a + b*b", "result": "25"},
    ]
    code_display_data = [
        {"code": 'display.HTML("<b>bold</b>")', "mime": "text/html"},
        {"code": 'display.Markdown("*it*")', "mime": "text/markdown"},
        {"code": 'display.JSON(map[string]int{"a": 1})', "mime": "application/json"},
    ]
    code_inspect_sample = "Read"
    code_clear_output = "display.Clear()"

    code_history_pattern = "6*"
    supported_history_operations = ("tail", "range", "search")




@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_transports(transport, tmp_path):
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="rivulet", transport=transport)
    if transport == "ipc":
        manager.ip = str(tmp_path / "socket")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        reply = client.execute_interactive("1 + 1", timeout=30, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok"
        assert client.is_alive(), "no heartbeat"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_heartbeat_and_control_while_a_cell_runs(kernel):
    started = []

    def on_message(message):
        if message["msg_type"] == "stream" and not started:
            started.append(True)
            assert kernel.client.is_alive(), "no heartbeat while a cell runs"
            message = kernel.client.session.msg("kernel_info_request", {})
            kernel.client.control_channel.send(message)
            reply = kernel.client.get_control_msg(timeout=10)
            assert reply["msg_type"] == "kernel_info_reply"
            kernel.manager.interrupt_kernel()

    cell = kernel.run('import "fmt"\nfmt.Println("on")\nfor {\n}', on_message=on_message)
    assert started and cell.error is not None
    assert kernel.run("1 + 1").ok().text == "2"


def test_stop_on_error_aborts_the_queue(kernel):
    # The others are in the queue when it fails.
    sent = [kernel.send('time.Sleep(time.Second)\npanic("first")'), kernel.send("2"), kernel.send("3")]
    replies = [kernel.collect(s).reply["content"]["status"] for s in sent[:1]]
    for msg_id, _ in sent[1:]:
        while True:
            reply = kernel.client.get_shell_msg(timeout=30)
            if reply["parent_header"]["msg_id"] == msg_id:
                replies.append(reply["content"]["status"])
                break
    assert replies[0] == "error"
    assert replies[1:] == ["aborted", "aborted"]
    assert kernel.run("4").ok().text == "4"


def test_silent_and_store_history(kernel):
    before = kernel.run("1").reply["content"]["execution_count"]
    silent = kernel.run('import "fmt"\nfmt.Println("unheard")\n7', silent=True)
    assert silent.messages == []
    after = kernel.run("1").reply["content"]["execution_count"]
    assert after == before + 1, "a silent cell counted"
    kernel.run("1", store_history=False)
    assert kernel.run("1").reply["content"]["execution_count"] == after + 1


def test_user_expressions(kernel):
    asked = {"double": "worth * 2", "bad": "worthless", "frame": "frame.New(map[string][]int{\"n\": {1, 2}})"}
    cell = kernel.run("worth := 21", user_expressions=asked).ok()
    answers = cell.reply["content"]["user_expressions"]
    assert answers["double"] == {"status": "ok", "data": {"text/plain": "42"}, "metadata": {}}
    assert answers["bad"]["status"] == "error" and "worthless" in answers["bad"]["evalue"]
    assert "<table" in answers["frame"]["data"]["text/html"]
    assert not [m for m in cell.messages if m["msg_type"] != "execute_input"], "an expression was published"


def test_history_outlives_the_kernel(tmp_path):
    kept = {"RIVULET_HISTORY": str(tmp_path / "kept.jsonl")}

    def tail(k: Kernel) -> list:
        return k.client.history(hist_access_type="tail", n=10, output=True, reply=True, timeout=60)["content"]["history"]

    with Kernel(kept) as first, Kernel(kept) as second:
        first.run("1 + 1").ok()
        second.run("note := 5").ok()
        first.run("3").ok()
    with Kernel(kept) as third:
        assert tail(third) == [[1, 1, ["1 + 1", "2"]], [2, 1, ["note := 5", None]], [1, 2, ["3", "3"]]]
    with Kernel({"RIVULET_HISTORY": "off"}) as off:
        off.run("4").ok()
        assert tail(off) == [[1, 1, ["4", "4"]]]


def test_restart_forgets():
    with Kernel() as k:
        k.run("kept := 41").ok()
        assert k.run("kept + 1").ok().text == "42"
        k.client.stop_channels()
        k.manager.restart_kernel(now=False)
        k.client = k.manager.client()
        k.client.start_channels()
        k.client.wait_for_ready(timeout=60)
        assert k.run("kept + 1").error is not None


def test_everything_published_arrives_before_shutdown():
    """What was queued when the kernel is asked to end still goes out."""
    with Kernel() as k:
        cell = k.run('import "fmt"\nfor i := 0; i < 20000; i++ {\n\tfmt.Println("line", i)\n}')
        lines = cell.ok().stdout.splitlines()
        assert lines == [f"line {i}" for i in range(20000)]
