package frame_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/loopback"
	. "github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/chart"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// drawn is the last chart of a plot, and how many came before it.
func drawn(t *testing.T, p *Plot) (c *chart.Chart, before int) {
	t.Helper()
	final := false
	for s, err := range p.Charts(t.Context()) {
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if final = s.Final; s.Chart != nil {
			c = s.Chart
		}
		if !s.Final {
			before++
		}
	}
	if !final || c == nil {
		t.Fatalf("%s: no final chart", p)
	}
	return c, before
}

// pointsText is a chart's points, one after the other, and its notes.
func pointsText(c *chart.Chart) string {
	var b strings.Builder
	for _, p := range c.Points {
		switch c.Kind {
		case chart.Bar:
			fmt.Fprintf(&b, "%s=%v", p.Label, p.Y)
		case chart.Histogram:
			fmt.Fprintf(&b, "[%v %v)=%v", p.X, p.To, p.Y)
		default:
			fmt.Fprintf(&b, "%v=%v", p.X, p.Y)
		}
		if p.Series != "" {
			b.WriteString("/" + p.Series)
		}
		b.WriteByte(' ')
	}
	for _, n := range c.Notes {
		b.WriteString("(" + n + ") ")
	}
	return strings.TrimSpace(b.String())
}

// odd has values that charts trip over.
func odd() *Frame {
	type row struct {
		Name *string        `frame:"name"`
		V    float64        `frame:"v"`
		N    int64          `frame:"n"`
		When time.Time      `frame:"when"`
		Wait time.Duration  `frame:"wait"`
		OK   bool           `frame:"ok"`
		W    *time.Duration `frame:"w"`
	}
	day := time.Date(2024, 2, 28, 0, 0, 0, 0, time.UTC)
	return New([]row{
		{new("a"), 1, 10, day, 90 * time.Minute, true, nil},
		{new("b"), math.NaN(), 20, day.Add(36 * time.Hour), time.Minute, false, nil},
		{nil, math.Inf(1), 30, day.Add(48 * time.Hour), 0, true, nil},
		{new(""), -1, 40, day, 3 * time.Hour, true, nil},
		{new("null"), 2.5, 50, day, 3 * time.Hour, false, nil},
		{new("a"), 3, 60, day, time.Hour, true, nil},
	})
}

// plotTest is a plot and its points as text.
type plotTest struct {
	name string
	p    *Plot
	want string
}

