package frame

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/chart"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

const (
	// plotGroups is how many groups a chart is made of at most.
	plotGroups = 1 << 16
	// defaultBars is how many bars are drawn where Top does not say it.
	defaultBars = 30
)

// grouped is the plan of a row for each x and colour: x, color, y0, y1, ..., rows.
func (d *plotting) grouped() (plan.Node, error) {
	var list []expr.Expr
	for i, y := range d.y {
		if !d.aggregated {
			y = expr.Aggregate{Func: expr.First, X: y}
		}
		list = append(list, expr.Alias{X: y, Name: "y" + strconv.Itoa(i)})
	}
	list = append(list, expr.Alias{X: expr.Aggregate{Func: expr.Count}, Name: "rows"})
	return plan.NewAggregate(d.in, d.keys(d.x), list)
}

func (d *plotting) bars() error {
	n, err := d.grouped()
	if err != nil {
		return err
	}
	if n, err = plan.NewPreview(n, plotGroups); err != nil {
		return err
	}
	return d.pass(n, 0, "", d.barChart)
}

// barOf is a bar, its parts by series.
type barOf struct {
	category
	parts map[string]float64
	size  float64 // what bars are chosen by
}

func (d *plotting) barChart(rec arrow.Record, rows int64) (*chart.Chart, error) {
	if rows > plotGroups {
		return nil, fmt.Errorf("%q has %s, too many for bars: draw the first of a sorted frame, such as GroupBy(%[1]q).Agg(Count()).Sort(Desc(\"count\")).Head(30).Plot().Bar(%[1]q, \"count\"), or a Histogram",
			d.base.X.Title, counted(rows, "group"))
	}
	bars, left, colors, err := d.collectBars(rec)
	if err != nil {
		return nil, err
	}
	c := d.chart()
	c.Series = colors
	c.Grouped = len(colors) > 1 && !d.additive
	c.Points = d.chooseBars(c, bars)
	if left > 0 {
		c.Notes = append(c.Notes, counted(left, "group")+" without a value left out")
	}
	return c, nil
}

// collectBars reads the groups; left is how many have no value.
func (d *plotting) collectBars(rec arrow.Record) (bars []*barOf, left int64, colors []string, err error) {
	found := map[category]*barOf{}
	known := series{}
	first := len(d.keys(d.x))
	counts := rec.Column(first + len(d.y))
	for i := range int(rec.NumRows()) {
		x := categoryOf(rec.Column(0), i)
		if n, err := intAt(counts, i); err != nil || !d.aggregated && n > 1 {
			return nil, 0, nil, errors.Join(err, fmt.Errorf("%q is %s in %s: say how they become one bar, such as Mean(%q) or Sum(%[4]q)",
				d.base.X.Title, x.label, counted(n, "row"), d.names[0]))
		}
		color, err := d.colorOf(rec, 1, i, known)
		if err != nil {
			return nil, 0, nil, err
		}
		for j := range d.y {
			v, ok := axisValue(rec.Column(first+j), i)
			if !ok {
				left++
				continue
			}
			b := found[x]
			if b == nil {
				b = &barOf{category: x, parts: map[string]float64{}}
				found[x] = b
				bars = append(bars, b)
			}
			name := color.label
			if len(d.y) > 1 {
				name = d.names[j]
			}
			b.parts[name] += v
			if d.additive {
				b.size += v
			} else {
				b.size = max(b.size, math.Abs(v))
			}
		}
	}
	switch {
	case d.color != nil:
		colors = known.labels()
	case len(d.y) > 1:
		colors = d.names
	}
	return bars, left, colors, nil
}

// chooseBars puts the bars in order, and keeps the largest where they are too many.
func (d *plotting) chooseBars(c *chart.Chart, bars []*barOf) []chart.Point {
	order := map[*barOf]int{}
	for i, b := range bars {
		order[b] = i
	}
	bySize := func(a, b *barOf) int { return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(order[a], order[b])) }
	if len(d.y) == 1 && d.color == nil && !d.additive {
		for _, b := range bars {
			b.size = b.parts[""] // the sign counts
		}
	}
	top := cmp.Or(d.top, defaultBars)
	if all := len(bars); all > top {
		slices.SortFunc(bars, bySize)
		note := fmt.Sprintf("the %d largest of %s shown", top, counted(int64(all), "bar"))
		if d.additive && c.Y.Scale == chart.Number {
			sum := 0.0
			for _, b := range bars[top:] {
				sum += b.size
			}
			note += "; the others add up to " + chart.NumberText(sum)
		}
		c.Notes, bars = append(c.Notes, note), bars[:top]
	}
	switch {
	case !d.aggregated:
		slices.SortFunc(bars, func(a, b *barOf) int { return cmp.Compare(order[a], order[b]) })
	case textual(d.xType):
		slices.SortFunc(bars, bySize)
	default:
		slices.SortFunc(bars, func(a, b *barOf) int { return a.compare(b.category) })
	}
	var points []chart.Point
	for _, b := range bars {
		names := c.Series
		if len(names) == 0 {
			names = []string{""}
		}
		for _, s := range names {
			if v, ok := b.parts[s]; ok {
				points = append(points, chart.Point{Label: b.label, Y: v, Series: s})
			}
		}
	}
	return points
}

// textual says whether bars of a type have no order of their own.
func textual(t arrow.DataType) bool {
	return t.ID() == arrow.STRING || t.ID() == arrow.BINARY
}
