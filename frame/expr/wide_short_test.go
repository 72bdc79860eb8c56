package expr

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// lengthOfRows is how long values are, one by one.
func lengthOfRows(v []int64) (n int) {
	for _, x := range v {
		n = max(n, lengthOf(x))
	}
	return n
}

func TestWideShortsAreThoseOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	narrow := []int64{0, -1, math.MaxInt32, math.MinInt32}
	for shift := range 32 {
		for _, x := range rowsOf(rng, narrow, func() int64 { return rng.Int64N(1<<32)>>shift - 1<<31>>shift }) {
			y := slices.Clone(x)
			rng.Shuffle(len(y), func(i, j int) { y[i], y[j] = y[j], y[i] })
			for op, of := range map[BinaryOp]func(x, y int64) int64{
				Add:      func(x, y int64) int64 { return x + y },
				Subtract: func(x, y int64) int64 { return x - y },
				Multiply: func(x, y int64) int64 { return x * y },
			} {
				want := make([]int64, len(x))
				for i := range x {
					want[i] = of(x[i], y[i])
				}
				for _, factors := range []bool{true, false} {
					out := slices.Clone(x) // the results may lie in the place of an operand
					if n := computeShorts(op, out, out, y, factors); n != lengthOfRows(want) || !slices.Equal(out, want) {
						t.Fatalf("%d rows, %s: %d bits, want %d\n%v\nwant\n%v", len(x), op, n, lengthOfRows(want), out, want)
					}
				}
			}
		}
	}
}

func TestWideLengthsAreThoseOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for shift := range 63 {
		for _, v := range rowsOf(rng, []int64{0, -1}, func() int64 { return int64(rng.Uint64()) >> shift }) {
			if got, want := lengthOfAll(v), lengthOfRows(v); got != want {
				t.Fatalf("%d rows have %d bits, want %d", len(v), got, want)
			}
			wide, room := make([]decimal128.Num, len(v)), make([]int64, len(v))
			for i, x := range v {
				wide[i] = decimal128.FromI64(x)
			}
			if got, n := shortLeaf(wide).tile(0, room); n != lengthOfRows(v) || !slices.Equal(got, v) {
				t.Fatalf("%d rows of %d bits:\n%v\nwant\n%v", len(v), n, got, v)
			}
			if len(v) == 0 {
				continue
			}
			at := rng.IntN(len(v)) // its high word is not the sign of the low one
			wide[at] = decimal128.New(wide[at].HighBits()^1<<rng.IntN(64), wide[at].LowBits())
			if _, n := shortLeaf(wide).tile(0, room); n != tooLongTile {
				t.Fatalf("row %d of %d, %v, has %d bits", at, len(v), wide[at].BigInt(), n)
			}
		}
	}
}
