package kernel

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func pastAt(t *testing.T, path string) *history {
	return &history{path: path, log: slog.New(slog.NewTextHandler(testWriter{t}, nil))}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(string(p))
	return len(p), nil
}

func texts(entries []entry) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%d/%d %s", e.Session, e.Line, *e.Input)
		if e.Output != nil {
			b.WriteString(" = " + *e.Output)
		}
		b.WriteString("; ")
	}
	return b.String()
}

// TestHistoryShared has two kernels write at once, and a third read after a crash cut the last line off.
func TestHistoryShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "history.jsonl")
	a, b := pastAt(t, path), pastAt(t, path)
	a.add(1, "x := 1")
	b.add(1, "y := \"é\n\"")
	a.add(2, "x")
	a.result(2, "1")
	b.result(9, "of no cell")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString("{\"s\":2,\"n\":2,\"in\":\"cut o\n")
	f.Close()
	c := pastAt(t, path)
	all, session := c.entries()
	if got, want := texts(all), "1/1 x := 1; 2/1 y := \"é\n\"; 1/2 x = 1; "; got != want || session != 3 {
		t.Errorf("session %d: %q, want %q", session, got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: other users may read it", info.Mode(), err)
	}
}

func TestHistoryIsTrimmed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	a := pastAt(t, path)
	long := strings.Repeat("x", historyBytes/10)
	for line := range 12 {
		a.add(line, long)
	}
	b := pastAt(t, path)
	b.add(1, "new")
	all, _ := b.entries()
	if len(all) < 5 || len(all) > 8 || *all[len(all)-1].Input != "new" || all[len(all)-2].Line != 11 {
		t.Errorf("%d entries are left", len(all))
	}
}

// TestHistoryWithoutFile keeps a history where no file can be written.
func TestHistoryWithoutFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", filepath.Join(file, "history.jsonl")} {
		h := pastAt(t, path)
		h.add(1, "x")
		if all, session := h.entries(); texts(all) != "1/1 x; " || session != 1 {
			t.Errorf("%q: %s in session %d", path, texts(all), session)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "anything\nat all", true},
		{"fmt.*", "fmt.Println()", true},
		{"fmt.*", "fmtxPrintln()", false},
		{"*b?d*", "a\nbad\n", true},
		{"x[0-9]", "x5", true},
		{"x[^0-9]", "x5", false},
		{"x[", "x[", true},
		{"[]", "[]", true},
		{"a+", "aa", false},
		{"é?", "éé", true},
		{"[z-a]", "[z-a]", true},
	} {
		if got := glob(test.pattern).MatchString(test.text); got != test.want {
			t.Errorf("%q matches %q: %v", test.pattern, test.text, got)
		}
	}
}

func TestHistoryRequests(t *testing.T) {
	in := &fake{execute: func(_ context.Context, code string, c Cell) error {
		if code == "bad" {
			return &CellError{Name: "panic", Value: "bad"}
		}
		return c.Result("", Bundle{Data: map[string]any{"text/plain": "<" + code + ">"}})
	}}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	for _, cell := range []map[string]any{
		{"code": "a1"}, {"code": "b", "store_history": false}, {"code": "bad"}, {"code": "c", "silent": true}, {"code": "a2"}, {"code": "a1"},
	} {
		c.until(c.shell.send("execute_request", cell))
		c.shell.receive()
	}
	for _, test := range []struct {
		content map[string]any
		want    string
	}{
		{map[string]any{"hist_access_type": "tail", "n": 2}, "[[1 3 a2] [1 4 a1]]"},
		{map[string]any{"hist_access_type": "tail", "n": 9, "output": true}, "[[1 1 [a1 <a1>]] [1 2 [bad <nil>]] [1 3 [a2 <a2>]] [1 4 [a1 <a1>]]]"},
		{map[string]any{"hist_access_type": "tail", "n": 0}, "[]"},
		{map[string]any{"hist_access_type": "range", "session": 0, "start": 2, "stop": 4}, "[[0 2 bad] [0 3 a2]]"},
		{map[string]any{"hist_access_type": "range", "session": 1, "start": 4}, "[[1 4 a1]]"},
		{map[string]any{"hist_access_type": "range", "session": -1}, "[]"},
		{map[string]any{"hist_access_type": "search", "pattern": "a*"}, "[[1 1 a1] [1 3 a2] [1 4 a1]]"},
		{map[string]any{"hist_access_type": "search", "pattern": "a*", "unique": true}, "[[1 3 a2] [1 4 a1]]"},
		{map[string]any{"hist_access_type": "search", "pattern": "a*", "n": 1}, "[[1 4 a1]]"},
	} {
		id := c.shell.send("history_request", test.content)
		if m := c.shell.receive(); m.text("history") != test.want {
			t.Errorf("%v:\n got %v\nwant %s", test.content, m.Content, test.want)
		}
		c.until(id)
	}
	id := c.shell.send("history_request", map[string]any{"hist_access_type": "tale"})
	if m := c.shell.receive(); m.text("status") != "error" || !strings.Contains(m.text("evalue"), `"tale"`) {
		t.Errorf("%v", m.Content)
	}
	c.until(id)
}

