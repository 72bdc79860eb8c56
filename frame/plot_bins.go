package frame

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/chart"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// defaultBins is about how many bins a histogram has at most where Bins does not say it.
const defaultBins = 40

var nan = math.NaN()

// histogram counts values in bins, in two passes: their range, then the counts.
func (d *plotting) histogram() error {
	s, err := d.measure(1)
	if err != nil || d.stopped {
		return err
	}
	step := d.binStep(s)
	x := ticksOf(finite(d.x, d.xType), d.xType)
	at := expr.Binary{Op: expr.Divide, Left: x, Right: expr.Literal{Value: step.Size}}
	if step.Per != 0 {
		at = expr.Binary{Op: expr.Multiply, Left: x, Right: expr.Literal{Value: step.Per}}
	}
	bin := expr.Cast{X: expr.Call{Func: "floor", Args: []expr.Expr{at}}, To: arrow.PrimitiveTypes.Int64}
	n, err := plan.NewAggregate(d.in, d.keys(bin), []expr.Expr{expr.Alias{X: expr.Aggregate{Func: expr.Count}, Name: "rows"}})
	if err != nil {
		return err
	}
	if n, err = plan.NewPreview(n, plotGroups); err != nil {
		return err
	}
	return d.pass(n, 0, "", func(rec arrow.Record, _ int64) (*chart.Chart, error) { return d.binChart(rec, step, s) })
}

// binStep is the width of the bins, in the units of ticksOf.
func (d *plotting) binStep(s span) chart.Step {
	bins := cmp.Or(d.bins, defaultBins)
	if s.values == 0 {
		return chart.Step{Size: 1}
	}
	perSecond, least := 0.0, 0.0
	switch t := d.xType.(type) {
	case *arrow.TimestampType:
		perSecond = float64(time.Second / t.Unit.Multiplier())
	case *arrow.DurationType:
		perSecond = float64(time.Second / t.Unit.Multiplier())
	case *arrow.Date32Type:
		perSecond, least = 1.0/86400, 86400
	case *arrow.Int64Type, *arrow.Uint64Type:
		least = 1
	}
	if perSecond == 0 {
		return chart.NiceStep(s.low, s.high, bins, least)
	}
	step := chart.TimeStep(s.low/perSecond, s.high/perSecond, bins, max(least, 1/perSecond))
	return chart.Step{Size: max(math.Round(step.Width()*perSecond), 1)}
}

func (d *plotting) binChart(rec arrow.Record, step chart.Step, s span) (*chart.Chart, error) {
	c := d.chart()
	known := series{}
	counts := rec.Column(int(rec.NumCols()) - 1)
	for i := range int(rec.NumRows()) {
		color, err := d.colorOf(rec, 1, i, known)
		if err != nil {
			return nil, err
		}
		if rec.Column(0).IsNull(i) {
			continue
		}
		bin, err := floatAt(rec.Column(0), i)
		if err != nil {
			return nil, err
		}
		n, err := intAt(counts, i)
		if err != nil {
			return nil, err
		}
		c.Points = append(c.Points, chart.Point{X: d.edge(step.At(bin)), To: d.edge(step.At(bin + 1)), Y: float64(n), Series: color.label})
	}
	c.Series = d.lineSeries(known)
	slices.SortFunc(c.Points, func(a, b chart.Point) int {
		return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(slices.Index(c.Series, a.Series), slices.Index(c.Series, b.Series)))
	})
	if left := s.rows - s.values; left > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%s without a finite %s left out", counted(left, "row"), d.base.X.Title))
	}
	return c, nil
}

// edge is the end of a bin on the axis.
func (d *plotting) edge(ticks float64) float64 {
	switch t := d.xType.(type) {
	case *arrow.TimestampType:
		return onClock(t, int64(ticks))
	case *arrow.DurationType:
		return ticks * t.Unit.Multiplier().Seconds()
	case *arrow.Date32Type:
		return ticks * 86400e3
	}
	return max(-math.MaxFloat64, min(ticks, math.MaxFloat64))
}
