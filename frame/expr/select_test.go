package expr

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

func TestSelectNth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	shapes := map[string]func(i, n int) uint64{
		"random": func(int, int) uint64 { return r.Uint64() },
		"few":    func(int, int) uint64 { return r.Uint64N(4) },
		"same":   func(int, int) uint64 { return math.MaxUint64 },
		"nans":   func(i, _ int) uint64 { return []uint64{math.MaxUint64, 3}[i%2] },
		"up":     func(i, _ int) uint64 { return uint64(i) },
		"down":   func(i, n int) uint64 { return uint64(n - i) },
		"organ":  func(i, n int) uint64 { return uint64(min(i, n-i)) },
		"saw":    func(i, _ int) uint64 { return uint64(i % 17) },
	}
	for name, value := range shapes {
		for _, n := range []int{1, 2, 3, 24, 25, 60, 511, 512, 3000, 20000} {
			v := make([]uint64, n)
			for i := range v {
				v[i] = value(i, n)
			}
			sorted := slices.Clone(v)
			slices.Sort(sorted)
			for _, k := range []int{0, n / 3, n / 2, n - 1} {
				if got := selectNth(v, k); got != sorted[k] || v[k] != got {
					t.Fatalf("%s: %d of %d is %d, want %d", name, k, n, got, sorted[k])
				}
				for i, x := range v {
					if i < k && x > v[k] || i > k && x < v[k] {
						t.Fatalf("%s: %d of %d: %d is at %d", name, k, n, x, i)
					}
				}
			}
		}
	}
}

func TestOrderedFloat(t *testing.T) {
	v := []float64{math.Inf(-1), -math.MaxFloat64, -1, -math.SmallestNonzeroFloat64, 0, math.SmallestNonzeroFloat64, 2, math.MaxFloat64, math.Inf(1), math.NaN()}
	for i, x := range v {
		if i > 0 && orderedFloat(v[i-1]) >= orderedFloat(x) {
			t.Errorf("%v is not before %v", v[i-1], x)
		}
		if got := floatOrdered(orderedFloat(x)); !same(got, x) {
			t.Errorf("%v comes back as %v", x, got)
		}
	}
	if orderedFloat(math.Copysign(0, -1)) != orderedFloat(0) {
		t.Error("-0 is not 0")
	}
}

func TestQuantileOf(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		v    []float64
		q    float64
		want float64
	}{
		{[]float64{3, 1, 2}, 0, 1},
		{[]float64{3, 1, 2}, 1, 3},
		{[]float64{3, 1, 2}, 0.25, 1.5},
		{[]float64{3, 1, 2, 4}, 0.5, 2.5},
		{[]float64{7}, 0.9, 7},
		{[]float64{1, math.NaN(), 2}, 0.5, 2},
		{[]float64{1, math.NaN()}, 0.5, math.NaN()},
		{[]float64{inf, inf, -inf, -inf}, 0, -inf},
		{[]float64{inf, inf}, 0.5, inf},
		{[]float64{1, inf}, 0.5, inf},
		{[]float64{-math.MaxFloat64, math.MaxFloat64}, 0.5, 0},
	} {
		words := make([]uint64, len(c.v))
		for i, x := range c.v {
			words[i] = orderedFloat(x)
		}
		if got := quantileOf(words, c.q); !same(got, c.want) {
			t.Errorf("%v at %v: got %v, want %v", c.v, c.q, got, c.want)
		}
	}
}

// TestQuantileFraction has fractions that are none.
func TestQuantileFraction(t *testing.T) {
	mem := checked(t)
	rec := fewRows(mem)
	defer rec.Release()
	for _, q := range []any{-0.1, 1.5, math.NaN(), "x", nil} {
		if _, err := BindAgg(Quantile, Column{"f"}, rec.Schema(), Literal{q}); !errors.Is(err, ErrType) {
			t.Errorf("%v: got %v", q, err)
		}
	}
}

