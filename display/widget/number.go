package widget

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

type number interface{ int | float64 }

// newSlider makes a slider's model.
func newSlider[T number](name, label string, value, low, high, step T, format string, from func(float64) T) control {
	high = max(low, high)
	text := func(v any) string { return strconv.FormatFloat(float64(v.(T)), 'g', -1, 64) }
	c := newControl(name, label, state{
		"value": clamp(value, low, high), "min": low, "max": high, "step": step, "orientation": "horizontal",
		"readout": true, "readout_format": format, "continuous_update": true, "behavior": "drag-tap",
	}, func(s state) string {
		return fmt.Sprintf("%s (%s to %s)", text(s["value"]), text(s["min"]), text(s["max"]))
	})
	c.take = func(key string, raw json.RawMessage) (any, bool) {
		var v float64
		if key != "value" || json.Unmarshal(raw, &v) != nil {
			return nil, false
		}
		return clamp(from(v), c.state["min"].(T), c.state["max"].(T)), true
	}
	return c
}

func clamp[T number](v, low, high T) T { return min(max(v, low), high) }

// setNumber moves a value between the limits.
func setNumber[T number](m *model, v T) {
	m.mu.Lock()
	v = clamp(v, m.state["min"].(T), m.state["max"].(T))
	m.mu.Unlock()
	m.set("value", v)
}

// setRange changes the limits, and the value where it lies outside.
func setRange[T number](m *model, low, high T) {
	high = max(low, high)
	value := m.get("value").(T)
	m.set("min", low)
	m.set("max", high)
	m.set("value", clamp(value, low, high))
}

// Int is a widget that holds a whole number.
type Int struct{ control }

// IntSlider makes a slider from low to high, both included; a value outside is moved to the nearer end.
//
//	n := widget.IntSlider("rows", 1, 100, 10)
func IntSlider(label string, low, high, value int) *Int {
	return &Int{newSlider("IntSlider", label, value, low, high, 1, "d", func(v float64) int { return int(math.Round(v)) })}
}

// Value is the number now.
func (w *Int) Value() int { return w.get("value").(int) }

// SetValue changes the number; one outside the range is moved to the nearer end. OnChange is not called.
func (w *Int) SetValue(v int) { setNumber(w.model, v) }

// SetRange changes the range, and the number where it lies outside.
func (w *Int) SetRange(low, high int) { setRange(w.model, low, high) }

// SetStep sets how far the slider moves at once.
func (w *Int) SetStep(step int) *Int {
	w.set("step", max(step, 1))
	return w
}

// OnChange has f called in the name of the calling cell when a front end has changed the number. It gives the widget back.
func (w *Int) OnChange(f func(v int)) *Int {
	w.observe(new(byte), func() { f(w.Value()) })
	return w
}

// Float is a widget that holds a number.
type Float struct{ control }

// FloatSlider makes a slider from low to high, both included, in hundredths of the range; a value outside is moved to the nearer end.
//
//	x := widget.FloatSlider("threshold", 0, 1, 0.5)
func FloatSlider(label string, low, high, value float64) *Float {
	step := (max(low, high) - low) / 100
	return &Float{newSlider("FloatSlider", label, value, low, high, step, ".4~g", func(v float64) float64 { return v })}
}

// Value is the number now.
func (w *Float) Value() float64 { return w.get("value").(float64) }

// SetValue changes the number; one outside the range is moved to the nearer end. OnChange is not called.
func (w *Float) SetValue(v float64) { setNumber(w.model, v) }

// SetRange changes the range, and the number where it lies outside.
func (w *Float) SetRange(low, high float64) { setRange(w.model, low, high) }

// SetStep sets how far the slider moves at once.
func (w *Float) SetStep(step float64) *Float {
	w.set("step", step)
	return w
}

// OnChange has f called in the name of the calling cell when a front end has changed the number. It gives the widget back.
func (w *Float) OnChange(f func(v float64)) *Float {
	w.observe(new(byte), func() { f(w.Value()) })
	return w
}

// Bar is a progress bar.
type Bar struct{ control }

// Progress makes a progress bar of total steps; one without steps is full.
//
//	bar := widget.Progress("files", len(files))
//	display.Show(bar)
//	for _, f := range files { ...; bar.Add(1) }
func Progress(label string, total int) *Bar {
	total = max(total, 0)
	b := &Bar{newControl("IntProgress", label, state{
		"value": 0, "min": 0, "max": total, "orientation": "horizontal", "bar_style": "", "_view_name": "ProgressView",
	}, func(s state) string { return fmt.Sprintf("%d of %d", s["value"], s["max"]) })}
	plain := b.look
	b.look = func(s state) (string, string) {
		text, html := plain(s)
		return text, fmt.Sprintf(`<progress value="%d" max="%d"></progress> %s`, s["value"], max(1, s["max"].(int)), html)
	}
	return b
}

// Value is how many steps are done.
func (b *Bar) Value() int { return b.get("value").(int) }

// Set says how many steps are done.
func (b *Bar) Set(n int) { b.change(func(int) int { return n }) }

// Add says that n more steps are done. It may be called from several goroutines, and in tight loops: the newest state is drawn, at
// most twenty times a second.
func (b *Bar) Add(n int) { b.change(func(done int) int { return done + n }) }

func (b *Bar) change(f func(done int) int) {
	b.mu.Lock()
	total := b.state["max"].(int)
	v := clamp(f(b.state["value"].(int)), 0, total)
	b.state["value"] = v
	b.dirty["value"] = struct{}{}
	if style := map[bool]string{true: "success"}[v == total]; style != b.state["bar_style"] {
		b.state["bar_style"] = style
		b.dirty["bar_style"] = struct{}{}
	}
	b.mu.Unlock()
	touch(b.model)
}

// SetTotal changes the number of steps.
func (b *Bar) SetTotal(total int) {
	b.set("max", max(total, 0))
	b.Add(0)
}
