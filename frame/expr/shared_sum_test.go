package expr

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestMeanSharesSum holds means that read a sum of the same values against those that are alone, over batches and states in turn.
func TestMeanSharesSum(t *testing.T) {
	mem := checked(t)
	schema := arrow.NewSchema([]arrow.Field{{Name: "d", Type: &arrow.Decimal128Type{Precision: 15, Scale: 2}, Nullable: true}}, nil)
	bind := func(f AggFunc, x Expr) *BoundAgg {
		b, err := BindAgg(f, x, schema)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	twice := Binary{Op: Add, Left: Column{"d"}, Right: Column{"d"}}
	aggs := []*BoundAgg{bind(Mean, Column{"d"}), bind(Sum, Column{"d"}), bind(Mean, twice), bind(Mean, Column{"d"})}
	together := NewAccumulators(mem, aggs)
	for i, want := range []bool{true, false, false, false} {
		if mean, ok := together[i].(*decimalMean); ok && mean.shared != want {
			t.Errorf("aggregate %d shares a sum: %t", i, mean.shared)
		}
	}
	alone := make([]Accumulator, len(aggs))
	for i, a := range aggs {
		alone[i] = a.New(mem)
	}
	both := [][]Accumulator{together, alone}
	defer func() {
		for _, all := range both {
			for _, a := range all {
				a.Release()
			}
		}
	}()
	r := rand.New(rand.NewPCG(1, 8))
	const groups = 7 // of which the last has nothing but nulls
	for range 12 {
		rec, of := decimalRows(mem, schema, r, groups)
		for _, all := range both {
			parts := NewAccumulators(mem, aggs)
			for i, a := range all {
				if err := a.Update(t.Context(), rec, of, groups); err != nil {
					t.Fatal(err)
				}
				if err := parts[i].Update(t.Context(), rec, of, groups); err != nil {
					t.Fatal(err)
				}
			}
			for i, a := range all {
				state, err := parts[i].State(t.Context())
				if err == nil {
					err = a.Merge(t.Context(), state, []uint32{3, 2, 1, 0, 4, 5, 6}, groups)
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range state {
					s.Release()
				}
			}
			for _, p := range parts {
				p.Release()
			}
		}
		rec.Release()
		for i := range aggs {
			sameResults(t, together[i], alone[i], groups)
		}
	}
}

// decimalRows is a batch and the groups of its rows.
func decimalRows(mem memory.Allocator, schema *arrow.Schema, r *rand.Rand, groups int) (arrow.Record, []uint32) {
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	of := make([]uint32, 300)
	for i := range of {
		of[i] = uint32(r.IntN(groups))
		if r.IntN(5) == 0 || int(of[i]) == groups-1 {
			b.Field(0).AppendNull()
			continue
		}
		b.Field(0).(*array.Decimal128Builder).Append(decimal128.FromI64(r.Int64N(1e9) - 5e8))
	}
	return b.NewRecord(), of
}

func sameResults(t *testing.T, a, b Accumulator, groups int) {
	t.Helper()
	got, err := a.Result(t.Context(), groups)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Release()
	want, err := b.Result(t.Context(), groups)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Release()
	if !array.Equal(got, want) || want.NullN() == 0 {
		t.Fatalf("got %v, want %v", got, want)
	}
}
