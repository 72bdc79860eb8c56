"""Fixtures. A skipped test is a failure: what is missing has to be installed."""

import os
import shutil
import tempfile

import harness
import pytest
from lab import Server

skipped: list[str] = []


def pytest_sessionstart(session):
    if not harness.BINARY.exists():
        pytest.exit("bin/rivulet is missing: run make build", returncode=2)
    if not harness.DATA.exists():
        pytest.exit("notebooks/data is missing: run make data", returncode=2)
    harness.OUT.mkdir(parents=True, exist_ok=True)
    # Of the tests, not of who runs them.
    os.environ["RIVULET_HISTORY"] = os.path.join(tempfile.mkdtemp(prefix="rivulet-history-"), "history.jsonl")


def pytest_runtest_logreport(report):
    if report.skipped:
        skipped.append(f"{report.nodeid}: {report.longrepr[2] if report.longrepr else ''}")


def pytest_sessionfinish(session, exitstatus):
    if skipped and session.exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    for line in skipped:
        terminalreporter.write_line(f"SKIPPED, which counts as failed: {line}", red=True)


@pytest.fixture(scope="module")
def kernel():
    with harness.Kernel(cwd=harness.NOTEBOOKS) as k:
        yield k


@pytest.fixture(scope="session")
def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.fail("no Chromium on PATH: install the package chromium (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory):
    """One server for all tests, each of which has a folder of its own below its folder."""
    with Server(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def server(jupyterlab):
    """The server, without kernels that an earlier module has left."""
    yield jupyterlab
    jupyterlab.end_kernels()
