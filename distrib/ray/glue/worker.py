"""What runs in a Ray worker: the generator that is a task, and the warm `rivulet worker` child that makes its blocks.

A task yields notes (block follows?, header, data, node), and after one the block where it is too large to be data. Those of None are about the task: the first, that it runs, and in which file what its worker writes can be read, from where; another, what was written by a task that fails. Notes are small enough for Ray to carry them to the driver at once, so the driver learns of blocks without fetching them.

The child is at the other end of a SOCK_SEQPACKET pair. Blocks lie in memory files that both map: their bytes are copied
once, by Ray, into its object store. This file needs Python's standard library alone.
"""

import atexit
import fcntl
import hashlib
import mmap
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import zlib

# A message is kind, number (of a slot or an input), length, capacity, and then its body.
MESSAGE = struct.Struct("<B3xIQQ")
RUN, INPUT, CREDIT, CANCEL = 1, 2, 3, 4
BLOCK, NOTE, WANT, DONE, FAILED = 11, 12, 13, 14, 15

# What Ray carries inside its own messages rather than in the object store.
DATA_BYTES = 100 << 10
# A datagram that a socket takes with any system's default buffers.
DATAGRAM = 60 << 10
# Between two looks at whether Ray has interrupted this thread.
POLL_SECONDS = 0.02
STOP_SECONDS = 2.0
# The end of a log that is told.
LOG_BYTES = 4096
# For another worker of the node to fetch the executable.
ASK_SECONDS = 60.0


class Lost(RuntimeError):
    """The child is gone. Ray runs the task again."""


def stderr_path():
    """The file that Ray makes of what this worker and its child write, "" where it is none."""
    try:
        path = os.readlink("/proc/self/fd/2")
    except OSError:
        return ""
    return path if os.path.isfile(path) else ""


def log_tail(path, start):
    """The end of a log, without the marks that Ray sets in it."""
    with open(path, "rb") as f:
        size = f.seek(0, os.SEEK_END)
        f.seek(max(start, size - LOG_BYTES))
        text = f.read().decode(errors="replace")
    marks = (":job_id:", ":task_name:", ":actor_name:")
    return "\n".join(line for line in text.strip().splitlines() if not line.startswith(marks))


