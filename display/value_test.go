package display

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"iter"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/frame/batch"
)

type point struct {
	X, Y int
	note string
}

type person struct {
	Name  string
	Age   int
	Score float64
	Tags  []string
	Boss  *person
}

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f °C", float64(c)) }

type looping struct {
	Name string
	Next *looping
}

func series(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestValueGolden(t *testing.T) {
	ann := &person{Name: "Ann", Age: 51, Score: 0.5, Tags: []string{"a", "b"}}
	loop := &looping{Name: "a"}
	loop.Next = &looping{Name: "b", Next: loop}
	many := make([]point, 1000)
	for i := range many {
		many[i] = point{i, i * i, "n"}
	}
	bigMap := map[string]int{}
	for i := range 200 {
		bigMap[fmt.Sprintf("key%03d", i)] = i
	}
	cases := map[string]any{
		"int": 42, "float": 1.5, "bool": true, "complex": complex(1, -2), "string": "two\nlines", "rune": 'x',
		"nil_pointer": (*point)(nil), "nil_map": map[string]int(nil), "nil_slice": []int(nil), "empty_slice": []int{},
		"struct": point{1, 2, "three"}, "pointer": &point{1, 2, "three"},
		"nested":     person{"Bo", 40, 1.25, nil, ann},
		"long":       struct{ First, Second, Third string }{strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("c", 40)},
		"cycle":      loop,
		"ints":       series(5),
		"ints_100":   series(100),
		"ints_1000":  series(1000),
		"strings":    []string{"a", "b c", "<b>"},
		"structs":    []person{{"Bo", 40, 1.25, nil, ann}, *ann},
		"pointers":   []*person{ann, nil},
		"structs_1k": many,
		"maps":       []map[string]any{{"b": 1, "a": "x"}, {"c": 2.5}, nil},
		"map":        map[string]float64{"b": 2, "a": 1.25},
		"map_any":    map[string]any{"z": []int{1, 2}, "a": nil, "k": point{1, 2, "x"}},
		"map_int":    map[int]string{10: "ten", 9: "nine"},
		"map_big":    bigMap,
		"matrix":     [][]float64{{1, 0.5}, {math.NaN(), 2.25, 7}},
		"array":      [2][2]int{{1, 2}, {3, 4}},
		"time":       time.Date(2024, 2, 29, 13, 5, 0, 0, time.UTC),
		"duration":   90 * time.Second,
		"times":      []time.Duration{time.Second, time.Minute},
		"error":      errors.New("boom <b>"),
		"stringer":   celsius(21.55),
		"stringers":  []celsius{1, 2},
		"bytes":      []byte("hello\n"), "bytes_binary": []byte{0, 1, 2, 255}, "bytes_long": []byte(strings.Repeat("x", 1000)),
		"raw_json": json.RawMessage(`{"a": [1, 2]}`),
		"func":     strings.ToUpper, "chan": make(chan int),
		"any_slice": []any{1, "a", nil, 2.5, []int{1}},
	}
	names := make([]string, 0, len(cases))
	for name := range cases {
		names = append(names, name)
	}
	sort.Strings(names)
	var text, html strings.Builder
	for _, name := range names {
		b, ok := Value(t.Context(), cases[name])
		if !ok {
			t.Errorf("%s: nothing to show", name)
			continue
		}
		plain := b.Data["text/plain"].(string)
		checkText(t, plain)
		fmt.Fprintf(&text, "=== %s\n%s\n", name, plain)
		if h, ok := b.Data["text/html"].(string); ok {
			checkKept(t, h)
			fmt.Fprintf(&html, "<!-- %s -->\n%s\n", name, h)
		}
		if _, err := json.Marshal(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	golden(t, "values.txt", text.String())
	golden(t, "values.html", html.String())
}

func TestValueNil(t *testing.T) {
	if b, ok := Value(t.Context(), nil); ok {
		t.Errorf("nil shows %v", b)
	}
}

type (
	hasHTML   struct{}
	hasMany   struct{}
	hasErr    struct{}
	hasPanic  struct{}
	hasBundle struct{}
	hasBoth   struct{}
)

func (hasHTML) HTML() string         { return "<b>x</b>" }
func (hasMany) Markdown() string     { return "# x" }
func (hasMany) JSON() any            { return map[string]int{"a": 1} }
func (hasMany) PNG() []byte          { return []byte{1, 2} }
func (hasMany) SVG() string          { return "<svg/>" }
func (hasMany) Text() string         { return "text" }
func (hasErr) HTML() (string, error) { return "", errors.New("no html") }
func (hasPanic) HTML() string        { panic("ouch") }
func (hasBundle) MIMEBundle() map[string]any {
	return map[string]any{"x/y": []byte{1}, "text/csv": []byte("a,b")}
}

func (hasBoth) MIMEBundle() (data, metadata map[string]any) {
	return map[string]any{"text/plain": "p"}, map[string]any{"m": 1}
}

func TestValueMethods(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{hasHTML{}, `{"data":{"text/html":"\u003cb\u003ex\u003c/b\u003e","text/plain":"display.hasHTML{}"}}`},
		{hasMany{}, `{"data":{"application/json":{"a":1},"image/png":"AQI=","image/svg+xml":"\u003csvg/\u003e",` +
			`"text/html":"\u003cimg alt=\"drawing\" src=\"data:image/svg+xml;base64,PHN2Zy8+\"\u003e",` +
			`"text/markdown":"# x","text/plain":"text"}}`},
		{hasErr{}, `{"data":{"text/plain":"error in a display method of display.hasErr: no html"}}`},
		{hasPanic{}, `{"data":{"text/plain":"panic in a display method of display.hasPanic: ouch"}}`},
		{hasBundle{}, `{"data":{"text/csv":"a,b","text/plain":"display.hasBundle{}","x/y":"AQ=="}}`},
		{hasBoth{}, `{"data":{"text/plain":"p"},"metadata":{"m":1}}`},
		{Bundle{Data: map[string]any{"text/html": "x"}}, `{"data":{"text/html":"x","text/plain":""}}`},
		{panics{}, `{"data":{"text/plain":"display.panics: panic while it was drawn: no string"}}`},
	} {
		b, ok := Value(t.Context(), c.v)
		got, err := json.Marshal(b)
		if !ok || err != nil || string(got) != c.want {
			t.Errorf("%T: %v %v\n got %s\nwant %s", c.v, ok, err, got, c.want)
		}
	}
}

type panics struct{}

func (panics) String() string { panic("no string") }

func TestValueImage(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 3, 2))
	m.Set(1, 1, color.White)
	b, ok := Value(t.Context(), m)
	if !ok || b.Data["text/plain"] != "image 3 × 2" || !strings.HasPrefix(b.Data["image/png"].(string), "iVBORw0KGgo") {
		t.Errorf("image: %v", b)
	}
	huge := image.NewUniform(color.White) // its bounds are two billion pixels wide
	if b, _ := Value(t.Context(), huge); b.Data["image/png"] != nil {
		t.Error("a huge image was encoded")
	}
}

