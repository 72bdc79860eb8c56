package widget

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/display/internal/wire"
)

const (
	// maxAreaText bounds the text of a stream that an area keeps, in bytes: the last of it stays.
	maxAreaText = 256 << 10
	// maxAreaOutputs bounds the outputs that an area keeps: the last ones stay.
	maxAreaOutputs = 200
)

// Area is a place for outputs. They are part of the widget, and so they are there after a page has been loaded again.
type Area struct {
	*model
	emptied bool // by the next output; under the model's lock
}

// output is one of a notebook, as in its file.
type output struct {
	Type     string         `json:"output_type"`
	Name     string         `json:"name,omitempty"`
	Text     string         `json:"text,omitempty"`
	Data     map[string]any `json:"data,omitempty"`
	Metadata map[string]any `json:"metadata,omitzero"`
	id       string
}

// Output makes an area in which outputs appear.
//
//	out := widget.Output()
//	n.OnChange(func(v int) { out.Clear(); out.Show(flights.Head(v)) })
func Output() *Area {
	a := &Area{model: &model{look: lookOutputs}}
	a.open(kind{"@jupyter-widgets/output", "1.0.0", "OutputModel", "OutputView"}, state{"msg_id": "", "outputs": []output{}})
	return a
}

func lookOutputs(s state) (string, string) {
	var texts, htmls []string
	for _, o := range s["outputs"].([]output) {
		text, isText := o.Data["text/plain"].(string)
		if !isText {
			text = o.Text
		}
		texts = append(texts, strings.TrimSuffix(text, "\n"))
		if h, ok := o.Data["text/html"].(string); ok {
			htmls = append(htmls, h)
		} else {
			htmls = append(htmls, "<pre>"+html.EscapeString(text)+"</pre>")
		}
	}
	return strings.Join(texts, "\n"), strings.Join(htmls, "")
}

// Do calls f. What f prints by fmt, log or println, and what it displays, appears in the area.
func (a *Area) Do(f func()) {
	owner, err := wire.Current()
	if err != nil {
		f()
		return
	}
	owner.Capture(a.add, f)
}

// Show displays values in the area, as display.Show does in a cell: frames are drawn while they are computed.
func (a *Area) Show(values ...any) error {
	var err error
	a.Do(func() { err = display.Show(values...) })
	return err
}

// Print adds text to the area, as fmt.Print makes it.
func (a *Area) Print(values ...any) { a.add(wire.Output{Name: "stdout", Text: fmt.Sprint(values...)}) }

// Printf adds formatted text to the area.
func (a *Area) Printf(format string, values ...any) {
	a.add(wire.Output{Name: "stdout", Text: fmt.Sprintf(format, values...)})
}

// Clear empties the area when the next output comes, so that nothing flickers.
func (a *Area) Clear() { a.add(wire.Output{Kind: wire.Clear, Wait: true}) }

// add takes an output. The list is made anew each time: what was sent keeps the old one.
func (a *Area) add(o wire.Output) {
	a.mu.Lock()
	outputs := a.state["outputs"].([]output)
	if o.Kind == wire.Clear {
		a.emptied = o.Wait
		if !o.Wait {
			outputs = nil
		}
	} else if a.emptied {
		a.emptied, outputs = false, nil
	}
	a.state["outputs"] = a.with(slices.Clone(outputs), o)
	a.dirty["outputs"] = struct{}{}
	a.mu.Unlock()
	touch(a.model)
}

// with is a list with an output more, or one changed; mu is held.
func (a *Area) with(outputs []output, o wire.Output) []output {
	switch last := len(outputs) - 1; o.Kind {
	case wire.Stream:
		text := o.Text
		if last >= 0 && outputs[last].Name == o.Name {
			text, outputs = outputs[last].Text+text, outputs[:last]
		}
		if cut := len(text) - maxAreaText; cut > 0 {
			text = "…" + strings.ToValidUTF8(text[cut:], "")
		}
		outputs = append(outputs, output{Type: "stream", Name: o.Name, Text: text})
	case wire.Show:
		outputs = append(outputs, shown(o))
	case wire.Update:
		for i, old := range outputs {
			if old.id == o.ID {
				outputs[i] = shown(o)
			}
		}
	}
	return outputs[max(0, len(outputs)-maxAreaOutputs):]
}

// shown is a display as an output; data that is no JSON is described.
func shown(o wire.Output) output {
	out := output{Type: "display_data", Data: o.Data, Metadata: o.Metadata, id: o.ID}
	if out.Metadata == nil {
		out.Metadata = map[string]any{}
	}
	if _, err := json.Marshal(out); err != nil {
		out.Data, out.Metadata = map[string]any{"text/plain": "display: " + err.Error()}, map[string]any{}
	}
	return out
}

// Interact shows controls, and below them what f gives: at once, and again whenever one of them has changed or was clicked. Of several
// changes that wait, f is called for the newest.
//
//	n := widget.IntSlider("rows", 1, 100, 10)
//	widget.Interact(func() any { return flights.Head(n.Value()) }, n)
func Interact(f func() any, controls ...Widget) *Box {
	out := Output()
	show := func() {
		out.Clear()
		out.Do(func() {
			if v := f(); v != nil {
				if err := display.Show(v); err != nil {
					out.add(wire.Output{Name: "stderr", Text: "error: " + err.Error() + "\n"})
				}
			}
		})
	}
	show()
	key := new(byte)
	for _, c := range controls {
		follow(c, key, show)
	}
	return VBox(append(slices.Clone(controls), Widget(out))...)
}

// follow has f called when a widget, or one within it, has changed or was clicked.
func follow(w Widget, key any, f func()) {
	switch w := w.(type) {
	case *Box:
		for _, c := range w.children {
			follow(c, key, f)
		}
	case *Trigger:
		w.OnClick(f)
	default:
		w.core().observe(key, f)
	}
}
