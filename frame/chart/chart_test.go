package chart

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestNiceStep(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		most      int
		least     float64
		want      float64
	}{
		{0, 100, 20, 0, 5},
		{0, 100, 19, 0, 10},
		{-43, 1301, 40, 1, 50},
		{0, 1, 40, 0, 0.05},
		{0, 0.3, 3, 0, 0.1},
		{1, 5, 40, 1, 1},
		{7, 7, 40, 1, 1},
		{7, 7, 40, 0, 1},
		{0, 0, 40, 0, 1e-300},
		{1e15, 1e15 + 10, 10, 0, 1},
		{-math.MaxFloat64, math.MaxFloat64, 40, 0, 1e307},
		{0, 5e-324, 40, 0, 1e-300},
	} {
		s := NiceStep(test.low, test.high, test.most, test.least)
		if w := s.Width(); math.Abs(w-test.want) > 1e-9*test.want {
			t.Errorf("%v to %v in %d: %v, want %v", test.low, test.high, test.most, w, test.want)
		}
	}
}

// A bin holds what it says: its edges are the multiples of the step, whichever value lies in it.
func TestIndexAgreesWithEdges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		scale := math.Pow(10, float64(r.IntN(40)-20))
		low := (r.Float64() - 0.5) * scale
		s := NiceStep(low, low+r.Float64()*scale, 1+r.IntN(100), 0)
		x := low + r.Float64()*scale
		k := s.Index(x)
		slack := 1e-9 * max(math.Abs(x), s.Width())
		if s.At(k) > x+slack || s.At(k+1) < x-slack {
			t.Fatalf("%v is in bin %v of %v: %v to %v", x, k, s, s.At(k), s.At(k+1))
		}
	}
}

func TestTimeStep(t *testing.T) {
	const day = 86400
	for _, test := range []struct {
		high float64
		want float64
	}{{365 * day, 14 * day}, {30 * day, day}, {day, 3600}, {3600, 120}, {1, 0.05}, {100 * 365 * day, 2000 * day}} {
		if got := TimeStep(0, test.high, 30, 0).Width(); math.Abs(got-test.want) > 1e-9*test.want {
			t.Errorf("%v s in 30: %v, want %v", test.high, got, test.want)
		}
	}
	if got := TimeStep(0, 100, 40, 86400).Width(); got != 86400 {
		t.Errorf("dates: %v", got)
	}
}

func TestTicks(t *testing.T) {
	at := func(text string) float64 {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return float64(v.UnixMilli())
	}
	for _, test := range []struct {
		scale     Scale
		low, high float64
		want      []string
	}{
		{Number, 0, 100, []string{"0", "20", "40", "60", "80", "100"}},
		{Number, -1.2, 1.1, []string{"-1", "-0.5", "0", "0.5", "1"}},
		{Number, 0, 183575, []string{"0", "50k", "100k", "150k"}},
		{Number, 3, 3, []string{"3"}},
		{Time, at("2013-01-01T05:00:00Z"), at("2014-01-01T04:00:00Z"), []string{"Apr 2013", "Jul 2013", "Oct 2013", "Jan 2014"}},
		{Time, at("2013-01-01T00:00:00Z"), at("2013-01-01T06:00:00Z"), []string{"00:00", "02:00", "04:00", "06:00"}},
		{Time, at("2001-05-01T00:00:00Z"), at("2010-01-01T00:00:00Z"), []string{"2002", "2004", "2006", "2008", "2010"}},
	} {
		var got []string
		for _, tick := range Ticks(test.scale, test.low, test.high, 5) {
			if tick.Value < test.low-1e-9 || tick.Value > test.high+1e-9 {
				t.Errorf("%v: a tick outside of %v to %v", tick, test.low, test.high)
			}
			got = append(got, tick.Label)
		}
		if len(got) != len(test.want) {
			t.Errorf("%v to %v: %q, want %q", test.low, test.high, got, test.want)
			continue
		}
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%v to %v: %q, want %q", test.low, test.high, got, test.want)
				break
			}
		}
	}
	for _, high := range []float64{math.MaxFloat64, 5e-324, 1e16} {
		if n := len(Ticks(Number, high/2, high, 5)); n > 10 {
			t.Errorf("%d ticks up to %v", n, high)
		}
	}
}

