"""The Ray driver: owns the references to blocks, submits tasks, and tells the session of what they give.

The session sends `submit`, `credit`, `cancel`, `get`, `free`, `lost`, `put`, `seen`, `inspect`, `nodes`; it is told `item`, `end`, `data`, `lost`,
`stored`, `nodes`.
One thread waits for all streams at once (ray.wait); a stream is read only while the session gives it credit, and Ray
stops a task whose blocks are not read.
"""

import os
import socket
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import frames
import remote

# How long a stream that has just been submitted, or given credit, may be overlooked: longer where for some time nothing has come, and
# each look costs as much as one that finds something.
POLL_SECONDS = 0.004
IDLE_POLL_SECONDS = 0.032
# How long a cancelled stream is read at most before it is interrupted.
DRAIN_SECONDS = 0.05
# How long a cancelled stream is left to end by itself, how long it must have given nothing by then, and how long at most.
LEAVE_SECONDS = 0.05
QUIET_SECONDS = 0.02
LATEST_SECONDS = 0.2
GETS = 4
# For a node to say what it sees, and what a worker that it lost has written.
ASK_SECONDS = 20
LOG_SECONDS = 3
# Between two looks at whether the head of the cluster answers, and for the answer.
HEAD_EVERY_SECONDS = 2
HEAD_ANSWER_SECONDS = 5


class Stream:
    """One running task."""

    def __init__(self, task, generator):
        self.task = task
        self.generator = generator
        self.credit = 0
        self.node = ""  # where it runs
        self.log = None  # the file there that its worker writes to, and from where
        self.written = ""  # what its worker wrote in a task that fails
        self.read = None  # when it gave something
        self.note = None  # of the block that comes next
        self.block = None  # which is not made yet: its worker was lost, and Ray runs the task again
        self.cancelled = None  # when it was
        self.told = False  # Ray was

    def waits_for(self):
        return self.generator if self.block is None or self.cancelled is not None else self.block