class Binary:
    """The executable, as a memory file that all workers of this user on this node share.

    It has no name in any file system: it is gone when its last user is, however that ended. The worker that has made it
    gives it to others at an abstract socket; who finds none there makes it.
    """

    def __init__(self, name, parts, fetch):
        import ray

        self.name = name
        self.address = "\0rivulet-%d-%s-%s" % (os.getuid(), ray.get_runtime_context().get_node_id(), name)
        self.fd = None
        while self.fd is None:
            listener = socket.socket(socket.AF_UNIX)
            try:
                listener.bind(self.address)
            except OSError:
                listener.close()
                self.fd = self.ask()
                continue
            try:
                listener.listen(64)  # others wait until it is made
                self.fd = self.make(parts, fetch)
            except BaseException:  # or interrupted: others may try
                listener.close()
                raise
            threading.Thread(target=self.serve, args=(listener,), daemon=True).start()

    def ask(self):
        """The file of another worker, None where that went away."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(ASK_SECONDS)
            try:
                s.connect(self.address)
                if struct.unpack("3i", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1] != os.getuid():
                    raise PermissionError("another user holds the name of the executable")
                _, fds, _, _ = socket.recv_fds(s, 1, 1)
            except (ConnectionError, FileNotFoundError):
                return None
            return fds[0] if fds else None

    def make(self, parts, fetch):
        fd = os.memfd_create("rivulet", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        content = hashlib.sha256()
        try:
            with open(fd, "wb", closefd=False) as f:
                for part in parts:
                    part = zlib.decompress(fetch(part))
                    content.update(part)
                    f.write(part)
        except BaseException:
            os.close(fd)
            raise
        if content.hexdigest()[:len(self.name)] != self.name:
            raise RuntimeError("the executable arrived damaged")
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
        return fd

    def serve(self, listener):
        while True:
            s, _ = listener.accept()
            with s:
                try:
                    socket.send_fds(s, [b"."], [self.fd])
                except OSError:
                    pass


class Child:
    """One `rivulet worker` process."""

    def __init__(self, binary, environment):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Its log is Ray's for this worker: who looks there finds it.
        self.log = stderr_path()
        self.own_log = None if self.log else tempfile.TemporaryFile()
        if not self.log:
            self.log = "/proc/self/fd/%d" % self.own_log.fileno()
        self.log_start = 0  # of what runs
        environment = dict(os.environ, **environment, RIVULET_WORKER_SOCKET=str(theirs.fileno()))
        self.process = subprocess.Popen(
            ["rivulet", "worker"], executable="/proc/self/fd/%d" % binary.fd, pass_fds=(theirs.fileno(), binary.fd),
            env=environment, stdin=subprocess.DEVNULL, stderr=self.own_log, start_new_session=True,
        )
        theirs.close()
        self.slots = {}
        self.inbox = None
        self.node = ""

    def close(self):
        self.socket.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.own_log:
            self.own_log.close()

    def lost(self):
        """The error that says how the child ended."""
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        how = "stopped answering" if code is None else "exited with status %d" % code
        if code is not None and code < 0:
            how = "was killed by %s" % signal.Signals(-code).name
        tail = self.written()
        return Lost("rivulet worker %d on node %s %s%s" % (self.process.pid, self.node, how, "\n" + tail if tail else ""))

    def written(self):
        """The end of what was written since the last start."""
        try:
            return log_tail(self.log, self.log_start)
        except OSError:
            return ""

    def send(self, kind, number=0, length=0, capacity=0, body=b"", fd=None):
        message = MESSAGE.pack(kind, number, length, capacity) + body
        try:
            if fd is None:
                self.socket.send(message)
            else:
                socket.send_fds(self.socket, [message], [fd])
        except OSError:
            raise self.lost() from None

    def receive(self):
        # An interrupt by Ray sets a flag only: a thread that waits in the kernel would not see it.
        while not select.select([self.socket], [], [], POLL_SECONDS)[0]:
            pass
        try:
            message, fds, _, _ = socket.recv_fds(self.socket, 1 << 18, 1)
        except OSError:
            message = b""
        if not message:
            raise self.lost()
        kind, number, length, capacity = MESSAGE.unpack_from(message)
        return kind, number, length, capacity, message[MESSAGE.size:], fds

    def start(self, request):
        self.log_start = os.path.getsize(self.log)
        if len(request) <= DATAGRAM:
            self.send(RUN, length=len(request), body=request)
            return
        fd = os.memfd_create("request", os.MFD_CLOEXEC)
        try:
            with open(fd, "wb", closefd=False) as f:
                f.write(request)
            self.send(RUN, length=len(request), capacity=1, fd=fd)
        finally:
            os.close(fd)

    def give(self, number, block):
        """Answers the wish for an input."""
        block = memoryview(block).cast("B")
        if self.inbox is None or len(self.inbox) < block.nbytes:
            size = max(block.nbytes, 1 << 20)
            fd = os.memfd_create("input", os.MFD_CLOEXEC)
            try:
                os.ftruncate(fd, size)
                self.inbox = mmap.mmap(fd, size)
                self.inbox[:block.nbytes] = block
                self.send(INPUT, number, block.nbytes, size, fd=fd)
            finally:
                os.close(fd)
            return
        self.inbox[:block.nbytes] = block
        self.send(INPUT, number, block.nbytes)

    def run(self, request, fetch, node):
        """Yields what the child makes of request on node. fetch gives an input by its number."""
        ended = False
        self.node = node
        try:
            self.start(request)
            while True:
                kind, number, length, capacity, body, fds = self.receive()
                if kind == BLOCK:
                    self.map(number, capacity, fds)
                    if number not in self.slots:  # an interrupt came between the file and its map
                        raise self.lost()
                    block = memoryview(self.slots[number])[:length]
                    if length <= DATA_BYTES:
                        yield (False, body, bytes(block), node)
                    else:
                        yield (True, body, b"", node)
                        out_of_band = pickle.PickleBuffer(block)
                        yield out_of_band
                        out_of_band.release()
                    block.release()
                    # Ray has a copy: the slot can be filled again.
                    self.send(CREDIT, number)
                elif kind == NOTE:
                    yield (False, body, b"", node)
                elif kind == WANT:
                    self.give(number, fetch(number))
                elif kind == FAILED:
                    ended = True
                    log = self.written().encode()
                    if log:
                        yield (None, b"", log, node)
                    yield (False, body, b"", node)
                    return
                elif kind == DONE:
                    ended = True
                    return
        except Lost:
            ended = True
            forget(self)
            raise
        finally:
            if not ended:  # interrupted, or dropped
                self.cancel()

    def map(self, number, capacity, fds):
        """Maps the file of a slot, which the child sends once, and again after a cancel that it has seen."""
        for fd in fds:
            self.slots[number] = mmap.mmap(fd, capacity, prot=mmap.PROT_READ)
            os.close(fd)

    def cancel(self):
        """Stops what runs and keeps the child, if it obeys in time."""
        try:
            self.send(CANCEL)
            self.socket.settimeout(STOP_SECONDS)
            while True:
                message, fds, _, _ = socket.recv_fds(self.socket, 1 << 18, 1)
                if not message:
                    raise OSError("gone")
                kind, number, _, capacity = MESSAGE.unpack_from(message)
                self.map(number, capacity, fds)
                if kind in (DONE, FAILED):
                    break
            self.socket.settimeout(None)
        except (Lost, OSError):
            self.process.kill()
            forget(self)


_binaries = {}
_children = {}


def child(spec, binary, fetch):
    """The warm child for spec, started where there is none or it died."""
    key = (spec["binary"], tuple(sorted(spec["environment"].items())))
    have = _children.get(key)
    if have is not None and have.process.poll() is None:
        return have
    if have is not None:
        forget(have)
    for other in list(_children.values()):  # of another session of this job, or other settings
        forget(other)
    if spec["binary"] not in _binaries:
        _binaries[spec["binary"]] = Binary(spec["binary"], binary, fetch)
    _children[key] = Child(_binaries[spec["binary"]], spec["environment"])
    return _children[key]


def forget(gone):
    for key, c in list(_children.items()):
        if c is gone:
            del _children[key]
    gone.close()


def fetching(ray, nested):
    """Gives inputs that Ray has not fetched, each while the child works on the one before it."""

    def fetch(number):
        block = nested[number]
        if isinstance(block, bytes):
            return block
        after = nested[number + 1:number + 2]
        if after and not isinstance(after[0], bytes):
            ray.wait(after, timeout=0, fetch_local=True)
        return ray.get(block)

    return fetch


def run(spec, request, binary, nested, inputs):
    """The task. binary is a list of references to the executable's parts; inputs are blocks, or nested are references to them."""
    import ray

    node = ray.get_runtime_context().get_node_id()
    path = stderr_path()
    yield (None, ("%d %s" % (os.path.getsize(path), path)).encode() if path else b"", b"", node)
    fetch = fetching(ray, nested) if nested else inputs.__getitem__
    yield from child(spec, binary, ray.get).run(request, fetch, node)


@atexit.register
def _end():
    for c in list(_children.values()):
        forget(c)
