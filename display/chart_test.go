package display

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"iter"
	"math"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/chart"
)

// chartsOf is a Charter of what a test says.
type chartsOf func(yield func(chart.Snapshot, error) bool)

func (f chartsOf) Charts(context.Context) iter.Seq2[chart.Snapshot, error] {
	return iter.Seq2[chart.Snapshot, error](f)
}

func barChart(points ...chart.Point) *chart.Chart {
	return &chart.Chart{
		Kind: chart.Bar, Width: chart.DefaultWidth, Height: chart.DefaultHeight,
		X: chart.Axis{Title: "carrier", Scale: chart.Category}, Y: chart.Axis{Title: "delay"}, Points: points,
	}
}

// decoded is the image of a bundle, whose size is checked against its metadata.
func decoded(t *testing.T, b Bundle) image.Image {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(b.Data["image/png"].(string))
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	size := b.Metadata["image/png"].(map[string]any)
	if got, want := m.Bounds().Dx(), size["width"].(int)*imageDPI/96; got < want-2 || got > want+2 {
		t.Errorf("%d pixels wide, want about %d", got, want)
	}
	return m
}

// colored counts the pixels of a colour.
func colored(m image.Image, hex uint32) (n int) {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := m.At(x, y).RGBA()
			if r>>8<<16|g>>8<<8|bl>>8 == hex {
				n++
			}
		}
	}
	return n
}

