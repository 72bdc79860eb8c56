package expr

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// wideShorts computes out[i] = x[i] op y[i], of factors that fit 32 bits, and gives the bits in which the results differ from their signs.
func wideShorts(op BinaryOp, out, x, y []int64) (done int, all int64) {
	n := len(out) &^ (wideStep - 1)
	if !wide || n == 0 {
		return 0, 0
	}
	o, p, q := first(out), first(x), first(y)
	switch op {
	case Add:
		return n, addShortsAVX2(o, p, q, n)
	case Subtract:
		return n, subtractShortsAVX2(o, p, q, n)
	default:
		return n, multiplyShortsAVX2(o, p, q, n)
	}
}

// wideLengths gives the bits in which values differ from their signs.
func wideLengths(v []int64) (done int, all int64) {
	n := len(v) &^ (wideStep - 1)
	if !wide || n == 0 {
		return 0, 0
	}
	return n, lengthsAVX2(first(v), n)
}

// wideNarrow takes the low words of decimals, and gives the bits in which these differ from their signs, and those from the high words.
func wideNarrow(out []int64, v []decimal128.Num) (done int, all, wrong int64) {
	n := len(out) &^ (wideStep - 1)
	if !wide || n == 0 {
		return 0, 0, 0
	}
	all, wrong = narrowAVX2(first(out), first(v), n)
	return n, all, wrong
}

//go:noescape
func addShortsAVX2(out, x, y unsafe.Pointer, n int) (all int64)

//go:noescape
func subtractShortsAVX2(out, x, y unsafe.Pointer, n int) (all int64)

//go:noescape
func multiplyShortsAVX2(out, x, y unsafe.Pointer, n int) (all int64)

//go:noescape
func lengthsAVX2(x unsafe.Pointer, n int) (all int64)

//go:noescape
func narrowAVX2(out, x unsafe.Pointer, n int) (all, wrong int64)
