"""The contrast to generators: a Ray task that returns its 20 blocks of 50 MB as a list, and one that yields them.

    python tests/ray_list.py

It prints the time to the first block and the worker's own memory at its highest, for both.
"""

import os
import pickle
import time

import ray

BLOCKS, BYTES = 20, 50 << 20


def own_mb():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("RssAnon"))


def block(i):
    data = bytearray(BYTES)
    data[::4096] = bytes([i]) * (BYTES // 4096)
    return data


@ray.remote
def as_list():
    blocks = [pickle.PickleBuffer(block(i)) for i in range(BLOCKS)]
    return blocks, own_mb()


@ray.remote(num_returns="streaming", _generator_backpressure_num_objects=5)
def as_stream():
    for i in range(BLOCKS):
        yield pickle.PickleBuffer(block(i))
        yield own_mb()


def main():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(
        address="local", num_cpus=1, include_dashboard=False, object_store_memory=1300 << 20, log_to_driver=False,
        logging_level="ERROR", _node_ip_address="127.0.0.1",
    )
    ray.get(ray.remote(own_mb).remote())  # a warm worker
    start = time.monotonic()
    blocks, peak = ray.get(as_list.remote())
    print("list:   first block after %.2f s, %4.0f MB of its own" % (time.monotonic() - start, peak))
    del blocks
    start = time.monotonic()
    first, peak = None, 0
    for i, ref in enumerate(as_stream.remote()):
        value = ray.get(ref)
        first = first or time.monotonic() - start
        if i % 2:
            peak = max(peak, value)
    print("stream: first block after %.2f s, %4.0f MB of its own; all after %.2f s" % (first, peak, time.monotonic() - start))
    ray.shutdown()


if __name__ == "__main__":
    main()
