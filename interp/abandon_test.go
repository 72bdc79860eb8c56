package interp

import (
	"net"
	"strings"
	"testing"
	"time"
)

// TestLeftBehind wakes what an interrupt has left behind in compiled code: none of it goes on, and what it got is given back.
func TestLeftBehind(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, `import ("net"; "sync"; "time")
var mu sync.Mutex
var rw sync.RWMutex
var wg sync.WaitGroup
mu.Lock()
rw.Lock()
wg.Add(1)
ln, err := net.Listen("tcp", "127.0.0.1:0")
went := ""
func serve() { for { ln.Accept(); fmt.Println("accepted"); went += "accept " } }`)
	for _, code := range []string{
		"func() { mu.Lock(); defer mu.Unlock(); went += \"lock \" }()", "func() { rw.Lock(); went += \"rwlock \" }()",
		"func() { rw.RLock(); went += \"rlock \" }()", "func() { wg.Wait(); went += \"wait \" }()", "serve()",
		"ln.Accept()\nwent += \"top\"",
	} {
		if e := fails(t, after(t, 100*time.Millisecond), s, code); e.Lost || e.Name != "interrupted" {
			t.Fatalf("%s: %+v", code, e)
		}
	}
	c := execute(t, s, `mu.Unlock()
rw.Unlock()
wg.Done()
for range 3 { net.Dial("tcp", ln.Addr().String()) }
time.Sleep(100 * time.Millisecond)
mu.Lock()
rw.Lock()
wg.Wait()
went`)
	if got := c.text("result"); got != "" {
		t.Errorf("%q went on", got)
	}
}

// TestInterruptFrees interrupts what holds on to a port or a process: the next cell can have it again.
func TestInterruptFrees(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	s := newTestSession(t)
	execute(t, s, `import ("net"; "net/http"; "os/exec")
addr := "`+addr+`"
kept := 1
var cmd *exec.Cmd
func listen() net.Listener { l, err := net.Listen("tcp", addr); if err != nil { panic(err) }; return l }`)
	for _, code := range []string{
		"http.ListenAndServe(addr, nil)", "http.Serve(listen(), http.NotFoundHandler())", "log.Fatal((&http.Server{Addr: addr}).ListenAndServe())",
		"var srv http.Server\nif err := srv.Serve(listen()); err != nil { fmt.Println(err) }",
		"cmd = exec.Command(\"sleep\", \"100\")\ncmd.Run()", "cmd = exec.Command(\"sleep\", \"100\")\ncmd.Output()",
		"cmd = exec.Command(\"sleep\", \"100\")\ncmd.CombinedOutput()", "cmd = exec.Command(\"sleep\", \"100\")\ncmd.Start()\ncmd.Wait()",
	} {
		if e := fails(t, after(t, 150*time.Millisecond), s, code+"\nkept = 2"); e.Lost || e.Name != "interrupted" {
			t.Fatalf("%s: %+v", code, e)
		}
		check := "listen().Close()\nkept"
		if strings.HasPrefix(code, "cmd") {
			check = "if got := cmd.ProcessState.String(); got != \"signal: killed\" { panic(got) }\nkept"
		}
		if got := execute(t, s, check).text("result"); got != "1" {
			t.Errorf("%s went on: %s", code, got)
		}
	}
}

// TestErrgroup panics in goroutines that a module starts.
func TestErrgroup(t *testing.T) {
	p := moduleProgram{get: "golang.org/x/sync@v0.24.0"}
	p.obtain(t)
	s := newTestSession(t)
	execute(t, s, "%get "+p.get+"\nimport (\"context\"; \"golang.org/x/sync/errgroup\"; \"golang.org/x/sync/singleflight\")\nkept := 1")
	for _, code := range []string{
		"var g errgroup.Group\ng.Go(func() error { panic(\"expected\") })\ng.Wait()",
		"g, _ := errgroup.WithContext(context.Background())\ng.SetLimit(1)\nfor i := range 5 { g.Go(func() error { if i == 3 { panic(\"expected\") }; return nil }) }\ng.Wait()",
		"var f singleflight.Group\n<-f.DoChan(\"key\", func() (any, error) { panic(\"expected\") })",
	} {
		e := fails(t, t.Context(), s, code+"\nkept = 2")
		if e.Lost || !strings.Contains(strings.Join(e.Traceback, "\n"), "expected") {
			t.Errorf("%s: %+v", code, e)
		}
	}
	if got := execute(t, s, "kept > 0").text("result"); got != "true" {
		t.Errorf("kept > 0 is %s", got)
	}
}
