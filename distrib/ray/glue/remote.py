"""What runs on the nodes: functions within functions, which Ray ships by value, for no module of ours is there."""


def seen():
    """Whether a node sees a file that the session sees."""

    def rivulet_seen(path, size, modified):
        import os

        try:
            s = os.stat(path)
        except OSError:
            return False
        return s.st_size == size and s.st_mtime_ns == modified

    return rivulet_seen


def inspect():
    """What a node says of itself."""

    def rivulet_inspect():
        import os
        import platform

        import ray

        def space(path, free):
            try:
                s = os.statvfs(path)
            except OSError:
                return 0
            return s.f_frsize * (s.f_bavail if free else s.f_blocks)

        log = os.readlink("/proc/self/fd/2")
        return {
            "ray": ray.__version__, "python": platform.python_version(), "system": platform.system(),
            "machine": platform.machine(), "shm": space("/dev/shm", False),
            "disk": space(os.path.dirname(log) if os.path.isfile(log) else "/tmp", True),
        }

    return rivulet_inspect


def log(source):
    """What a worker of a node wrote last, as the worker's module, of which this is the text, reads it."""

    def rivulet_log(path, start):
        worker = {"__name__": "rivulet_log"}
        exec(source, worker)
        return worker["log_tail"](path, start)

    return rivulet_log


def entry(source):
    """The task as Ray ships it: by value, with the text of the worker's module."""

    def rivulet_task(spec, request, binary, nested, *inputs):
        import sys
        import types

        name = "rivulet_worker_" + spec["module"]
        module = sys.modules.get(name)
        if module is None:
            module = types.ModuleType(name)
            exec(compile(source, name + ".py", "exec"), module.__dict__)
            sys.modules[name] = module
        yield from module.run(spec, request, binary, nested, inputs)

    return rivulet_task
