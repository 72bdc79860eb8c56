package batch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestCompress holds rows that are compressed, by vectors and one by one, equal to rows that are taken.
func TestCompress(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	rng := rand.New(rand.NewPCG(5, 6))
	for _, dt := range []arrow.DataType{
		arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Boolean,
		&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint32, ValueType: arrow.BinaryTypes.String},
	} {
		for nulls := range 3 {
			whole := randomColumn(t, mem, dt, rng, 1000, nulls*30)
			for _, density := range []float64{0.01, 0.2, 0.5, 0.99, 1} {
				for from := range 70 {
					arr := array.NewSlice(whole, int64(from), int64(from+rng.IntN(900)))
					checkCompressed(t, mem, arr, randomMask(rng, arr.Len(), density))
					arr.Release()
				}
			}
			whole.Release()
		}
	}
}

func checkCompressed(t *testing.T, mem memory.Allocator, arr arrow.Array, s selection) {
	t.Helper()
	want, err := TakeArray(mem, arr, s.rows())
	if err != nil {
		t.Fatal(err)
	}
	defer want.Release()
	c := newCompressor(mem, s.words, want.Len())
	for _, vector := range []int{c.vector, 0} {
		c.vector = vector
		if !compressible(arr) {
			t.Fatalf("%s: not compressed", arr.DataType())
		}
		got := c.array(arr)
		if !array.Equal(got, want) {
			t.Errorf("%s from %d on, %d words by vectors: %v, want %v", arr.DataType(), arr.Data().Offset(), vector, got, want)
		}
		got.Release()
	}
}

func randomMask(rng *rand.Rand, n int, density float64) (s selection) {
	s.words = make([]uint64, (n+63)/64)
	for i := range n {
		if rng.Float64() < density {
			s.words[i/64] |= 1 << (i % 64)
		}
	}
	return s
}

func randomColumn(t *testing.T, mem memory.Allocator, dt arrow.DataType, rng *rand.Rand, n, nulls int) arrow.Array {
	t.Helper()
	b := array.NewBuilder(mem, dt)
	defer b.Release()
	for range n {
		if rng.IntN(100) < nulls {
			b.AppendNull()
			continue
		}
		text := fmt.Sprint(rng.IntN(50))
		switch b := b.(type) {
		case *array.BooleanBuilder:
			b.Append(rng.IntN(2) == 0)
		case *array.Date32Builder:
			b.Append(arrow.Date32(rng.Int32()))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(rng.Int64()))
		case *array.BinaryDictionaryBuilder:
			if err := b.AppendString(text); err != nil {
				t.Fatal(err)
			}
		default:
			if err := b.AppendValueFromString(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.NewArray()
}

func TestExtractBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		n := 1 + rng.IntN(9)
		in, mask := make([]uint64, n), make([]uint64, n)
		kept := 0
		for i := range mask {
			in[i] = rng.Uint64()
			mask[i] = []uint64{rng.Uint64(), 0, ^uint64(0), rng.Uint64() & rng.Uint64()}[rng.IntN(4)]
			for bit := range 64 {
				kept += int(mask[i] >> bit & 1)
			}
		}
		got, want := make([]uint64, kept/64+1), make([]uint64, kept/64+1)
		extract(got, in, mask)
		extractBits(want, in, mask)
		if !slices.Equal(got, want) {
			t.Fatalf("%x of %x: %x, want %x", mask, in, got, want)
		}
	}
}

// TestTakeAscending takes rows that ascend, and the same rows with the first and the last swapped, which are listed.
func TestTakeAscending(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	rng := rand.New(rand.NewPCG(9, 10))
	arr := randomColumn(t, mem, arrow.PrimitiveTypes.Int64, rng, 700, 20)
	defer arr.Release()
	for _, density := range []float64{0.02, 0.3, 0.9} {
		s := randomMask(rng, arr.Len(), density)
		idx := slices.Clone(s.rows())
		if dense := newTaker(mem, idx).dense; dense != (density > 0.1) {
			t.Errorf("%d of %d rows are compressed: %t", len(idx), arr.Len(), dense)
		}
		for range 2 {
			got, err := TakeArray(mem, arr, idx)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range idx {
				if got.ValueStr(i) != arr.ValueStr(int(row)) {
					t.Errorf("row %d: %s, want %s", row, got.ValueStr(i), arr.ValueStr(int(row)))
				}
			}
			got.Release()
			last := len(idx) - 1
			idx[0], idx[last] = idx[last], idx[0]
		}
	}
}
