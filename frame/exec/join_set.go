package exec

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// setBits is how many places the bitmap of a build side's keys has at most: 8 MiB.
const setBits = 1 << 26

// Keys are the keys of a resident table in one of its key columns, which is of integers; nil where they lie too far apart for a bitmap, and where
// the budget has no memory for it. It counts against that until the table is closed.
func (t *JoinTable) Keys(column int) *expr.KeySet {
	if t.hash == nil {
		return nil
	}
	several := len(t.spec.rightKeys) > 1
	span := t.hash.table.span
	switch {
	case several:
		span = t.hash.spanOf(t.spec.rightKeys[column])
	case !t.hash.table.whole || t.hash.table.flip == 0:
		return nil
	}
	if span.least > span.greatest {
		return &expr.KeySet{}
	}
	if span.greatest-span.least >= setBits {
		return nil
	}
	grant := t.hash.grant
	if granted, err := grant.resize(grant.holds + 8*int64(span.words())); err != nil || !granted {
		return nil
	}
	if several {
		return t.hash.setOf(t.spec.rightKeys[column], span)
	}
	return t.hash.table.set()
}

// spanOf is the span of a column of integers.
func (h *joinHash) spanOf(column int) keySpan {
	span := noSpan
	for _, chunk := range h.chunks {
		span = span.with(rawWords(chunk.Column(column)), validityOf(chunk.Column(column)), signBit)
	}
	return span
}

// setOf is the values of a column of integers as a bitmap of their span.
func (h *joinHash) setOf(column int, span keySpan) *expr.KeySet {
	s := &expr.KeySet{Least: int64(span.least ^ signBit), Bits: make([]uint64, span.words())}
	for _, chunk := range h.chunks {
		valid := validityOf(chunk.Column(column))
		for i, w := range rawWords(chunk.Column(column)) {
			if !valid.null(i) {
				s.Add(int64(w))
			}
		}
	}
	return s
}

// set is the keys of a table as a bitmap of their span.
func (k *joinKeys) set() *expr.KeySet {
	s := &expr.KeySet{Least: int64(k.span.least ^ k.flip)}
	if len(k.bits.vals) > 0 {
		s.Bits = slices.Clone(k.bits.vals)
		return s
	}
	s.Bits = make([]uint64, k.span.words())
	for number, w := range k.words.vals {
		if uint32(number) != k.nullGroup {
			s.Add(int64(w))
		}
	}
	return s
}
