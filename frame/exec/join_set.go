package exec

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// setBits is how many places the bitmap of a build side's keys has at most: 8 MiB.
const setBits = 1 << 26

// Keys are the keys of a resident table of one column of integers; nil where they lie too far apart for a bitmap, and where the budget has
// no memory for it. It counts against that until the table is closed.
func (t *JoinTable) Keys() *expr.KeySet {
	if t.hash == nil || !t.hash.table.whole || t.hash.table.flip == 0 {
		return nil
	}
	grant := t.hash.grant
	if granted, err := grant.resize(grant.holds + t.hash.table.setBytes()); err != nil || !granted {
		return nil
	}
	return t.hash.table.set()
}

// setBytes is what set takes.
func (k *joinKeys) setBytes() int64 {
	if k.span.least > k.span.greatest || k.span.greatest-k.span.least >= setBits {
		return 0
	}
	return 8 * int64(k.span.words())
}

// set is the keys of a table as a bitmap.
func (k *joinKeys) set() *expr.KeySet {
	if k.span.least > k.span.greatest {
		return &expr.KeySet{}
	}
	if k.span.greatest-k.span.least >= setBits {
		return nil
	}
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
