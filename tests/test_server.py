"""Behind a Jupyter server, as JupyterLab and others are, which drops output that comes faster than its limits."""

import json
import time
import urllib.request
import uuid

import pytest
import websocket

from harness import SOAK
from lab import Server

MEGABYTES = 10 if SOAK else 4


class Channels:
    """The web socket of one kernel, spoken to as JupyterLab does."""

    def __init__(self, server: Server):
        request = urllib.request.Request(f"{server.url}/api/kernels", json.dumps({"name": "rivulet"}).encode(), method="POST")
        kernel = json.load(urllib.request.urlopen(request, timeout=60))
        self.session = uuid.uuid4().hex
        address = f"{server.url}/api/kernels/{kernel['id']}/channels?session_id={self.session}"
        self.socket = websocket.create_connection(address.replace("http", "ws", 1), timeout=60)

    def send(self, kind: str, content: dict, channel: str = "shell") -> str:
        head = {
            "msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.session, "username": "", "version": "5.2",
            "date": "2024-01-01T00:00:00.000Z",
        }  # fmt: skip
        message = {"header": head, "parent_header": {}, "metadata": {}, "content": content, "channel": channel, "buffers": []}
        self.socket.send(json.dumps(message))
        return head["msg_id"]

    def run(self, code: str, on_message=None) -> list[dict]:
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True, "stop_on_error": True}
        request = self.send("execute_request", content)
        published = []
        while True:
            message = json.loads(self.socket.recv())
            # What the server says itself, such as that a limit is exceeded, has the cell as its parent too.
            if message["parent_header"].get("msg_id") != request or message["channel"] != "iopub":
                continue
            published.append(message)
            if on_message is not None:
                on_message(message)
            if message["content"].get("execution_state") == "idle":
                return published


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with Server(folder, folder) as server:
        served = Channels(server)
        yield served
        served.socket.close()


def text_of(messages: list[dict]) -> str:
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def test_much_text_comes_whole(channels):
    lines = MEGABYTES * 10_000
    code = f'import ("fmt"; "strings")\npad := strings.Repeat("x", 91)\nfor i := range {lines} {{\n\tfmt.Printf("%07d %s\\n", i, pad)\n}}'
    assert text_of(channels.run(code)) == "".join(f"{i:07} {'x' * 91}\n" for i in range(lines))


def test_many_displays_come_whole(channels):
    count = 10_000 if SOAK else 3_500
    messages = channels.run(f'import "fmt"\nfor i := range {count} {{\n\tdisplay.Text(fmt.Sprint(i))\n}}')
    assert text_of(messages) == ""
    assert [m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "display_data"] == [str(i) for i in range(count)]


def test_interrupt_of_a_flood(channels):
    """What is held back does not hold back the interrupt."""
    asked = []

    def on_message(message):
        if message["msg_type"] == "stream" and not asked:
            time.sleep(1.5)  # the window is full by now
            asked.append(time.monotonic())
            channels.send("interrupt_request", {}, "control")

    messages = channels.run('import ("fmt"; "strings")\npad := strings.Repeat("x", 99)\nfor {\n\tfmt.Println(pad)\n}', on_message)
    took = time.monotonic() - asked[0]
    assert took < 3, f"{took:.1f} s"
    assert "rate exceeded" not in text_of(messages)
    assert [m["content"]["ename"] for m in messages if m["msg_type"] == "error"] == ["interrupted"]
    assert not [m for m in messages if "gone" in str(m["content"].get("text", ""))[:200]], "the session was lost"
