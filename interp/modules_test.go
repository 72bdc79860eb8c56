package interp

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func cellOf(t *testing.T, s *Session, code string) string {
	t.Helper()
	c := &testCell{count: 1}
	err := s.Execute(t.Context(), code, c)
	return c.golden(err)
}

// TestGetAgain changes a module between two %get of its directory.
func TestGetAgain(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/counter\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "sub", "sub.go"), "package sub\n\ntype T struct{ N int }\n\nfunc New() T { return T{1} }\n")
	write(t, filepath.Join(dir, "counter.go"), "package counter\n\nimport \"example.com/counter/sub\"\n\nfunc New() sub.T { return sub.New() }\n")
	s := newTestSession(t)
	get := "%get " + dir + "\n"
	steps := []struct{ code, want string }{
		{get + "import \"example.com/counter\"\nfunc old() int { return counter.New().N }\nx := counter.New()\nx.N", "stderr: example.com/counter => " + dir + "\nresult: 1\n"},
		{"%get " + dir, "stderr: example.com/counter => " + dir + "\n    cells that use example.com/counter, example.com/counter/sub keep what they had until they run again\n"},
		{"counter.New().N", "result: 2\n"},
		{"fmt.Println(old(), x)", "stdout: 1 {1}\n"},
		{"x = counter.New()", "cannot use counter.New()"},
	}
	for i, step := range steps {
		if i == 1 {
			write(t, filepath.Join(dir, "sub", "sub.go"), "package sub\n\ntype T struct{ N, M int }\n\nfunc New() T { return T{N: 2} }\n")
		}
		if got := cellOf(t, s, step.code); got != step.want && !strings.Contains(got, "compile error: In[1]:1:5: "+step.want) {
			t.Errorf("%s\ngot %s\nwant %s", step.code, got, step.want)
		}
	}
}

// TestGetInterrupted interrupts a %get that waits for a proxy which never answers.
func TestGetInterrupted(t *testing.T) {
	asked, release := make(chan struct{}, 100), make(chan struct{})
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-release
	}))
	defer proxy.Close()
	defer close(release)
	t.Setenv("GOPROXY", proxy.URL)
	t.Setenv("GOMODCACHE", t.TempDir())
	s := newTestSession(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	c := &testCell{count: 1}
	err := s.Execute(ctx, "%get example.com/never\nfmt.Println(1)", c)
	if got := c.golden(err); !strings.HasPrefix(got, "error: interrupted") {
		t.Errorf("got %s", got)
	}
	if got := cellOf(t, s, "1 + 1"); got != "result: 2\n" {
		t.Errorf("the session is not as before: %s", got)
	}
}

// TestProgress looks at what is said of work that takes long.
func TestProgress(t *testing.T) {
	for _, live := range []bool{true, false} {
		var lines []string
		p := newProgress(live, func(text string) { lines = append(lines, text) })
		p.say("too early")
		if len(lines) > 0 {
			t.Errorf("live %v: said %q at once", live, lines)
		}
		p.next = time.Now()
		p.say("downloading\nmuch")
		p.say("too soon")
		p.end()
		p.end()
		want := []string{"downloading\n"}
		if live {
			want = []string{"\r\x1b[Kdownloading", "\r\x1b[K"}
		}
		if got := strings.Join(lines, "|"); got != strings.Join(want, "|") {
			t.Errorf("live %v: said %q, want %q", live, lines, want)
		}
	}
}

// TestModuleProblem says where in a module the code is that can't be had.
func TestModuleProblem(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/broken\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "broken.go"), "package broken\n\nfunc F() int {\n\treturn \"text\"\n}\n")
	s := newTestSession(t)
	got := cellOf(t, s, "%get "+dir+"\nimport \"example.com/broken\"")
	if !strings.Contains(got, filepath.Join(dir, "broken.go")+":4:9: cannot use \"text\"") {
		t.Errorf("got %s", got)
	}
}

// TestModuleLacks calls what a module has no Go code of.
func TestModuleLacks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/linked\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "linked.go"), `package linked

import _ "unsafe"

//go:linkname nanotime runtime.nanotime
func nanotime() int64

func Now() int64 { return nanotime() }

func Two() int { return 2 }

var Hook func(any) error

func Set() { Hook = func(x any) error { return nil } }
`)
	write(t, filepath.Join(dir, "user", "user.go"), `package user

import "example.com/linked"

func init() {
	linked.Hook = func(x any) error { return x.(error) }
}

func Run(x any) error { return linked.Hook(x) }
`)
	s := newTestSession(t)
	got := cellOf(t, s, "%get "+dir+"\nimport (\"example.com/linked\"; \"example.com/linked/user\")\nfmt.Println(linked.Two(), user.Run(io.EOF))")
	why := "it reaches into runtime: func nanotime is linked to runtime.nanotime (linked.go:6)"
	want := "stderr: example.com/linked => " + dir + "\n    warning: example.com/linked lacks functions (1), one because " + why + "\nstdout: 2 EOF\n"
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	got = cellOf(t, s, "linked.Now()")
	if !strings.HasPrefix(got, "error: panic: example.com/linked.nanotime can't be called in cells: "+why+"\n") {
		t.Errorf("got %s", got)
	}
}
