package interp

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// surface is where displays of a cell go.
type surface struct{ r *run }

var _ display.Surface = surface{}

func (s surface) send(m *pipe.Message) error {
	if s.r == nil {
		return nil
	}
	s.r.s.std.flush()
	return s.r.send(m)
}

func (s surface) Show(id string, b display.Bundle) error {
	return s.send(&pipe.Message{Kind: pipe.Show, ID: id, Bundle: (*kernel.Bundle)(&b)})
}

func (s surface) Update(id string, b display.Bundle) error {
	return s.send(&pipe.Message{Kind: pipe.Update, ID: id, Bundle: (*kernel.Bundle)(&b)})
}

func (s surface) Clear(wait bool) error { return s.send(&pipe.Message{Kind: pipe.Clear, Flag: wait}) }

func (s surface) Input(prompt string, password bool) (string, error) {
	switch {
	case s.r == nil:
		return "", display.ErrNoSurface
	case !s.r.info.AllowStdin:
		return "", errNoInput
	case s.r.of != nil && s.r.of.over():
		return "", errLateInput
	}
	s.r.s.std.flush()
	return s.r.input(prompt, password)
}

func (s surface) Live() bool { return s.r != nil && s.r.live() }

func (s surface) Progress(line string) error {
	if s.r != nil && s.r.s.progress.is(progressOff) {
		return nil
	}
	text := transient + line
	return s.send(&pipe.Message{Kind: pipe.Stream, Name: "stderr", Text: text})
}

func (s surface) result(id string, b display.Bundle) error {
	return s.send(&pipe.Message{Kind: pipe.Result, ID: id, Bundle: (*kernel.Bundle)(&b)})
}

// show displays the last expression of the cell. The results of a call that end in an error follow Go's convention:
// a nil error is not shown, any other fails the cell.
func (r *run) show(values []any, call bool) {
	reg := r.s.lang.registry
	if call && len(values) > 0 {
		last := len(values) - 1
		if err, ok := reg.Out(values[last]).(error); ok {
			r.fail(r.returnedError(err))
			return
		}
		if values[last] == nil {
			values = values[:last]
		}
	}
	if len(values) == 0 || r.info.Silent {
		return
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = valueText(reg.Out(v))
	}
	var v any
	if len(values) == 1 {
		v = reg.Display(values[0])
	}
	if err := r.showValue(v, texts); err != nil {
		r.fail(r.returnedError(err))
	}
}

// showValue shows the texts of values; v is the value where there is one.
func (r *run) showValue(v any, texts []string) error {
	h := r.s.hooks
	out := surface{r}
	if h.Watch != nil && len(texts) == 1 {
		handled, err := h.Watch(r.ctx, out, newID(), out.result, v)
		if handled {
			return err
		}
	}
	if h.Value != nil && len(texts) == 1 {
		if b, ok := h.Value(r.ctx, v); ok {
			return out.result("", b)
		}
	}
	return out.result("", display.Bundle{Data: map[string]any{"text/plain": strings.Join(texts, ", ")}})
}

func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprintf("%+v", v)
}

// returnedError is the error of a cell whose last call returned one.
func (r *run) returnedError(err error) *kernel.CellError {
	text := err.Error()
	e := &kernel.CellError{Name: "error", Value: firstLine(text), Traceback: []string{red("error") + ": " + text}}
	r.mu.Lock()
	at := r.at
	r.mu.Unlock()
	l := r.s.lang
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Traceback = append(e.Traceback, l.excerpt(at)...)
	return e
}

// newID is a fresh display_id.
func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return "rivulet-" + hex.EncodeToString(b[:])
}
