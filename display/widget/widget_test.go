package widget

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/display/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cell is an owner that keeps what is sent.
type cell struct {
	mu   sync.Mutex
	sent []wire.Packet
	sink func(wire.Output)
}

func (c *cell) Send(p wire.Packet) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, p)
	return nil
}

func (c *cell) Run(f func()) { f() }

// Capture keeps where outputs go.
func (c *cell) Capture(sink func(wire.Output), f func()) {
	c.mu.Lock()
	c.sink = sink
	c.mu.Unlock()
	f()
}

// take gives what was sent since the last call, after what is held back.
func (c *cell) take() (texts []string) {
	flush()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.sent {
		texts = append(texts, text(p))
	}
	c.sent = nil
	return texts
}

func text(p wire.Packet) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %q", strings.TrimPrefix(p.Kind, "comm_"), p.Data, p.Buffers))
}

func start(t *testing.T) *cell {
	t.Helper()
	c := &cell{}
	known.mu.Lock()
	known.models = map[string]*model{}
	known.mu.Unlock()
	flush() // what earlier tests have changed
	pending.mu.Lock()
	pending.next = time.Time{} // of another clock
	pending.mu.Unlock()
	wire.SetHost(func() wire.Owner { return c })
	t.Cleanup(func() { wire.SetHost(nil) })
	return c
}

// say is a front end's message; it gives the answers, when all that it causes is done.
func say(w Widget, data string) (answers []string) {
	return sayTo(w.ID(), wire.Msg, "", data)
}

