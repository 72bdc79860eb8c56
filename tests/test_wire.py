"""Hostile and broken input on the sockets: dropped or refused, logged, and the kernel serves on."""

import json
import pathlib
import socket
import struct

import pytest
import zmq

from harness import Kernel, eventually, memory_bytes

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + b"\0" + bytes(31)
READY = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    log = tmp_path_factory.mktemp("wire") / "log"
    with open(log, "wb") as file, Kernel(stderr=file) as kernel:
        kernel.log = log
        yield kernel


def connection(kernel) -> dict:
    return json.loads(pathlib.Path(kernel.manager.connection_file).read_text())


def test_wrong_signature_is_dropped_and_logged(logged):
    facts = connection(logged)
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    try:
        dealer.linger = 0
        dealer.connect(f"tcp://{facts['ip']}:{facts['shell_port']}")
        header = {"msg_id": "forged", "msg_type": "execute_request", "session": "s", "username": "u", "version": "5.3", "date": "2024-01-01T00:00:00Z"}
        content = {"code": 'panic("forged code ran")', "silent": False}
        parts = [json.dumps(p).encode() for p in (header, {}, {}, content)]
        dealer.send_multipart([b"<IDS|MSG>", b"0" * 64, *parts])
        assert not dealer.poll(1000), "a forged request was answered"
    finally:
        dealer.close()
        context.term()
    eventually(lambda: "signature" in logged.log.read_text(), what="a line in the log")
    assert logged.run("1 + 1").ok().text == "2"


@pytest.mark.parametrize(
    "parts",
    [[], [b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{"], [b"no", b"delimiter", b"at", b"all"], [b"\xff" * 100] * 20],
    ids=["none", "empty", "short", "not JSON", "no delimiter", "noise"],
)
@pytest.mark.parametrize("port", ["shell_port", "control_port", "stdin_port"])
def test_broken_messages(logged, parts, port):
    facts = connection(logged)
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 500
    dealer.connect(f"tcp://{facts['ip']}:{facts[port]}")
    if parts:
        dealer.send_multipart(parts)
    dealer.close()
    context.term()
    assert logged.run("1 + 1").ok().text == "2"


def raw_peer(facts: dict, port: str) -> socket.socket:
    """A TCP connection that has done ZMTP's handshake."""
    peer = socket.create_connection((facts["ip"], facts[port]), timeout=10)
    peer.sendall(GREETING)
    received = b""
    while len(received) < 64:
        received += peer.recv(64 - len(received))
    peer.sendall(b"\x04" + bytes([len(READY)]) + READY)
    head = peer.recv(2)
    assert head[:1] == b"\x04", head
    rest = head[1]
    while rest:
        rest -= len(peer.recv(rest))
    return peer


@pytest.mark.parametrize("size", [(256 << 20) + 1, 1 << 40, (1 << 63) - 1], ids=["256 MiB + 1", "1 TiB", "63 bits"])
@pytest.mark.parametrize("port", ["shell_port", "control_port", "stdin_port", "hb_port"])
def test_huge_frame_is_refused_before_it_is_allocated(logged, size, port):
    before = memory_bytes(logged.pid)
    peer = raw_peer(connection(logged), port)
    try:
        # Flags: a long frame, and more follow.
        peer.sendall(b"\x03" + struct.pack(">Q", size) + b"x" * 1000)
        peer.settimeout(10)
        refused = False
        try:
            refused = peer.recv(1) == b""
        except ConnectionResetError:
            refused = True
        assert refused, "the connection was not closed"
    finally:
        peer.close()
    assert memory_bytes(logged.pid) - before < 64 << 20, "the frame was allocated"
    assert logged.run("1 + 1").ok().text == "2"
    assert logged.client.is_alive()
