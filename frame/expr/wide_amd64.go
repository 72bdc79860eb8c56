package expr

import (
	"math"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// The functions below work on vectors of four rows, which Go's compiler does not make. Each says how many rows, from the first on, it
// has done; the loops that stand behind each call do the rest, and all rows where the processor has no AVX2.

var wide = cpu.X86.HasAVX2

// wideStep is how many rows they do at once.
const wideStep = 8

// wideFloats computes out[i] = x[i] op y[i]; y may be a constant.
func wideFloats(op BinaryOp, out, x, y []float64) int {
	n := len(out) &^ (wideStep - 1)
	if !wide || n == 0 || len(x) != len(out) {
		return 0
	}
	o, p, q := first(out), first(x), first(y)
	switch constant := len(y) == 1; {
	case op == Add && constant:
		addScalarAVX2(o, p, y[0], n)
	case op == Multiply && constant:
		multiplyScalarAVX2(o, p, y[0], n)
	case constant || len(y) != len(out):
		return 0
	case op == Add:
		addPairsAVX2(o, p, q, n)
	case op == Subtract:
		subtractPairsAVX2(o, p, q, n)
	case op == Multiply:
		multiplyPairsAVX2(o, p, q, n)
	default:
		return 0
	}
	return n
}

// wideProducts computes out[i] = x[i] * s as long as both fit 32 bits, so that no product overflows.
func wideProducts(out, x []int64, s int64) int {
	n := len(x) &^ (wideStep - 1)
	if !wide || n == 0 || s != int64(int32(s)) {
		return 0
	}
	return multiplyShortAVX2(first(out), first(x), s, n)
}

// wideConvert converts values that are nearer to zero than 2^51, which floats hold exactly. They may lie in the place of the results.
func wideConvert(out []float64, x []int64) int {
	n := len(x) &^ (wideStep - 1)
	if !wide || n == 0 {
		return 0
	}
	return convertAVX2(first(out), first(x), n)
}

// wideCompare compares with a constant that is not NaN, in words of 64 rows.
func wideCompare[T number](op BinaryOp, a []T, s T, out []byte) int {
	n := len(a) &^ 63
	if !wide || n == 0 {
		return 0
	}
	invert := uint64(0)
	switch op {
	case NotEqual, GreaterEqual, Greater:
		invert = ^invert
	}
	o, p := first(out), first(a)
	switch s := any(s).(type) {
	case float64:
		switch op {
		case Equal, NotEqual:
			equalFloatsAVX2(o, p, s, n, invert)
		case Less, GreaterEqual:
			lessFloatsAVX2(o, p, s, n, invert)
		default:
			lessEqualFloatsAVX2(o, p, s, n, invert)
		}
	case int64:
		switch op {
		case Equal, NotEqual:
			equalIntsAVX2(o, p, s, n, invert)
			return n
		case LessEqual, Greater: // x <= s is x < s + 1
			if s == math.MaxInt64 {
				return 0
			}
			s++
		}
		lessIntsAVX2(o, p, s, n, invert)
	case int32:
		switch op {
		case Equal, NotEqual:
			equalDaysAVX2(o, p, s, n, invert)
			return n
		case LessEqual, Greater:
			if s == math.MaxInt32 {
				return 0
			}
			s++
		}
		lessDaysAVX2(o, p, s, n, invert)
	default:
		return 0
	}
	return n
}

// wideEqual compares integers of two columns, in words of 64 rows.
func wideEqual[T number](x, y []T, out []byte, invert uint64) int {
	n := len(x) &^ 63
	if !wide || n == 0 {
		return 0
	}
	switch any(x).(type) {
	case []int64, []uint64:
		equalIntPairsAVX2(first(out), first(x), first(y), n, invert)
	case []int32:
		equalDayPairsAVX2(first(out), first(x), first(y), n, invert)
	default:
		return 0
	}
	return n
}

// wideLess is as wideEqual.
func wideLess[T number](x, y []T, out []byte, invert uint64) int {
	n := len(x) &^ 63
	if !wide || n == 0 {
		return 0
	}
	switch any(x).(type) {
	case []int64:
		lessIntPairsAVX2(first(out), first(x), first(y), n, invert)
	case []int32:
		lessDayPairsAVX2(first(out), first(x), first(y), n, invert)
	default:
		return 0
	}
	return n
}

// wideTruths looks codes up in a bitmap of words, in words of 64 rows. A code beyond the bitmap is one of its words.
func wideTruths(out []byte, codes, table []uint32) int {
	n := len(codes) &^ 63
	if !wide || n == 0 {
		return 0
	}
	if len(table) <= 8 {
		var all [8]uint32
		copy(all[:], table)
		fewTruthsAVX2(first(out), first(codes), unsafe.Pointer(&all), n)
		return n
	}
	truthsAVX2(first(out), first(codes), first(table), uint32(len(table)-1), n)
	return n
}

// maxMemberBits is the length of a bitmap whose places fit 32 bits.
const maxMemberBits = 1 << 31

// wideMembers looks keys up in a bitmap from the least on, in words of 64 rows.
func wideMembers(out []byte, keys []int64, least int64, set []uint64) int {
	n := len(keys) &^ 63
	if !wide || n == 0 || len(set) > maxMemberBits/64 {
		return 0
	}
	membersAVX2(first(out), first(keys), least, first(set), 2*uint64(len(set)), n)
	return n
}

// wideFind looks for the first place of part in s by its first byte and its last, and says from where on there may be one; the last few
// places it leaves out.
func wideFind(s []byte, part string) (from int, found bool) {
	gap := len(part) - 1
	if !wide || gap < 1 {
		return 0, false
	}
	for {
		n := (len(s) - from - gap) &^ 31
		if n <= 0 {
			return from, false
		}
		at := findPairAVX2(unsafe.Pointer(&s[from]), n, gap, part[0], part[gap])
		if from += at; at == n {
			continue
		}
		if string(s[from:from+len(part)]) == part {
			return from, true
		}
		from++
	}
}

func first[T any](s []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s)) }

