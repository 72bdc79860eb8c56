package frame

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/chart"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// plotted is a plot whose names and types are known.
type plotted struct {
	*Plot
	in    plan.Node
	x     expr.Expr
	y     []expr.Expr
	names []string // of y
	color expr.Expr

	xType      arrow.DataType
	aggregated bool // y are aggregates
	additive   bool // y of parts add up to that of the whole
	base       chart.Chart
}

// axisScale is how a type is drawn on an axis.
func axisScale(t arrow.DataType) (chart.Scale, bool) {
	switch t.ID() {
	case arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.DECIMAL128, arrow.BOOL, arrow.NULL:
		return chart.Number, true
	case arrow.DATE32, arrow.TIMESTAMP:
		return chart.Time, true
	case arrow.DURATION:
		return chart.Duration, true
	}
	return chart.Category, false
}

// resolve checks the plot against its frame.
func (p *Plot) resolve() (*plotted, error) {
	switch {
	case p == nil:
		return nil, errors.New("the plot is nil")
	case p.err != nil:
		return nil, p.err
	case p.kind == chart.None:
		return nil, inCall("Plot", errors.New(`say what to draw: Bar("column"), Line("column"), Histogram("column")`))
	}
	r := &plotted{Plot: p, in: p.from.node}
	err := r.resolveX()
	if err == nil {
		err = r.resolveY()
	}
	if err == nil {
		err = r.resolveColor()
	}
	if err != nil {
		return nil, inCall(p.kind.String(), err)
	}
	r.base.Kind, r.base.Title = p.kind, p.title
	r.base.Width, r.base.Height = cmp.Or(p.width, chart.DefaultWidth), cmp.Or(p.height, chart.DefaultHeight)
	return r, nil
}

// value resolves a column or expression that has a value in each row.
func (r *plotted) value(v any) (x expr.Expr, name string, t arrow.DataType, err error) {
	s := r.in.Schema()
	if x, err = column(v, s); err != nil {
		return nil, "", nil, err
	}
	name = expr.Name(x)
	if expr.HasAggregate(x) {
		return nil, "", nil, fmt.Errorf("%s is an aggregate; want a column or an expression of columns", name)
	}
	x = unnamed(x)
	bound, err := expr.Bind(x, s)
	if err != nil {
		return nil, "", nil, err
	}
	return x, name, bound.Type(), nil
}

func (r *plotted) resolveX() (err error) {
	if r.x, r.base.X.Title, r.xType, err = r.value(r.Plot.x); err != nil {
		return err
	}
	scale, ok := axisScale(r.xType)
	switch {
	case r.kind == chart.Bar:
		scale = chart.Category
		if id := r.xType.ID(); id == arrow.LIST || id == arrow.STRUCT {
			return fmt.Errorf("column %q is %s, which has no bars", r.base.X.Title, batch.TypeName(r.xType))
		}
	case !ok || r.xType.ID() == arrow.BOOL:
		return fmt.Errorf("column %q is %s; want numbers, dates, times or durations: Bar(%[1]q) has a bar for each value",
			r.base.X.Title, batch.TypeName(r.xType))
	}
	if t, ok := r.xType.(*arrow.TimestampType); ok && t.TimeZone != "" && t.TimeZone != "UTC" {
		r.base.X.Title += " (" + t.TimeZone + ")"
	}
	r.base.X.Scale = scale
	return nil
}

func (r *plotted) resolveY() error {
	list := r.Plot.y
	if len(list) == 0 {
		list = []any{Count()}
	}
	s := r.in.Schema()
	raw := 0
	r.additive = true
	for i, v := range list {
		x, err := column(v, s)
		if err != nil {
			return err
		}
		name := expr.Name(x)
		if !expr.HasAggregate(x) {
			raw++
			x = unnamed(x)
		}
		t, err := typeOver(r.in, x)
		if err != nil {
			return err
		}
		scale, ok := axisScale(t)
		if !ok {
			return fmt.Errorf("%q is %s; want numbers, times or durations: CountDistinct(%[1]q) counts its values", name, batch.TypeName(t))
		}
		if i > 0 && scale != r.base.Y.Scale {
			return fmt.Errorf("%q and %q have no axis in common: draw them apart", r.names[0], name)
		}
		a, ok := unnamed(x).(expr.Aggregate)
		r.additive = r.additive && ok && (a.Func == expr.Sum || a.Func == expr.Count)
		r.y, r.names, r.base.Y.Scale = append(r.y, unnamed(x)), append(r.names, name), scale
	}
	if raw > 0 && raw < len(list) {
		return fmt.Errorf("%s: some are columns, some aggregates; want one or the other", strings.Join(r.names, ", "))
	}
	if n := len(r.names); n > 1 && len(slices.Compact(slices.Sorted(slices.Values(r.names)))) < n {
		return fmt.Errorf("%s: two have one name: name them with As", strings.Join(r.names, ", "))
	}
	r.aggregated = raw == 0
	r.base.Y.Title = strings.Join(r.names, ", ")
	return nil
}

// typeOver is the type of an expression, or of an aggregate of one.
func typeOver(n plan.Node, x expr.Expr) (arrow.DataType, error) {
	if !expr.HasAggregate(x) {
		bound, err := expr.Bind(x, n.Schema())
		if err != nil {
			return nil, err
		}
		return bound.Type(), nil
	}
	a, err := plan.NewAggregate(n, nil, []expr.Expr{expr.Alias{X: unnamed(x), Name: "y"}})
	if err != nil {
		return nil, err
	}
	return a.Schema().Field(0).Type, nil
}

func (r *plotted) resolveColor() (err error) {
	if len(r.y) > 1 {
		r.base.Color = "value"
		r.additive = false
		if r.Plot.color != nil {
			return fmt.Errorf("%s: Color needs a single value to draw", strings.Join(r.names, ", "))
		}
		if len(r.y) > chart.MaxSeries {
			return fmt.Errorf("%d values to draw; at most %d can be told apart", len(r.y), chart.MaxSeries)
		}
		return nil
	}
	if r.Plot.color == nil {
		return nil
	}
	r.color, r.base.Color, _, err = r.value(r.Plot.color)
	if err != nil {
		return fmt.Errorf("Color: %w", err)
	}
	return nil
}

// keys are x, unless it is nil, and the colour, where there is one, as columns "x" and "color".
func (r *plotted) keys(x expr.Expr) (keys []expr.Expr) {
	if x != nil {
		keys = []expr.Expr{expr.Alias{X: x, Name: "x"}}
	}
	if r.color != nil {
		keys = append(keys, expr.Alias{X: r.color, Name: "color"})
	}
	return keys
}

// chart is a new chart without points.
func (r *plotted) chart() *chart.Chart {
	c := r.base
	return &c
}
