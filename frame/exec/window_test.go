package exec

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// windowNode is the functions over one window of testSchema.
func windowNode(t testing.TB, by []string, order []plan.SortKey, funcs ...expr.Window) *plan.Window {
	t.Helper()
	n, err := plan.NewScan(context.Background(), source.FromRecords("test", testSchema, nil))
	if err != nil {
		t.Fatal(err)
	}
	exprs := make([]expr.Expr, len(funcs))
	for i, w := range funcs {
		for _, name := range by {
			w.By = append(w.By, column(name))
		}
		for _, k := range order {
			w.Order = append(w.Order, expr.OrderKey(k))
		}
		exprs[i] = w
	}
	if n, _, err = plan.Windows(n, exprs); err != nil {
		t.Fatal(err)
	}
	return n.(*plan.Window)
}

func between(from, to any) *expr.WindowFrame {
	end := func(v any) expr.FrameBound {
		if v == nil {
			return expr.FrameBound{Unbounded: true}
		}
		return expr.FrameBound{Offset: expr.Literal{Value: v}}
	}
	return &expr.WindowFrame{From: end(from), To: end(to)}
}

// allWindows are functions of every kind. The operands are of every type.
func allWindows() []expr.Window {
	out := []expr.Window{
		{Func: expr.RowNumber},
		{Func: expr.Ntile, N: 3},
		{Func: expr.Rank},
		{Func: expr.DenseRank},
		{Func: expr.PercentRank},
		{Func: expr.CumeDist},
		{Func: expr.Lag, X: column("i"), N: 2, Default: expr.Literal{Value: int64(-7)}},
		{Func: "sum", X: column("u"), Frame: between(int64(0), int64(0))},
		{Func: "sum", X: column("dec"), Frame: between(int64(-3), int64(1))},
		{Func: "mean", X: column("f")},
		{Func: "sum", X: column("row"), Frame: between(nil, nil)},
		{Func: "std", X: column("f"), Frame: between(int64(-5), int64(0))},
		{Func: "count"},
		{Func: "sum", X: column("row"), Frame: between(int64(-1), nil)},
		{Func: "count_distinct", X: column("s"), Frame: between(nil, nil)},
	}
	for _, f := range testSchema.Fields() {
		x := column(f.Name)
		out = append(out,
			expr.Window{Func: expr.Lead, X: x, N: 1}, expr.Window{Func: expr.FirstValue, X: x, Frame: between(int64(-2), nil)},
			expr.Window{Func: expr.LastValue, X: x}, expr.Window{Func: expr.NthValue, X: x, N: 2},
			expr.Window{Func: expr.LastValue, X: x, IgnoreNulls: true, Frame: between(nil, int64(0))}, expr.Window{Func: "count", X: x, Frame: between(int64(-2), int64(2))})
		if f.Name != "l" {
			out = append(out, expr.Window{Func: "min", X: x}, expr.Window{Func: "max", X: x, Frame: between(int64(-4), int64(2))})
		}
	}
	return out
}

// someWindows hold little memory.
var someWindows = []expr.Window{
	{Func: expr.RowNumber},
	{Func: expr.Rank},
	{Func: expr.Lag, X: column("s"), N: 1, Default: expr.Literal{Value: "none"}},
	{Func: "sum", X: column("row")},
	{Func: "mean", X: column("f"), Frame: between(int64(-2), int64(0))},
	{Func: "min", X: column("s")},
	{Func: "sum", X: column("dec"), Frame: between(nil, nil)},
}

func windowOp(env *Env, n *plan.Window) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "test", func(emit emitFunc) error {
			spec, err := NewWindowSpec(testSchema, n)
			if err != nil {
				return err
			}
			w := NewWindow(env, spec)
			defer w.Close()
			if err := each(ctx, in, func(rec arrow.Record) error { return w.Add(ctx, rec) }); err != nil {
				return err
			}
			return each(ctx, w.Stream(ctx), emit)
		})
	}
}