//go:noescape
func addPairsAVX2(out, x, y unsafe.Pointer, n int)

//go:noescape
func subtractPairsAVX2(out, x, y unsafe.Pointer, n int)

//go:noescape
func multiplyPairsAVX2(out, x, y unsafe.Pointer, n int)

//go:noescape
func addScalarAVX2(out, x unsafe.Pointer, s float64, n int)

//go:noescape
func multiplyScalarAVX2(out, x unsafe.Pointer, s float64, n int)

//go:noescape
func multiplyShortAVX2(out, x unsafe.Pointer, s int64, n int) (done int)

//go:noescape
func convertAVX2(out, x unsafe.Pointer, n int) (done int)

//go:noescape
func equalFloatsAVX2(out, x unsafe.Pointer, s float64, n int, invert uint64)

//go:noescape
func lessFloatsAVX2(out, x unsafe.Pointer, s float64, n int, invert uint64)

//go:noescape
func lessEqualFloatsAVX2(out, x unsafe.Pointer, s float64, n int, invert uint64)

//go:noescape
func equalIntsAVX2(out, x unsafe.Pointer, s int64, n int, invert uint64)

//go:noescape
func lessIntsAVX2(out, x unsafe.Pointer, s int64, n int, invert uint64)

//go:noescape
func equalDaysAVX2(out, x unsafe.Pointer, s int32, n int, invert uint64)

//go:noescape
func lessDaysAVX2(out, x unsafe.Pointer, s int32, n int, invert uint64)

//go:noescape
func equalIntPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)

//go:noescape
func lessIntPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)

//go:noescape
func equalDayPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)

//go:noescape
func lessDayPairsAVX2(out, x, y unsafe.Pointer, n int, invert uint64)

//go:noescape
func fewTruthsAVX2(out, codes, table unsafe.Pointer, n int)

//go:noescape
func truthsAVX2(out, codes, table unsafe.Pointer, last uint32, n int)

//go:noescape
func membersAVX2(out, keys unsafe.Pointer, least int64, set unsafe.Pointer, words uint64, n int)

//go:noescape
func findPairAVX2(s unsafe.Pointer, n, gap int, a, b byte) (at int)
