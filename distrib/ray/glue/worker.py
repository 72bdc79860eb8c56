"""What runs in a Ray worker: the generator that is a task, and the warm `rivulet worker` child that makes its blocks.

A task yields pairs: a note (block follows?, header, data), and then the block where it is too large to be data. Notes
are small enough for Ray to carry them to the driver at once, so the driver learns of blocks without fetching them.

The child is at the other end of a SOCK_SEQPACKET pair. Blocks lie in memory files that both map: their bytes are copied
once, by Ray, into its object store. This file needs Python's standard library alone.
"""

import atexit
import fcntl
import mmap
import os
import pickle
import select
import signal
import socket
import stat
import struct
import subprocess
import tempfile
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


class Lost(RuntimeError):
    """The child is gone. Ray runs the task again."""


class Binary:
    """The executable of this node: one file by content, shared by all workers, gone with the last of them.

    Whoever uses the file holds a shared lock on it; the child, which outlives this process by a moment, removes it if
    nobody else does.
    """

    def __init__(self, name, chunks, fetch):
        while True:
            folder = private_folder()
            self.path = os.path.join(folder, name)
            try:
                self.file = open(self.path, "rb")
            except FileNotFoundError:
                sweep(folder)
                write(folder, self.path, chunks, fetch)
                continue
            fcntl.flock(self.file, fcntl.LOCK_SH)
            if os.fstat(self.file.fileno()).st_nlink:
                return
            self.file.close()  # its last user has just removed it


def write(folder, path, chunks, fetch):
    try:
        fd, temporary = tempfile.mkstemp(dir=folder)
    except FileNotFoundError:  # removed with the executable of others
        return
    try:
        with os.fdopen(fd, "wb") as f:
            fcntl.flock(f, fcntl.LOCK_SH)
            for chunk in chunks:
                f.write(zlib.decompress(fetch(chunk)))
        os.chmod(temporary, 0o500)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def private_folder():
    folder = os.path.join(tempfile.gettempdir(), "rivulet-%d" % os.getuid())
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        s = os.lstat(folder)
        if not stat.S_ISDIR(s.st_mode) or s.st_uid != os.getuid() or s.st_mode & 0o077:
            raise PermissionError("%s is not a folder of this user alone" % folder)
    return folder


def sweep(folder):
    """Removes files whose users were all killed."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as f:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(path)
        except OSError:
            pass


class Child:
    """One `rivulet worker` process."""

    def __init__(self, binary, environment):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = tempfile.TemporaryFile()
        fds = (theirs.fileno(), binary.file.fileno())
        environment = dict(os.environ, **environment, RIVULET_WORKER_SOCKET=str(fds[0]), RIVULET_WORKER_BINARY=str(fds[1]))
        self.process = subprocess.Popen(
            [binary.path, "worker"], pass_fds=fds, env=environment, stdin=subprocess.DEVNULL, stderr=self.log,
            start_new_session=True,
        )
        theirs.close()
        self.slots = {}
        self.inbox = None

    def close(self):
        self.socket.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def lost(self):
        """The error that says how the child ended."""
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        how = "stopped answering" if code is None else "exited with status %d" % code
        if code is not None and code < 0:
            how = "was killed by %s" % signal.Signals(-code).name
        size = self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, size - 4096))
        tail = self.log.read().decode(errors="replace").strip()
        return Lost("rivulet worker %d %s%s" % (self.process.pid, how, "\n" + tail if tail else ""))

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

    def run(self, request, fetch):
        """Yields what the child makes of request. fetch gives an input by its number."""
        ended = False
        try:
            self.start(request)
            while True:
                kind, number, length, capacity, body, fds = self.receive()
                if kind == BLOCK:
                    if fds:
                        self.slots[number] = mmap.mmap(fds[0], capacity, prot=mmap.PROT_READ)
                        os.close(fds[0])
                    block = memoryview(self.slots[number])[:length]
                    if length <= DATA_BYTES:
                        yield (False, body, bytes(block))
                    else:
                        yield (True, body, b"")
                        out_of_band = pickle.PickleBuffer(block)
                        yield out_of_band
                        out_of_band.release()
                    block.release()
                    # Ray has a copy: the slot can be filled again.
                    self.send(CREDIT, number)
                elif kind == NOTE:
                    yield (False, body, b"")
                elif kind == WANT:
                    self.give(number, fetch(number))
                elif kind == FAILED:
                    ended = True
                    yield (False, body, b"")
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

    def cancel(self):
        """Stops what runs and keeps the child, if it obeys in time."""
        try:
            self.send(CANCEL)
            self.socket.settimeout(STOP_SECONDS)
            while True:
                message, fds, _, _ = socket.recv_fds(self.socket, 1 << 18, 1)
                for fd in fds:
                    os.close(fd)
                if not message:
                    raise OSError("gone")
                kind, number, _, _ = MESSAGE.unpack_from(message)
                if kind == BLOCK:
                    self.slots.pop(number, None)
                if kind in (DONE, FAILED):
                    break
            self.socket.settimeout(None)
            self.slots.clear()  # the child sends their files again
        except (Lost, OSError):
            self.process.kill()
            forget(self)


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
    _children[key] = Child(Binary(spec["binary"], binary, fetch), spec["environment"])
    return _children[key]


def forget(gone):
    for key, c in list(_children.items()):
        if c is gone:
            del _children[key]
    gone.close()


def run(spec, request, binary, inputs):
    """The task. binary is a list of references to the executable's parts, inputs are blocks or references to them."""
    import ray

    def fetch(ref):
        return ray.get(ref) if isinstance(ref, ray.ObjectRef) else ref

    yield from child(spec, binary, fetch).run(request, lambda i: fetch(inputs[i]))


@atexit.register
def _end():
    for c in list(_children.values()):
        forget(c)