// Reduce keeps the first, lowest, highest and last point of each column, in order, of each series.
func TestReduce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var points []Point
	for _, s := range []string{"a", "b"} {
		for i := range 5_000 {
			points = append(points, Point{X: float64(i), Y: r.NormFloat64(), Series: s})
		}
	}
	ByX(points, []string{"a", "b"})
	const columns = 50
	got := Reduce(points, columns)
	if len(got) > 2*4*columns {
		t.Fatalf("%d points of %d columns", len(got), columns)
	}
	kept := map[Point]bool{}
	for i, p := range got {
		kept[p] = true
		if i > 0 && p.Series == got[i-1].Series && p.X < got[i-1].X {
			t.Fatalf("%v comes after %v", p, got[i-1])
		}
	}
	for _, s := range []string{"a", "b"} {
		for c := range columns {
			var in []Point
			for _, p := range points {
				if p.Series == s && min(int(p.X*columns/4999), columns-1) == c {
					in = append(in, p)
				}
			}
			low, high := in[0], in[0]
			for _, p := range in {
				if p.Y < low.Y {
					low = p
				}
				if p.Y > high.Y {
					high = p
				}
			}
			for _, p := range []Point{in[0], low, high, in[len(in)-1]} {
				if !kept[p] {
					t.Errorf("column %d of %s lacks %v", c, s, p)
				}
			}
		}
	}
	if few := Reduce(points[:100], columns); len(few) != 100 {
		t.Errorf("%d of 100 points", len(few))
	}
	same := make([]Point, 1000)
	if got := Reduce(same, columns); len(got) > 4 {
		t.Errorf("points of one place: %d", len(got))
	}
}

func TestColumnPoints(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		c    Column
		want []Point
	}{
		{Column{First: 0, Last: 2, AtFirst: 5, AtLast: 1, Low: 0, High: 9}, []Point{{X: 0, Y: 5}, {X: 1, Y: 9}, {X: 1, Y: 0}, {X: 2, Y: 1}}},
		{Column{First: 0, Last: 2, AtFirst: nan, AtLast: nan, Low: 0, High: 9}, []Point{{X: 1, Y: 0}, {X: 1, Y: 9}}},
		{Column{First: 3, Last: 3, AtFirst: 7, AtLast: 7, Low: 7, High: 7}, []Point{{X: 3, Y: 7}}},
	} {
		got := test.c.Points("")
		if len(got) != len(test.want) {
			t.Errorf("%+v: %v, want %v", test.c, got, test.want)
			continue
		}
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%+v: %v, want %v", test.c, got, test.want)
			}
		}
	}
}

func TestFinishDurations(t *testing.T) {
	c := &Chart{X: Axis{"wait", Duration}, Y: Axis{"mean", Duration}, Points: []Point{{X: 60, To: 120, Y: 0.002}, {X: 600, To: 660, Y: 0.004}}}
	c.Finish()
	if c.X.Title != "wait (min)" || c.Y.Title != "mean (ms)" || c.Points[1].X != 10 || c.Points[1].To != 11 || math.Abs(c.Points[1].Y-4) > 1e-12 {
		t.Errorf("%+v", c)
	}
}

func TestTexts(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1234: "1234", 12345: "12.35k", 2.5e6: "2.5M", 1e20: "1e20", -4e9: "-4G", 0.00001: "1e-05"} {
		if got := NumberText(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	for ms, want := range map[float64]string{0: "1970-01-01", 60_000: "1970-01-01 00:01", 1500: "1970-01-01 00:00:01.5"} {
		if got := TimeText(ms); got != want {
			t.Errorf("%v: %q, want %q", ms, got, want)
		}
	}
}
