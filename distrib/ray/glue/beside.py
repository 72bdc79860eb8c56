"""The glue beside a session: its child, connected by an inherited socket."""

import os
import socket
import sys

import driver
import frames


def initialize(header):
    # Where Jupyter shares the environment, jsonschema, which Ray imports, would spend seconds on the grammar of a format.
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        import ray
    except ImportError as e:
        raise ImportError("%s has no package ray: %s" % (sys.executable, e)) from None
    options = {"address": header["address"] or "local", "log_to_driver": False, "logging_level": "ERROR"}
    if header["address"].startswith("127."):
        # A cluster of this machine alone: Ray would look for a node under the machine's outer address.
        options["_node_ip_address"] = header["address"].rpartition(":")[0]
    if not header["address"]:
        options["_node_ip_address"] = "127.0.0.1"
        options["include_dashboard"] = False
        if header.get("cpus"):
            options["num_cpus"] = header["cpus"]
        if header.get("store"):
            options["object_store_memory"] = header["store"]
    return ray.init(**options).dashboard_url


def main():
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    connection = frames.Frames(socket.socket(fileno=int(sys.argv[1])))
    try:
        driver.serve(connection, initialize)
    except (BrokenPipeError, ConnectionResetError):
        pass
    os._exit(0)
