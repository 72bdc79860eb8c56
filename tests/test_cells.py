"""Go in cells, as a user of a notebook meets it."""

import pytest

ROWS = [
    # name, cells, what the last one shows
    ("value of the last expression", ["6 * 7"], "42"),
    ("no value after a print", ['import "fmt"\nfmt.Println("hi")'], "hi\n"),
    ("statements before declarations", ["x := twice(4)\nfunc twice(n int) int { return 2 * n }\nx"], "8"),
    ("import in the middle", ['a := 1\nimport "strings"\nstrings.Repeat("z", a+1)'], "zz"),
    ("variables across cells", ["n := 1", "n++", "n"], "2"),
    ("functions redefined", ["func g() int { return 1 }", "func g() int { return 2 }", "g()"], "2"),
    ("types redefined", ["type P struct{ X int }", "type P struct{ X, Y int }", "p := P{1, 2}\np.X + p.Y"], "3"),
    ("variable of another type", ["v := 1", 'v := "now text"', "v"], "now text"),
    ("methods", ["type T struct{ n int }\nfunc (t T) Twice() int { return 2 * t.n }", "T{21}.Twice()"], "42"),
    ("closures", ["add := func(a int) func(int) int { return func(b int) int { return a + b } }", "add(40)(2)"], "42"),
    ("goroutines and channels", ["c := make(chan int, 1)\ngo func() { c <- 42 }()\n<-c"], "42"),
    ("own name wins over the predeclared", ["Count := 3", "Count + 1"], "4"),
    ("nil error of a call is not shown", ['import "strconv"\nn, err := strconv.Atoi("12")\nn'], "12"),
]


@pytest.mark.parametrize("cells, shown", [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_cell(kernel, cells, shown):
    for code in cells[:-1]:
        kernel.run(code).ok()
    assert kernel.run(cells[-1]).ok().text.strip() == shown.strip()


def test_compile_error_names_line_and_column(kernel):
    cell = kernel.run("a := 1\nb := undefinedName + a")
    text = cell.error_text
    assert "undefinedName" in text and "2:6" in text
    assert "b := undefinedName + a" in text, "no source excerpt"


def test_panic_names_line(kernel):
    text = kernel.run('x := []int{1}\ni := 3\nx[i]').error_text
    assert "out of range" in text and "3" in text


def test_error_as_last_result_fails_the_cell(kernel):
    cell = kernel.run('import "strconv"\nstrconv.Atoi("twelve")')
    assert "twelve" in cell.error_text


def test_exit_ends_the_cell_only(kernel):
    kernel.run("survivor := 7").ok()
    cell = kernel.run('import "os"\nos.Exit(3)')
    assert cell.error is not None and "3" in cell.error_text
    assert kernel.run("survivor").ok().text == "7"


def test_completion_counts_code_points(kernel):
    code = 's := "𝒳𝒳"; strings.ToUpp'
    kernel.client.complete(code, len(code))
    while True:
        reply = kernel.client.get_shell_msg(timeout=10)
        if reply["msg_type"] == "complete_reply":
            break
    content = reply["content"]
    assert content["cursor_end"] == len(code)
    assert any(m.endswith("ToUpper") for m in content["matches"]), content
