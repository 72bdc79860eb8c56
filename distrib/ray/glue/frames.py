"""Frames between the session and the driver: header length, payload length, header (JSON), payload (bytes)."""

import json
import struct
import threading

PROTOCOL = 1
MAX_HEADER = 1 << 20
LENGTHS = struct.Struct("<IQ")


class Frames:
    """Both ends of one stream socket. Any thread may send, one receives."""

    def __init__(self, sock):
        self.sock = sock
        self.reader = sock.makefile("rb", buffering=1 << 16)
        self.lock = threading.Lock()

    def send(self, header, payload=b""):
        head = json.dumps(header).encode()
        payload = memoryview(payload).cast("B")
        with self.lock:
            self.sock.sendall(LENGTHS.pack(len(head), payload.nbytes) + head)
            if payload.nbytes:
                self.sock.sendall(payload)

    def receive(self):
        """The next header and payload; None, None where the other end is gone."""
        lengths = self.reader.read(LENGTHS.size)
        if len(lengths) < LENGTHS.size:
            return None, None
        head, size = LENGTHS.unpack(lengths)
        if head > MAX_HEADER:
            return None, None
        header = self.reader.read(head)
        payload = self.reader.read(size)
        if len(header) < head or len(payload) < size:
            return None, None
        return json.loads(header), payload
