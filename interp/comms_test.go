package interp

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/kernel"
)

// told sends a message of a front end and gives the answers.
func told(t *testing.T, s *Session, kind, id, data string, buffers ...[]byte) []kernel.CommMessage {
	t.Helper()
	answers := make(chan kernel.CommMessage, 100)
	m := kernel.CommMessage{Kind: kind, ID: id, Target: "echo", Data: []byte(data), Buffers: buffers}
	err := s.Comm(t.Context(), m, func(m kernel.CommMessage) error { answers <- m; return nil })
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	close(answers)
	var all []kernel.CommMessage
	for a := range answers {
		all = append(all, a)
	}
	return all
}

// says waits until what a cell says is right: a function that takes long, on a busy machine, is not waited for.
func says(t *testing.T, c *testCell, kind string, right func(text string) bool) {
	t.Helper()
	for began := time.Now(); !right(c.text(kind)); time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("%s is %q", kind, c.text(kind))
		}
	}
}

func printed(t *testing.T, c *testCell, want string) {
	t.Helper()
	says(t, c, "stdout", func(text string) bool { return text == want })
}

const listening = `import "github.com/rivulet-go/rivulet/display/comm"
got := make(chan string)
heard := 0
err := comm.Listen("echo", func(c *comm.Comm, open comm.Message) {
	c.OnMessage(func(m comm.Message) {
		heard++
		var what struct{ Do string }
		m.Decode(&what)
		switch what.Do {
		case "print":
			fmt.Println("heard", heard)
		case "panic":
			var none []int
			_ = none[heard]
		case "loop":
			for { heard++ }
		case "sleep":
			time.Sleep(time.Hour)
		case "tell":
			got <- "told"
		case "exit":
			os.Exit(3)
		case "back":
			c.Send(map[string]any{"n": len(m.Buffers)}, append(m.Buffers[0], 0, 255))
		}
	}).OnClose(func() { fmt.Println("closed") })
})
err`

func TestComms(t *testing.T) {
	s := newTestSession(t)
	if got := told(t, s, "comm_open", "none", "{}"); len(got) != 1 || got[0].Kind != "comm_close" || got[0].ID != "none" {
		t.Errorf("nobody listens: %v", got)
	}
	maker := &testCell{count: 1}
	if err := s.Execute(t.Context(), listening, maker); err != nil {
		t.Fatal(err)
	}
	if got := told(t, s, "comm_open", "1", "{}"); len(got) != 0 {
		t.Errorf("open: %v", got)
	}
	told(t, s, "comm_msg", "1", `{"Do": "print"}`)
	printed(t, maker, "heard 1\n")
	told(t, s, "comm_msg", "1", `{"Do": "back"}`, []byte("\x00bytes"))
	says(t, maker, "comm_msg", func(text string) bool { return text == `{"n":1}` })
	told(t, s, "comm_msg", "1", `{"Do": "panic"}`)
	says(t, maker, "stderr", func(text string) bool {
		return strings.Contains(text, "index out of range") && strings.Contains(text, "In[1]") && strings.Contains(text, "none[heard]")
	})
	told(t, s, "comm_msg", "1", `{"Do": "exit"}`)
	second := &testCell{count: 2}
	said := make(chan struct{})
	time.AfterFunc(50*time.Millisecond, func() {
		defer close(said)
		told(t, s, "comm_msg", "1", `{"Do": "tell"}`)
	})
	err := s.Execute(t.Context(), "<-got", second)
	<-said
	if err != nil || second.text("result") != "told" {
		t.Errorf("a cell that waits for a message: %v, %q", err, second.text("result"))
	}
	told(t, s, "comm_close", "1", "{}")
	printed(t, maker, "heard 1\nclosed\n")
	if got := told(t, s, "comm_msg", "1", `{}`); len(got) != 1 || got[0].Kind != "comm_close" {
		t.Errorf("closed: %v", got)
	}
}

// TestInterruptedComms stops functions that run between cells, and with a cell; later ones run again.
func TestInterruptedComms(t *testing.T) {
	s := newTestSession(t)
	maker := &testCell{count: 1}
	if err := s.Execute(t.Context(), listening, maker); err != nil {
		t.Fatal(err)
	}
	told(t, s, "comm_open", "1", "{}")
	// An interrupt has a way of its own, on which a later message may be faster, and be interrupted too.
	again := func(what string) {
		before := maker.text("stdout")
		for began := time.Now(); maker.text("stdout") == before; {
			told(t, s, "comm_msg", "1", `{"Do": "print"}`)
			if time.Since(began) > 10*time.Second {
				t.Fatalf("nothing runs after %s was interrupted: %q", what, maker.text("stderr"))
			}
		}
	}
	for _, what := range []string{"loop", "sleep"} {
		told(t, s, "comm_msg", "1", `{"Do": "`+what+`"}`)
		s.Interrupt()
		again(what)
	}
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan struct{})
	time.AfterFunc(50*time.Millisecond, func() {
		defer close(said)
		told(t, s, "comm_msg", "1", `{"Do": "loop"}`)
		cancel()
		s.Interrupt()
	})
	err := s.Execute(ctx, "for {}", &testCell{count: 2})
	<-said
	if err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("the cell: %v", err)
	}
	again("a cell")
	last := &testCell{count: 3}
	if err := s.Execute(t.Context(), "heard > 0", last); err != nil || last.text("result") != "true" {
		t.Errorf("the next cell: %v, %q", err, last.text("result"))
	}
}

