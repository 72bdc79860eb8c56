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
	k, err := newJoinKeys(env.Mem, []arrow.DataType{dt}, keyless)
	if err != nil {
		t.Fatal(err)
	}
	defer k.reset()
	want := map[any]uint32{}
	for from := 0; from < 10_000; from += 1000 {
		keys := randomKeys(env, dt, 1000, func(i int) (int64, bool) { return key(from+i, r), r.IntN(50) > 0 })
		b, err := k.encoder.encode([]arrow.Array{keys}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		growth := k.growth(&b, 0)
		before, out := k.bytes(), make([]uint32, 1000)
		if err := k.assign(&b, out); err != nil {
			t.Fatal(err)
		}
		if k.bytes() > before+growth {
			t.Errorf("%d bytes, announced %d and %d", k.bytes(), before, growth)
		}
		checkNumbers(t, keys, out, want, true, keyless)
		probe := randomKeys(env, dt, 1000, func(i int) (int64, bool) { return key(r.IntN(12_000), r) + r.Int64N(3) - 1, r.IntN(50) > 0 })
		encoder, err := newKeyEncoder(k.encoder.types)
		if err != nil {
			t.Fatal(err)
		}
		b, err = encoder.encode([]arrow.Array{probe}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		k.find(&b, out)
		checkNumbers(t, probe, out, want, false, keyless)
		keys.Release()
		probe.Release()
		if k.len() != len(want) {
			t.Fatalf("%d keys, want %d", k.len(), len(want))
		}
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

// checkNumbers compares with a map, into which new keys go.
func checkNumbers(t *testing.T, keys arrow.Array, got []uint32, numbers map[any]uint32, grow, keyless bool) {
	t.Helper()
	for i, number := range got {
		var key any
		if keys.IsValid(i) {
			key = keyWordAt(keys, i)
		}
		want, known := numbers[key]
		switch {
		case key == nil && keyless:
			want = noGroup
		case !known && grow:
			want = uint32(len(numbers))
			numbers[key] = want
		case !known:
			want = noGroup
		}
		if number != want {
			t.Fatalf("row %d, key %v: got %d want %d", i, key, number, want)
		}
	}
}
