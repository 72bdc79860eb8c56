"""Drives a real JupyterLab in headless Chromium."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from playwright.sync_api import Page, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

CURRENT = "window.jupyterapp.shell.currentWidget"
STATUS = f"() => {{ const c = {CURRENT}?.sessionContext; return c?.session?.kernel?.status ?? 'none' }}"
OUTPUT = ".jp-OutputArea-output"


class Server:
    """jupyter lab over one folder, without a token, with its settings in a folder of its own."""

    def __init__(self, folder: pathlib.Path, state: pathlib.Path, app: str = "jupyterlab"):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = state / "server.log"
        self.settings = state / "settings" / "@jupyterlab" / "apputils-extension"
        self.settings.mkdir(parents=True)
        self.set("themes", theme="JupyterLab Light")
        self.set("notification", fetchNews="false", checkForUpdates=False)
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(state / "config"),
            "JUPYTER_DATA_DIR": str(state / "data"),
            "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        }
        command = [
            sys.executable, "-m", app, "--no-browser", "--ip=127.0.0.1", f"--port={self.port}", "--allow-root",
            "--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True",
            f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, env=environment, stdout=open(self.log, "wb"), stderr=subprocess.STDOUT, start_new_session=True
        )

    def __enter__(self) -> "Server":
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(self.url + "/api/status", timeout=1).read()
                return self
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    raise RuntimeError("JupyterLab did not start:\n" + self.log.read_text()) from None
                time.sleep(0.2)

    def set(self, name: str, **settings):
        """Settings of the pages that are loaded from now on."""
        (self.settings / f"{name}.jupyterlab-settings").write_text(json.dumps(settings))

    def end_kernels(self):
        """What a notebook shows afterwards comes from its file."""
        with urllib.request.urlopen(f"{self.url}/api/sessions") as answer:
            sessions = json.load(answer)
        for session in sessions:
            urllib.request.urlopen(urllib.request.Request(f"{self.url}/api/sessions/{session['id']}", method="DELETE")).close()

    def __exit__(self, *_):
        if self.process.poll() is None:
            # Politely: the server ends its kernels.
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Browser:
    def __init__(self, executable: str):
        self.playwright = sync_playwright().start()
        self.browser = self.playwright.chromium.launch(executable_path=executable, headless=True, args=CHROMIUM_FLAGS)
        self.context = self.browser.new_context(viewport={"width": 1280, "height": 860})

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_):
        try:
            self.browser.close()
        finally:
            self.playwright.stop()

    def close_pages(self):
        for page in self.context.pages:
            page.close()

    def notebook(self, server: Server, name: str, scheme: str = "light") -> "Panel":
        page = self.context.new_page()
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{server.url}/lab/workspaces/w{time.monotonic_ns()}/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        return Panel(page)

    def notebook7(self, server: Server, name: str) -> "Panel":
        page = self.context.new_page()
        page.goto(f"{server.url}/notebooks/{name}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        page.wait_for_function(f"() => {CURRENT}?.sessionContext", timeout=90_000)
        return Panel(page)

    def console(self, server: Server) -> "Panel":
        page = self.context.new_page()
        page.goto(f"{server.url}/lab/workspaces/w{time.monotonic_ns()}?reset")
        page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget", timeout=90_000)
        page.evaluate(
            "() => { window.jupyterapp.commands.execute('console:create', {kernelPreference: {name: 'rivulet'}, activate: true}) }"
        )
        page.wait_for_selector(".jp-CodeConsole-input .cm-content", timeout=90_000)
        return Panel(page)


class Panel:
    """A notebook or a code console."""

    def __init__(self, page: Page):
        self.page = page
        self.wait_status("idle", 60)

    def status(self) -> str:
        return self.page.evaluate(STATUS)

    def wait_status(self, wanted: str, seconds: float):
        deadline = time.monotonic() + seconds
        while self.status() != wanted:
            if time.monotonic() > deadline:
                raise AssertionError(f"the kernel is {self.status()}, not {wanted}, after {seconds} s")
            self.page.wait_for_timeout(30)

    def command(self, name: str, **args):
        self.page.evaluate("([n, a]) => { window.jupyterapp.commands.execute(n, a) }", [name, args])

    def states_until_idle(self, seconds: float) -> list[dict]:
        """What the last output area shows, with the kernel's status read before and after it, until it is idle again."""
        look = f"""() => {{
            const status = ({STATUS})();
            // A console's prompt has an output area too, always empty.
            const all = [...document.querySelectorAll('.jp-OutputArea')].filter(a => a.innerText.trim() !== '');
            const area = all[all.length - 1];
            return {{ status, rows: area ? area.querySelectorAll('table tbody tr').length : 0,
                      tables: area ? area.querySelectorAll('table').length : 0, text: area ? area.innerText : '' }};
        }}"""
        states: list[dict] = []
        deadline = time.monotonic() + seconds
        started = False
        while True:
            state = self.page.evaluate(look)
            started = started or state["status"] == "busy"
            if not states or state != states[-1]:
                states.append(state)
            if started and state["status"] == "idle":
                self.page.wait_for_timeout(500)
                states.append(self.page.evaluate(look))
                return states
            if time.monotonic() > deadline:
                raise AssertionError(f"not idle after {seconds} s: {states[-1]}")
            self.page.wait_for_timeout(40)

    def save(self):
        self.page.evaluate(f"() => {CURRENT}.context.save()")

    def shot(self, path: pathlib.Path):
        self.page.screenshot(path=str(path))
