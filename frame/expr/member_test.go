package expr

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
)

func TestMember(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		mem := checked(t)
		least := []int64{0, -40, math.MaxInt64 - 200, math.MinInt64}[r.IntN(4)]
		set := &KeySet{Least: least, Bits: make([]uint64, r.IntN(3))}
		keys := map[int64]bool{}
		for range r.IntN(100) * min(len(set.Bits), 1) {
			key := least + r.Int64N(int64(64*len(set.Bits)))
			keys[key] = true
			set.Add(key)
		}
		if set.Len() != len(keys) {
			t.Fatalf("seed %d: %d keys, want %d", seed, set.Len(), len(keys))
		}
		rows := make([]any, r.IntN(200))
		for i := range rows {
			switch r.IntN(8) {
			case 0:
			case 1:
				rows[i] = []int64{0, math.MinInt64, math.MaxInt64}[r.IntN(3)]
			default:
				rows[i] = least + r.Int64N(200)
			}
		}
		rec := record(mem, column{"k", int64Type, rows})
		e := traveled(t, Member{Column{"k"}, set})
		b, err := Bind(e, rec.Schema())
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Eval(t.Context(), mem, rec)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range rows {
			if a.IsNull(i) != (v == nil) || v != nil && a.(*array.Boolean).Value(i) != keys[v.(int64)] {
				t.Fatalf("seed %d: %v in %s is %s", seed, v, e, a.ValueStr(i))
			}
		}
		a.Release()
		rec.Release()
	}
}

// traveled is e as another process gets it.
func traveled(t *testing.T, e Expr) Expr {
	t.Helper()
	w, err := new(Encoder).Expr(e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := new(Decoder).Expr(w)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func BenchmarkMember(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	set := &KeySet{Bits: make([]uint64, 6_000_000/64)}
	for range 700_000 {
		set.Add(r.Int64N(6_000_000))
	}
	rising, random, out := make([]int64, 1<<16), make([]int64, 1<<16), make([]byte, 1<<13)
	for i := range rising {
		rising[i], random[i] = int64(i)*90+r.Int64N(40), r.Int64N(6_100_000)
	}
	for name, keys := range map[string][]int64{"rising": rising, "random": random} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				members(out, keys, set)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(keys)), "ns/row")
		})
	}
}

// TestKeySetBoth holds the keys of both of two sets against each of their keys.
func TestKeySetBoth(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	random := func() *KeySet {
		bases := []int64{0, -130, 64, math.MinInt64, math.MaxInt64 - 1000}
		s := &KeySet{Least: bases[r.IntN(len(bases))] + r.Int64N(300), Bits: make([]uint64, r.IntN(5))}
		for i := range s.Bits {
			s.Bits[i] = r.Uint64() & r.Uint64()
		}
		return s
	}
	found := 0
	for range 3000 {
		a, b := random(), random()
		both := a.Both(b)
		n := 0
		for i := range 64 * len(a.Bits) {
			if key := a.Least + int64(i); a.Has(key) && b.Has(key) {
				n++
				if !both.Has(key) {
					t.Fatalf("%v and %v: %d is in both", a, b, key)
				}
			}
		}
		if both.Len() != n {
			t.Fatalf("%v and %v: %d keys, want %d", a, b, both.Len(), n)
		}
		found += n
	}
	if found == 0 {
		t.Error("no two sets met")
	}
}
