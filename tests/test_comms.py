"""Comms and widgets by the protocol: what any front end and library may say, and what the kernel answers."""

import queue
import time

import pytest

from harness import Kernel

ECHO = """import "github.com/rivulet-go/rivulet/display/comm"
comm.Listen("echo", func(c *comm.Comm, open comm.Message) {
	c.Send(map[string]any{"opened": len(open.Buffers)})
	c.OnMessage(func(m comm.Message) {
		var back [][]byte
		for i := len(m.Buffers) - 1; i >= 0; i-- {
			back = append(back, m.Buffers[i])
		}
		c.Send(map[string]any{"n": len(back)}, back...)
	})
})"""
SLIDER = """n := widget.IntSlider("n", 0, 100, 10).OnChange(func(v int) { fmt.Println("n is", v) })
n"""


class Front:
    """The front end's side: sends on shell, by a subshell where there is one, and reads iopub."""

    def __init__(self, kernel: Kernel):
        self.kernel, self.client = kernel, kernel.client

    def tell(self, kind: str, content: dict, buffers=(), subshell: str | None = None) -> str:
        message = self.client.session.msg(kind, content)
        if subshell:
            message["header"]["subshell_id"] = subshell
        self.client.session.send(self.client.shell_channel.socket, message, buffers=list(buffers))
        return message["header"]["msg_id"]

    def until_idle(self, msg_id: str, timeout: float = 30) -> list[dict]:
        """All that comes on iopub until a request's idle."""
        messages = []
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
            messages.append(message)
            if message["msg_type"] == "status" and message["parent_header"].get("msg_id") == msg_id:
                if message["content"]["execution_state"] == "idle":
                    return messages

    def say(self, comm: str, data: dict, buffers=(), subshell: str | None = None) -> list[dict]:
        return self.until_idle(self.tell("comm_msg", {"comm_id": comm, "data": data}, buffers, subshell))

    def until_text(self, messages: list[dict], wanted: str, seconds: float = 20) -> str:
        """What was printed, up to what is wanted: a function that takes long prints after its message's idle."""
        deadline = time.monotonic() + seconds
        messages = list(messages)
        while wanted not in text_of(messages):
            try:
                messages.append(self.client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"{wanted!r} is not printed: {text_of(messages)!r}") from None
        return text_of(messages)

    def control(self, kind: str, content: dict | None = None) -> dict:
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        return self.client.get_control_msg(timeout=10)["content"]

    def comms(self, target: str | None = None) -> dict:
        reply = self.client.comm_info(target, reply=True, timeout=10)
        self.until_idle(reply["parent_header"]["msg_id"])
        return reply["content"]["comms"]


def of_kind(messages: list[dict], kind: str) -> list[dict]:
    return [m for m in messages if m["msg_type"] == kind]


def text_of(messages: list[dict]) -> str:
    return "".join(m["content"]["text"] for m in of_kind(messages, "stream"))


@pytest.fixture
def front(kernel):
    return Front(kernel)


def model_of(cell) -> str:
    return cell.displays[-1].data["application/vnd.jupyter.widget-view+json"]["model_id"]


def test_buffers_make_the_round_trip(front):
    front.kernel.run(ECHO).ok()
    opened = front.until_idle(front.tell("comm_open", {"comm_id": "e1", "target_name": "echo", "data": {}}, [b"one"]))
    answers = of_kind(opened, "comm_msg")
    assert [a["content"]["data"] for a in answers] == [{"opened": 1}]
    assert front.comms("echo") == {"e1": {"target_name": "echo"}}
    large = bytes(range(256)) * 40_000
    sent = [b"", b"\x00\xff<IDS|MSG>", large]
    # A function that takes long may answer after the message's idle.
    front.tell("comm_msg", {"comm_id": "e1", "data": {"what": "é"}}, sent)
    answer = front.client.get_iopub_msg(timeout=20)
    while answer["msg_type"] != "comm_msg":
        answer = front.client.get_iopub_msg(timeout=20)
    assert answer["content"] == {"comm_id": "e1", "data": {"n": 3}}
    assert [bytes(b) for b in answer["buffers"]] == sent[::-1]
    front.until_idle(front.tell("comm_close", {"comm_id": "e1", "data": {}}))
    assert front.comms("echo") == {}


def test_unknown_targets_are_closed(front):
    messages = front.until_idle(front.tell("comm_open", {"comm_id": "x", "target_name": "nobody", "data": {}}))
    assert [m["content"]["comm_id"] for m in of_kind(messages, "comm_close")] == ["x"]
    assert "x" not in front.comms()
    assert [m["msg_type"] for m in front.say("x", {})] == ["status", "status"], "a message for nobody was answered"


def test_widget_opens_and_is_told(front):
    cell = front.kernel.run(SLIDER).ok()
    model = model_of(cell)
    assert cell.text == "n: 10 (0 to 100)"
    (opened,) = [m for m in cell.messages if m["msg_type"] == "comm_open"]
    assert opened["content"]["comm_id"] == model and opened["content"]["target_name"] == "jupyter.widget"
    assert opened["metadata"]["version"] == "2.1.0"
    assert opened["content"]["data"]["state"]["_model_name"] == "IntSliderModel"
    assert model in front.comms("jupyter.widget")

    messages = front.say(model, {"method": "update", "state": {"value": 42}, "buffer_paths": []})
    (echo,) = of_kind(messages, "comm_msg")
    assert echo["content"]["data"] == {"method": "echo_update", "state": {"value": 42}, "buffer_paths": []}
    assert front.until_text(messages, "\n") == "n is 42\n"
    for printed in of_kind(messages, "stream"):
        assert printed["parent_header"]["msg_id"] == cell.reply["parent_header"]["msg_id"], "not printed by the cell"
    assert front.kernel.run("n.Value()").ok().text == "42"

    changed = front.kernel.run("n.SetValue(7)").ok()
    assert [m["content"]["data"]["state"] for m in changed.messages if m["msg_type"] == "comm_msg"] == [{"value": 7}]
    (state,) = of_kind(front.say(model, {"method": "request_state"}), "comm_msg")
    assert state["content"]["data"]["method"] == "update" and state["content"]["data"]["state"]["value"] == 7

    closed = front.kernel.run("n.Close()").ok()
    assert [m["content"]["comm_id"] for m in closed.messages if m["msg_type"] == "comm_close"] == [model]
    assert model not in front.comms()


