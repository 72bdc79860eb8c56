package batch

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestRowsWide holds both ways of listing set bits equal.
func TestRowsWide(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 80 {
		words := make([]uint64, n%9+1)
		for i := range words {
			switch rng.IntN(4) {
			case 0:
				words[i] = rng.Uint64()
			case 1:
				words[i] = rng.Uint64() & rng.Uint64() & rng.Uint64()
			case 2:
				words[i] = ^uint64(0)
			}
		}
		before, row := []int32{7, 8, 9}[:n%4], 64*rng.IntN(1<<20)
		got := rowsWide(slices.Grow(slices.Clone(before), 64*len(words)+8), words, row)
		want := slices.Clone(before)
		for i := range 64 * len(words) {
			if words[i/64]>>(i%64)&1 != 0 {
				want = append(want, int32(row+i))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%x from row %d on: %v, want %v", words, row, got, want)
		}
		if plain := rowsOf(slices.Clone(before), words, row); !slices.Equal(plain, want) {
			t.Fatalf("%x from row %d on: %v, want %v", words, row, plain, want)
		}
	}
}

// TestSelected lists the rows of masks with nulls, of every offset and of more than one piece.
func TestSelected(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, nulls := range []int{0, 10} {
		b := array.NewBooleanBuilder(memory.DefaultAllocator)
		for range 9000 {
			if rng.IntN(100) < nulls {
				b.AppendNull()
			} else {
				b.Append(rng.IntN(3) > 0)
			}
		}
		whole := b.NewBooleanArray()
		b.Release()
		for from := range 70 {
			to := []int{from, from + 1, from + 64, from + 200, 8800 + from}[from%5]
			mask := array.NewSlice(whole, int64(from), int64(to)).(*array.Boolean)
			var want []int32
			for i := range mask.Len() {
				if mask.IsValid(i) && mask.Value(i) {
					want = append(want, int32(i))
				}
			}
			if got := Selected(nil, mask); !slices.Equal(got, want) {
				t.Errorf("rows %d to %d, %d %% nulls: %v, want %v", from, to, nulls, got, want)
			}
			var s selection
			if got := s.set(mask); got != len(want) {
				t.Errorf("rows %d to %d, %d %% nulls: %d are counted, want %d", from, to, nulls, got, len(want))
			} else if got > 0 {
				if first, end := s.ends(); int32(first) != want[0] || int32(end) != want[got-1]+1 {
					t.Errorf("rows %d to %d, %d %% nulls: they lie in [%d, %d), want [%d, %d]", from, to, nulls, first, end, want[0], want[got-1])
				}
			}
			mask.Release()
		}
		whole.Release()
	}
}
