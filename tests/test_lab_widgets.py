"""Widgets in a real JupyterLab: they run Go functions while a cell runs, live through a reload, and stay in the saved notebook."""

import nbformat
import pytest

from harness import OUT, eventually
from lab import Browser, Panel

CONTROLS = """n := widget.IntSlider("rows", 1, 100, 10).OnChange(func(v int) { fmt.Println("rows", v) })
done := make(chan bool)
stop := widget.Button("stop").OnClick(func() { fmt.Println("clicked"); close(done) })
widget.VBox(widget.HBox(n, stop), widget.Dropdown("by", "carrier", "origin"), widget.Checkbox("all", true),
	widget.Text("name", "Go"), widget.FloatSlider("x", 0, 1, 0.5), widget.Label("a label"))"""
BAR = """bar := widget.Progress("steps", 100000)
bar"""
WAIT = """for waiting := true; waiting; {
	select {
	case <-done:
		waiting = false
	case <-time.After(time.Millisecond):
		bar.Add(1)
	}
}
n.Value()"""


@pytest.fixture
def folder(server):
    path = server.folder / "widgets"
    path.mkdir()
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in (CONTROLS, BAR, WAIT)])
    book.metadata.kernelspec = {"name": "rivulet", "display_name": "Go (Rivulet)", "language": "go"}
    nbformat.write(book, path / "widgets.ipynb")
    return path


def outputs(panel: Panel) -> list[str]:
    return [e.inner_text() for e in panel.page.query_selector_all(".jp-OutputArea-output")]


def drag(panel: Panel, pixels: int):
    """Drags the handle of the first slider."""
    box = panel.page.locator(".widget-slider .noUi-handle").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = panel.page.mouse
    mouse.move(x, y)
    mouse.down()
    for step in range(1, 11):
        mouse.move(x + pixels * step / 10, y)
        panel.page.wait_for_timeout(20)
    mouse.up()


def shown_value(panel: Panel) -> str:
    return panel.page.locator(".widget-slider .widget-readout").first.inner_text()


def test_widgets(chromium, folder, server):
    with Browser(chromium) as browser:
        panel = browser.notebook(server, "widgets/widgets.ipynb")
        panel.command("notebook:run-all-cells")
        panel.page.wait_for_selector(".widget-slider", timeout=30_000)
        panel.page.wait_for_selector(".widget-hprogress", timeout=10_000)
        panel.wait_status("busy", 10)
        drag(panel, 60)
        eventually(lambda: "rows" in outputs(panel)[1], what="the slider's function has printed")
        value = shown_value(panel)
        assert value != "10"
        eventually(lambda: f"rows {value}" in outputs(panel)[1], what=f"the function is told {value}")
        assert panel.status() == "busy", "a cell computes, and the kernel is shown as idle"
        panel.shot(OUT / "widgets-running.png")

        # Another page: all that it knows comes from the kernel, which computes.
        panel.save()
        panel.page.wait_for_timeout(500)
        panel.page.reload()
        panel.page.wait_for_selector(".widget-slider", timeout=60_000)
        panel.wait_status("busy", 10)
        assert shown_value(panel) == value
        drag(panel, -20)
        eventually(lambda: shown_value(panel) != value, what="the slider lives after a reload")
        value = shown_value(panel)
        panel.page.wait_for_timeout(300)
        panel.shot(OUT / "widgets-reloaded.png")
        panel.page.get_by_role("button", name="stop", exact=True).click()
        panel.wait_status("idle", 10)

        panel.page.wait_for_timeout(500)
        panel.save()
        saved = eventually(lambda: with_state(folder / "widgets.ipynb"), what="the state of widgets is saved")
        check_saved(saved, value)
        server.end_kernels()
        panel.page.close()
        panel = browser.notebook(server, "widgets/widgets.ipynb")
        panel.page.wait_for_selector(".widget-slider", timeout=30_000)
        panel.page.wait_for_selector(".widget-hprogress", timeout=10_000)
        panel.shot(OUT / "widgets-reopened.png")
        assert shown_value(panel) == value
        text = "\n".join(outputs(panel))
        assert "Loading widget" not in text and "Error" not in text, text


def check_saved(saved, value: str):
    models = saved.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert str(next(m["state"]["value"] for m in models.values() if m["model_name"] == "IntSliderModel")) == value


def with_state(path):
    book = nbformat.read(path, as_version=4)
    return book if "widgets" in book.metadata else None