func checkPlots(t *testing.T, tests []plotTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := drawn(t, test.p)
			if got := pointsText(c); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestPlotBars(t *testing.T) {
	checkPlots(t, []plotTest{
		{"count", sample().Plot().Bar("carrier"), "UA=3 AA=2 B6=1"},
		{"mean, one without a value", sample().Plot().Bar("carrier", Mean("dep_delay")), "AA=54.25 UA=-1 (1 group without a value left out)"},
		{"text", sample().Plot().Bar("lower(carrier)", "sum(distance) / count() as miles"), "b6=1576 aa=1089 ua=960.3333333333334"},
		{"numbers in their order", sample().Plot().Bar("distance"), "719=1 762=1 1089=2 1400=1 1576=1"},
		{"top", sample().Plot().Bar("carrier").Top(1), "UA=3 (the 1 largest of 3 bars shown; the others add up to 3)"},
		{"top, no sum", sample().Plot().Bar("carrier", Max("distance")).Top(1), "B6=1576 (the 1 largest of 3 bars shown)"},
		{"stacked", sample().Plot().Bar("carrier").Color("origin"), "UA=2/EWR UA=1/LGA AA=2/JFK B6=1/JFK"},
		{"side by side", sample().Plot().Bar("carrier", Min("distance"), Max("distance")), "B6=1576/distance_min B6=1576/distance_max UA=719/distance_min UA=1400/distance_max AA=1089/distance_min AA=1089/distance_max"},
		{"rows", sample().GroupBy("carrier").Agg(Count()).Sort("count").Plot().Bar("carrier", "count"), "B6=1 AA=2 UA=3"},
		{"null and empty", odd().Plot().Bar("name", Sum("n")), `a=70 "null"=50 ""=40 null=30 b=20`},
		{"bools", odd().Plot().Bar("ok"), "false=2 true=4"},
		{"days", odd().Plot().Bar("when", "mean(n)"), "2024-02-28=40 2024-02-29 12:00=20 2024-03-01=30"},
		{"durations", odd().Plot().Bar("ok", Max("wait")), "false=3 true=3"},
		{"not finite", odd().Plot().Bar("n", Max("v")), "10=1 40=-1 50=2.5 60=3 (2 groups without a value left out)"},
		{"NaN is a value", odd().Plot().Bar("v"), "-1=1 1=1 2.5=1 3=1 +Inf=1 NaN=1"},
		{"empty", sample().Filter("distance < 0").Plot().Bar("carrier"), ""},
		{"all null", odd().Plot().Bar("name", Max("w")), "(5 groups without a value left out)"},
	})
}

func TestPlotHistograms(t *testing.T) {
	checkPlots(t, []plotTest{
		{"floats", odd().Plot().Histogram("v").Bins(4), "[-1 0)=1 [1 2)=1 [2 3)=1 [3 4)=1 (2 rows without a finite v left out)"},
		{"whole numbers have whole bins", odd().Plot().Histogram("n / 10").Bins(1000).Title("x"), "[1 1.005)=1 [2 2.005)=1 [3 3.005)=1 [4 4.005)=1 [5 5.005)=1 [6 6.005)=1"},
		{"integers", odd().Plot().Histogram("n").Bins(1000), "[10 11)=1 [20 21)=1 [30 31)=1 [40 41)=1 [50 51)=1 [60 61)=1"},
		{"nulls", sample().Plot().Histogram("dep_delay").Bins(3), "[-50 0)=1 [0 50)=2 [50 100)=1 (2 rows without a finite dep_delay left out)"},
		{"colours", sample().Plot().Histogram("distance").Bins(2).Color("origin"), "[500 1000)=1/EWR [500 1000)=1/LGA [1000 1500)=1/EWR [1000 1500)=2/JFK [1500 2000)=1/JFK"},
		{"durations", odd().Plot().Histogram("wait").Bins(3), "[0 1)=2 [1 2)=2 [3 4)=2"},
		{"times", odd().Plot().Histogram("when").Bins(4), "[1.7090784e+12 1.7091216e+12)=4 [1.709208e+12 1.7092512e+12)=1 [1.7092512e+12 1.7092944e+12)=1"},
		{"one value", odd().Filter("n == 30").Plot().Histogram("n"), "[30 35)=1"},
		{"empty", odd().Filter("n > 99").Plot().Histogram("n"), ""},
		{"all null", odd().Plot().Histogram("w"), "(6 rows without a finite w left out)"},
		{"decimals", odd().WithColumn("d", "decimal(n, 10, 2)").Plot().Histogram("d").Bins(2), "[0 50)=4 [50 100)=2"},
		{"huge", New(map[string][]float64{"x": {-math.MaxFloat64, 0, math.MaxFloat64}}).Plot().Histogram("x").Bins(4), "[-1.7976931348623157e+308 -1e+308)=1 [0 1e+308)=1 [1e+308 1.7976931348623157e+308)=1"},
	})
}

func TestPlotLines(t *testing.T) {
	checkPlots(t, []plotTest{
		{"aggregates", sample().Plot().Line("distance"), "719=1 762=1 1089=2 1400=1 1576=1"},
		{"rows, not sorted", sample().Plot().Line("distance", "dep_delay"), "762=-4 1089=75.5 1089=33 1400=2 (2 points without a finite value left out)"},
		{"two lines", odd().Plot().Line("n", "n * 2 as twice", Col("n").Mul(3).As("thrice")), "10=20/twice 20=40/twice 30=60/twice 40=80/twice 50=100/twice 60=120/twice 10=30/thrice 20=60/thrice 30=90/thrice 40=120/thrice 50=150/thrice 60=180/thrice"},
		{"colours", sample().Plot().Line("distance", Max("dep_delay")).Color("origin"), "1400=2/EWR 1089=75.5/JFK 762=-4/LGA (2 points without a finite value left out)"},
		{"x not finite", odd().Plot().Line("v", "n"), "-1=40 1=10 2.5=50 3=60 (2 rows without a finite v left out)"},
		{"times", odd().Plot().Line("when", Max("n")), "1.7090784e+12=60 1.709208e+12=20 1.7092512e+12=30"},
		{"dates", odd().Plot().Line("date(when)", Max("wait")), "1.7090784e+12=3 1.7091648e+12=0.01666666666666667 1.7092512e+12=0"},
		{"few rows of many", big(300_000).Filter("i % 50000 == 7").Plot().Line("i", "g"), "7=7 50007=7 100007=7 150007=7 200007=7 250007=7"},
		{"one point", odd().Head(1).Plot().Line("n", "v"), "10=1"},
		{"empty", sample().Filter("distance < 0").Plot().Line("distance"), ""},
	})
}

// A line of many rows keeps the lowest and highest of every column; it is the same from many rows as from few groups.
func TestPlotLongLine(t *testing.T) {
	const rows = 300_000
	wave := big(rows).WithColumn("y", Col("i").Mod(1000).Mul(Col("i").Mod(7)))
	raw, before := drawn(t, wave.Plot().Line("i", "y").Size(100, 100))
	if n := len(raw.Points); n > 400 || n < 200 {
		t.Errorf("%d points", n)
	}
	if before == 0 {
		t.Error("no snapshot before the last")
	}
	groups, _ := drawn(t, wave.Plot().Line("i", Max("y")).Size(100, 100))
	if n := len(groups.Points); n > 400 || n < 200 {
		t.Errorf("%d points of more groups than are drawn", n)
	}
	for column := range 100 {
		low, high := math.Inf(1), math.Inf(-1)
		for i := range rows {
			if min(i*100/(rows-1), 99) == column {
				y := float64(i % 1000 * (i % 7))
				low, high = min(low, y), max(high, y)
			}
		}
		for name, c := range map[string]*chart.Chart{"rows": raw, "groups": groups} {
			gotLow, gotHigh := math.Inf(1), math.Inf(-1)
			for _, p := range c.Points {
				if min(int(p.X*100/(rows-1)), 99) == column {
					gotLow, gotHigh = min(gotLow, p.Y), max(gotHigh, p.Y)
				}
			}
			if gotLow != low || gotHigh != high {
				t.Fatalf("%s: column %d reaches from %v to %v, want %v to %v", name, column, gotLow, gotHigh, low, high)
			}
		}
	}
	first, last := raw.Points[0], raw.Points[len(raw.Points)-1]
	if first.X != 0 || first.Y != 0 || last.X != rows-1 || last.Y != float64((rows-1)%1000*((rows-1)%7)) {
		t.Errorf("from %v to %v", first, last)
	}
}

func TestPlotErrors(t *testing.T) {
	many := big(100).Plot()
	for _, test := range []struct {
		p    *Plot
		want string
	}{
		{sample().Plot(), `Plot: say what to draw: Bar("column"), Line("column"), Histogram("column")`},
		{sample().Plot().Bar("carier"), `Bar: unknown column "carier", did you mean "carrier"?`},
		{sample().Plot().Bar("carrier", "delay"), `Bar: unknown column "delay"`},
		{sample().Plot().Bar("carrier", Mean("origin")), `Bar: `},
		{sample().Plot().Bar("carrier", "origin"), `Bar: "origin" is string; want numbers, times or durations: CountDistinct("origin") counts its values`},
		{sample().Plot().Bar("carrier", "distance"), `Bar: "carrier" is UA in 3 rows: say how they become one bar, such as Mean("distance") or Sum("distance")`},
		{sample().Plot().Bar("carrier", "distance", Count()), `Bar: distance, count: some are columns, some aggregates`},
		{sample().Plot().Bar(Count()), `Bar: count is an aggregate; want a column`},
		{sample().Plot().Line("carrier"), `Line: column "carrier" is string; want numbers, dates, times or durations: Bar("carrier")`},
		{sample().Plot().Histogram("carrier"), `Histogram: column "carrier" is string`},
		{odd().Plot().Histogram("ok"), `Histogram: column "ok" is bool`},
		{odd().Plot().Line("n", Max("v"), Max("when")), `Line: "v_max" and "when_max" have no axis in common`},
		{sample().Plot().Bar("carrier").Color("nope"), `Bar: Color: unknown column "nope"`},
		{sample().Plot().Bar("carrier", Count(), Count()), `Bar: count, count: two have one name`},
		{sample().Plot().Bar("carrier", Count(), Max("distance")).Color("origin"), `Bar: count, distance_max: Color needs a single value`},
		{sample().Plot().Bar("carrier").Line("distance"), `Line: the plot is a Bar already`},
		{sample().Plot().Bar("carrier").Size(0, 100), `Size: 0 pixels; want 50 to 4,000`},
		{sample().Plot().Histogram("distance").Bins(0), `Bins: 0 bins; want 1 to 1,000`},
		{sample().Plot().Bar("carrier").Top(9999), `Top: 9999 bars; want 1 to 1,000`},
		{sample().Filter("nope > 1").Plot().Bar("carrier"), `Filter: `},
		{many.Line("i", "i").Color("i"), `Line: Color: "i" has more than 20 values`},
		{many.Histogram("i").Color("i"), `Histogram: Color: "i" has more than 20 values`},
		{big(70_000).Plot().Bar("i"), `Bar: "i" has 70,000 groups, too many for bars`},
		{nil, `Bar: the plot is nil`},
	} {
		p := test.p
		if p == nil {
			p = p.Bar("carrier")
		}
		var err error
		for _, err = range p.Charts(t.Context()) {
			if err != nil {
				break
			}
		}
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v\nwant %s", err, test.want)
		}
		if known := p.Err(); known != nil && known.Error() != err.Error() {
			t.Errorf("Err: %v, then %v", known, err)
		}
	}
}