func order(name string, descending bool) []plan.SortKey {
	return []plan.SortKey{{X: column(name), Descending: descending}}
}

// TestWindowSpills holds the two ways to the same result: rows in memory, and rows on disk. What they compute is held
// against the definition in package distrib.
func TestWindowSpills(t *testing.T) {
	number := 0
	for _, c := range []struct {
		name  string
		by    []string
		order []plan.SortKey
		shape shape
	}{
		{"one partition", nil, order("f", true), shape{rows: 3000, distinct: 500, nulls: 0.1, batch: 400, seed: 1}},
		{"few partitions", []string{"d"}, order("s", false), shape{rows: 3000, distinct: 6, nulls: 0.2, batch: 700, seed: 2}},
		{"many partitions", []string{"i", "f"}, append(order("b", true), order("dec", false)...), shape{rows: 4000, distinct: 900, nulls: 0.1, batch: 300, seed: 3}},
		{"skew", []string{"s"}, order("ts", false), shape{rows: 4000, distinct: 300, nulls: 0, batch: 1000, seed: 4, skew: true}},
		{"tiny batches", []string{"b"}, order("row", true), shape{rows: 600, distinct: 9, nulls: 0.5, batch: 3, seed: 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			windows := slices.DeleteFunc(allWindows(), func(expr.Window) bool { return !sampled(&number) })
			n := windowNode(t, c.by, c.order, windows...)
			var want []row
			for _, how := range strategies {
				env := testEnv(t, how.budget)
				env.floor = 128 << 10
				recs, _ := randomFrame(env, c.shape)
				before := memory.SpilledBytes()
				got := run(t, windowOp(env, n), recs)
				checkSpilled(t, before, how.budget)
				if want == nil {
					want = got
				}
				equalRows(t, got, want)
				for i, r := range got {
					if r[0] != int64(i) {
						t.Fatalf("row %d is row %v of the input", i, r[0])
					}
				}
			}
		})
	}
}

func TestWindowNarrow(t *testing.T) {
	for _, rows := range []int{0, 1, 2, 63, 64, 65} {
		for _, how := range strategies {
			t.Run(fmt.Sprint(rows, how.name), func(t *testing.T) {
				env := testEnv(t, how.budget)
				env.floor = 1 << 10
				recs, _ := randomFrame(env, shape{rows: rows, distinct: 3, batch: 7, seed: 9})
				n := windowNode(t, nil, nil, expr.Window{Func: expr.RowNumber}, expr.Window{Func: "sum", X: column("row"), Frame: between(nil, int64(0))})
				for i, r := range run(t, windowOp(env, n), recs) {
					if r[len(r)-2] != int64(i+1) || r[len(r)-1] != int64(i*(i+1)/2) {
						t.Fatalf("row %d: %v", i, r)
					}
				}
			})
		}
	}
}

func BenchmarkWindow(b *testing.B) {
	env := &Env{Mem: memory.Allocator(), Budget: memory.NewBudget(plenty), Spill: b.TempDir()}
	recs, _ := randomFrame(&Env{Mem: arrowmemory.DefaultAllocator}, shape{rows: 200_000, distinct: 1000, batch: 60_000, seed: 1})
	for name, n := range map[string]*plan.Window{
		"row_number": windowNode(b, []string{"d"}, order("row", true), expr.Window{Func: expr.RowNumber}),
		"sum":        windowNode(b, []string{"d"}, nil, expr.Window{Func: "sum", X: column("row")}),
		"rolling":    windowNode(b, []string{"d"}, order("row", false), expr.Window{Func: "mean", X: column("f"), Frame: between(int64(-6), int64(0))}),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, r := range recs {
					r.Retain()
				}
				if _, err := drain(windowOp(env, n)(context.Background(), owned(recs))); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(200_000*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	releaseRecords(recs)
}
