package plan

import (
	"context"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

var rewriteGolden = flag.Bool("rewrite", false, "write the golden files anew")

// named is a source of which only name, schema and perhaps the number of rows are asked.
type named struct {
	name   string
	schema *arrow.Schema
	rows   float64 // 0 for unknown
}

func (s named) Name() string                                                 { return s.name }
func (s named) Schema(context.Context) (*arrow.Schema, error)                { return s.schema, nil }
func (s named) Splits(context.Context, int64) iter.Seq2[source.Split, error] { return nil }
func (s named) EstimateRows() (float64, bool)                                { return s.rows, s.rows > 0 }
func (s named) Size() int64                                                  { return 0 }

func schemaOf(fields ...any) *arrow.Schema {
	var list []arrow.Field
	for i := 0; i < len(fields); i += 2 {
		list = append(list, arrow.Field{Name: fields[i].(string), Type: fields[i+1].(arrow.DataType), Nullable: true})
	}
	return arrow.NewSchema(list, nil)
}

var (
	i64 = arrow.PrimitiveTypes.Int64
	f64 = arrow.PrimitiveTypes.Float64
	str = arrow.BinaryTypes.String
	tf  = arrow.FixedWidthTypes.Boolean

	flights  = named{name: "flights.csv", schema: schemaOf("carrier", str, "origin", str, "delay", i64, "distance", f64, "air_time", f64, "late", tf)}
	airlines = named{name: "airlines.csv", schema: schemaOf("carrier", str, "name", str, "origin", str)}
)

func col(name string) expr.Expr          { return expr.Column{Name: name} }
func lit(v any) expr.Expr                { return expr.Literal{Value: v} }
func as(x expr.Expr, n string) expr.Expr { return expr.Alias{X: x, Name: n} }
func agg(f expr.AggFunc, x expr.Expr) expr.Expr {
	return expr.Aggregate{Func: f, X: x}
}

func binary(op expr.BinaryOp, l, r expr.Expr) expr.Expr {
	return expr.Binary{Op: op, Left: l, Right: r}
}

// must is for constructors: must(t)(NewLimit(in, 3)).
func must(t testing.TB) func(Node, error) Node {
	return func(n Node, err error) Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func TestExplain(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	other := m(NewScan(t.Context(), airlines))
	late := binary(expr.Greater, col("delay"), lit(int64(60)))
	byDelay := []SortKey{{X: col("delay"), Descending: true}}
	pick := func(in Node, names ...string) Node {
		var exprs []expr.Expr
		for _, n := range names {
			exprs = append(exprs, col(n))
		}
		return m(NewProject(in, exprs))
	}
	speed := as(binary(expr.Divide, col("distance"), col("air_time")), "speed")
	fast := binary(expr.Divide, col("distance"), binary(expr.Add, col("air_time"), lit(1.0)))
	cases := map[string]Node{
		"scan":              scan,
		"projection":        pick(m(NewFilter(scan, late)), "carrier", "distance"),
		"projection_nested": pick(m(NewProject(scan, []expr.Expr{col("carrier"), speed, as(col("late"), "was_late")})), "speed"),
		"filter_constant":   m(NewFilter(scan, lit(true))),
		"filter_renamed": m(NewFilter(m(NewProject(scan, []expr.Expr{as(col("delay"), "d"), speed})),
			binary(expr.Less, col("d"), lit(int64(0))))),
		"filter_computed": m(NewFilter(m(NewProject(scan, []expr.Expr{as(col("delay"), "d"), speed})),
			binary(expr.Less, col("speed"), lit(1.0)))),
		"group_topk": pick(m(NewFilter(m(NewFilter(m(NewGroupTopK(scan, []expr.Expr{col("carrier")}, byDelay, 2)),
			binary(expr.Equal, col("carrier"), lit("UA")))), late)), "carrier", "distance"),
		"aggregate_operands": m(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{
			expr.Aggregate{Func: expr.Corr, X: col("distance"), Args: []expr.Expr{col("air_time")}},
			expr.Aggregate{Func: expr.Quantile, X: col("delay"), Args: []expr.Expr{lit(0.9)}},
		})),
		"share_aggregate": m(NewAggregate(m(NewFilter(scan, binary(expr.Greater, fast, lit(1.0)))), []expr.Expr{col("carrier")},
			[]expr.Expr{agg(expr.Sum, fast), agg(expr.Mean, binary(expr.Multiply, fast, fast))})),
		"share_levels": m(NewProject(m(NewFilter(m(NewFilter(scan,
			binary(expr.And, col("late"), binary(expr.Less, fast, lit(9.0))))), binary(expr.Greater, fast, lit(1.0)))),
			[]expr.Expr{as(binary(expr.Add, fast, col("delay")), "a"), as(binary(expr.Add, fast, col("delay")), "b"), fast})),
		"share_filter":  m(NewSort(m(NewFilter(scan, binary(expr.Or, binary(expr.Greater, fast, lit(1.0)), binary(expr.Less, fast, lit(0.0))))), byDelay)),
		"filter_sort":   m(NewFilter(m(NewSort(scan, byDelay)), late)),
		"sort_limit":    m(NewLimit(pick(m(NewSort(scan, byDelay)), "carrier", "delay"), 3)),
		"limit":         m(NewLimit(pick(scan, "carrier"), 10)),
		"limit_limit":   m(NewLimit(m(NewLimit(scan, 5)), 10)),
		"limit_filter":  m(NewLimit(m(NewFilter(scan, late)), 10)),
		"preview":       m(NewPreview(m(NewFilter(scan, late)), 20)),
		"preview_sort":  m(NewPreview(pick(m(NewSort(scan, byDelay)), "carrier"), 20)),
		"preview_top":   m(NewPreview(m(NewLimit(m(NewSort(scan, byDelay)), 100)), 20)),
		"preview_group": m(NewPreview(m(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{agg(expr.Count, nil)})), 20)),
		"aggregate_expression": m(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{
			as(binary(expr.Divide, agg(expr.Sum, col("delay")), agg(expr.Count, nil)), "ratio"), agg(expr.Mean, col("distance")),
		})),
		"aggregate_unused": pick(m(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{
			agg(expr.Sum, col("delay")), agg(expr.Mean, col("distance")),
		})), "carrier", "delay_sum"),
		"count": m(NewAggregate(scan, nil, []expr.Expr{agg(expr.Count, nil)})),
		"join": pick(m(NewJoin(m(NewFilter(scan, late)), other, []string{"carrier"}, []string{"carrier"}, Inner, "")),
			"delay", "name", "origin_right"),
		"join_narrow": pick(m(NewJoin(m(NewFilter(scan, late)), other, []string{"carrier"}, []string{"carrier"}, Inner, "")), "name"),
		"join_filter": m(NewFilter(m(NewJoin(scan, other, []string{"carrier"}, []string{"carrier"}, Inner, "")),
			binary(expr.Equal, col("origin_right"), lit("EWR")))),
		"join_filter_left": m(NewFilter(m(NewJoin(scan, other, []string{"carrier"}, []string{"carrier"}, Left, "")),
			expr.Unary{Op: expr.Not, X: col("late")})),
		"join_of_groups": m(NewSort(m(NewJoin(
			m(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{agg(expr.Count, nil)})),
			m(NewDistinct(other, []string{"carrier"})), []string{"carrier"}, []string{"carrier"}, Inner, "")),
			[]SortKey{{X: col("count")}})),
		"tail": m(NewTail(m(NewDistinct(pick(scan, "carrier", "origin"), nil)), 4)),
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