// onScreen sets a fake surface for the calls of cells.
func onScreen(t *testing.T) *fakeSurface {
	s := &fakeSurface{live: true}
	SetSurface(func() Surface { return s })
	SetContext(t.Context)
	t.Cleanup(func() { SetSurface(nil); SetContext(nil) })
	return s
}

func TestShow(t *testing.T) {
	s := onScreen(t)
	HTML("<b>x</b>")
	Markdown("*m*")
	JSON([]int{1})
	JSON(func() {})
	PNG([]byte("p"))
	SVG("<svg/>")
	Text("t\xff")
	Clear(true)
	Clear()
	if err := Show(1, nil, "x", ready{t}); err != nil {
		t.Fatal(err)
	}
	want := []string{"text/html", "text/markdown", "application/json", "", "image/png", "image/svg+xml", "", "", "", "text/html"}
	if len(s.sent) != len(want) {
		t.Fatalf("%d displays", len(s.sent))
	}
	for i, mime := range want {
		d := s.sent[i].b.Data
		if d["text/plain"] == nil || mime != "" && d[mime] == nil {
			t.Errorf("display %d: %v", i, d)
		}
	}
	if s.sent[6].b.Data["text/plain"] != "t\uFFFD" || len(s.clears) != 2 || !s.clears[0] || s.clears[1] {
		t.Errorf("%v %v", s.sent[6].b, s.clears)
	}
	if last := s.sent[9]; last.call != "show" || last.id == "" || rivulet(last.b)["final"] != true {
		t.Errorf("watcher: %+v", last)
	}
}

func TestShowWithoutSurface(t *testing.T) {
	Text("nowhere")
	Clear()
	if err := Show(1); !errors.Is(err, ErrNoSurface) {
		t.Errorf("err %v", err)
	}
}

// ready is a result that is complete at once.
type ready struct{ t *testing.T }

func (r ready) Watch(context.Context, int) iter.Seq2[batch.Snapshot, error] {
	mem := checked(r.t)
	return func(yield func(batch.Snapshot, error) bool) {
		yield(batch.Snapshot{Record: ints(mem, 0, 3), Rows: 3, Final: true}, nil)
	}
}
