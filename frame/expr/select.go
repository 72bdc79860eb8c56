package expr

import (
	"math"
	"math/bits"
	"slices"
)

const signBit = uint64(1) << 63

// orderedFloat maps floats to numbers that order as they do, NaN above all and -0 as 0.
func orderedFloat(v float64) uint64 {
	w := math.Float64bits(v)
	switch {
	case v != v:
		return math.MaxUint64
	case v == 0:
		return signBit
	case w&signBit != 0:
		return ^w
	}
	return w | signBit
}

// floatOrdered is the inverse of orderedFloat.
func floatOrdered(w uint64) float64 {
	switch {
	case w == math.MaxUint64:
		return math.NaN()
	case w&signBit != 0:
		return math.Float64frombits(w &^ signBit)
	}
	return math.Float64frombits(^w)
}

// selectSmall is the length from which on an insertion sort is quicker than another partition.
const selectSmall = 24

// selectNth moves the k-th smallest of v to its place, nothing greater before it and nothing smaller behind it: quickselect
// (Hoare 1961) with a sort where pivots turn out bad again and again.
func selectNth(v []uint64, k int) uint64 {
	rest := v // what can hold the k-th; there its place is at
	at := k
	for rounds := 2 * bits.Len(uint(len(v))); len(rest) > selectSmall; rounds-- {
		if rounds == 0 {
			slices.Sort(rest)
			return v[k]
		}
		pivot := pivotOf(rest)
		less := partitionBelow(rest, pivot)
		if at < less {
			rest = rest[:less]
			continue
		}
		rest, at = rest[less:], at-less
		if less > 0 {
			continue
		}
		if pivot == math.MaxUint64 {
			return pivot
		}
		same := partitionBelow(rest, pivot+1)
		if at < same {
			return pivot
		}
		rest, at = rest[same:], at-same
	}
	for i := 1; i < len(rest); i++ {
		x, j := rest[i], i
		for ; j > 0 && rest[j-1] > x; j-- {
			rest[j] = rest[j-1]
		}
		rest[j] = x
	}
	return v[k]
}

// partitionBelow moves what is less than pivot to the front and says how much that is, without a branch to mispredict.
func partitionBelow(v []uint64, pivot uint64) int {
	n := 0
	for i, x := range v {
		v[i] = v[n]
		v[n] = x
		_, below := bits.Sub64(x, pivot, 0)
		n += int(below)
	}
	return n
}

// pivotOf is the median of three values, of three such medians where v is long.
func pivotOf(v []uint64) uint64 {
	n := len(v)
	if n < 512 {
		return median3(v[n/4], v[n/2], v[n-1-n/4])
	}
	step := n / 9
	at := func(i int) uint64 { return v[step/2+i*step] }
	return median3(median3(at(0), at(1), at(2)), median3(at(3), at(4), at(5)), median3(at(6), at(7), at(8)))
}

func median3(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }

// neighbours moves the two values beside q·(n-1) to their places and gives them, with the part of the way from the lower one.
func neighbours(v []uint64, q float64) (low, high uint64, part float64) {
	at := q * float64(len(v)-1)
	k := min(int(at), len(v)-1)
	part = at - float64(k)
	low = selectNth(v, k)
	if part == 0 || k+1 == len(v) {
		return low, low, 0
	}
	return low, slices.Min(v[k+1:]), part
}

// intQuantileOf is quantileOf of integers, whose sign bit is turned; what lies between two is rounded to the nearer, halves away from zero.
func intQuantileOf(v []uint64, q float64) int64 {
	low, high, part := neighbours(v, q)
	whole, rest := math.Modf(part * float64(high-low))
	x := int64((low + uint64(whole)) ^ signBit)
	if rest > 0.5 || rest == 0.5 && x >= 0 {
		x++
	}
	return x
}

// quantileOf is the value at fraction q of v, none of which may be missing, by linear interpolation between the two
// values beside q·(n-1): what SQL calls percentile_cont, and numpy and polars "linear". It reorders v.
func quantileOf(v []uint64, q float64) float64 {
	lowest, highest, part := neighbours(v, q)
	low, high := floatOrdered(lowest), floatOrdered(highest)
	if lowest == highest || low == high {
		return low
	}
	if step := high - low; !math.IsInf(step, 0) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		return low + part*step
	}
	return low*(1-part) + high*part
}
