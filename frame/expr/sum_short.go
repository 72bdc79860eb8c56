package expr

import "github.com/apache/arrow/go/v17/arrow"

// shortSums sums a batch's integers of up to 31 bits for groups that are few beside its rows: sum and count of a group are one word, so
// that a row costs one addition in memory.
//
//	63          47                       0
//	  ┌───────────┬──────────────────────┐
//	  │   count   │ sum of value + 2^30  │
//	  └───────────┴──────────────────────┘
type shortSums struct{ words []uint64 }

const (
	shortRows  = 1 << 16 // no more rows than that: neither part overflows
	shortCount = 47      // the bit at which the count begins
	shortBias  = 1 << 30 // makes values of 31 bits those of 31 bits without a sign
)

// sumShort gives count and sum of each group that has values to flush. Where there are too few rows, or a value is too long, it is false,
// and nothing has been given.
func sumShort[T integer](s *shortSums, a arrow.Array, groups []uint32, n int, flush func(g int, sum, count int64)) bool {
	if n == 1 || len(groups) < 8*n || len(groups) > shortRows {
		return false
	}
	if cap(s.words) < n {
		s.words = make([]uint64, 2*n)
	}
	words, v, long := s.words[:n], values[T](a), uint64(0)
	clear(words)
	eachRun(a, func(from, to int) { long |= addShort(words, v[from:to], groups[from:to]) })
	if long > 2*shortBias-1 {
		return false
	}
	for g, w := range words {
		if count := w >> shortCount; count > 0 {
			flush(g, int64(w&(1<<shortCount-1))-int64(count*shortBias), int64(count))
		}
	}
	return true
}

// addShort adds a dense run and gives all bits of the biased values.
func addShort[T integer](words []uint64, v []T, groups []uint32) (long uint64) {
	v = v[:len(groups)]
	for i, g := range groups {
		x := uint64(v[i]) + shortBias
		long |= x
		words[g] += x + 1<<shortCount
	}
	return long
}