class Driver:
    def __init__(self, connection):
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self.ray = ray
        self.affinity = NodeAffinitySchedulingStrategy
        self.connection = connection
        self.streams = {}
        self.blocks = {}  # number: ObjectRef, or bytes
        self.last = 0
        self.binary = []
        self.spec = {}
        self.changed = threading.Condition()
        self.gets = ThreadPoolExecutor(GETS)
        self.entry = None

    # What the session asks for.

    def binary_part(self, header, payload):
        self.binary.append(self.ray.put(payload))

    def start(self, header, payload):
        """Ends the preparation: header says how children are started."""
        self.spec = header["spec"]
        self.entry = self.ray.remote(remote.entry(header["source"]))
        self.log = remote.log(header["source"])
        self.pump = threading.Thread(target=self.read_streams, daemon=True)
        self.pump.start()

    def watch_head(self, seconds):
        """Ends the glue when the head of the cluster is gone. It may come back within seconds; Ray itself waits for a minute, and
        then ends the process without a word that tells a user anything."""
        address = self.ray.get_runtime_context().gcs_address
        host, _, port = address.rpartition(":")
        gone = None
        while True:
            time.sleep(min(HEAD_EVERY_SECONDS, seconds / 2))
            try:
                socket.create_connection((host, int(port)), timeout=HEAD_ANSWER_SECONDS).close()
                gone = None
            except OSError as e:
                gone = gone or time.monotonic()
                if time.monotonic() - gone >= seconds:
                    why = "the head of the cluster, %s, has not answered for %.0f s: %s" % (address, seconds, e)
                    self.connection.send({"t": "gone", "error": why})
                    self.stop()  # nodes that are still there don't see the end of this process
                    time.sleep(1)
                    os._exit(1)

    def submit(self, header, payload):
        inputs, nested = [self.blocks[n] for n in header["inputs"]], []
        if header.get("nested"):
            inputs, nested = nested, inputs
        options = {
            "num_returns": "streaming",
            "_generator_backpressure_num_objects": header["ahead"],
            "num_cpus": header["cpus"],
            "max_retries": header["retries"],
            "retry_exceptions": True,  # a task's own errors are values
            "name": header["name"],
        }
        if header.get("memory"):
            options["memory"] = header["memory"]
        if header.get("spread"):
            options["scheduling_strategy"] = "SPREAD"
        elif header.get("node"):
            options["scheduling_strategy"] = self.affinity(header["node"], soft=True, _spill_on_unavailable=True)
        generator = self.entry.options(**options).remote(
            self.spec, bytes(payload), self.binary, nested, *inputs
        )
        stream = Stream(header["task"], generator)
        stream.credit = header["credit"]
        with self.changed:
            self.streams[stream.task] = stream
            self.changed.notify()

    def credit(self, header, payload):
        with self.changed:
            stream = self.streams.get(header["task"])
            if stream is not None:
                stream.credit += header["more"]
                self.changed.notify()

    def cancel(self, header, payload):
        with self.changed:
            stream = self.streams.get(header["task"])
            if stream is None:
                return
            stream.cancelled = time.monotonic()
            stream.credit = 1 << 60
            self.changed.notify()
        if header.get("force"):
            self.ray.cancel(stream.generator, force=True)

    def get(self, header, payload):
        block = self.blocks.get(header["block"])
        self.gets.submit(self.fetch, header["call"], block)

    def free(self, header, payload):
        for number in header["blocks"]:
            self.blocks.pop(number, None)

    def lost(self, header, payload):
        """Answers which blocks are gone: freed, or errors in their place."""
        self.gets.submit(self.tell_lost, header["call"], [self.blocks.get(n) for n in header["blocks"]])

    def tell_lost(self, call, blocks):
        answer = {"t": "lost", "call": call}
        try:
            answer["gone"] = [b is None or not isinstance(b, bytes) and self.error_in(b) is not None for b in blocks]
        except Exception as e:
            answer["error"] = text(e)
        self.connection.send(answer)

    def put(self, header, payload):
        number = self.hold(self.ray.put(memoryview(payload)) if len(payload) > 100 << 10 else payload)
        self.connection.send({"t": "stored", "call": header["call"], "block": number})

    def seen(self, header, payload):
        """Answers which nodes do not have the file that the session has."""
        self.gets.submit(self.ask_nodes, header)

    def ask_nodes(self, header):
        question = remote.seen()
        answer = {"t": "seen", "call": header["call"]}
        try:
            nodes = [n["id"] for n in cluster(self.ray)["nodes"] if n["cpus"]]
            answers = self.ray.get([
                self.on(node, question).remote(header["path"], header["size"], header["modified"]) for node in nodes
            ], timeout=ASK_SECONDS)
            answer["missing"] = [node for node, sees in zip(nodes, answers) if not sees]
        except Exception as e:
            answer["error"] = text(e)
        self.connection.send(answer)

    def inspect(self, header, payload):
        """Answers what each node says of itself."""
        self.gets.submit(self.inspect_nodes, header["call"])

    def inspect_nodes(self, call):
        question = remote.inspect()
        nodes = cluster(self.ray)["nodes"]
        lend(nodes)
        asked = [self.on(n["id"], question).remote() for n in nodes]
        ready, _ = self.ray.wait(asked, num_returns=len(asked), timeout=ASK_SECONDS)
        for node, answer in zip(nodes, asked):
            if answer not in ready:
                node["silent"] = "nothing in %d s" % ASK_SECONDS
                continue
            try:
                node["facts"] = self.ray.get(answer, timeout=LOG_SECONDS)
            except Exception as e:
                node["silent"] = text(e)
        self.connection.send({"t": "nodes", "call": call, "nodes": nodes})

    def nodes(self, header, payload):
        self.connection.send({"t": "nodes", "call": header["call"], "held": len(self.blocks), **cluster(self.ray)})

    # What the session is told.

    def hold(self, block):
        with self.changed:
            self.last += 1
            self.blocks[self.last] = block
            return self.last

    def fetch(self, call, block):
        try:
            if block is None:
                raise KeyError("block was freed")
            data = block if isinstance(block, bytes) else self.ray.get(block)
            self.connection.send({"t": "data", "call": call}, data)
        except Exception as e:
            self.connection.send({"t": "data", "call": call, "error": text(e)})

    def read_streams(self):
        """Forwards what streams give, as long as there is a session."""
        poll = POLL_SECONDS
        while True:
            with self.changed:
                wanted = {s.waits_for(): s for s in self.streams.values() if s.credit > 0}
                if len(wanted) < len(self.streams) or any(s.cancelled is not None for s in wanted.values()):
                    poll = POLL_SECONDS  # for credit, or a cancelled one to end
                if not wanted:
                    self.changed.wait()
                    continue
            awaited = list(wanted)
            ready, rest = self.ray.wait(awaited, num_returns=1, timeout=poll, fetch_local=False)
            poll = POLL_SECONDS if ready else min(2 * poll, IDLE_POLL_SECONDS)
            if ready and rest:
                ready += self.ray.wait(rest, num_returns=len(rest), timeout=0, fetch_local=False)[0]
            for made in ready:
                stream = wanted[made]
                if stream.cancelled is None:
                    self.step(stream)
            for stream in wanted.values():
                if stream.cancelled is not None:
                    self.drain(stream)

    def drain(self, stream):
        """Reads a cancelled stream and tells Ray. A task that waits for its objects to be read would see the cancel only
        up to a second later, so that all are read before."""
        until = time.monotonic() + DRAIN_SECONDS
        while self.ray.wait([stream.generator], timeout=0, fetch_local=False)[0] and time.monotonic() < until:
            try:
                next(stream.generator)
            except StopIteration:
                self.end(stream)
                return
            stream.read = time.monotonic()
        if not stream.told and self.cancellable(stream):
            stream.told = True
            self.ray.cancel(stream.generator)

    def cancellable(self, stream):
        """Ray's driver aborts when it cancels a task that is just handed to its worker, or that has just ended: the task must
        have given something, and not just now, since the last objects come right before the end."""
        if stream.read is None:
            return False
        now = time.monotonic()
        since = now - stream.cancelled
        return since > LATEST_SECONDS or since > LEAVE_SECONDS and now - stream.read > QUIET_SECONDS

    def step(self, stream):
        """Takes one object of a stream."""
        try:
            ref = stream.block or next(stream.generator)
        except StopIteration:
            self.end(stream)
            return
        except Exception as e:
            self.end(stream, e)
            return
        stream.read = time.monotonic()
        if stream.note is not None:
            if stream.block is None and not self.ray.wait([ref], timeout=0, fetch_local=False)[0]:
                stream.block = ref
                return
            stream.block = None
            note, stream.note = stream.note, None
            error = self.missing(ref)
            if error is None:
                self.item(stream, note, {"block": self.hold(ref)})
            else:
                self.end(stream, error)
            return
        try:
            more, note, data, stream.node = self.ray.get(ref)
        except Exception as e:
            self.end(stream, e)
            return
        if more is None:
            if note:
                start, path = bytes(note).decode().split(" ", 1)
                stream.log = path, int(start)
            stream.written = bytes(data).decode()
            return
        if more:
            stream.note = note
        else:
            self.item(stream, note, {"block": self.hold(data)} if data else {})

    def missing(self, ref):
        """The error that is in the place of a block which was never made. It lies on no node, as do, for a moment, some
        blocks; but it is here."""
        if self.ray.experimental.get_object_locations([ref])[ref]["node_ids"]:
            return None
        return self.error_in(ref)

    def error_in(self, ref):
        """The error that is in the place of a block, None where there is none or it is not known yet."""
        try:
            self.ray.get(ref, timeout=0)
        except self.ray.exceptions.GetTimeoutError:
            return None
        except Exception as e:
            return e
        return None

    def item(self, stream, note, more):
        with self.changed:
            stream.credit -= 1
        if stream.written:
            more = {**more, "log": stream.written}
        self.connection.send({"t": "item", "task": stream.task, "node": stream.node, **more}, note)

    def end(self, stream, error=None):
        with self.changed:
            if self.streams.pop(stream.task, None) is None:
                return
        header = {"t": "end", "task": stream.task, "node": stream.node}
        if error is not None and stream.cancelled is None:
            header["lost"] = text(error)
            if stream.log and "rivulet worker" not in header["lost"]:  # which tells the end of its log
                self.gets.submit(self.end_logged, stream, header)
                return
        self.connection.send(header)

    def end_logged(self, stream, header):
        """Tells of a task that was lost with its worker, and what that wrote, where its node is still there."""
        try:
            header["log"] = self.ray.get(self.on(stream.node, self.log).remote(*stream.log), timeout=LOG_SECONDS)
        except Exception:
            pass
        self.connection.send(header)

    def on(self, node, question):
        """A question as a task on a node, that waits for no slot."""
        return self.ray.remote(question).options(num_cpus=0, max_retries=0, scheduling_strategy=self.affinity(node, soft=False))

    def stop(self):
        """Cancels everything. Ray lets a dropped generator run on."""
        with self.changed:
            streams = list(self.streams.values())
        for stream in streams:
            if stream.read is not None:
                self.ray.cancel(stream.generator)


