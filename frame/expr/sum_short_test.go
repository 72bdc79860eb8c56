package expr

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// TestShortSums sums integers in words and, where a value is beyond what fits those, without.
func TestShortSums(t *testing.T) {
	mem := checked(t)
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 7))
		groups, rows := 1+rng.IntN(40), 8*rng.IntN(60)
		longest := []int64{3, shortBias, shortBias + 1, 1 << 40}[rng.IntN(4)]
		nulls := []int{1, 30}[rng.IntN(2)]
		v, ids := make([]any, rows), make([]uint32, rows)
		sums, counts := make([]int64, groups), make([]int64, groups)
		for i := range v {
			ids[i] = uint32(rng.IntN(groups))
			if rng.IntN(100) < nulls {
				continue
			}
			x := rng.Int64N(2*longest) - longest
			if rng.IntN(3) == 0 {
				x = []int64{-longest, longest - 1}[rng.IntN(2)]
			}
			v[i] = x
			sums[ids[i]] += x
			counts[ids[i]]++
		}
		rec := record(mem, column{"x", int64Type, v})
		used := sumShort[int64](new(shortSums), rec.Column(0), ids, groups, func(int, int64, int64) {})
		if used && (longest > shortBias && hasLong(rec.Column(0).(*array.Int64)) || groups == 1) {
			t.Fatalf("seed %d: long values are taken for short ones", seed)
		}
		for _, f := range []AggFunc{Sum, Mean} {
			bound, err := BindAgg(f, Column{"x"}, rec.Schema())
			if err != nil {
				t.Fatal(err)
			}
			acc := bound.New(mem)
			for range 2 {
				if err := acc.Update(t.Context(), rec, ids, groups); err != nil {
					t.Fatal(err)
				}
			}
			out, err := acc.Result(t.Context(), groups)
			if err != nil {
				t.Fatal(err)
			}
			checkShort(t, f, out, sums, counts)
			out.Release()
			acc.Release()
		}
		rec.Release()
	}
}

// TestShortSumsHoldBatches fills a word: as many rows as there may be, all of one group, with the greatest value and the least.
func TestShortSumsHoldBatches(t *testing.T) {
	for _, x := range []int64{-shortBias, shortBias - 1} {
		rec := record(checked(t), column{"x", int64Type, slices.Repeat([]any{x}, shortRows)})
		used := sumShort[int64](new(shortSums), rec.Column(0), make([]uint32, shortRows), 2, func(g int, sum, count int64) {
			if g != 0 || sum != shortRows*x || count != shortRows {
				t.Errorf("group %d of values %d: %d of %d", g, x, sum, count)
			}
		})
		if !used {
			t.Errorf("%d is no short value", x)
		}
		rec.Release()
	}
}

func hasLong(a *array.Int64) bool {
	for i := range a.Len() {
		if x := a.Value(i); a.IsValid(i) && (x < -shortBias || x >= shortBias) {
			return true
		}
	}
	return false
}

// checkShort compares with sums and counts that were taken in twice.
func checkShort(t *testing.T, f AggFunc, out arrow.Array, sums, counts []int64) {
	t.Helper()
	for g, n := range counts {
		if out.IsNull(g) != (n == 0) {
			t.Fatalf("%s of group %d: null is %v for %d values", f, g, out.IsNull(g), n)
		}
		if n == 0 {
			continue
		}
		switch out := out.(type) {
		case *array.Int64:
			if out.Value(g) != 2*sums[g] {
				t.Fatalf("sum of group %d: %d, want %d", g, out.Value(g), 2*sums[g])
			}
		case *array.Float64:
			if want := float64(2*sums[g]) / float64(2*n); out.Value(g) != want {
				t.Fatalf("mean of group %d: %v, want %v", g, out.Value(g), want)
			}
		}
	}
}
