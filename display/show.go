package display

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/chart"
)

// Watcher is a result that can be drawn while it is computed; a Frame is one.
type Watcher interface {
	// Watch gives what is known so far, with at most rows rows of the result; the last snapshot is exact.
	Watch(ctx context.Context, rows int) iter.Seq2[batch.Snapshot, error]
}

// Charter is a chart that can be drawn while it is computed; a Plot is one.
type Charter interface {
	// Charts gives the chart as far as it is known; the last one is exact.
	Charts(ctx context.Context) iter.Seq2[chart.Snapshot, error]
}

// Running draws v while it is computed, as Run or RunChart does; false where v is no value of that kind.
func Running(ctx context.Context, s Surface, id string, result func(id string, b Bundle) error, v any) (bool, error) {
	switch v := v.(type) {
	case Watcher:
		return true, Run(ctx, s, id, result, v)
	case Charter:
		return true, RunChart(ctx, s, id, result, v)
	}
	return false, nil
}

// ErrNoSurface says that no cell is there to display in: SetSurface was not called, or no cell runs.
var ErrNoSurface = errors.New("display: no cell to display in")

var (
	currentSurface atomic.Pointer[func() Surface]
	currentContext atomic.Pointer[func() context.Context]
)

// SetSurface says where displays go: f gives the surface of the running cell.
func SetSurface(f func() Surface) {
	if f == nil {
		currentSurface.Store(nil)
		return
	}
	currentSurface.Store(&f)
}

// SetContext says how the context of the running cell is found; an interrupt of it ends Show.
func SetContext(f func() context.Context) {
	if f == nil {
		currentContext.Store(nil)
		return
	}
	currentContext.Store(&f)
}

func surface() (Surface, error) {
	if f := currentSurface.Load(); f != nil {
		if s := (*f)(); s != nil {
			return s, nil
		}
	}
	return nil, ErrNoSurface
}

func cellContext() context.Context {
	if f := currentContext.Load(); f != nil {
		if ctx := (*f)(); ctx != nil {
			return ctx
		}
	}
	return context.Background()
}

// Show displays values now, in the middle of a cell. Frames and plots are computed and drawn while they arrive; Show returns
// when they are complete, with the first error.
//
//	display.Show(df.Describe(), "and the first rows:", df.Head())
func Show(values ...any) error {
	ctx := cellContext()
	s, err := surface()
	if err != nil {
		return err
	}
	for _, v := range values {
		if v != nil && !isNil(v) {
			if ok, failed := Running(ctx, s, "", nil, v); ok {
				err = errors.Join(err, failed)
				continue
			}
		}
		if b, ok := Value(ctx, v); ok {
			err = errors.Join(err, s.Show("", b))
		}
	}
	return err
}

// Clear removes what the cell has displayed; with wait true, when its next output comes, without a flicker.
//
//	display.Clear(true)
func Clear(wait ...bool) {
	if s, err := surface(); err == nil {
		_ = s.Clear(len(wait) > 0 && wait[0]) // a surface that is gone has nothing to clear
	}
}

// HTML displays HTML. In a notebook that is not trusted JupyterLab removes scripts, style elements and event handlers.
//
//	display.HTML("<b>done</b>")
func HTML(html string) { put(htmlBundle(html)) }

// Markdown displays Markdown.
//
//	display.Markdown("# Results\nAll *good*.")
func Markdown(text string) { put(markdownBundle(text)) }

// JSON displays a value as JSON, which JupyterLab draws as a tree. A []byte or json.RawMessage is JSON already.
//
//	display.JSON(map[string]any{"a": 1})
func JSON(v any) { put(jsonBundle(v)) }

// PNG displays an image in PNG format.
func PNG(data []byte) { put(pngBundle(data)) }

// SVG displays a drawing in SVG format.
func SVG(svg string) { put(svgBundle(svg)) }

// Text displays plain text.
func Text(text string) { put(textBundle(text)) }

func put(b Bundle) {
	if s, err := surface(); err == nil {
		_ = s.Show("", b) // the pipe to the kernel is gone: so is the reader of the error
	}
}

func textBundle(text string) Bundle {
	return Bundle{Data: map[string]any{"text/plain": valid(text)}}
}

func htmlBundle(html string) Bundle {
	return Bundle{Data: map[string]any{"text/html": valid(html), "text/plain": valid(html)}}
}

func markdownBundle(text string) Bundle {
	return Bundle{Data: map[string]any{"text/markdown": valid(text), "text/plain": valid(text)}}
}

func jsonBundle(v any) Bundle {
	raw, err := json.RawMessage(nil), error(nil)
	switch v := v.(type) {
	case json.RawMessage:
		raw = v
	case []byte:
		raw = v
	default:
		raw, err = json.Marshal(v)
	}
	if err == nil && !json.Valid(raw) {
		err = errors.New("not valid JSON")
	}
	if err != nil {
		return textBundle("JSON: " + err.Error())
	}
	return Bundle{Data: map[string]any{"application/json": raw, "text/plain": indented(raw)}}
}

func pngBundle(data []byte) Bundle {
	text := "PNG image, " + byteText(int64(len(data)))
	return Bundle{Data: map[string]any{"image/png": base64.StdEncoding.EncodeToString(data), "text/plain": text}}
}

// svgBundle adds the drawing as an <img>, which notebooks that are not trusted show too; they drop plain SVG.
func svgBundle(svg string) Bundle {
	svg = valid(svg)
	img := `<img alt="drawing" src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString([]byte(svg)) + `">`
	text := "SVG drawing, " + byteText(int64(len(svg)))
	return Bundle{Data: map[string]any{"image/svg+xml": svg, "text/html": img, "text/plain": text}}
}

// valid replaces bytes that are no UTF-8: JSON can't carry them.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
