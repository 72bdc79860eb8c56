"""Runs cells in qtconsole's own widget, without a screen, and prints what it shows as JSON. A program of its own: Qt wants a process."""

import json
import sys
import time

from qtconsole.manager import QtKernelManager
from qtconsole.rich_jupyter_widget import RichJupyterWidget
from qtpy import QtCore, QtGui, QtWidgets
from qtpy.QtTest import QTest

# The cells, and what to type where one asks.
CELLS = [
    ("6 * 7", None),
    ('Read({file}).GroupBy("id1").Agg(Mean("v3").As("m")).Sort("id1").Head(3)', None),
    ('import "fmt"\nvar name string\nfmt.Print("who? ")\nfmt.Scan(&name)\nfmt.Println("hello", name)', "Ada"),
    ('panic("on purpose")', None),
]


class Console:
    def __init__(self, application):
        self.application = application
        self.manager = QtKernelManager(kernel_name="rivulet")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.widget = RichJupyterWidget()
        self.widget.kernel_manager, self.widget.kernel_client = self.manager, self.client
        self.widget.resize(900, 700)
        self.widget.show()
        self.control = self.widget._control

    def text(self) -> str:
        return self.control.toPlainText()

    def wait(self, what: str, until):
        deadline = time.monotonic() + 60
        while not until():
            self.application.processEvents(QtCore.QEventLoop.AllEvents, 50)
            if time.monotonic() > deadline:
                raise SystemExit(f"{what}: not within 60 s\n{self.text()}")

    def run(self, number: int, code: str, answer: str | None):
        self.widget.execute(code)
        if answer is not None:
            self.wait("a question", lambda: self.widget._reading and "who? " in self.text())
            QTest.keyClicks(self.control, answer)
            QTest.keyClick(self.control, QtCore.Qt.Key_Return)
        self.wait(f"prompt {number + 1}", lambda: f"In [{number + 1}]: " in self.text() and not self.widget._executing)

    def press(self, text: str, key) -> None:
        self.widget.input_buffer = text
        self.control.moveCursor(QtGui.QTextCursor.End)
        QTest.keyClick(self.control, key)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def main(file: str, picture: str):
    console = Console(QtWidgets.QApplication([]))
    try:
        console.wait("the first prompt", lambda: "In [1]: " in console.text())
        for number, (code, answer) in enumerate(CELLS, 1):
            console.run(number, code.replace("{file}", json.dumps(file)), answer)
        shown = console.text()
        console.press("strings.ToUpperSpec", QtCore.Qt.Key_Tab)
        console.wait("a completion", lambda: console.widget.input_buffer.startswith("strings.ToUpperSpecial"))
        # Return asks whether the cell is complete, and indents where it is not.
        console.press("for i := range 3 {", QtCore.Qt.Key_Return)
        console.wait("an indented line", lambda: "\n" in console.widget.input_buffer)
        console.widget.grab().save(picture)
        print(json.dumps({"shown": shown, "continued": console.widget.input_buffer}))
    finally:
        console.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