// TestQuantileLog fills logs until they turn to pages, in several parts that are merged.
func TestQuantileLog(t *testing.T) {
	mem := checked(t)
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: float64Type}}, nil)
	b, err := BindAgg(Median, Column{"x"}, schema)
	if err != nil {
		t.Fatal(err)
	}
	const groups, batches, rows = 3, 20, 120_000
	r := rand.New(rand.NewPCG(1, 1))
	all := make([][]float64, groups)
	direct, merged := b.New(mem), b.New(mem)
	defer direct.Release()
	defer merged.Release()
	for range batches {
		v, ids := make([]any, rows), make([]uint32, rows)
		for i := range v {
			x, g := float64(r.IntN(1000)), uint32(r.IntN(groups))
			v[i], ids[i] = x, g
			all[g] = append(all[g], x)
		}
		rec := record(mem, column{"x", float64Type, v})
		part := b.New(mem)
		for _, acc := range []Accumulator{direct, part} {
			if err := acc.Update(t.Context(), rec, ids, groups); err != nil {
				t.Fatal(err)
			}
		}
		rec.Release()
		state, err := part.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		part.Release()
		if err := merged.Merge(t.Context(), state, []uint32{0, 1, 2}, groups); err != nil {
			t.Fatal(err)
		}
		state[0].Release()
	}
	if held := direct.Bytes(); held > 2*batches*rows*12 {
		t.Errorf("%d bytes for %d values", held, batches*rows)
	}
	for _, acc := range []Accumulator{direct, merged} {
		a, err := acc.Result(t.Context(), groups)
		if err != nil {
			t.Fatal(err)
		}
		for g, v := range all {
			slices.Sort(v)
			if want, got := (v[(len(v)-1)/2]+v[len(v)/2])/2, a.(*array.Float64).Value(g); got != want {
				t.Errorf("group %d: got %v, want %v", g, got, want)
			}
		}
		a.Release()
	}
}

// TestWideSums adds integers whose sums fit only in the end, or not at all.
func TestWideSums(t *testing.T) {
	mem := checked(t)
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		groups := 1 + r.IntN(2)
		totals, counts := make([]big.Int, groups), make([]int64, groups)
		schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: int64Type}}, nil)
		sum, err := BindAgg(Sum, Column{"x"}, schema)
		if err != nil {
			t.Fatal(err)
		}
		mean, err := BindAgg(Mean, Column{"x"}, schema)
		if err != nil {
			t.Fatal(err)
		}
		s, m := sum.New(mem), mean.New(mem)
		for range 3 {
			v, ids := make([]any, 5), make([]uint32, 5)
			for i := range v {
				x := int64(r.Uint64())
				v[i], ids[i] = x, uint32(r.IntN(groups))
				totals[ids[i]].Add(&totals[ids[i]], big.NewInt(x))
				counts[ids[i]]++
			}
			rec := record(mem, column{"x", int64Type, v})
			for _, p := range []struct {
				bound *BoundAgg
				total Accumulator
			}{{sum, s}, {mean, m}} {
				part := p.bound.New(mem)
				if err := part.Update(t.Context(), rec, ids, groups); err != nil {
					t.Fatal(err)
				}
				state, err := part.State(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := p.total.Merge(t.Context(), state, []uint32{0, 1}[:groups], groups); err != nil {
					t.Fatal(err)
				}
				for _, a := range state {
					a.Release()
				}
				part.Release()
			}
			rec.Release()
		}
		fits := true
		for i := range totals {
			fits = fits && (counts[i] == 0 || totals[i].IsInt64())
		}
		a, err := s.Result(t.Context(), groups)
		if fits != (err == nil) {
			t.Fatalf("seed %d: sums %v, error %v", seed, totals, err)
		}
		if err == nil {
			for g := range groups {
				if counts[g] > 0 && a.(*array.Int64).Value(g) != totals[g].Int64() {
					t.Errorf("seed %d: got %v, want %v", seed, a, totals)
				}
			}
			a.Release()
		}
		a, err = m.Result(t.Context(), groups)
		if err != nil {
			t.Fatal(err)
		}
		for g := range groups {
			want, _ := new(big.Float).Quo(new(big.Float).SetInt(&totals[g]), big.NewFloat(max(1, float64(counts[g])))).Float64()
			if got := a.(*array.Float64).Value(g); counts[g] > 0 && math.Abs(got-want) > 1e-15*math.Abs(want) {
				t.Errorf("seed %d: mean %v, want %v", seed, got, want)
			}
		}
		a.Release()
		s.Release()
		m.Release()
	}
}