func TestChartRefines(t *testing.T) {
	s := &fakeSurface{live: true}
	err := RunChart(t.Context(), s, "id", s.Result, chartsOf(func(yield func(chart.Snapshot, error) bool) {
		if !yield(chart.Snapshot{Stage: "the range of x", Progress: batch.Progress{Splits: 1, SplitsTotal: 4}}, nil) {
			return
		}
		s.wait(t, 1)
		if !yield(chart.Snapshot{Chart: barChart(chart.Point{Label: "UA", Y: 3}), Rows: 1, Progress: batch.Progress{Splits: 2, SplitsTotal: 4}}, nil) {
			return
		}
		s.wait(t, 2)
		yield(chart.Snapshot{Chart: barChart(chart.Point{Label: "UA", Y: 4}), Rows: 1, Progress: batch.Progress{Splits: 4, SplitsTotal: 4, Rows: 9}, Final: true}, nil)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.sent) != 3 {
		t.Fatalf("%d displays", len(s.sent))
	}
	begun, middle, last := s.sent[0].b, s.sent[1].b, s.sent[2].b
	if html, _ := begun.Data["text/html"].(string); !strings.Contains(html, "the range of x") || !strings.Contains(html, "<progress") || begun.Data[vegaMIME] != nil {
		t.Errorf("before there is a chart: %v", begun.Data)
	}
	for _, b := range []Bundle{middle, last} {
		if b.Data["text/html"] != nil || b.Data[vegaMIME] == nil || colored(decoded(t, b), tableau10[0]) < 1000 {
			t.Errorf("not Vega-Lite with an image: %v", b.Data["text/plain"])
		}
	}
	if text := middle.Data["text/plain"].(string); !strings.Contains(text, "so far · 50 % of the input · 0 rows read") {
		t.Errorf("%s", text)
	}
	if text := last.Data["text/plain"].(string); text != "delay by carrier\nUA 4 ████████████████████████████████████████\n9 rows read" {
		t.Errorf("%s", text)
	}
	if m := last.Metadata["rivulet"].(map[string]any); m["final"] != true {
		t.Errorf("%v", m)
	}
}

func TestChartStops(t *testing.T) {
	broken := errors.New("row 7 is odd")
	s := &fakeSurface{live: true}
	err := RunChart(t.Context(), s, "id", nil, chartsOf(func(yield func(chart.Snapshot, error) bool) {
		if yield(chart.Snapshot{Chart: barChart(chart.Point{Label: "UA", Y: 3}), Progress: batch.Progress{Splits: 1, SplitsTotal: 4}}, nil) {
			yield(chart.Snapshot{}, broken)
		}
	}))
	if !errors.Is(err, broken) || len(s.sent) == 0 {
		t.Fatalf("%v, %d displays", err, len(s.sent))
	}
	last := s.last()
	if text := last.Data["text/plain"].(string); !strings.Contains(text, "partial: stopped by an error after 25 % of the input") || !strings.Contains(text, "error: row 7 is odd") {
		t.Errorf("%s", text)
	}
	if last.Data[vegaMIME] == nil {
		t.Error("what there was is gone")
	}
	s = &fakeSurface{}
	if err := RunChart(t.Context(), s, "", s.Result, chartsOf(func(yield func(chart.Snapshot, error) bool) { yield(chart.Snapshot{}, broken) })); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if len(s.sent) > 0 {
		t.Errorf("%s of a chart that never began", s.sent[0].call)
	}
}

// A bundle is JSON with all that the renderer needs, whatever is in the data.
func TestVega(t *testing.T) {
	bars := barChart(chart.Point{Label: "a,\"b\"\n", Y: 1, Series: "x"}, chart.Point{Label: "ü\u202e", Y: -2, Series: "y"})
	bars.Series, bars.Color, bars.Grouped = []string{"x", "y"}, "of", true
	bars.Title, bars.Notes = "one\ntwo", []string{"7 left out"}
	lines := &chart.Chart{
		Kind: chart.Line, Width: 100, Height: 50, X: chart.Axis{Title: "when", Scale: chart.Time}, Y: chart.Axis{Title: "v"},
		Points: []chart.Point{{X: 0, Y: 1.5}, {X: 86400e3, Y: 2}},
	}
	bins := &chart.Chart{Kind: chart.Histogram, Notes: []string{"3 left out"}, Width: 100, Height: 50, X: chart.Axis{Title: "v"}, Points: []chart.Point{{X: 0, To: 0.5, Y: 3}}}
	for _, test := range []struct {
		c    *chart.Chart
		want []string
	}{
		{bars, []string{
			`"values":"x,y,series\n\"a,\"\"b\"\"\\n\",1,x\nü\\u202e,-2,y\n"`, `"xOffset":{"field":"series"`, `"type":"nominal"`, `"stack":null`,
			`"title":{"anchor":"start","subtitle":["7 left out"],"subtitleColor":"#888","text":["one","two"]}`, `"scheme":"tableau10"`,
		}},
		{lines, []string{`"values":"x,y\n0,1.5\n8.64e+07,2\n"`, `"type":"temporal"`, `"scale":{"type":"utc"}`, `"parse":{"x":"number","y":"number"}`, `"point":true`}},
		{bins, []string{`"values":"x,y,to\n0,3,0.5\n"`, `"bin":"binned"`, `"text":["3 left out"]`, `"x2":{"field":"to"}`}},
	} {
		raw, err := json.Marshal(vega(drawable(test.c)))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(string(raw), want) {
				t.Errorf("no %s in\n%s", want, raw)
			}
		}
	}
}

func TestChartLies(t *testing.T) {
	var points []chart.Point
	for l := range strings.FieldsSeq(strings.Repeat("another-long-label ", 12)) {
		points = append(points, chart.Point{Label: l + string(rune('a'+len(points))), Y: 1})
	}
	c := barChart(points...)
	spec := vega(c)
	if y := spec["encoding"].(map[string]any)["y"].(map[string]any); y["type"] != "nominal" {
		t.Errorf("bars of long labels stand: %v", spec["encoding"])
	}
	_, wide, high, err := chartImage(c)
	if err != nil || wide != chart.DefaultWidth+aroundWide || high != 12*barStep+aroundHigh {
		t.Errorf("%d × %d, %v", wide, high, err)
	}
	if short := barChart(chart.Point{Label: "UA", Y: 1}); lying(short, chartBars(short)) {
		t.Error("a bar with a short label lies")
	}
}

// Every chart has an image, in which what is drawn can be seen.
func TestChartImages(t *testing.T) {
	time := func(day int) float64 { return float64(day) * 86400e3 }
	line := func(points ...chart.Point) *chart.Chart {
		return &chart.Chart{Kind: chart.Line, Width: 200, Height: 100, X: chart.Axis{Scale: chart.Time}, Points: points}
	}
	var dense []chart.Point
	for i := range 4 * chart.DefaultWidth {
		dense = append(dense, chart.Point{X: float64(i), Y: math.Sin(float64(i * i))})
	}
	for name, c := range map[string]*chart.Chart{
		"one bar":    barChart(chart.Point{Label: "UA", Y: 3}),
		"down":       barChart(chart.Point{Label: "UA", Y: -3}),
		"lines":      line(chart.Point{X: time(0), Y: 1}, chart.Point{X: time(9), Y: 2}),
		"flat":       line(chart.Point{X: time(0), Y: 5}, chart.Point{X: time(9), Y: 5}),
		"one point":  line(chart.Point{X: time(3), Y: 5}),
		"far":        line(chart.Point{X: -1e300, Y: -1e300}, chart.Point{X: 1e300, Y: 1e300}),
		"dense":      {Kind: chart.Line, Width: chart.DefaultWidth, Height: chart.DefaultHeight, Points: dense},
		"bins":       {Kind: chart.Histogram, Width: 200, Height: 100, Points: []chart.Point{{X: 0, To: 1, Y: 5}, {X: 1, To: 2, Y: 1}}},
		"times bars": {Kind: chart.Bar, Width: 200, Height: 100, Y: chart.Axis{Scale: chart.Time}, Points: []chart.Point{{Label: "a", Y: time(1)}, {Label: "b", Y: time(9)}}},
	} {
		s := &state{charted: true, chart: c, final: true}
		m := decoded(t, s.bundle(1))
		if n := colored(m, tableau10[0]); n < 15 {
			t.Errorf("%s: %d pixels drawn", name, n)
		}
	}
	empty := &state{charted: true, chart: line(), final: true}
	if m := decoded(t, empty.bundle(1)); colored(m, 0) == 0 {
		t.Error("empty: no axes")
	}
	// Series keep their own colours, as many as there may be.
	for _, n := range []int{2, 10, 11, chart.MaxSeries} {
		c := barChart()
		for i := range n {
			name := string(rune('a' + i))
			c.Series = append(c.Series, name)
			c.Points = append(c.Points, chart.Point{Label: "x", Y: 1, Series: name})
		}
		m := decoded(t, (&state{charted: true, chart: c, final: true}).bundle(1))
		colors := tableau10
		if n > 10 {
			colors = tableau20
		}
		for i := range n {
			if colored(m, colors[i]) < 100 {
				t.Errorf("%d series: no %06x", n, colors[i])
			}
		}
	}
}

func TestChartText(t *testing.T) {
	line := &chart.Chart{Kind: chart.Line, X: chart.Axis{Title: "n"}, Y: chart.Axis{Title: "v"}}
	for i := range 100 {
		line.Points = append(line.Points, chart.Point{X: float64(i), Y: math.Abs(float64(i - 50))})
	}
	many := &chart.Chart{Kind: chart.Line, X: chart.Axis{Title: "n"}, Y: chart.Axis{Title: "v"}, Series: []string{"up", "down"}}
	for i := range 8 {
		many.Points = append(many.Points, chart.Point{X: float64(i), Y: float64(i), Series: "up"}, chart.Point{X: float64(i), Y: float64(7 - i), Series: "down"})
	}
	bins := &chart.Chart{Kind: chart.Histogram, X: chart.Axis{Title: "v"}, Y: chart.Axis{Title: "count"}, Points: []chart.Point{{X: 0, To: 0.5, Y: 8000}, {X: 0.5, To: 1, Y: 100}, {X: 5, To: 5.5, Y: 1}}}
	for _, test := range []struct {
		c    *chart.Chart
		want string
	}{
		{barChart(chart.Point{Label: "up", Y: 2}, chart.Point{Label: "down", Y: -2}, chart.Point{Label: "zero"}), `
delay by carrier
up    2                     ████████████████████
down -2 ████████████████████
zero  0
`},
		{bins, `
count by v
0 to 0.5 8,000 ████████████████████████████████████████
0.5 to 1   100 ▌
5 to 5.5     1 ▏
`},
		{many, `
v by n
up   ▁        ▂        ▃        ▄        ▅        ▆        ▇        █ 0 to 7
down █        ▇        ▆        ▅        ▄        ▃        ▂        ▁ 0 to 7
     0                                                              7
`},
		{barChart(), "\ndelay by carrier\nnothing to draw\n"},
	} {
		var got strings.Builder
		for l := range strings.Lines(chartText(test.c)) {
			got.WriteString(strings.TrimRight(l, " \n") + "\n")
		}
		if got.String() != test.want[1:] {
			t.Errorf("got\n%s\nwant%s", got.String(), test.want)
		}
	}
	rows := strings.Split(strings.TrimSuffix(chartText(line), "\n"), "\n")
	if len(rows) != textHigh+2 || !strings.HasPrefix(rows[1], "50 ┤") || !strings.HasPrefix(rows[textHigh], " 0 ┤") || !strings.HasSuffix(rows[textHigh+1], "99") {
		t.Errorf("%s", strings.Join(rows, "\n"))
	}
	dots := func(r rune) bool { return r > 0x2800 && r <= 0x28ff }
	for _, number := range []int{1, textHigh / 2, textHigh} {
		if !strings.ContainsFunc(rows[number], dots) {
			t.Errorf("no dots in line %d: %s", number, rows[number])
		}
	}
	long := barChart()
	for i := range 100 {
		long.Points = append(long.Points, chart.Point{Label: strings.Repeat("x", i+1), Y: 1})
	}
	if text := chartText(long); !strings.Contains(text, "… 40 more\n") || strings.Count(text, "\n") != 62 {
		t.Errorf("%s", text)
	}
}

// BenchmarkChart is what a state of a chart costs: a few bars, and a line as dense as one gets.
func BenchmarkChart(b *testing.B) {
	line := &chart.Chart{Kind: chart.Line, Width: chart.DefaultWidth, Height: chart.DefaultHeight}
	for i := range 4 * chart.DefaultWidth {
		line.Points = append(line.Points, chart.Point{X: float64(i), Y: math.Sin(float64(i * i))})
	}
	for name, c := range map[string]*chart.Chart{"bars": barChart(chart.Point{Label: "UA", Y: 3}, chart.Point{Label: "AA", Y: 2}), "line": line} {
		b.Run(name, func(b *testing.B) {
			s := &state{charted: true, chart: c, final: true}
			for b.Loop() {
				s.bundle(1)
			}
		})
	}
}