func sayTo(id, kind, target, data string) (answers []string) {
	d := wire.Deliver(wire.Packet{Kind: kind, ID: id, Target: target, Data: json.RawMessage(data)}, func(p wire.Packet) error {
		answers = append(answers, text(p))
		return nil
	})
	d.Wait(nil)
	return answers
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestOpen(t *testing.T) {
	c := start(t)
	w := IntSlider("rows", 1, 10, 99)
	p := c.sent[0]
	var open struct {
		State map[string]any `json:"state"`
		Paths []any          `json:"buffer_paths"`
	}
	if err := json.Unmarshal(p.Data, &open); err != nil {
		t.Fatal(err)
	}
	if p.Target != "jupyter.widget" || p.Metadata["version"] != "2.1.0" || p.ID != w.ID() || len(open.Paths) != 0 {
		t.Errorf("opened as %+v", p)
	}
	for key, want := range map[string]string{
		"_model_module": "@jupyter-widgets/controls", "_model_name": "IntSliderModel", "_view_name": "IntSliderView",
		"value": "10", "min": "1", "max": "10", "description": "rows", "disabled": "false",
	} {
		if got := fmt.Sprint(open.State[key]); got != want {
			t.Errorf("%s is %s, not %s", key, got, want)
		}
	}
	b := w.MIMEBundle()
	if view := fmt.Sprint(b.Data[viewMIME]); view != "map[model_id:"+w.ID()+" version_major:2 version_minor:0]" {
		t.Errorf("shown as %s", view)
	}
	if b.Data["text/plain"] != "rows: 10 (1 to 10)" || b.Data["text/html"] != "rows: <b>10 (1 to 10)</b>" {
		t.Errorf("without widgets it is %v", b.Data)
	}
}

func TestUpdates(t *testing.T) {
	c := start(t)
	var told []any
	n := IntSlider("n", 0, 100, 10).OnChange(func(v int) { told = append(told, v) })
	x := FloatSlider("x", 0, 1, 0.5).OnChange(func(v float64) { told = append(told, v) })
	on := Checkbox("on", false).OnChange(func(v bool) { told = append(told, v) })
	name := Text("name", "").OnChange(func(v string) { told = append(told, v) })
	by := Dropdown("by", "a", "b").OnChange(func(v string) { told = append(told, v) })
	c.take()
	const echo = `msg {"buffer_paths":[],"method":"echo_update","state":{%s}} []`
	const right = `msg {"buffer_paths":[],"method":"update","state":{%s}} []`
	for _, tt := range []struct {
		w           Widget
		said        string
		echo, right string // "" for none
		told        string
	}{
		{n, `"value": 42`, `"value":42`, "", "[42]"},
		{n, `"value": 41.6`, `"value":42`, `"value":42`, "[42]"},
		{n, `"value": 1000`, `"value":100`, `"value":100`, "[100]"},
		{n, `"value": "x"`, `"value":100`, `"value":100`, "[100]"},
		{n, `"max": 1000`, "", "", "[]"},
		{n, `"nonsense": 1`, "", "", "[]"},
		{x, `"value": 0.25`, `"value":0.25`, "", "[0.25]"},
		{x, `"value": -1`, `"value":0`, `"value":0`, "[0]"},
		{on, `"value": true`, `"value":true`, "", "[true]"},
		{name, `"value": "Gö\""`, `"value":"Gö\""`, "", `[Gö"]`},
		{by, `"index": 1`, `"index":1`, "", "[b]"},
		{by, `"index": 2`, `"index":1`, `"index":1`, "[b]"},
		{by, `"index": null`, `"index":null`, "", "[]"},
	} {
		told = nil
		var want []string
		if tt.echo != "" {
			want = append(want, fmt.Sprintf(echo, tt.echo))
		}
		if tt.right != "" {
			want = append(want, fmt.Sprintf(right, tt.right))
		}
		equal(t, tt.said, say(tt.w, `{"method": "update", "state": {`+tt.said+`}, "buffer_paths": []}`), want...)
		if got := fmt.Sprint(told); got != tt.told {
			t.Errorf("%s: told %s, not %s", tt.said, got, tt.told)
		}
	}
	if got := say(on, `{"method": "request_state"}`); len(got) != 1 || !strings.Contains(got[0], `"method":"update"`) || !strings.Contains(got[0], `"value":true`) {
		t.Errorf("request_state: %s", got)
	}
	for _, wrong := range []string{``, `[]`, `{"method": 5}`, `{"method": "custom", "content": 5}`, `{"method": "update", "state": []}`} {
		equal(t, wrong, say(on, wrong))
	}
}

func TestFromGo(t *testing.T) {
	c := start(t)
	n, by := IntSlider("n", 0, 10, 5), Dropdown("by", "a", "b")
	img := Image([]byte("\x00png"))
	c.take()
	n.SetValue(3)
	n.SetValue(99)
	by.SetValue("b")
	img.SetData([]byte("\xffnew"))
	equal(t, "the newest of each", c.take(),
		`msg {"buffer_paths":[],"method":"update","state":{"value":10}} []`,
		`msg {"buffer_paths":[],"method":"update","state":{"index":1}} []`,
		`msg {"buffer_paths":[["value"]],"method":"update","state":{}} ["\xffnew"]`)
	n.SetRange(1, 4)
	n.SetLabel("m")
	n.SetDisabled(true)
	equal(t, "together", c.take(), `msg {"buffer_paths":[],"method":"update","state":{"description":"m","disabled":true,"max":4,"min":1,"value":4}} []`)
	by.SetOptions("c")
	by.SetValue("none")
	if by.Index() != -1 || by.Value() != "" || n.Value() != 4 {
		t.Errorf("%d %q %d", by.Index(), by.Value(), n.Value())
	}
	c.take()
	n.Close()
	n.Close()
	n.SetValue(2)
	equal(t, "closed", c.take(), `close  []`)
	if _, has := n.MIMEBundle().Data[viewMIME]; has {
		t.Error("what is closed has a view")
	}
}

func TestButton(t *testing.T) {
	start(t)
	clicks := 0
	b := Button("go").OnClick(func() { clicks++ }).OnClick(func() { clicks += 10 })
	say(b, `{"method": "custom", "content": {"event": "click"}}`)
	say(b, `{"method": "custom", "content": {"event": "other"}}`)
	if clicks != 11 {
		t.Errorf("%d clicks", clicks)
	}
}

// TestReload asks for everything as a page does that was loaded again.
func TestReload(t *testing.T) {
	start(t)
	n, img := IntSlider("n", 0, 10, 5), Image([]byte("\x00png"))
	closed := Label("closed")
	closed.Close()
	box := HBox(n, img)
	equal(t, "open", sayTo("control", wire.Open, "jupyter.widget.control", `{}`))
	answers := sayTo("control", wire.Msg, "", `{"method": "request_states"}`)
	if len(answers) != 1 {
		t.Fatalf("%d answers", len(answers))
	}
	for _, want := range []string{
		`"method":"update_states"`, `["` + img.ID() + `","value"]`, `["\x00png"]`, `"IPY_MODEL_` + n.ID() + `","IPY_MODEL_` + img.ID() + `"`,
		`"` + box.ID() + `":{"model_module":"@jupyter-widgets/controls","model_module_version":"2.0.0","model_name":"HBoxModel","state":{`,
	} {
		if !strings.Contains(answers[0], want) {
			t.Errorf("no %s in %s", want, answers[0])
		}
	}
	if strings.Contains(answers[0], closed.ID()) {
		t.Error("a closed widget comes back")
	}
	equal(t, "refused", sayTo("theirs", wire.Open, "jupyter.widget", `{}`), "close  []")
}

// TestPace adds a million steps: few updates leave, and the last one has it all.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t)
		bars := make([]*Bar, 20)
		for i := range bars {
			bars[i] = Progress("n", 1000)
		}
		c.mu.Lock()
		c.sent = nil
		c.mu.Unlock()
		for range 1000 {
			for _, b := range bars {
				b.Add(1)
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		c.mu.Lock()
		n := len(c.sent)
		c.mu.Unlock()
		if n < 20*5 || n > 20*13 {
			t.Errorf("%d updates of 20 bars in a second", n)
		}
		last := text(c.sent[n-1])
		if !strings.Contains(last, `"value":1000`) || !strings.Contains(last, `"bar_style":"success"`) {
			t.Errorf("the last is %s", last)
		}
	})
}

