"""A Ray cluster of two nodes on this machine, for tests, examples and measurements.

    python tests/ray_cluster.py [--cpus 1] [--store-mb 200] [--memory-mb 700] [--dashboard] [COMMAND ...]

It runs COMMAND with RIVULET_ENGINE set to the cluster's address, and ends with it. Without one it prints one line of JSON,
{"address": "127.0.0.2:PORT", "dashboard": ..., "hidden": ..., "nodes": [{"raylet": PID}, ...], "folder": of the first node},
and ends with its standard input. A line "node" on that replaces the second node, which may have been killed; a line "idle" waits until no
task has a processor, 15 s at most, and "busy" says which nodes have none free after that. Both print such a line again. The second node
lives in a mount namespace in which this checkout and the temporary files are not there: what its workers run has come through Ray.
Where the system refuses namespaces, "hidden" is false.
"""

import argparse
import ctypes
import json
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

# Ray replaces 127.0.0.1 by the machine's outer address.
FIRST, SECOND = "127.0.0.2", "127.0.0.3"
CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Mounts are made in the namespace of this shell alone. The Python environment is put back where it was.
HIDE = """
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/env
mount --bind {env} /mnt/env
for dir in {dirs}; do
	mkdir -p "$dir" # the one may lie in the other
	mount -t tmpfs tmpfs "$dir"
done
mkdir -p {env}
mount --bind /mnt/env {env}
cd /
exec {command}
"""


def free_port():
    """A port that nobody has, nor gets by chance: below those that the system deals out, above those of Ray's workers."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            except OSError:
                continue
            return s.getsockname()[1]


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)


def spare_grammar():
    """Keeps a module from Ray's workers: jsonschema would spend two seconds of each on the grammar of a format that Jupyter checks."""
    folder = os.path.join(sys.prefix, "share", "ray-cluster")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "rfc3987_syntax.py"), "w") as f:
        f.write("raise ImportError('left out')\n")
    os.environ["PYTHONPATH"] = folder
    sys.path.insert(0, folder)


def unshare():
    """The command that makes a mount namespace, None where that is refused."""
    for command in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        try:
            mount = command + ["mount", "-t", "tmpfs", "tmpfs", "/mnt"]
            if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
                return command
        except FileNotFoundError:
            return None
    return None


def raylets():
    """The process ids of raylets that descend from this process, oldest first."""
    parents = {}
    started = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry) as f:
                    name, rest = f.read().split("(", 1)[1].rsplit(")", 1)
            except OSError:
                continue
            fields = rest.split()
            parents[int(entry)] = int(fields[1])
            if fields[0] != "Z" and name == "raylet":
                started[int(entry)] = int(fields[19])

    def ours(pid):
        while pid > 1:
            if pid == os.getpid():
                return True
            pid = parents.get(pid, 0)
        return False

    return sorted((pid for pid in started if ours(pid)), key=started.get)  # numbers begin anew some time


def second_node(address, options):
    """Starts `ray start` as another machine would; gives its process and whether this checkout is hidden from it."""
    command = [
        sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start",
        "--address", address, "--node-ip-address", SECOND, "--block",
        "--num-cpus", str(options.cpus), "--object-store-memory", str(options.store_mb << 20),
        "--min-worker-port", "0", "--max-worker-port", "0", "--dashboard-agent-listen-port", str(free_port()),
        "--disable-usage-stats",
    ]
    if options.memory_mb:
        command += ["--memory", str(options.memory_mb << 20)]
    wrapper = unshare()
    if wrapper:
        script = HIDE.format(
            env=shlex.quote(sys.prefix),
            dirs=" ".join(shlex.quote(d) for d in (tempfile.gettempdir(), CHECKOUT)),
            command=" ".join(shlex.quote(c) for c in command),
        )
        command = wrapper + ["sh", "-c", script]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sys.stderr,
        preexec_fn=end_with_parent, start_new_session=True,
    )
    return process, bool(wrapper)


def stop(node):
    """Ends a node as a power cut does: asked to, it would wait for its tasks. Its workers see it, and their children them."""
    if node.poll() is None:
        os.killpg(node.pid, signal.SIGKILL)
    node.wait()


def wait_for_two(cluster, node, known):
    """Waits until the cluster has the new node, and no other but the first."""
    deadline = time.monotonic() + 120
    while True:
        alive = {n["NodeID"] for n in cluster.global_state.node_table() if n["Alive"]}
        if len(alive) == 2 and alive - known:
            known |= alive
            return
        if node.poll() is not None or time.monotonic() > deadline:
            sys.exit("ray_cluster: the second node did not start")
        time.sleep(0.1)


def busy(cluster):
    """The addresses of the nodes whose processors are still lent after a while, for tasks that run or by a slip of Ray."""
    deadline = time.monotonic() + 15
    while True:
        free = cluster.global_state.available_resources_per_node()
        nodes = [n for n in cluster.global_state.node_table() if n["Alive"]]
        rest = [n["NodeManagerAddress"] for n in nodes if free.get(n["NodeID"], {}).get("CPU", 0) < n["Resources"]["CPU"]]
        if not rest or time.monotonic() > deadline:
            return rest
        time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpus", type=int, default=1, help="of each node")
    parser.add_argument("--store-mb", type=int, default=200, help="object store of each node")
    parser.add_argument("--memory-mb", type=int, help="that each node has for tasks; Ray's own measure where it is not given")
    parser.add_argument("--dashboard", action="store_true", help="also the dashboard and its job API")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # A node whose port is closed is dead after three seconds rather than fifteen; one that is slow to answer has as long as ever.
    os.environ["RAY_health_check_period_ms"] = "600"
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]  # for entry points of jobs
    spare_grammar()
    end_with_parent()
    from ray.cluster_utils import Cluster

    dashboard_port = free_port()
    head = {
        "num_cpus": options.cpus, "object_store_memory": options.store_mb << 20, "node_ip_address": FIRST,
        "include_dashboard": options.dashboard, "dashboard_host": "127.0.0.1", "dashboard_port": dashboard_port,
        "dashboard_agent_listen_port": free_port(),  # Ray's own default is one for all clusters of a machine
    }
    if options.memory_mb:
        head["memory"] = options.memory_mb << 20
    cluster = Cluster(initialize_head=True, head_node_args=head)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # not before: Ray has set its own, which leaves the other node
    node, hidden = second_node(cluster.address, options)
    known = set()
    try:
        wait_for_two(cluster, node, known)
        if options.command:
            command = options.command[options.command[0] == "--":]
            environment = dict(os.environ, RIVULET_ENGINE=cluster.address, RIVULET_PYTHON=sys.executable)
            sys.exit(subprocess.run(command, env=environment, check=False).returncode)
        rest = []
        while True:
            print(json.dumps({
                "address": cluster.address, "hidden": hidden, "nodes": [{"raylet": pid} for pid in raylets()],
                "dashboard": "http://127.0.0.1:%d" % dashboard_port if options.dashboard else "",
                "folder": cluster.head_node.get_session_dir_path(), "busy": rest,
            }), flush=True)
            line = sys.stdin.readline()
            if line == "idle\n":
                rest = busy(cluster)
                continue
            if line != "node\n":
                break
            stop(node)
            node, hidden = second_node(cluster.address, options)
            wait_for_two(cluster, node, known)
    finally:
        stop(node)
        cluster.shutdown()


if __name__ == "__main__":
    main()