def test_states_after_a_reload(front):
    cell = front.kernel.run('widget.HBox(widget.Text("name", "Go"), widget.Image([]byte("\\x89PNG")))').ok()
    box = model_of(cell)
    front.until_idle(front.tell("comm_open", {"comm_id": "c", "target_name": "jupyter.widget.control", "data": {}}))
    (answer,) = of_kind(front.say("c", {"method": "request_states"}), "comm_msg")
    data = answer["content"]["data"]
    assert data["method"] == "update_states"
    children = [c.removeprefix("IPY_MODEL_") for c in data["states"][box]["state"]["children"]]
    assert [data["states"][c]["model_name"] for c in children] == ["TextModel", "ImageModel"]
    place = data["buffer_paths"].index([children[1], "value"])
    assert bytes(answer["buffers"][place]) == b"\x89PNG"


@pytest.mark.parametrize("by", ["subshell", "main"])
def test_a_click_ends_a_running_cell(front, by):
    cell = front.kernel.run('done := make(chan string)\nwidget.Button("stop").OnClick(func() { done <- "clicked" })').ok()
    subshell = front.control("create_subshell_request")["subshell_id"] if by == "subshell" else None
    running, _ = front.kernel.send("fmt.Println(<-done)\nn2 := 5")
    while front.client.get_iopub_msg(timeout=10)["msg_type"] != "execute_input":
        pass
    begin = time.monotonic()
    click = front.tell("comm_msg", {"comm_id": model_of(cell), "data": {"method": "custom", "content": {"event": "click"}}}, (), subshell)
    seen = {}
    states = []
    while len(seen) < 2:
        message = front.client.get_iopub_msg(timeout=10)
        parent = message["parent_header"].get("msg_id")
        if message["msg_type"] == "status":
            states.append((parent == running, message["content"]["execution_state"]))
            if message["content"]["execution_state"] == "idle":
                seen[parent] = time.monotonic() - begin
    assert set(seen) == {running, click} and max(seen.values()) < 2, seen
    # Front ends show the last state: never idle before the cell's own.
    for state, following in zip(states, states[1:]):
        if state == (False, "idle") and (True, "idle") in states[states.index(state) :]:
            assert following[1] == "busy" or following == (True, "idle"), states
    if subshell:
        front.control("delete_subshell_request", {"subshell_id": subshell})


def test_a_panic_is_reported_and_survived(front):
    cell = front.kernel.run('kept := 1\nb := widget.Button("b").OnClick(func() { var none []int; _ = none[kept] })\nb').ok()
    messages = front.say(model_of(cell), {"method": "custom", "content": {"event": "click"}})
    assert "In[" in front.until_text(messages, "index out of range")
    assert front.kernel.run("kept").ok().text == "1"


def test_an_interrupt_ends_a_function_between_cells(front):
    cell = front.kernel.run('b = widget.Button("b").OnClick(func() { for { kept++ } })\nb').ok()
    messages = front.say(model_of(cell), {"method": "custom", "content": {"event": "click"}})
    assert text_of(messages) == ""
    front.control("interrupt_request")
    front.until_text([], "interrupted")
    assert front.kernel.run("kept > 1").ok().text == "true"


def test_progress_in_a_tight_loop_is_few_messages(front):
    cell = front.kernel.run("""bar := widget.Progress("n", 200000)
display.Show(bar)
for range 200000 {
	bar.Add(1)
}""").ok()
    updates = [m["content"]["data"]["state"] for m in cell.messages if m["msg_type"] == "comm_msg"]
    took = cell.times[-1] - cell.times[0]
    assert len(updates) <= 3 + 25 * took, f"{len(updates)} updates in {took:.2f} s"
    assert updates[-1]["value"] == 200000


def test_questions(front):
    client = front.client

    def ask(code: str, answer: str) -> tuple[dict, str]:
        sent = front.kernel.send(code, allow_stdin=True)
        request = client.get_stdin_msg(timeout=10)["content"]
        client.input(answer)
        return request, front.kernel.collect(sent).ok().stdout

    code = 'answer, err := display.{}("? ")\nfmt.Println(answer, err)'
    assert ask(code.format("Input"), "Ada") == ({"prompt": "? ", "password": False}, "Ada <nil>\n")
    assert ask(code.format("Password"), "s3cret") == ({"prompt": "? ", "password": True}, "s3cret <nil>\n")
    refused = front.kernel.run(code.format("Input")).ok()
    assert "does not take input requests" in refused.stdout


def test_the_end_of_a_session_closes_comms():
    with Kernel() as kernel:
        front = Front(kernel)
        model = model_of(kernel.run(SLIDER).ok())
        cell = kernel.run('import "syscall"\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)')
        assert cell.error["ename"] == "session lost"
        assert [m["content"]["comm_id"] for m in cell.messages if m["msg_type"] == "comm_close"] == [model]
        assert front.comms() == {}
        model = model_of(kernel.run(SLIDER).ok())
        cell = kernel.run("%reset").ok()
        assert [m["content"]["comm_id"] for m in cell.messages if m["msg_type"] == "comm_close"] == [model]
