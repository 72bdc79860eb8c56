package expr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Below wideStep rows the loops in Go work alone: what a kernel gives for many rows must be what it gives for each.

var (
	edgeFloats = []float64{0, math.Copysign(0, -1), 1, -1.5, 50, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	edgeDays   = []int32{0, 1, -1, math.MaxInt32, math.MinInt32}
	edgeInts   = []int64{
		0, 1, -1, 50, math.MaxInt64, math.MinInt64, math.MaxInt32, math.MinInt32, math.MaxInt32 + 1, math.MinInt32 - 1,
		1<<51 - 1, 1 << 51, -1 << 51, -1<<51 - 1, 1<<53 + 1,
	}
)

// rowsOf gives lists of many lengths, some of them with an edge in every fifth place.
func rowsOf[T number](rng *rand.Rand, edges []T, plain func() T) [][]T {
	var lists [][]T
	for _, n := range []int{0, 1, 7, 8, 15, 16, 63, 64, 65, 128, 200, 1000} {
		for _, rare := range []int{5, 200, 1 << 30} {
			list := make([]T, n+1)[1:] // vectors need no alignment
			for i := range list {
				list[i] = plain()
				if rng.IntN(rare) == 0 {
					list[i] = edges[rng.IntN(len(edges))]
				}
			}
			lists = append(lists, list)
		}
	}
	return lists
}

func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

func TestWideFloatsAreThoseOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, x := range rowsOf(rng, edgeFloats, func() float64 { return 100 * rng.NormFloat64() }) {
		y := slices.Clone(x)
		rng.Shuffle(len(y), func(i, j int) { y[i], y[j] = y[j], y[i] })
		for _, op := range []BinaryOp{Add, Subtract, Multiply, Divide} {
			check := func(name string, x, y []float64, inPlace bool) {
				out := make([]float64, max(len(x), len(y)))
				if inPlace {
					out = slices.Clone(x)
					floatKernel(op, out, out, y)
				} else {
					floatKernel(op, out, x, y)
				}
				for i, got := range out {
					want := []float64{0}
					p, q := min(i, len(x)-1), min(i, len(y)-1)
					if floatKernel(op, want, x[p:p+1], y[q:q+1]); !sameBits(got, want[0]) {
						t.Fatalf("%s %s, row %d of %d: %v and %v give %v, want %v", op, name, i, len(out), x[p], y[q], got, want[0])
					}
				}
			}
			check("of columns", x, y, false)
			check("in place", x, y, true)
			if len(x) < 2 {
				continue
			}
			for _, s := range append(edgeFloats, 3.25) {
				check("with a constant", x, []float64{s}, false)
				check("with a constant, in place", x, []float64{s}, true)
				check("of a constant", []float64{s}, x, false)
			}
		}
	}
}

func TestWideIntegersAreThoseOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, x := range rowsOf(rng, edgeInts, func() int64 { return rng.Int64N(1<<20) - 1<<19 }) {
		converted := make([]float64, len(x))
		floats(converted, x)
		unsigned := make([]uint64, len(x))
		for i, v := range x {
			unsigned[i] = uint64(v)
			if converted[i] != float64(v) {
				t.Fatalf("row %d of %d: %d is converted to %v", i, len(x), v, converted[i])
			}
		}
		place := slices.Clone(unsigned)
		floats(asFloats(place), place)
		for i, v := range asFloats(place) {
			if v != float64(unsigned[i]) {
				t.Fatalf("row %d of %d: %d is converted to %v", i, len(x), unsigned[i], v)
			}
		}
		if len(x) < 2 {
			continue
		}
		for _, s := range append(edgeInts, 3, -70000) {
			out, fits := make([]int64, len(x)), true
			got := intKernel(Multiply, out, x, []int64{s})
			for i, v := range x {
				fits = fits && intFits(Multiply, v, s)
				if out[i] != v*s {
					t.Fatalf("row %d of %d: %d * %d is %d", i, len(x), v, s, out[i])
				}
			}
			if got != fits {
				t.Fatalf("%d rows by %d: fits is %v, want %v", len(x), s, got, fits)
			}
		}
	}
}

// asFloats is the same memory as floats.
func asFloats(s []uint64) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

func TestWideComparisonsAreThoseOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, x := range rowsOf(rng, edgeFloats, func() float64 { return float64(rng.IntN(100)) }) {
		for _, s := range append(edgeFloats, 3) {
			checkComparisons(t, x, s)
		}
	}
	for _, x := range rowsOf(rng, edgeInts, func() int64 { return rng.Int64N(100) - 20 }) {
		for _, s := range append(edgeInts, 3) {
			checkComparisons(t, x, s)
		}
	}
	for _, x := range rowsOf(rng, edgeDays, func() int32 { return rng.Int32N(100) - 20 }) {
		for _, s := range append(edgeDays, 3) {
			checkComparisons(t, x, s)
		}
	}
}

func TestWidePairsCompareAsRowsDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 3 {
		checkPairs(t, rng, rowsOf(rng, edgeDays, func() int32 { return rng.Int32N(4) }))
		checkPairs(t, rng, rowsOf(rng, edgeInts, func() int64 { return rng.Int64N(4) }))
		checkPairs(t, rng, rowsOf(rng, []uint64{0, math.MaxUint64, 1 << 63}, func() uint64 { return rng.Uint64N(4) }))
	}
}

func checkPairs[T number](t *testing.T, rng *rand.Rand, lists [][]T) {
	t.Helper()
	for _, x := range lists {
		y := slices.Clone(x)
		rng.Shuffle(len(y), func(i, j int) { y[i], y[j] = y[j], y[i] })
		for _, op := range []BinaryOp{Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual} {
			out := make([]byte, byteCount(len(x)))
			compareVectors(op, x, y, out)
			for i := range x {
				var want [1]byte
				if compareVectors(op, x[i:i+1], y[i:i+1], want[:]); bitAt(out, i) != (want[0] == 1) {
					t.Fatalf("row %d of %d: %v", i, len(x), fmt.Sprint(x[i], op, y[i], " is ", bitAt(out, i)))
				}
			}
		}
	}
}

func checkComparisons[T number](t *testing.T, x []T, s T) {
	t.Helper()
	for _, op := range []BinaryOp{Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual} {
		out := make([]byte, byteCount(len(x))+1)
		compareScalar(op, x, s, out)
		for i := range x {
			var want [1]byte
			if compareScalar(op, x[i:i+1], s, want[:]); bitAt(out, i) != (want[0] == 1) {
				t.Fatalf("row %d of %d: %v", i, len(x), fmt.Sprint(x[i], op, s, " is ", bitAt(out, i)))
			}
		}
		for i := len(x); i < 8*len(out); i++ {
			if bitAt(out, i) {
				t.Fatalf("bit %d behind %d rows is set", i, len(x))
			}
		}
	}
}

func TestTruthsOfCodesAreThoseOfTheirWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{1, 2, 31, 32, 33, 64, 255, 256, 257, 1000, 2600} {
		for _, offset := range []int{0, 3} {
			raw := make([]byte, (size+offset+7)/8)
			for i := range raw {
				raw[i] = byte(rng.Uint32())
			}
			d := array.NewData(arrow.FixedWidthTypes.Boolean, size, []*memory.Buffer{nil, memory.NewBufferBytes(raw)}, nil, 0, offset)
			words := array.NewBooleanData(d)
			d.Release()
			for _, rows := range []int{0, 1, 63, 64, 65, 200, 1000} {
				codes := make([]uint32, rows+1)[1:]
				for i := range codes {
					codes[i] = uint32(rng.IntN(size))
				}
				out := make([]byte, byteCount(rows))
				takeTruths(out, truthBits(words), codes)
				for i, c := range codes {
					if bitAt(out, i) != words.Value(int(c)) {
						t.Fatalf("%d words from bit %d on, row %d of %d: the truth of word %d is not %v", size, offset, i, rows, c, words.Value(int(c)))
					}
				}
			}
			words.Release()
		}
	}
}

func BenchmarkTakeTruths(b *testing.B) {
	for _, size := range []int{50, 2500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(5, 6))
			codes := make([]uint32, 1<<16)
			for i := range codes {
				codes[i] = uint32(rng.IntN(size))
			}
			builder := array.NewBooleanBuilder(memory.NewGoAllocator())
			for range size {
				builder.Append(rng.IntN(2) == 0)
			}
			words, out := builder.NewBooleanArray(), make([]byte, len(codes)/8)
			for b.Loop() {
				takeTruths(out, truthBits(words), codes)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(codes)), "ns/row")
		})
	}
}
