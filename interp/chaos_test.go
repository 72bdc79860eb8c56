package interp

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/kernel"
)

// execute runs a cell that must not fail.
func execute(t *testing.T, s *Session, code string) *testCell {
	t.Helper()
	c := &testCell{count: 1}
	if err := s.Execute(t.Context(), code, c); err != nil {
		t.Fatalf("%s\n%s", code, c.golden(err))
	}
	return c
}

// fails runs a cell that must fail.
func fails(t *testing.T, ctx context.Context, s *Session, code string) *kernel.CellError {
	t.Helper()
	c := &testCell{count: 1}
	err := s.Execute(ctx, code, c)
	var ce *kernel.CellError
	if !errors.As(err, &ce) {
		t.Fatalf("%s\ngave %v, want a CellError", code, err)
	}
	t.Log(c.golden(err))
	return ce
}

// after makes a context that is cancelled once the cell has printed, or after d.
func after(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(d, cancel)
	t.Cleanup(func() { timer.Stop(); cancel() })
	return ctx
}

// TestChaos ends cells, sessions and processes in every way; each is reported in its cell, and the next cell runs.
func TestChaos(t *testing.T) {
	tests := []struct {
		name, code string
		interrupt  bool
		lost       bool   // the state may not survive
		want       string // in the value or traceback of the error
	}{
		{name: "stack overflow", code: "func r(n int) int { return r(n+1) + 1 }\nr(0)", lost: true, want: "stack overflow"},
		{name: "fatal error", code: "m := map[int]int{}\nfor g := 0; g < 8; g++ { go func() { for i := 0; ; i++ { m[i%100] = i } }() }\nselect {}", lost: true, want: "concurrent map writes"},
		{name: "panic in a method goroutine", code: "type T struct{}\nfunc (T) Run() { panic(\"in a method\") }\nx := T{}\ngo x.Run()\nselect {}", want: "in a method"},
		{name: "panic in a goroutine", code: "go func() { panic(\"in goroutine\") }()\nselect {}", want: "in goroutine"},
		{name: "panic in WaitGroup.Go", code: "var wg sync.WaitGroup\nwg.Go(func() { panic(\"in a group\") })\nwg.Wait()\nselect {}", want: "in a group"},
		{name: "panic in time.AfterFunc", code: "time.AfterFunc(time.Millisecond, func() { panic(\"later\") })\nselect {}", want: "later"},
		{name: "os.Exit", code: "import \"os\"\nos.Exit(3)", want: "exit status 3"},
		{name: "os.Exit in a goroutine", code: "import \"os\"\ngo func() { os.Exit(3) }()\nselect {}", want: "exit status 3"},
		{name: "log.Fatal", code: "import \"log\"\nlog.Fatal(\"bye\")", want: "exit status 1"},
		{name: "endless loop", code: "for {}", interrupt: true, want: "interrupted"},
		{name: "endless loop in a function", code: "func f() { for { kept++ } }\nf()", interrupt: true, want: "interrupted"},
		{name: "sleep", code: "import \"time\"\ntime.Sleep(time.Hour)\nkept = 0", interrupt: true, want: "interrupted"},
		{name: "blocked channel", code: "ch := make(chan int)\n<-ch\nkept = 0", interrupt: true, want: "interrupted"},
		{name: "select", code: "select {}", interrupt: true, want: "interrupted"},
		{name: "mutex", code: "import \"sync\"\nvar mu sync.Mutex\nmu.Lock()\nmu.Lock()", interrupt: true, want: "interrupted"},
		{name: "locker", code: "import \"sync\"\nvar l sync.Locker = &sync.Mutex{}\nl.Lock()\nl.Lock()", interrupt: true, want: "interrupted"},
		{name: "wait group", code: "var wg sync.WaitGroup\nwg.Add(1)\nfunc() { defer wg.Wait(); wg.Wait() }()", interrupt: true, want: "interrupted"},
		{name: "nil channel", code: "var c chan int\nc <- <-c", interrupt: true, want: "interrupted"},
		{name: "all asleep", code: "c := make(chan int)\nvar wg sync.WaitGroup\nfor range 3 { wg.Go(func() { <-c }) }\nwg.Wait()", interrupt: true, want: "interrupted"},
		{name: "closure of an earlier cell", code: "wait()", interrupt: true, want: "interrupted"},
		{name: "server", code: "import \"net/http\"\nhttp.ListenAndServe(\"127.0.0.1:0\", nil)\nkept = 0", interrupt: true, want: "interrupted"},
		{name: "sort with a callback", code: "import \"sort\"\nx := make([]int, 30000000)\nsort.Slice(x, func(i, j int) bool { return x[i] < x[j] })", interrupt: true, lost: true, want: "interrupted"},
		{name: "deferred loop", code: "defer func() { for {} }()\nfor {}", interrupt: true, lost: true, want: "interrupted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newTestSession(t)
			execute(t, s, "kept := 41\nwait := func() { <-make(chan int) }")
			ctx := t.Context()
			if tt.interrupt {
				ctx = after(t, 150*time.Millisecond)
			}
			start := time.Now()
			e := fails(t, ctx, s, tt.code)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if text := e.Value + strings.Join(e.Traceback, "\n") + e.Name; !strings.Contains(text, tt.want) {
				t.Errorf("error %q does not say %q", text, tt.want)
			}
			if e.Lost && !tt.lost {
				t.Error("the session was lost")
			}
			if e.Lost {
				if !strings.Contains(e.Value, "are lost") {
					t.Errorf("%q does not say what was lost", e.Value)
				}
				execute(t, s, "kept := 41")
			}
			if c := execute(t, s, "kept >= 41"); c.text("result") != "true" {
				t.Errorf("the next cell shows %q", c.text("result"))
			}
		})
	}
}

