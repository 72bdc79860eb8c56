package plan

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// scaled is a function of a cell that was made by hand.
func scaled(name string) *expr.Function {
	b := program.NewBuilder([]program.Param{{Name: "x", Kind: program.Float64}})
	p, err := b.Program(b.Call("math.Sqrt", program.None, 0), program.None)
	if err != nil {
		panic(err)
	}
	return &expr.Function{
		Version: expr.FunctionVersion, Name: name, Source: "var F = math.Sqrt\n", Entry: "F", Imports: []expr.Import{{Name: "math", Path: "math"}},
		Captures: []expr.Capture{{Name: "rate", Type: "float64", Value: "0.5"}}, Program: p,
		Params: []expr.Param{{Name: "x", Type: "float64", Kind: program.Float64}}, Result: expr.Result{Type: "float64", Kind: program.Float64},
	}
}

func codecPlans(t testing.TB) map[string]Node {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	f := scaled("root")
	root := expr.Apply{Func: f, Args: []expr.Expr{col("distance")}}
	state := &expr.Function{
		Version: expr.FunctionVersion, Name: "plus", Source: "var F = 1\n", Entry: "G",
		Params: []expr.Param{{Type: "float64", Kind: program.Float64}, {Type: "float64", Kind: program.Float64}},
		Result: expr.Result{Type: "float64", Kind: program.Float64},
	}
	every := binary(expr.And, binary(expr.Greater, root, lit(2.5)), expr.Case{
		Whens: []expr.When{{Cond: expr.Unary{Op: expr.Not, X: col("late")}, Then: lit(true)}}, Else: lit(nil),
	})
	named := m(NewProject(scan, []expr.Expr{
		as(root, "root"), as(lit(int64(-3)), "i"), as(lit(uint64(1)<<63), "u"), as(lit("text"), "s"), as(lit([]byte{0}), "b"),
		as(lit(time.Unix(1, 0).UTC()), "t"), as(lit(time.Second), "d"), as(expr.Cast{X: col("delay"), To: arrow.BinaryTypes.String}, "cast"),
		as(expr.Call{Func: "coalesce", Args: []expr.Expr{col("delay"), lit(int64(0))}}, "call"), as(expr.Case{Whens: []expr.When{{Cond: col("late"), Then: lit(1.0)}}}, "case"),
	}))
	schema := arrow.NewSchema([]arrow.Field{{Name: "z", Type: f64, Nullable: true}}, nil)
	keys := []SortKey{{X: col("delay"), Descending: true}, {X: col("origin")}}
	return map[string]Node{
		"filter":  m(NewFilter(scan, every)),
		"project": named,
		"batches": m(NewMapBatches(scan, scaled("batches"), schema.Fields())),
		"aggregate": m(NewAggregate(scan, []expr.Expr{col("carrier")}, []expr.Expr{
			agg(expr.Count, nil), agg(expr.Sum, root),
			expr.Aggregate{Func: expr.Quantile, X: col("delay"), Args: []expr.Expr{lit(0.9)}},
			expr.Aggregate{Func: expr.Corr, X: root, Args: []expr.Expr{col("delay")}},
			as(agg(expr.Reduce, expr.Fold{Name: "sum", Step: state, Merge: state, Args: []expr.Expr{col("distance")}}), "sum"),
		})),
		"sort":     m(NewSort(scan, keys)),
		"topk":     m(NewTopK(scan, keys, 3)),
		"groups":   m(NewGroupTopK(scan, []expr.Expr{col("carrier"), root}, keys, 3)),
		"heads":    m(NewGroupTopK(scan, []expr.Expr{col("carrier")}, nil, 3)),
		"limit":    m(NewLimit(scan, 3)),
		"tail":     m(NewTail(scan, 3)),
		"distinct": m(NewDistinct(scan, []string{"carrier"})),
		"preview":  m(NewPreview(scan, 7)),
		"window":   windowPlan(m, scan),
	}
}

func TestFragmentCodec(t *testing.T) {
	for name, n := range codecPlans(t) {
		t.Run(name, func(t *testing.T) {
			f := Cut(Optimize(n)).Fragment()
			text, err := EncodeFragment(f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeFragment(text)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Schema.Equal(f.Schema) || !reflect.DeepEqual(got.Columns, f.Columns) || got.Limit != f.Limit {
				t.Errorf("%+v\nwant %+v", got, f)
			}
			nodes := func(f Fragment) (out []string) {
				for _, n := range append(slices.Clip(f.Steps), f.End) {
					if n != nil {
						out = append(out, n.String())
					}
				}
				return out
			}
			if a, b := nodes(got), nodes(f); !reflect.DeepEqual(a, b) {
				t.Errorf("%q\nwant %q", a, b)
			}
			again, err := EncodeFragment(got)
			if err != nil || len(again) != len(text) {
				t.Errorf("%d bytes, then %d, %v", len(text), len(again), err)
			}
		})
	}
}

func TestFragmentRefuses(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	live, err := expr.NewFunction(strings.ToUpper)
	if err != nil {
		t.Fatal(err)
	}
	n := m(NewProject(scan, []expr.Expr{expr.Apply{Func: live, Args: []expr.Expr{col("carrier")}}}))
	if _, err := EncodeFragment(Cut(n).Fragment()); err == nil || !strings.Contains(err.Error(), "function ToUpper: it is compiled Go, which can't leave this process") {
		t.Error(err)
	}
	old := scaled("old")
	old.Version--
	n = m(NewProject(scan, []expr.Expr{expr.Apply{Func: old, Args: []expr.Expr{col("distance")}}}))
	text, err := EncodeFragment(Cut(n).Fragment())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeFragment(text); err == nil || !strings.Contains(err.Error(), "function old: it is of version 0") {
		t.Error(err)
	}
}

func FuzzDecodeFragment(f *testing.F) {
	for _, n := range codecPlans(f) {
		text, err := EncodeFragment(Cut(n).Fragment())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := DecodeFragment(src)
		if err != nil {
			return
		}
		for _, n := range got.Steps {
			_ = n.String()
		}
		if _, err := EncodeFragment(got); err != nil && !strings.Contains(err.Error(), "compiled Go") {
			t.Log(err)
		}
	})
}

// TestDecodeUnknownJoin: what a later version may know is an error, not a panic when it is shown.
func TestDecodeUnknownJoin(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "k", Type: arrow.PrimitiveTypes.Int64}}, nil)
	for _, join := range []*Join{{Kind: Anti + 1, schema: schema}, {Kind: Left, AsOf: &AsOf{Direction: Nearest + 1}, schema: schema}} {
		src, err := EncodeFragment(Fragment{Schema: schema, Steps: []Node{join}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeFragment(src); !errors.Is(err, errFragment) {
			t.Errorf("got %v", err)
		}
	}
}