// TestOwnLines are cells that the kernel answers without the interpreter's Go.
func TestOwnLines(t *testing.T) {
	in := &fake{}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	show := func(code string) string {
		id := c.shell.send("execute_request", map[string]any{"code": code})
		var b strings.Builder
		for _, m := range c.until(id) {
			b.WriteString(m.text("text"))
		}
		if m := c.shell.receive(); m.text("status") != "ok" {
			t.Errorf("%s: %v", code, m.Content)
		}
		return strings.ReplaceAll(b.String(), "<nil>", "")
	}
	show("x := 1\n")
	show("y := 2")
	if got, want := show(" %history 2\n"), "In[2]: y := 2\nIn[3]:  %history 2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := show("%reset"); !strings.Contains(got, "forgotten") || in.restarts.Load() != 1 {
		t.Errorf("%q, %d restarts", got, in.restarts.Load())
	}
	if got, want := in.executed(), "x := 1\n,y := 2"; got != want {
		t.Errorf("executed %q, want %q", got, want)
	}
}

// TestNext puts text where the front end's next cell is.
func TestNext(t *testing.T) {
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error {
		c.Next("x := 1", true)
		return nil
	}}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	c.until(c.shell.send("execute_request", map[string]any{"code": "%load"}))
	if m := c.shell.receive(); m.text("payload") != "[map[replace:true source:set_next_input text:x := 1]]" {
		t.Errorf("%v", m.Content)
	}
}

// TestUserExpressions asks for values beside a cell: they come in the reply, by name, and nowhere else.
func TestUserExpressions(t *testing.T) {
	in := &fake{execute: func(_ context.Context, code string, c Cell) error {
		switch code {
		case "bad":
			return &CellError{Name: "compile error", Value: "undefined: bad"}
		case "prints":
			_ = c.Stream("stdout", "noise")
			return c.Show("", Bundle{Data: map[string]any{"text/html": "<b>"}})
		case "reads":
			_, err := c.Input(t.Context(), "?", false)
			return err
		}
		return c.Result("", Bundle{Data: map[string]any{"text/plain": "value of " + code}})
	}}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	id := c.shell.send("execute_request", map[string]any{
		"code": "cell", "silent": true, "user_expressions": map[string]any{"x": "y", "e": "bad", "p": "prints", "i": "reads"},
	})
	if got := outline(c.until(id)); got != "busy idle" {
		t.Errorf("published: %s", got)
	}
	m := c.shell.receive()
	want := "map[e:map[ename:compile error evalue:undefined: bad status:error traceback:[compile error: undefined: bad]] " +
		"i:map[ename:error evalue:" + ErrNoStdin.Error() + " status:error traceback:[error: " + ErrNoStdin.Error() + "]] " +
		"p:map[data:map[text/html:<b>] metadata:map[] status:ok] " +
		"x:map[data:map[text/plain:value of y] metadata:map[] status:ok]]"
	if got := m.text("user_expressions"); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