// TestInterruptAnyTime interrupts cells while they are sent, compiled, started and run: none may lose the session.
func TestInterruptAnyTime(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, "import \"time\"\nkept := 1")
	for i := range 60 {
		ctx := after(t, time.Duration(i)*50*time.Microsecond)
		c := &testCell{count: 1}
		err := s.Execute(ctx, "for { kept++; time.Sleep(time.Microsecond) }", c)
		var ce *kernel.CellError
		if !errors.As(err, &ce) || ce.Name != "interrupted" || ce.Lost {
			t.Fatalf("interrupt %d: %s", i, c.golden(err))
		}
	}
	if c := execute(t, s, "kept > 1"); c.text("result") != "true" {
		t.Errorf("kept > 1 is %q", c.text("result"))
	}
}

func TestKilledSession(t *testing.T) {
	s := newTestSession(t)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	pid := s.PID()
	time.AfterFunc(100*time.Millisecond, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	e := fails(t, t.Context(), s, "println(1)\nfor {}")
	if !e.Lost || !strings.Contains(e.Value, "signal 9") {
		t.Errorf("got %+v", e)
	}
	if c := execute(t, s, "1 + 1"); c.text("result") != "2" {
		t.Error("the next cell did not run")
	}
	if s.PID() == pid {
		t.Error("no new process")
	}
}

// TestKilledIdle kills the session between cells.
func TestKilledIdle(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, "x := 1")
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c := &testCell{count: 2}
	if err := s.Execute(t.Context(), "1 + 1", c); err != nil {
		// The kill may be noticed only once the cell has been sent.
		execute(t, s, "1 + 1")
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	s := newTestSession(t)
	c := execute(t, s, "import (\"os/exec\"; \"fmt\")\ncmd := exec.Command(\"sleep\", \"1000\")\ncmd.Start()\nfmt.Print(cmd.Process.Pid)")
	child := c.text("stdout")
	pid := s.PID()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{child, ""} {
		path := "/proc/" + p
		if p == "" {
			path = "/proc/" + itoa(pid)
		}
		deadline := time.Now().Add(2 * time.Second)
		for gone(path) == false {
			if time.Now().After(deadline) {
				t.Fatalf("process %s still runs", path)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// gone says whether a process has ended (a zombie of a dead parent's child counts).
func gone(path string) bool {
	data, err := os.ReadFile(path + "/stat")
	return err != nil || strings.Contains(string(data), ") Z ")
}

func TestRestart(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, "x := 1")
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := fails(t, t.Context(), s, "x"); !strings.Contains(e.Value, "undefined: x") {
		t.Errorf("got %v", e)
	}
}

func TestInput(t *testing.T) {
	s := newTestSession(t)
	run := func(code string, lines ...string) string {
		c := &testCell{count: 1, stdin: append([]string{}, lines...)}
		err := s.Execute(t.Context(), code, c)
		return c.golden(err)
	}
	if got := run("import (\"fmt\"; \"bufio\"; \"os\")\nvar a, b int\nfmt.Scan(&a, &b)\nfmt.Println(a + b)", "3", "4"); got != "stdout: 7\n" {
		t.Errorf("Scan: %s", got)
	}
	if got := run("sc := bufio.NewScanner(os.Stdin)\nsc.Scan()\nsc.Text()", "a line"); got != "result: a line\n" {
		t.Errorf("Scanner: %s", got)
	}
	if got := run("var s string\nfmt.Scanln(&s)\ns", "word"); got != "result: word\n" {
		t.Errorf("Scanln: %s", got)
	}
}

// TestLateOutput has a goroutine print after its cell has ended: its output goes to the cell that started it.
func TestLateOutput(t *testing.T) {
	s := newTestSession(t)
	first := execute(t, s, "import \"time\"\ngoOn := make(chan bool)\ndone := make(chan bool)\ngo func() { <-goOn; fmt.Println(\"late\"); done <- true }()")
	second := execute(t, s, "goOn <- true\n<-done")
	if first.text("stdout") != "late\n" || second.text("stdout") != "" {
		t.Errorf("first %q, second %q", first.text("stdout"), second.text("stdout"))
	}
}

// TestRawOutput writes to the process's own descriptors.
func TestRawOutput(t *testing.T) {
	s := newTestSession(t)
	c := execute(t, s, "import \"syscall\"\nsyscall.Write(1, []byte(\"raw out\\n\"))\nsyscall.Write(2, []byte(\"raw err\\n\"))\nfmt.Println(\"framed\")")
	if got := c.text("stdout"); got != "raw out\nframed\n" {
		t.Errorf("stdout %q", got)
	}
	if got := c.text("stderr"); got != "raw err\n" {
		t.Errorf("stderr %q", got)
	}
}

func BenchmarkSessionStart(b *testing.B) {
	for b.Loop() {
		s := newTestSession(b)
		if err := s.Ready(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

func BenchmarkEmptyCell(b *testing.B) {
	s := newTestSession(b)
	if err := s.Ready(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := s.Execute(b.Context(), "", &testCell{count: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSmallCell(b *testing.B) {
	s := newTestSession(b)
	for b.Loop() {
		if err := s.Execute(b.Context(), "x := 1\nx + 1", &testCell{count: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFunctionsAfterInterrupt calls functions that were made before an interrupt: closures, methods, and values in
// interfaces.
func TestFunctionsAfterInterrupt(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, `type T struct{ n int }
func (t T) String() string { return fmt.Sprint("T", t.n) }
func counter() func() int { n := 0; return func() int { n++; return n } }
next := counter()
var str fmt.Stringer = T{1}
next()`)
	fails(t, after(t, 200*time.Millisecond), s, "go func() { for { } }()\nfor { next() }")
	c := execute(t, s, `a := next(); b := next()
fmt.Println(b-a, str, fmt.Sprint(T{2}), slices.MaxFunc([]int{1, 3, 2}, func(a, b int) int { return a - b }))`)
	if got, want := c.text("stdout"), "1 T1 T2 3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