func sameSchema(a, b Node) string {
	if !a.Schema().Equal(b.Schema()) {
		return "the rules changed the schema from\n" + b.Schema().String() + "\nto\n" + a.Schema().String()
	}
	return ""
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *rewriteGolden {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -rewrite and read the diff)\n--- got\n%s--- want\n%s", path, got, want)
	}
}

func TestErrors(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	other := m(NewScan(t.Context(), airlines))
	err := func(_ Node, err error) error { return err }
	cases := map[string]error{
		"filter_unknown":   err(NewFilter(scan, binary(expr.Greater, col("dely"), lit(int64(1))))),
		"filter_type":      err(NewFilter(scan, col("distance"))),
		"filter_mismatch":  err(NewFilter(scan, binary(expr.Greater, col("carrier"), lit(int64(1))))),
		"filter_nil":       err(NewFilter(scan, nil)),
		"select_none":      err(NewProject(scan, nil)),
		"select_twice":     err(NewProject(scan, []expr.Expr{col("delay"), col("delay")})),
		"sort_unknown":     err(NewSort(scan, []SortKey{{X: col("nothing")}})),
		"limit_negative":   err(NewLimit(scan, -1)),
		"distinct_unknown": err(NewDistinct(scan, []string{"Carrier"})),
		"agg_unknown":      err(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{agg(expr.Sum, col("x"))})),
		"agg_type":         err(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{agg(expr.Sum, col("origin"))})),
		"agg_no_aggregate": err(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{col("delay")})),
		"agg_not_a_key": err(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{
			binary(expr.Add, agg(expr.Sum, col("delay")), col("distance")),
		})),
		"agg_twice": err(NewAggregate(scan, nil, []expr.Expr{
			as(agg(expr.Sum, col("delay")), "x"), as(agg(expr.Max, col("delay")), "x"),
		})),
		"group_head":    err(NewGroupTopK(scan, []expr.Expr{col("crrier")}, nil, 2)),
		"group_unknown": err(NewAggregate(scan, []expr.Expr{col("crrier")}, nil)),
		"join_unknown":  err(NewJoin(scan, other, []string{"carrier"}, []string{"code"}, Inner, "")),
		"join_types":    err(NewJoin(scan, other, []string{"delay"}, []string{"carrier"}, Inner, "")),
		"join_counts":   err(NewJoin(scan, other, []string{"delay", "carrier"}, []string{"carrier"}, Inner, "")),
		"join_none":     err(NewJoin(scan, other, nil, nil, Inner, "")),
	}
	for name, err := range cases {
		t.Run(name, func(t *testing.T) {
			if err == nil {
				t.Fatal("no error")
			}
			golden(t, filepath.Join("testdata", "errors", name+".txt"), err.Error()+"\n")
		})
	}
}