func TestPlotString(t *testing.T) {
	for want, p := range map[string]*Plot{
		"Plot(Bar of count by carrier; lazy: display it)":    sample().Plot().Bar("carrier"),
		"Plot(Histogram of distance; lazy: display it)":      sample().Plot().Histogram("distance"),
		"Plot(error: Bar: Color: a Frame is no value of an ": sample().Plot().Bar("carrier").Color(sample()),
	} {
		if got := p.String(); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// An interrupt leaves what was drawn, marked.
func TestPlotInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &screen{shown: make(chan struct{})}
	go func() {
		<-s.shown
		cancel()
	}()
	defer cancel()
	// Each row has 50 partners: there is much to do after the first state.
	p := big(1_000_000).Join(big(5_000), "g").Plot().Bar("g", Mean("i"))
	if err := display.RunChart(ctx, s, "", nil, p); !errors.Is(err, context.Canceled) {
		t.Errorf("not interrupted: %v", err)
	}
	if text, _ := s.last.Data["text/plain"].(string); !strings.Contains(text, "interrupted after") {
		t.Errorf("%s", text)
	}
}

// Charts are the same where the plan runs in other processes: all of it is data.
func TestPlotOnWorkers(t *testing.T) {
	wave := big(200_000).WithColumn("y", Col("i").Mod(1000).Mul(Col("g")))
	plots := []*Plot{
		wave.Plot().Bar("g", Sum("y")).Color("i % 3"),
		wave.Plot().Histogram("y / 7").Color("g % 2"),
		wave.Plot().Line("i", "y").Size(100, 100),
		wave.Plot().Line("i", Mean("y")).Size(100, 100),
	}
	var want []string
	for _, p := range plots {
		c, _ := drawn(t, p)
		want = append(want, pointsText(c))
	}
	env := &exec.Env{Mem: memory.Allocator(), Budget: memory.Default(), Spill: t.TempDir()}
	engine := loopback.New(memory.Allocator(), nil, env, env)
	defer engine.Close()
	SetRunner(distrib.NewRunnerEnv(engine, env))
	defer SetRunner(runner)
	for i, p := range plots {
		if c, _ := drawn(t, p); pointsText(c) != want[i] {
			t.Errorf("%s differs on workers:\n%.400s\n%.400s", p, pointsText(c), want[i])
		}
	}
	if engine.Tasks() < len(plots) {
		t.Errorf("%d tasks of %d plots", engine.Tasks(), len(plots))
	}
}

// Nobody who stops looking is waited for, and an interrupt ends a plot with its cause.
func TestPlotStops(t *testing.T) {
	for _, p := range []*Plot{big(300_000).Plot().Histogram("i"), big(300_000).Plot().Line("i", "i"), big(300_000).Plot().Bar("g")} {
		for _, err := range p.Charts(t.Context()) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	}
}
