package expr

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestDecimalSums compares sums and means of x * (1 - y) and of x with those of big.Int: of few groups and many, of values that fit 64
// bits, of some that do not, and of those that lie at the limits of words.
func TestDecimalSums(t *testing.T) {
	mem := checked(t)
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		rows, groups := r.IntN(4000), []int{1, 2, 7, 64, 65, 1000}[r.IntN(6)]
		limit := []int64{100, 1 << 30, 1<<tileBits - 1, 1 << tileBits, 1 << 50, 1<<62 - 1}[r.IntN(6)]
		wideFrom, nulls := rows, r.IntN(3) == 0
		if r.IntN(3) == 0 {
			wideFrom = r.IntN(rows + 1)
		}
		x, y, ids := make([]any, rows), make([]any, rows), make([]uint32, rows)
		sums, products, counts := bigs(groups), bigs(groups), make([]int64, groups)
		for i := range rows {
			ids[i] = uint32(r.IntN(groups))
			if nulls && r.IntN(20) == 0 {
				continue
			}
			p := big.NewInt(r.Int64N(2*limit) - limit)
			if r.IntN(8) == 0 {
				p.SetInt64([]int64{-limit, limit - 1}[r.IntN(2)])
			}
			if i >= wideFrom {
				p.Mul(p, big.NewInt(1<<40))
			}
			q := r.Int64N(200)
			x[i], y[i] = decimal128.FromBigInt(p), decimal128.FromI64(q)
			sums[ids[i]].Add(sums[ids[i]], p)
			products[ids[i]].Add(products[ids[i]], new(big.Int).Mul(p, big.NewInt(100-q)))
			counts[ids[i]]++
		}
		rec := record(mem, column{"x", &arrow.Decimal128Type{Precision: 36, Scale: 2}, x}, column{"y", &arrow.Decimal128Type{Precision: 15, Scale: 2}, y})
		for src, want := range map[string][]*big.Int{"x": sums, "x * (1 - y)": products} {
			e, err := Parse(src)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []AggFunc{Sum, Mean} {
				out := aggregated(t, mem, f, e, rec, ids, groups)
				checkDecimals(t, seed, out, want, counts, map[string]float64{"x": 1e2, "x * (1 - y)": 1e4}[src])
				out.Release()
			}
		}
		rec.Release()
	}
}

func bigs(n int) []*big.Int {
	out := make([]*big.Int, n)
	for i := range out {
		out[i] = new(big.Int)
	}
	return out
}

// aggregated takes rec in twice, and once more by way of a state.
func aggregated(t *testing.T, mem memory.Allocator, f AggFunc, e Expr, rec arrow.Record, ids []uint32, groups int) arrow.Array {
	t.Helper()
	bound, err := BindAgg(f, e, rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	first, second := bound.New(mem), bound.New(mem)
	defer first.Release()
	defer second.Release()
	all := make([]uint32, groups)
	for g := range all {
		all[g] = uint32(g)
	}
	for range 2 {
		if err := first.Update(t.Context(), rec, ids, groups); err != nil {
			t.Fatal(err)
		}
	}
	if err := second.Update(t.Context(), rec, ids, groups); err != nil {
		t.Fatal(err)
	}
	state, err := first.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Merge(t.Context(), state, all, groups); err != nil {
		t.Fatal(err)
	}
	for _, a := range state {
		a.Release()
	}
	out, err := second.Result(t.Context(), groups)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkDecimals compares with what was taken in three times.
func checkDecimals(t *testing.T, seed uint64, out arrow.Array, want []*big.Int, counts []int64, scale float64) {
	t.Helper()
	for g, sum := range want {
		if out.IsNull(g) != (counts[g] == 0) {
			t.Fatalf("seed %d, group %d: null is %v for %d values", seed, g, out.IsNull(g), counts[g])
		}
		if counts[g] == 0 {
			continue
		}
		three := new(big.Int).Mul(sum, big.NewInt(3))
		switch out := out.(type) {
		case *array.Decimal128:
			if out.Value(g).BigInt().Cmp(three) != 0 {
				t.Fatalf("seed %d, group %d: the sum is %s, want %s", seed, g, out.Value(g).BigInt(), three)
			}
		case *array.Float64:
			mean := decimal128.FromBigInt(three).ToFloat64(0) / float64(3*counts[g]) / scale
			if out.Value(g) != mean {
				t.Fatalf("seed %d, group %d: the mean is %v, want %v", seed, g, out.Value(g), mean)
			}
		}
	}
}

// TestTileSumsHold fills words: as many rows as there may be between two flushes, and more, with the greatest value and the least.
func TestTileSumsHold(t *testing.T) {
	for _, x := range []int64{-tileBias, tileBias - 1} {
		var sums tileSums
		cells, v := make([]decimalCell, 2), slices.Repeat([]int64{x}, shortTile)
		const rows = 2*tileRows + shortTile
		sums.begin(cells, rows)
		for range rows / shortTile {
			sums.add(v, make([]uint32, shortTile), lengthOf(x))
		}
		if !sums.end() || cells[0].count != rows || cells[0].total().BigInt().Cmp(new(big.Int).Mul(big.NewInt(x), big.NewInt(rows))) != 0 || cells[1].count != 0 {
			t.Errorf("%d rows of %d: %v", rows, x, cells)
		}
	}
}
