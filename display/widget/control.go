package widget

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"

	"github.com/rivulet-go/rivulet/display/internal/wire"
)

// control is a widget with a label, which people may use.
type control struct{ *model }

// newControl makes a model of ipywidgets' controls. value says in words what the control stands at, without its label.
func newControl(name, label string, s state, value func(s state) string) control {
	m := &model{look: func(s state) (string, string) {
		text := value(s)
		label, _ := s["description"].(string)
		if label != "" {
			return label + ": " + text, html.EscapeString(label) + ": <b>" + html.EscapeString(text) + "</b>"
		}
		return text, "<b>" + html.EscapeString(text) + "</b>"
	}}
	full := state{"description": label, "description_allow_html": false, "disabled": false, "style": nil}
	maps.Copy(full, s)
	m.open(controls(name), full)
	return control{m}
}

// SetLabel changes the text beside the control.
func (c control) SetLabel(label string) { c.set("description", label) }

// SetDisabled greys the control out, or makes it usable again.
func (c control) SetDisabled(disabled bool) { c.set("disabled", disabled) }

// Trigger is a button.
type Trigger struct{ control }

// Button makes a button.
//
//	widget.Button("run").OnClick(func() { fmt.Println("clicked") })
func Button(label string) *Trigger {
	t := &Trigger{newControl("Button", label, state{"button_style": "", "icon": ""}, func(state) string { return "button" })}
	t.look = func(s state) (string, string) {
		label := fmt.Sprint(s["description"])
		return "[" + label + "]", "<b>[" + html.EscapeString(label) + "]</b>"
	}
	return t
}

// OnClick has f called for every click, in the name of the calling cell. It gives the button back.
func (t *Trigger) OnClick(f func()) *Trigger {
	owner, err := wire.Current()
	if err != nil {
		return t
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.said
	t.said = func(d *wire.Delivery, content json.RawMessage) {
		var said struct {
			Event string `json:"event"`
		}
		if before != nil {
			before(d, content)
		}
		if json.Unmarshal(content, &said) == nil && said.Event == "click" {
			d.Call(owner, nil, f)
		}
	}
	return t
}

// SetStyle colours the button: "primary", "success", "info", "warning", "danger", or "" for none.
func (t *Trigger) SetStyle(style string) *Trigger {
	t.set("button_style", style)
	return t
}
