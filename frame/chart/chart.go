package chart

import (
	"github.com/rivulet-go/rivulet/frame/batch"
)

// Kind is the form of a chart.
type Kind uint8

// The kinds.
const (
	None Kind = iota
	Bar
	Line
	Histogram
)

// String is the name of the method of a plot that makes the kind.
func (k Kind) String() string { return [...]string{"None", "Bar", "Line", "Histogram"}[k] }

// Scale is what the numbers of an axis are.
type Scale uint8

// The scales.
const (
	Number   Scale = iota
	Time           // milliseconds since 1970 on the clock of the column's zone
	Duration       // seconds; Finish makes a Number of it, in a unit that fits
	Category       // no numbers: labels
)

// Axis is one axis of a chart.
type Axis struct {
	Title string
	Scale Scale
}

// Point is a bar, a bin or a point of a line.
type Point struct {
	Label  string  // of a bar
	X, To  float64 // where it stands; To is the end of a bin
	Y      float64
	Series string // which line or part of a bar it belongs to; "" where there is one
}

const (
	// DefaultWidth is the width of a plot's data area, in pixels.
	DefaultWidth = 560
	// DefaultHeight is its height, in pixels.
	DefaultHeight = 300
	// MaxSeries is how many series can be told apart by their colours.
	MaxSeries = 20
)

// Chart is a chart with its data.
type Chart struct {
	Kind          Kind
	Title         string
	Width, Height int // pixels, of the data area
	X, Y          Axis
	Color         string // what the series are values of
	Series        []string
	Grouped       bool // the bars of several series stand side by side and are not stacked: they do not add up
	Points        []Point
	Notes         []string // what is not seen, a sentence each
}

// Snapshot is a chart as far as it is known.
type Snapshot struct {
	Chart    *Chart // nil where there is only progress to show
	Stage    string // what is being done where that is not yet drawing: finding the range
	Rows     int64  // points of the chart
	Covered  []batch.Span
	Progress batch.Progress
	Final    bool // the last one: the chart is exact
}

// unit is a unit of durations.
type unit struct {
	name    string
	seconds float64
}

var units = []unit{{"days", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9}}

// unitFor is the largest unit of which the largest of the seconds is two or more.
func unitFor(most float64) unit {
	for _, u := range units {
		if most >= 2*u.seconds {
			return u
		}
	}
	return units[3]
}

// Finish gives durations their unit, which their axis' title then names.
func (c *Chart) Finish() {
	finish(&c.X, c.Points, func(p *Point) []*float64 { return []*float64{&p.X, &p.To} })
	finish(&c.Y, c.Points, func(p *Point) []*float64 { return []*float64{&p.Y} })
}

func finish(a *Axis, points []Point, of func(*Point) []*float64) {
	if a.Scale != Duration {
		return
	}
	most := 0.0
	for i := range points {
		for _, v := range of(&points[i]) {
			most = max(most, *v, -*v)
		}
	}
	u := unitFor(most)
	for i := range points {
		for _, v := range of(&points[i]) {
			*v /= u.seconds
		}
	}
	a.Scale, a.Title = Number, a.Title+" ("+u.name+")"
}
