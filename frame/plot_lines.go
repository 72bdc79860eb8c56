package frame

import (
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/chart"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

func (d *plotting) lines() error {
	if !d.aggregated {
		return d.rawLines(1)
	}
	d.noun = "group"
	n, err := d.grouped()
	if err != nil {
		return err
	}
	few, err := plan.NewPreview(n, plotGroups)
	if err != nil {
		return err
	}
	many := false
	err = d.pass(few, 0, "", func(rec arrow.Record, rows int64) (*chart.Chart, error) {
		if many = rows > plotGroups; many {
			return nil, errMany
		}
		return d.lineChart(rec)
	})
	if !many {
		return err
	}
	return d.overGroups(n).rawLines(1)
}

// errMany ends a pass whose groups are too many to be points.
var errMany = fmt.Errorf("more than %d groups", plotGroups)

// overGroups draws the groups that n gives as rows.
func (d *plotting) overGroups(n plan.Node) *plotting {
	r := *d.plotted
	r.in, r.x, r.aggregated = n, expr.Column{Name: "x"}, false
	if r.color != nil {
		r.color = expr.Column{Name: "color"}
	}
	r.y = nil
	for i := range d.y {
		r.y = append(r.y, expr.Column{Name: "y" + strconv.Itoa(i)})
	}
	out := *d
	out.plotted = &r
	return &out
}

// lineChart is the points of groups, or of few rows: x, color, y0, y1, ....
func (d *plotting) lineChart(rec arrow.Record) (*chart.Chart, error) {
	c := d.chart()
	known := series{}
	first := len(d.keys(d.x))
	noX, noY := int64(0), int64(0)
	for i := range int(rec.NumRows()) {
		x, ok := axisValue(rec.Column(0), i)
		if !ok {
			noX++
			continue
		}
		color, err := d.colorOf(rec, 1, i, known)
		if err != nil {
			return nil, err
		}
		for j := range d.y {
			y, ok := axisValue(rec.Column(first+j), i)
			if !ok {
				noY++
				continue
			}
			name := color.label
			if len(d.y) > 1 {
				name = d.names[j]
			}
			c.Points = append(c.Points, chart.Point{X: x, Y: y, Series: name})
		}
	}
	c.Series = d.lineSeries(known)
	chart.ByX(c.Points, c.Series)
	c.Points = chart.Reduce(c.Points, chart.Columns(c.Width, len(c.Series)))
	d.leftOut(c, noX, noY)
	return c, nil
}

// lineSeries are the names of the lines, in order.
func (d *plotting) lineSeries(known series) []string {
	switch {
	case d.color != nil:
		return known.labels()
	case len(d.y) > 1:
		return d.names
	}
	return nil
}

func (d *plotting) leftOut(c *chart.Chart, noX, noY int64) {
	if noX > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%s without a finite %s left out", counted(noX, d.noun), d.base.X.Title))
	}
	if noY > 0 {
		c.Notes = append(c.Notes, counted(noY, "point")+" without a finite value left out")
	}
}

// finite is x, null where it is not a finite number.
func finite(x expr.Expr, t arrow.DataType) expr.Expr {
	switch t.ID() {
	case arrow.FLOAT64:
		in := expr.Binary{Op: expr.LessEqual, Left: expr.Call{Func: "abs", Args: []expr.Expr{x}}, Right: expr.Literal{Value: math.MaxFloat64}}
		return expr.Case{Whens: []expr.When{{Cond: in, Then: x}}}
	case arrow.DECIMAL128, arrow.BOOL:
		return expr.Cast{X: x, To: arrow.PrimitiveTypes.Float64}
	}
	return x
}

// span is what the first pass finds of x.
type span struct {
	low, high float64 // in the units of ticksOf; NaN where there are no values
	rows      int64
	values    int64 // that are finite
	colors    int   // 0 where there is no colour
}

