package widget

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"slices"
)

// takeValue validates the value of a widget that takes any of its type.
func takeValue[T any](key string, raw json.RawMessage) (any, bool) {
	var v T
	if key != "value" || json.Unmarshal(raw, &v) != nil {
		return nil, false
	}
	return v, true
}

// Bool is a widget that is on or off.
type Bool struct{ control }

// Checkbox makes a checkbox.
//
//	all := widget.Checkbox("all rows", false)
func Checkbox(label string, value bool) *Bool {
	w := &Bool{newControl("Checkbox", label, state{"value": value, "indent": false}, func(s state) string {
		return map[any]string{true: "on", false: "off"}[s["value"]]
	})}
	w.take = takeValue[bool]
	return w
}

// Value says whether it is on.
func (w *Bool) Value() bool { return w.get("value").(bool) }

// SetValue turns it on or off. OnChange is not called.
func (w *Bool) SetValue(on bool) { w.set("value", on) }

// OnChange has f called in the name of the calling cell when a front end has changed it. It gives the widget back.
func (w *Bool) OnChange(f func(on bool)) *Bool {
	w.observe(new(byte), func() { f(w.Value()) })
	return w
}

// String is a widget that holds text.
type String struct{ control }

// Text makes a field for a line of text, which is told when it is complete: by Enter, or by leaving the field.
//
//	name := widget.Text("name", "")
func Text(label, value string) *String { return newText("Text", label, value) }

// TextArea makes a field for several lines of text.
func TextArea(label, value string) *String { return newText("Textarea", label, value) }

func newText(name, label, value string) *String {
	w := &String{newControl(name, label, state{"value": value, "placeholder": "", "continuous_update": false}, valueText)}
	w.take = takeValue[string]
	return w
}

func valueText(s state) string { return s["value"].(string) }

// Label makes a text that Go may change.
//
//	status := widget.Label("waiting")
//	status.SetValue("done")
func Label(text string) *String {
	return &String{newControl("Label", "", state{"value": text, "placeholder": ""}, valueText)}
}

// HTML makes a piece of HTML that Go may change. Front ends remove scripts from it.
func HTML(text string) *String {
	w := &String{newControl("HTML", "", state{"value": text, "placeholder": ""}, valueText)}
	w.look = func(s state) (string, string) { return valueText(s), valueText(s) }
	return w
}

// Value is the text now.
func (w *String) Value() string { return w.get("value").(string) }

// SetValue changes the text. OnChange is not called.
func (w *String) SetValue(text string) { w.set("value", text) }

// OnChange has f called in the name of the calling cell when a front end has changed the text. It gives the widget back.
func (w *String) OnChange(f func(text string)) *String {
	w.observe(new(byte), func() { f(w.Value()) })
	return w
}

// Choice is a widget of which one option is chosen, or none.
type Choice struct{ control }

// Dropdown makes a list that opens; the first option is chosen.
//
//	by := widget.Dropdown("group by", "carrier", "origin", "dest")
func Dropdown(label string, options ...string) *Choice { return newChoice("Dropdown", label, options) }

// Radio makes a list of buttons of which one is pressed, at first the first.
func Radio(label string, options ...string) *Choice { return newChoice("RadioButtons", label, options) }

func newChoice(name, label string, options []string) *Choice {
	w := &Choice{newControl(name, label, choices(options), chosen)}
	w.take = func(key string, raw json.RawMessage) (any, bool) {
		var i *int
		if key != "index" || json.Unmarshal(raw, &i) != nil {
			return nil, false
		}
		if i == nil {
			return nil, true
		}
		return *i, *i >= 0 && *i < len(w.state["_options_labels"].([]string))
	}
	return w
}

func choices(options []string) state {
	s := state{"_options_labels": append([]string{}, options...), "index": nil}
	if len(options) > 0 {
		s["index"] = 0
	}
	return s
}

func chosen(s state) string {
	if i, ok := s["index"].(int); ok {
		return s["_options_labels"].([]string)[i]
	}
	return ""
}

// Index is the number of the chosen option, from 0; -1 where none is chosen.
func (w *Choice) Index() int {
	if i, ok := w.get("index").(int); ok {
		return i
	}
	return -1
}

// Value is the chosen option; "" where none is chosen.
func (w *Choice) Value() string { return chosen(w.snapshot()) }

// SetValue chooses an option; one that is not there chooses none. OnChange is not called.
func (w *Choice) SetValue(option string) {
	i := slices.Index(w.get("_options_labels").([]string), option)
	if i < 0 {
		w.set("index", nil)
		return
	}
	w.set("index", i)
}

// SetOptions replaces the options, of which the first is chosen.
func (w *Choice) SetOptions(options ...string) {
	s := choices(options)
	w.mu.Lock()
	for key, v := range s {
		w.state[key] = v
		w.dirty[key] = struct{}{}
	}
	w.mu.Unlock()
	touch(w.model)
}

// OnChange has f called in the name of the calling cell when a front end has chosen. It gives the widget back.
func (w *Choice) OnChange(f func(option string)) *Choice {
	w.observe(new(byte), func() { f(w.Value()) })
	return w
}

// Picture is an image that Go may change.
type Picture struct{ *model }

// Image makes a widget of an image in PNG, JPEG or GIF format.
func Image(data []byte) *Picture {
	w := &Picture{&model{look: func(s state) (string, string) {
		img := "data:image/png;base64," + base64.StdEncoding.EncodeToString(s["value"].([]byte))
		return "image", `<img alt="image" src="` + html.EscapeString(img) + `">`
	}}}
	w.open(controls("Image"), state{"value": slices.Clone(data), "format": "png", "width": "", "height": ""})
	return w
}

// SetData replaces the image.
func (w *Picture) SetData(data []byte) { w.set("value", slices.Clone(data)) }