// TestNewestWins changes a slider while its function runs: one more call, with the last value.
func TestNewestWins(t *testing.T) {
	start(t)
	began, release := make(chan struct{}), make(chan struct{})
	var told []int
	n := IntSlider("n", 0, 100, 0)
	n.OnChange(func(v int) {
		if told = append(told, v); v == 1 {
			close(began)
			<-release
		}
	})
	var all []*wire.Delivery
	for v := 1; v < 6; v++ {
		data := json.RawMessage(fmt.Sprintf(`{"method": "update", "state": {"value": %d}}`, v))
		all = append(all, wire.Deliver(wire.Packet{Kind: wire.Msg, ID: n.ID(), Data: data}, func(wire.Packet) error { return nil }))
		if v == 1 {
			<-began
		}
	}
	close(release)
	for _, d := range all {
		d.Wait(nil)
	}
	if fmt.Sprint(told) != "[1 5]" {
		t.Errorf("told %v", told)
	}
}

func TestWithoutACell(t *testing.T) {
	wire.SetHost(nil)
	bar := Progress("n", 2)
	bar.Add(5)
	Button("b").OnClick(func() {})
	n := IntSlider("n", 0, 3, 1).OnChange(func(int) {})
	n.SetValue(2)
	n.Close()
	if bar.Value() != 2 || n.Value() != 2 || bar.String() != "n: 2 of 2" {
		t.Errorf("%d %d %s", bar.Value(), n.Value(), bar)
	}
}

func TestArea(t *testing.T) {
	c := start(t)
	a := Output()
	c.take()
	a.Print("one ")
	a.Printf("%d\n", 2)
	a.Do(func() {
		c.sink(wire.Output{Kind: wire.Show, ID: "x", Data: map[string]any{"text/plain": "first"}})
		c.sink(wire.Output{Kind: wire.Update, ID: "x", Data: map[string]any{"text/plain": "second", "text/html": "<b>2</b>"}})
		c.sink(wire.Output{Kind: wire.Show, Data: map[string]any{"text/plain": func() {}}})
	})
	equal(t, "outputs", c.take(), `msg {"buffer_paths":[],"method":"update","state":{"outputs":[`+
		`{"output_type":"stream","name":"stdout","text":"one 2\n"},`+
		`{"output_type":"display_data","data":{"text/html":"\u003cb\u003e2\u003c/b\u003e","text/plain":"second"},"metadata":{}},`+
		`{"output_type":"display_data","data":{"text/plain":"display: json: unsupported type: func()"},"metadata":{}}]}} []`)
	if got := a.MIMEBundle().Data["text/html"]; !strings.HasPrefix(fmt.Sprint(got), "<pre>one 2\n</pre><b>2</b><pre>display: ") {
		t.Errorf("without widgets: %s", got)
	}
	a.Clear()
	a.Print(strings.Repeat("é", maxAreaText))
	for range 2 * maxAreaOutputs {
		c.sink(wire.Output{Kind: wire.Show, Data: map[string]any{"text/plain": "x"}})
	}
	if outputs := a.get("outputs").([]output); len(outputs) != maxAreaOutputs {
		t.Errorf("%d outputs are kept", len(outputs))
	}
	c.sink(wire.Output{Kind: wire.Clear})
	a.Print(strings.Repeat("é", maxAreaText))
	if outputs := a.get("outputs").([]output); len(outputs) != 1 || len(outputs[0].Text) > maxAreaText+8 || !strings.HasPrefix(outputs[0].Text, "…é") {
		t.Errorf("%d outputs are kept, of %d bytes", len(outputs), len(outputs[0].Text))
	}
}

func TestInteract(t *testing.T) {
	start(t)
	var seen []string
	n, by, again := IntSlider("n", 0, 9, 1), Dropdown("by", "a", "b"), Button("again")
	box := Interact(func() any {
		seen = append(seen, fmt.Sprint(n.Value())+by.Value())
		return nil
	}, HBox(n, by), again)
	say(n, `{"method": "update", "state": {"value": 5}}`)
	say(by, `{"method": "update", "state": {"index": 1}}`)
	say(again, `{"method": "custom", "content": {"event": "click"}}`)
	if got := fmt.Sprint(seen); got != "[1a 5a 5b 5b]" || len(box.children) != 3 {
		t.Errorf("called with %s", got)
	}
}
