package exec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// TestJoinKeys numbers keys that lie close together, far apart, and first one then the other, beside a map.
func TestJoinKeys(t *testing.T) {
	kinds := map[string]func(i int, r *rand.Rand) int64{
		"dense":      func(_ int, r *rand.Rand) int64 { return r.Int64N(3000) - 1500 },
		"rising":     func(i int, _ *rand.Rand) int64 { return int64(i) },
		"falling":    func(i int, _ *rand.Rand) int64 { return int64(-i) },
		"lowest":     func(i int, _ *rand.Rand) int64 { return math.MinInt64 + int64(10_000-i) },
		"highest":    func(i int, _ *rand.Rand) int64 { return math.MaxInt64 - 10_000 + int64(i) },
		"both ends":  func(i int, _ *rand.Rand) int64 { return int64(i) ^ math.MinInt64*int64(i&1) },
		"one":        func(int, *rand.Rand) int64 { return 7 },
		"sparse":     func(_ int, r *rand.Rand) int64 { return r.Int64() - r.Int64() },
		"wider":      func(i int, r *rand.Rand) int64 { return r.Int64N(int64(1) << (i / 300)) },
		"at last":    func(i int, r *rand.Rand) int64 { return r.Int64N(20_000) + int64(i/9000)*math.MaxInt32 },
		"late dense": func(i int, r *rand.Rand) int64 { return r.Int64N(40_000) },
	}
	types := []arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint64, arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Timestamp_us}
	for name, key := range kinds {
		for _, dt := range types {
			t.Run(fmt.Sprint(name, dt), func(t *testing.T) {
				checkJoinKeys(t, dt, key, false)
				checkJoinKeys(t, dt, key, true)
			})
		}
	}
}

func checkJoinKeys(t *testing.T, dt arrow.DataType, key func(int, *rand.Rand) int64, keyless bool) {
	t.Helper()
	env := testEnv(t, plenty)
	r := rand.New(rand.NewPCG(3, 4))
	for _, batches := range []int{0, 1, 3, 10} {
		k, err := newJoinKeys(env.Mem, []arrow.DataType{dt}, keyless)
		if err != nil {
			t.Fatal(err)
		}
		want := map[any]bool{}
		var all []arrow.Array
		for from := range batches {
			all = append(all, randomKeys(env, dt, 1000, func(i int) (int64, bool) { return key(1000*from+i, r), r.IntN(50) > 0 }))
		}
		fillJoinKeys(t, k, all, want, keyless)
		if k.len() != len(want) {
			t.Fatalf("%d keys, want %d", k.len(), len(want))
		}
		probe := randomKeys(env, dt, 1000, func(int) (int64, bool) { return key(r.IntN(12_000), r) + r.Int64N(3) - 1, r.IntN(50) > 0 })
		numbers, keyOf := map[any]uint32{}, map[uint32]any{}
		for _, keys := range append(all, probe) {
			checkNumbers(t, k, keys, want, numbers, keyOf)
			keys.Release()
		}
		k.reset()
	}
}

// fillJoinKeys gives a table keys as a join does, and notes which there are.
func fillJoinKeys(t *testing.T, k *joinKeys, all []arrow.Array, want map[any]bool, keyless bool) {
	t.Helper()
	each := func(take func(b *keyBatch)) error {
		for _, keys := range all {
			b, err := k.encoder.encode([]arrow.Array{keys}, keys.Len())
			if err != nil {
				return err
			}
			take(&b)
		}
		return nil
	}
	grouped, out := 0, make([]uint32, 1000)
	group := func(to int) {
		for ; grouped < to; grouped++ {
			b, err := k.encoder.encode([]arrow.Array{all[grouped]}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			if err := k.assign(&b, out); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, keys := range all {
		b, err := k.encoder.encode([]arrow.Array{keys}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		before := k.bytes()
		growth := k.growth(&b, 0)
		if !k.close() {
			group(i + 1)
		}
		if k.bytes() > before+growth {
			t.Errorf("%d bytes, announced %d and %d", k.bytes(), before, growth)
		}
		for i := range keys.Len() {
			if keys.IsValid(i) {
				want[keyWordAt(keys, i)] = true
			} else if !keyless {
				want[nil] = true
			}
		}
	}
	if !k.close() {
		group(len(all))
		return
	}
	announced := k.bytes()
	if err := k.index(each); err != nil {
		t.Fatal(err)
	}
	if k.bytes() > announced {
		t.Errorf("%d bytes, announced %d", k.bytes(), announced)
	}
}

func randomKeys(env *Env, dt arrow.DataType, rows int, key func(int) (int64, bool)) arrow.Array {
	b := array.NewBuilder(env.Mem, dt)
	defer b.Release()
	for i := range rows {
		v, valid := key(i)
		if !valid {
			b.AppendNull()
			continue
		}
		switch b := b.(type) {
		case *array.Date32Builder:
			b.Append(arrow.Date32(v))
		case *array.Int64Builder:
			b.Append(v)
		case *array.Uint64Builder:
			b.Append(uint64(v))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(v))
		}
	}
	return b.NewArray()
}

// checkNumbers finds keys: those of the table have each a number of its own, which is less than there are, others none.
func checkNumbers(t *testing.T, k *joinKeys, keys arrow.Array, want map[any]bool, numbers map[any]uint32, keyOf map[uint32]any) {
	t.Helper()
	encoder, err := newKeyEncoder(k.encoder.types)
	if err != nil {
		t.Fatal(err)
	}
	b, err := encoder.encode([]arrow.Array{keys}, keys.Len())
	if err != nil {
		t.Fatal(err)
	}
	out := make([]uint32, keys.Len())
	k.find(&b, out)
	for i, number := range out {
		var key any
		if keys.IsValid(i) {
			key = keyWordAt(keys, i)
		}
		if !want[key] {
			if number != noGroup {
				t.Fatalf("row %d, key %v: got %d of a key that is not there", i, key, number)
			}
			continue
		}
		known, seen := numbers[key]
		if !seen {
			if other, ok := keyOf[number]; ok {
				t.Fatalf("row %d: keys %v and %v are both %d", i, key, other, number)
			}
			numbers[key], keyOf[number], known = number, key, number
		}
		if number != known || int(number) >= len(want) {
			t.Fatalf("row %d, key %v: got %d of %d, before it was %d", i, key, number, len(want), known)
		}
	}
}