def text(error):
    """The last, most telling lines of an error."""
    cause = getattr(error, "cause", None) or error
    lines = [line for line in str(cause).strip().splitlines() if line.strip()]
    return "%s: %s" % (type(cause).__name__, "\n".join(lines)[-2000:])


def cluster(ray):
    nodes = [
        {
            "id": n["NodeID"],
            "address": n["NodeManagerAddress"],
            "host": n.get("NodeManagerHostname", ""),
            "cpus": n["Resources"].get("CPU", 0),
            "memory": int(n["Resources"].get("memory", 0)),
            "store": int(n["Resources"].get("object_store_memory", 0)),
        }
        for n in ray.nodes()
        if n["Alive"]
    ]
    return {"nodes": nodes}


def lend(nodes):
    """Notes how many processors of each node tasks have, where Ray tells it: other versions may not."""
    try:
        from ray._private.state import available_resources_per_node

        free = available_resources_per_node()
    except Exception:
        return
    for node in nodes:
        if node["id"] in free:
            node["lent"] = max(0, node["cpus"] - free[node["id"]].get("CPU", 0))


def serve(connection, initialize):
    """Handles one session to its end."""
    header, _ = connection.receive()
    if header is None:
        return
    if header.get("protocol") != frames.PROTOCOL:
        connection.send({"t": "refused", "error": "the glue speaks protocol %d" % frames.PROTOCOL})
        return
    try:
        dashboard = initialize(header)
        driver = Driver(connection)
        ray = driver.ray
        threading.Thread(target=driver.watch_head, args=(header["head"],), daemon=True).start()
        connection.send({
            "t": "hello", "protocol": frames.PROTOCOL, "ray": ray.__version__,
            "python": "%d.%d.%d" % sys.version_info[:3], "dashboard": dashboard, **cluster(ray),
        })
    except BaseException as e:
        connection.send({"t": "refused", "error": text(e)})
        return
    commands = {
        name: getattr(driver, name)
        for name in ("binary_part", "start", "submit", "credit", "cancel", "get", "free", "lost", "put", "seen", "inspect", "nodes")
    }
    try:
        while True:
            header, payload = connection.receive()
            if header is None or header["t"] == "bye":
                break
            try:
                commands[header["t"]](header, payload)
            except Exception as e:
                traceback.print_exc()
                if "task" in header:
                    connection.send({"t": "end", "task": header["task"], "lost": text(e)})
                elif "call" in header:
                    connection.send({"t": "data", "call": header["call"], "error": text(e)})
    finally:
        driver.stop()
        driver.ray.shutdown()
