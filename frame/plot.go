package frame

import (
	"errors"
	"fmt"

	"github.com/rivulet-go/rivulet/frame/chart"
)

// Plot is a chart of a frame, lazy as the frame is: Bar, Line or Histogram says which, the other methods how it looks, in any
// order. As the last expression of a cell, or in display.Show, it is computed and drawn while the rows arrive.
//
//	df.Plot().Bar("carrier", Mean("dep_delay"))
//	df.Plot().Line("time_hour", Count()).Color("origin").Title("Departures")
//	df.Plot().Histogram("dep_delay").Bins(50)
//
// The engine aggregates: what is sent to the browser are bars, bins, and at most about four points for each pixel of the
// width of a line, its lowest and highest among them. Each is exact for the rows that it was computed from. A mistake is
// kept, as in a frame: Err gives it.
type Plot struct {
	from          *Frame
	kind          chart.Kind
	x             any
	y             []any
	color         any
	title         string
	width, height int // pixels; 0 is the default
	bins, top     int // 0 is the default
	err           error
}

// Plot begins a chart of the frame.
func (f *Frame) Plot() *Plot { return &Plot{from: f, err: f.Err()} }

// with is a changed copy.
func (p *Plot) with(call string, change func(q *Plot) error) *Plot {
	if p == nil {
		return &Plot{err: inCall(call, errors.New("the plot is nil"))}
	}
	q := *p
	if q.err == nil {
		q.err = inCall(call, change(&q))
	}
	return &q
}

// Bar draws a bar for each value of a column or expression. y is an aggregate, Count() where it is not given:
//
//	df.Plot().Bar("carrier", Mean("dep_delay"))
//	df.Plot().Bar("carrier", "sum(distance) / count() as miles")
//
// or a column, where each value has one row: a frame that was grouped and sorted keeps its order. Several y stand side by
// side. Bars of text come largest first, others by their value; of more than 30 the largest are drawn (see Top), and what
// the others add up to, where they do. Values that are not in 65,536 groups are refused.
func (p *Plot) Bar(x any, y ...any) *Plot { return p.draw(chart.Bar, x, y) }

// Line draws a line over a column or expression of numbers, dates, times or durations. y is an aggregate for each x, Count()
// where it is not given, or a column: then each row is a point. Several y are lines of their own.
//
//	df.Plot().Line("time_hour", Mean("temp"))
//	df.Plot().Line("time", "bid", "ask")
//
// Rows need not be sorted. Lines of more points than pixels keep the lowest and highest of each pixel column, and the first and
// last where rows come in the order of x or y is an aggregate (M4).
func (p *Plot) Line(x any, y ...any) *Plot { return p.draw(chart.Line, x, y) }

// Histogram counts the values of a column or expression of numbers, dates, times or durations in bins of a round width. It
// reads the data twice: for the range, and to count.
//
//	df.Plot().Histogram("dep_delay")
func (p *Plot) Histogram(x any) *Plot { return p.draw(chart.Histogram, x, nil) }

func (p *Plot) draw(kind chart.Kind, x any, y []any) *Plot {
	return p.with(kind.String(), func(q *Plot) error {
		if q.kind != chart.None {
			return fmt.Errorf("the plot is a %s already: begin another with Plot()", q.kind)
		}
		q.kind, q.x, q.y = kind, x, flatten(y)
		return nil
	})
}

// Color draws a line, or a part of each bar, for each value of a column or expression, of which there may be at most 20.
// Bars are stacked where they add up, as those of Count and Sum do, and stand side by side otherwise.
func (p *Plot) Color(x any) *Plot {
	return p.with("Color", func(q *Plot) error { q.color = x; return nil })
}

// Title sets the line above the chart.
func (p *Plot) Title(text string) *Plot {
	return p.with("Title", func(q *Plot) error { q.title = text; return nil })
}

// Size sets the size of the chart without its axes, in pixels: 50 to 4,000 each. The default is 560 to 300.
func (p *Plot) Size(width, height int) *Plot {
	return p.with("Size", func(q *Plot) error {
		for _, n := range []int{width, height} {
			if n < 50 || n > 4000 {
				return fmt.Errorf("%d pixels; want 50 to 4,000", n)
			}
		}
		q.width, q.height = width, height
		return nil
	})
}

// Bins sets about how many bins a histogram has at most, 1 to 1,000: their width is the next round number. The default is 40.
func (p *Plot) Bins(most int) *Plot {
	return p.with("Bins", func(q *Plot) error { q.bins = most; return upTo1000("bins", most) })
}

// Top sets how many bars there are at most, 1 to 1,000: the largest. The default is 30.
func (p *Plot) Top(most int) *Plot {
	return p.with("Top", func(q *Plot) error { q.top = most; return upTo1000("bars", most) })
}

func upTo1000(what string, n int) error {
	if n < 1 || n > 1000 {
		return fmt.Errorf("%d %s; want 1 to 1,000", n, what)
	}
	return nil
}

// Err is the first mistake made in building the plot, or nil. It runs nothing.
func (p *Plot) Err() error {
	_, err := p.resolve()
	return err
}

// String says what the plot is, without computing it.
func (p *Plot) String() string {
	r, err := p.resolve()
	if err != nil {
		return "Plot(error: " + err.Error() + ")"
	}
	if r.kind == chart.Histogram {
		return fmt.Sprintf("Plot(Histogram of %s; lazy: display it)", r.base.X.Title)
	}
	return fmt.Sprintf("Plot(%s of %s by %s; lazy: display it)", r.kind, r.base.Y.Title, r.base.X.Title)
}