// ticksOf is x as a number that arithmetic takes: times and durations by their ticks, dates by their days.
func ticksOf(x expr.Expr, t arrow.DataType) expr.Expr {
	switch t.ID() {
	case arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		x = expr.Cast{X: x, To: arrow.PrimitiveTypes.Int64}
	}
	if t.ID() == arrow.FLOAT64 {
		return x
	}
	return expr.Cast{X: x, To: arrow.PrimitiveTypes.Float64}
}

// measure is the first of two passes over the data: the range of x, and how many colours there are.
func (d *plotting) measure(left int) (s span, err error) {
	x := finite(d.x, d.xType)
	ticks := ticksOf(x, d.xType)
	n, err := plan.NewAggregate(d.in, d.keys(nil), []expr.Expr{
		expr.Alias{X: expr.Aggregate{Func: expr.Min, X: ticks}, Name: "low"},
		expr.Alias{X: expr.Aggregate{Func: expr.Max, X: ticks}, Name: "high"},
		expr.Alias{X: expr.Aggregate{Func: expr.Count}, Name: "rows"},
		expr.Alias{X: expr.Aggregate{Func: expr.Count, X: x}, Name: "values"},
	})
	if err != nil {
		return s, err
	}
	if n, err = plan.NewPreview(n, chart.MaxSeries+1); err != nil {
		return s, err
	}
	err = d.pass(n, left, "the range of "+d.base.X.Title, func(rec arrow.Record, _ int64) (*chart.Chart, error) {
		var err error
		s, err = d.spanOf(rec)
		return nil, err
	})
	return s, err
}

// spanOf puts the spans of the colours together.
func (d *plotting) spanOf(rec arrow.Record) (s span, err error) {
	s.low, s.high = nan, nan
	known := series{}
	first := len(d.keys(nil))
	for i := range int(rec.NumRows()) {
		if _, err := d.colorOf(rec, 0, i, known); err != nil {
			return s, err
		}
		for k, to := range []*int64{&s.rows, &s.values} {
			n, err := intAt(rec.Column(first+2+k), i)
			if err != nil {
				return s, err
			}
			*to += n
		}
		if low, ok := axisValue(rec.Column(first), i); ok && !(s.low < low) {
			s.low = low
		}
		if high, ok := axisValue(rec.Column(first+1), i); ok && !(s.high > high) {
			s.high = high
		}
	}
	s.colors = len(known)
	return s, nil
}

// rawLines draws a point for each row, in two passes: the range of x, then the columns.
func (d *plotting) rawLines(left int) error {
	s, err := d.measure(left)
	if err != nil || d.stopped {
		return err
	}
	lines := max(len(d.y), s.colors)
	if s.rows <= int64(4*d.base.Width/lines) || s.values == 0 {
		n, err := d.rowPlan()
		if err != nil {
			return err
		}
		return d.pass(n, 0, "", func(rec arrow.Record, _ int64) (*chart.Chart, error) { return d.lineChart(rec) })
	}
	n, err := d.columnPlan(s, chart.Columns(d.base.Width, lines))
	if err != nil {
		return err
	}
	return d.pass(n, 0, "", func(rec arrow.Record, _ int64) (*chart.Chart, error) { return d.columnChart(rec, s) })
}

// rowPlan is few rows as they are, sorted: a snapshot of a sort has all rows so far, not only the new ones.
func (d *plotting) rowPlan() (plan.Node, error) {
	list := d.keys(d.x)
	for i, y := range d.y {
		list = append(list, expr.Alias{X: y, Name: "y" + strconv.Itoa(i)})
	}
	n, err := plan.NewProject(d.in, list)
	if err != nil {
		return nil, err
	}
	if n, err = plan.NewSort(n, []plan.SortKey{{X: expr.Column{Name: "x"}}}); err != nil {
		return nil, err
	}
	return plan.NewPreview(n, int64(4*d.base.Width))
}
