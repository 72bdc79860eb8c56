"""The command line around the kernel."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from harness import BINARY, Kernel, rivulet
from wire import Process, Wire


def test_version():
    done = rivulet("version")
    assert done.returncode == 0 and done.stdout.startswith("rivulet ")


def test_binary_is_static():
    done = subprocess.run(["readelf", "-d", BINARY], capture_output=True, text=True)
    if done.returncode == 0:
        assert "NEEDED" not in done.stdout


def test_install_and_uninstall(tmp_path):
    prefix = tmp_path / "an environment"
    assert rivulet("install", "--prefix", prefix, "--name", "go-test").returncode == 0
    spec = json.loads((prefix / "share/jupyter/kernels/go-test/kernel.json").read_text())
    assert spec["argv"][0] == str(BINARY) and spec["interrupt_mode"] == "message"
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "JUPYTER_PATH": str(prefix / "share/jupyter")},
    )
    assert "go-test" in json.loads(listed.stdout)["kernelspecs"]
    assert rivulet("uninstall", "--prefix", prefix, "--name", "go-test").returncode == 0
    assert list((prefix / "share/jupyter/kernels").iterdir()) == []


def kernels_of(prefix) -> dict:
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "JUPYTER_PATH": str(prefix / "share/jupyter")},
    )
    return json.loads(listed.stdout)["kernelspecs"]


def test_side_by_side(tmp_path, monkeypatch):
    """Two binaries in folders with spaces, under names of their own; each runs, and one goes without the other."""
    prefix = tmp_path / "an environment"
    for name, shown in (("go-one", []), ("go-two", ["--display-name", "Go, the second"])):
        folder = tmp_path / f"the tools of {name}"
        folder.mkdir()
        binary = folder / "rivulet"
        try:
            os.link(BINARY, binary)
        except OSError:  # another file system
            shutil.copy2(BINARY, binary)
        done = subprocess.run([binary, "install", "--prefix", prefix, "--name", name, *shown], capture_output=True, text=True)
        assert done.returncode == 0 and str(binary) in done.stdout, done.stderr
    specs = kernels_of(prefix)
    assert [specs[n]["spec"]["display_name"] for n in ("go-one", "go-two")] == ["Go (go-one)", "Go, the second"]
    assert [specs[n]["spec"]["argv"][0] for n in ("go-one", "go-two")] == [f"{tmp_path}/the tools of {n}/rivulet" for n in ("go-one", "go-two")]
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    listing = rivulet("list", env={"JUPYTER_PATH": str(prefix / "share/jupyter"), "PATH": path}).stdout
    assert "go-one" in listing and "Go, the second" in listing and "python3" not in listing
    monkeypatch.setenv("JUPYTER_PATH", str(prefix / "share/jupyter"))
    for name in ("go-one", "go-two"):
        with Kernel(kernel_name=name) as kernel:
            assert kernel.run("import \"os\"\nos.Executable()").ok().text == f"{tmp_path}/the tools of {name}/rivulet"
    assert rivulet("uninstall", "--prefix", prefix, "--name", "go-one").returncode == 0
    assert "go-one" not in kernels_of(prefix) and "go-two" in kernels_of(prefix)


def test_home_that_is_not_writable(tmp_path):
    """Install says where it could not write and what to do; a kernel runs, and keeps no history."""
    env = {"HOME": "/proc", "XDG_DATA_HOME": "", "JUPYTER_DATA_DIR": "", "JUPYTER_CONFIG_DIR": "", "XDG_STATE_HOME": "", "RIVULET_HISTORY": ""}
    done = rivulet("install", "--user", env=env)
    assert done.returncode == 1 and "goroutine" not in done.stderr
    assert "/proc/.local" in done.stderr and "--prefix" in done.stderr, done.stderr
    with Process(tmp_path, env={**os.environ, **env}) as process, Wire(process.file) as wire:
        reply, messages = wire.run("6 * 7")
        assert reply["status"] == "ok"
        content = wire.ask("history_request", {"hist_access_type": "tail", "n": 5, "output": False, "raw": True})
        assert [item[2] for item in content["history"]] == ["6 * 7"], "the session itself remembers"
        assert wire.ask("shutdown_request", {"restart": False}, "control")["status"] == "ok"
        assert process.ended() == 0


@pytest.mark.parametrize("name", ["a/b", "", "a b"])
def test_bad_name(tmp_path, name):
    done = rivulet("install", "--prefix", tmp_path, "--name", name)
    assert done.returncode == 1 and "kernel name" in done.stderr


def test_doctor_is_content_here():
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = rivulet("doctor", env={"PATH": path})
    assert done.returncode == 0, done.stdout + done.stderr
    for what in ("kernelspec", "binary", "memory", "spill"):
        assert what in done.stdout


@pytest.mark.parametrize(
    "env, said",
    [
        ({"RIVULET_MEMORY": "lots"}, "RIVULET_MEMORY"),
        ({"RIVULET_SPILL_DIR": "/nonexistent/spill"}, "/nonexistent/spill"),
    ],
)
def test_doctor_finds_what_is_wrong(env, said):
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = rivulet("doctor", env={"PATH": path, **env})
    assert done.returncode == 1 and said in done.stdout


CONNECTION = {
    "transport": "tcp",
    "ip": "127.0.0.1",
    "shell_port": 40111,
    "iopub_port": 40112,
    "stdin_port": 40113,
    "control_port": 40114,
    "hb_port": 40115,
    "key": "k",
    "signature_scheme": "hmac-sha256",
}


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "no such file"),
        ("", "connection"),
        ("{not json", "connection"),
        (json.dumps({**CONNECTION, "transport": "pigeon"}), "pigeon"),
        (json.dumps({**CONNECTION, "signature_scheme": "rot13"}), "rot13"),
        (json.dumps({**CONNECTION, "ip": "not an address"}), "not an address"),
    ],
    ids=["missing", "empty", "not JSON", "transport", "scheme", "address"],
)
def test_bad_connection_file(tmp_path, content, said):
    path = tmp_path / "connection.json"
    if content is not None:
        path.write_text(content)
    done = rivulet("kernel", "--connection-file", path, timeout=30)
    assert done.returncode == 1
    assert "connection.json" in done.stderr or said in done.stderr
    assert said in done.stderr, done.stderr
    assert "goroutine" not in done.stderr, "a panic, not an error"