// TestCommsOfADeadSession end with it.
func TestCommsOfADeadSession(t *testing.T) {
	s := newTestSession(t)
	if err := s.Execute(t.Context(), listening, &testCell{count: 1}); err != nil {
		t.Fatal(err)
	}
	told(t, s, "comm_open", "1", "{}")
	err := s.Execute(t.Context(), "import \"syscall\"\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)", &testCell{count: 2})
	if err == nil {
		t.Fatal("it lives")
	}
	if got := told(t, s, "comm_msg", "1", `{}`); len(got) != 1 || got[0].Kind != "comm_close" {
		t.Errorf("of the session before: %v", got)
	}
}

// TestWidgets shows a slider as a value, and runs its function as the cell that gave it.
func TestWidgets(t *testing.T) {
	s := newTestSession(t)
	maker, shown, later := &testCell{count: 1}, &testCell{count: 2}, &testCell{count: 3}
	code := `n := widget.IntSlider("n", 0, 10, 5).OnChange(func(v int) { fmt.Println("n is", v) })
box := widget.HBox(n, widget.Button("b"))
bar := widget.Progress("steps", 1000)
for range 1000 {
	bar.Add(1)
}`
	if err := s.Execute(t.Context(), code, maker); err != nil {
		t.Fatal(err)
	}
	id := ""
	opened := 0
	for _, e := range maker.events {
		if e.kind == "comm_open" {
			opened++
		}
		if strings.Contains(e.text, "IntSliderModel") {
			id = e.id
		}
	}
	last := maker.events[len(maker.events)-1]
	if opened != 4 || !strings.Contains(last.text, `"value":1000`) {
		t.Errorf("%d comms opened; the last message is %v", opened, last)
	}
	if err := s.Execute(t.Context(), "n", shown); err != nil || shown.text("result") != "n: 5 (0 to 10)" {
		t.Errorf("shown as %q, %v", shown.text("result"), err)
	}
	told(t, s, "comm_msg", id, `{"method": "update", "state": {"value": 7}}`)
	printed(t, maker, "n is 7\n")
	if err := s.Execute(t.Context(), "widget := n.Value()\nwidget", later); err != nil || later.text("result") != "7" {
		t.Errorf("a variable called widget: %q, %v", later.text("result"), err)
	}
}

// TestCaptured prints and shows into a widget, from a cell and from a function of a widget.
func TestCaptured(t *testing.T) {
	s := newTestSession(t)
	maker := &testCell{count: 1}
	code := `out := widget.Output()
n := widget.IntSlider("n", 0, 9, 1).OnChange(func(v int) { out.Do(func() { println("changed", v) }) })
out.Do(func() {
	fmt.Println("inside")
	display.HTML("<b>bold</b>")
	done := make(chan bool)
	go func() { fmt.Println("from a goroutine"); close(done) }()
	<-done
})
fmt.Println("outside")
n`
	if err := s.Execute(t.Context(), code, maker); err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, e := range maker.events {
		if strings.Contains(e.text, "IntSliderModel") {
			id = e.id
		}
	}
	told(t, s, "comm_msg", id, `{"method": "update", "state": {"value": 7}}`)
	if got := maker.text("stdout"); got != "outside\n" || maker.text("stderr") != "" {
		t.Errorf("prints %q and %q", got, maker.text("stderr"))
	}
	next := &testCell{count: 2}
	if err := s.Execute(t.Context(), "out", next); err != nil || next.text("result") != "inside\n<b>bold</b>\nfrom a goroutine\nchanged 7" {
		t.Errorf("the area has %q, %v", next.text("result"), err)
	}
	failing := &testCell{count: 3}
	err := s.Execute(t.Context(), "widget.Interact(func() any {\n\tvar none []int\n\treturn none[n.Value()]\n}, n)", failing)
	if e := (*kernel.CellError)(nil); !errors.As(err, &e) || !strings.Contains(strings.Join(e.Traceback, "\n"), "In[3]:1") {
		t.Errorf("a panic inside: %v %q", err, e.Traceback)
	}
}
