package plan

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/frame/expr"
)

func TestExplainWindow(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	by := func(w expr.Window, order ...string) expr.Expr {
		w.By = []expr.Expr{col("carrier")}
		for _, name := range order {
			w.Order = append(w.Order, expr.OrderKey{X: col(name), Descending: true})
		}
		return w
	}
	number := by(expr.Window{Func: expr.RowNumber}, "delay")
	total := by(expr.Window{Func: "sum", X: col("distance")})
	cases := map[string]Node{
		// One node: a total of the whole partition goes with any order.
		"window_shared": m(NewProject(scan, []expr.Expr{col("carrier"), as(number, "n"), as(binary(expr.Divide, col("distance"), total), "share")})),
		// Two nodes, and a column for the operand that is computed.
		"window_two": m(NewProject(scan, []expr.Expr{number, as(expr.Window{Func: "mean", X: binary(expr.Add, col("delay"), lit(int64(1)))}, "m")})),
		// On a key of the partition, below the window; on another column, above it.
		"window_filter": m(NewFilter(m(NewFilter(m(NewProject(scan, []expr.Expr{col("carrier"), col("origin"), as(number, "n")})),
			binary(expr.Equal, col("carrier"), lit("UA")))), binary(expr.Equal, col("origin"), lit("EWR")))),
		"window_unused":  m(NewProject(m(NewProject(scan, []expr.Expr{col("carrier"), as(number, "n")})), []expr.Expr{col("carrier")})),
		"window_qualify": m(NewFilter(scan, binary(expr.LessEqual, number, lit(int64(3))))),
	}
	for name, node := range cases {
		t.Run(name, func(t *testing.T) {
			if err := sameSchema(Optimize(node), node); err != "" {
				t.Error(err)
			}
			golden(t, filepath.Join("testdata", name+".txt"), Explain(node))
		})
	}
}

// windowPlan is a node with windows of every form, for the codec.
func windowPlan(m func(Node, error) Node, scan Node) Node {
	bound := func(v any) expr.FrameBound { return expr.FrameBound{Offset: expr.Literal{Value: v}} }
	n, _, err := Windows(scan, []expr.Expr{
		expr.Window{
			Func: "sum", X: col("delay"), By: []expr.Expr{col("carrier"), col("origin")}, Order: []expr.OrderKey{{X: col("distance"), Descending: true}},
			Frame: &expr.WindowFrame{Unit: expr.RangeFrame, From: bound(-1.5), To: expr.FrameBound{Unbounded: true}},
		},
		expr.Window{
			Func: expr.Lag, X: col("carrier"), N: 2, Default: lit("none"), By: []expr.Expr{col("carrier"), col("origin")},
			Order: []expr.OrderKey{{X: col("distance"), Descending: true}},
		},
		expr.Window{
			Func: "quantile", X: col("delay"), Args: []expr.Expr{lit(0.9)}, By: []expr.Expr{col("carrier"), col("origin")},
			Order: []expr.OrderKey{{X: col("distance"), Descending: true}}, Frame: expr.WholePartition(),
		},
		expr.Window{
			Func: expr.LastValue, X: col("delay"), IgnoreNulls: true, By: []expr.Expr{col("carrier"), col("origin")},
			Order: []expr.OrderKey{{X: col("distance"), Descending: true}}, Frame: &expr.WindowFrame{From: bound(int64(-3)), To: bound(int64(0))},
		},
	})
	return m(n, err)
}

func TestWindowErrors(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	frame := func(unit expr.FrameUnit, from, to any) *expr.WindowFrame {
		return &expr.WindowFrame{Unit: unit, From: expr.FrameBound{Offset: expr.Literal{Value: from}}, To: expr.FrameBound{Offset: expr.Literal{Value: to}}}
	}
	byDistance := []expr.OrderKey{{X: col("distance")}}
	for _, c := range []struct {
		w    expr.Window
		want string
	}{
		{expr.Window{Func: expr.Rank}, "Select: rank() ranks by an order: say Rank().Over(…, OrderBy(x))"},
		{expr.Window{Func: expr.Ntile}, "Select: ntile(0): want a number from 1 on, not 0"},
		{expr.Window{Func: expr.Lag, X: col("delay"), N: -1}, "Select: lag(delay, -1): want 0 rows or more, not -1 (lag looks back, lead ahead)"},
		{expr.Window{Func: expr.Lag}, "Select: lag() needs an operand: lag(x)"},
		{expr.Window{Func: expr.RowNumber, Frame: expr.Cumulative()}, "Select: row_number() takes no frame; leave rows_between(unbounded, 0) out"},
		{expr.Window{Func: "sum", X: col("delay"), Frame: frame(expr.RowsFrame, int64(1), int64(0))}, "Select: sum(delay): rows_between(1, 0) ends before it begins"},
		{expr.Window{Func: "sum", X: col("delay"), Frame: frame(expr.RowsFrame, 0.5, int64(1))}, "Select: sum(delay): rows_between(0.5, 1) counts rows: want whole numbers or unbounded"},
		{
			expr.Window{Func: "sum", X: col("delay"), Frame: frame(expr.RangeFrame, int64(-1), int64(1))},
			"Select: sum(delay): range_between(-1, 1) measures along an order: add OrderBy(x)",
		},
		{
			expr.Window{Func: "sum", X: col("delay"), Order: byDistance, Frame: frame(expr.RangeFrame, -time.Hour, time.Hour)},
			`Select: sum(delay): range_between(duration("-1h0m0s", "ns"), duration("1h0m0s", "ns")) does not fit distance, which is float64 (cast it, or count rows: RowsBetween)`,
		},
		{
			expr.Window{Func: "median", X: col("delay"), Order: byDistance},
			"Select: median(delay) sees whole partitions only: leave the order out, or give RowsBetween(Unbounded, Unbounded)",
		},
		{
			expr.Window{Func: "sum", X: expr.Window{Func: expr.RowNumber}},
			"Select: over(sum(row_number())): a window function within another; make the inner one a column first, with WithColumn",
		},
		{
			expr.Window{Func: "sum", X: agg(expr.Sum, col("delay"))},
			"Select: over(sum(sum(delay))): an aggregate within a window function; make it a column first: x.Over(…) with WithColumn",
		},
		{expr.Window{Func: "sum", X: col("delya")}, "Select: unknown column \"delya\", did you mean \"delay\"? (columns: carrier, origin, delay, distance, air_time, late)"},
	} {
		_, err := NewProject(scan, []expr.Expr{c.w})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v\nwant %s", c.w, err, c.want)
		}
	}
	if _, err := NewSort(scan, []SortKey{{X: expr.Window{Func: expr.RowNumber}}}); err == nil {
		t.Error("a window function as a key of a sort")
	}
}
