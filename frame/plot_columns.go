package frame

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/chart"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// columnPlan groups rows by the pixel column that x falls in, and the colour. Of x it takes the lowest, highest, first and
// last, of each y the lowest, highest, first and last; the row count comes last.
func (d *plotting) columnPlan(s span, columns int) (plan.Node, error) {
	x := finite(d.x, d.xType)
	ticks := ticksOf(x, d.xType)
	// Halves, so that the range of numbers near both ends of what a float can be is finite.
	half := func(v expr.Expr) expr.Expr {
		return expr.Binary{Op: expr.Multiply, Left: v, Right: expr.Literal{Value: 0.5}}
	}
	scale := 0.0
	if s.high > s.low {
		scale = float64(columns) / (s.high/2 - s.low/2)
	}
	place := expr.Binary{Op: expr.Subtract, Left: half(ticks), Right: expr.Literal{Value: s.low / 2}}
	var at expr.Expr = expr.Call{Func: "floor", Args: []expr.Expr{expr.Binary{Op: expr.Multiply, Left: place, Right: expr.Literal{Value: scale}}}}
	// The last column has the greatest x, which is at the end of it.
	end := expr.Literal{Value: float64(columns - 1)}
	at = expr.Case{Whens: []expr.When{{Cond: expr.Binary{Op: expr.Greater, Left: at, Right: end}, Then: end}}, Else: at}
	var list []expr.Expr
	add := func(x expr.Expr, name string) {
		for _, f := range []expr.AggFunc{expr.Min, expr.Max, expr.First, expr.Last} {
			list = append(list, expr.Alias{X: expr.Aggregate{Func: f, X: x}, Name: name + string(f)})
		}
	}
	add(x, "x")
	for i, y := range d.y {
		t, err := typeOver(d.in, y)
		if err != nil {
			return nil, err
		}
		add(finite(y, t), "y"+strconv.Itoa(i))
	}
	list = append(list, expr.Alias{X: expr.Aggregate{Func: expr.Count}, Name: "rows"})
	n, err := plan.NewAggregate(d.in, d.keys(expr.Cast{X: at, To: arrow.PrimitiveTypes.Int64}), list)
	if err != nil {
		return nil, err
	}
	return plan.NewPreview(n, plotGroups)
}

// columnChart is the points of such groups.
func (d *plotting) columnChart(rec arrow.Record, s span) (*chart.Chart, error) {
	c := d.chart()
	known := series{}
	first := len(d.keys(d.x))
	for i := range int(rec.NumRows()) {
		color, err := d.colorOf(rec, 1, i, known)
		if err != nil {
			return nil, err
		}
		if rec.Column(0).IsNull(i) {
			continue
		}
		for j := range d.y {
			name := color.label
			if len(d.y) > 1 {
				name = d.names[j]
			}
			if column, ok := columnAt(rec, i, first, first+4*(j+1)); ok {
				c.Points = append(c.Points, column.Points(name)...)
			}
		}
	}
	c.Series = d.lineSeries(known)
	chart.ByX(c.Points, c.Series)
	d.leftOut(c, s.rows-s.values, 0)
	return c, nil
}

// columnAt is row i as a column, its four of x from column x on and those of y from column y on; false where no y is known.
// The values at its ends are the first and last where those rows are at its ends.
func columnAt(rec arrow.Record, i, x, y int) (c chart.Column, ok bool) {
	at := func(k int) float64 {
		v, ok := axisValue(rec.Column(k), i)
		if !ok {
			return nan
		}
		return v
	}
	if c.Low = at(y); c.Low != c.Low {
		return c, false
	}
	c.High = at(y + 1)
	c.First, c.Last = at(x), at(x+1)
	c.AtFirst, c.AtLast = nan, nan
	if at(x+2) == c.First {
		c.AtFirst = at(y + 2)
	}
	if at(x+3) == c.Last {
		c.AtLast = at(y + 3)
	}
	return c, true
}
