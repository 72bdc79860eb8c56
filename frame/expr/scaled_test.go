package expr

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// TestScaled: expressions and aggregates over unscaled values are those over the decimals.
func TestScaled(t *testing.T) {
	mem := checked(t)
	dt, rate := &arrow.Decimal128Type{Precision: 18, Scale: 2}, &arrow.Decimal128Type{Precision: 9, Scale: 4}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 5))
		rows, groups := r.IntN(2000), []int{1, 7, 300}[r.IntN(3)]
		limit := []int64{100, 1 << 30, 1e17}[r.IntN(3)]
		columns := []column{{"x", dt, nil}, {"y", rate, nil}, {"ux", int64Type, nil}, {"uy", int64Type, nil}}
		ids := make([]uint32, rows)
		for i := range rows {
			ids[i] = uint32(r.IntN(groups))
			for c := range 2 {
				v := r.Int64N(2*limit) - limit
				if c == 1 {
					v %= 1e9
				}
				if seed%3 == 0 && r.IntN(10) == 0 {
					columns[c].values, columns[c+2].values = append(columns[c].values, nil), append(columns[c+2].values, nil)
				} else {
					columns[c].values, columns[c+2].values = append(columns[c].values, decimal128.FromI64(v)), append(columns[c+2].values, v)
				}
			}
		}
		rec := record(mem, columns...)
		for _, src := range []string{"x", "x * (1 - y)", "x + y", "3 - x", "x > y", "float(x)", "-x", "when(x > 0, y, y * 2)"} {
			e, err := Parse(src)
			if err != nil {
				t.Fatal(err)
			}
			over := Rewrite(e, func(e Expr) Expr {
				if c, ok := e.(Column); ok {
					return Scaled{Column{"u" + c.Name}, map[string]*arrow.Decimal128Type{"x": dt, "y": rate}[c.Name]}
				}
				return e
			})
			over = traveled(t, over)
			evaluate := func(e Expr) arrow.Array {
				b, err := Bind(e, rec.Schema())
				if err != nil {
					t.Fatal(err)
				}
				a, err := b.Eval(t.Context(), mem, rec)
				if err != nil {
					t.Fatal(err)
				}
				return a
			}
			sameArrays(t, seed, over, evaluate(over), evaluate(e))
			if want, err := Bind(e, rec.Schema()); err != nil || want.Type().ID() != arrow.DECIMAL128 {
				continue
			}
			for _, f := range []AggFunc{Sum, Mean, Min, Count} {
				sameArrays(t, seed, Aggregate{Func: f, X: over}, aggregated(t, mem, f, over, rec, ids, groups), aggregated(t, mem, f, e, rec, ids, groups))
			}
		}
		rec.Release()
	}
}

func sameArrays(t *testing.T, seed uint64, e Expr, got, want arrow.Array) {
	t.Helper()
	if !array.Equal(got, want) {
		t.Fatalf("seed %d: %s is\n%s\nwant\n%s", seed, e, got, want)
	}
	got.Release()
	want.Release()
}

func TestScaledRefuses(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: int64Type}, {Name: "s", Type: arrow.BinaryTypes.String}}, nil)
	short, long := &arrow.Decimal128Type{Precision: 15, Scale: 2}, &arrow.Decimal128Type{Precision: 19, Scale: 2}
	for _, e := range []Expr{Scaled{Column{"s"}, short}, Scaled{Column{"n"}, long}, Scaled{Column{"n"}, nil}} {
		if _, err := Bind(e, schema); !errors.Is(err, ErrType) {
			t.Errorf("%T of %v: %v", e, slices.Concat(e.Children()), err)
		}
	}
}
