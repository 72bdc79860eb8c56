package exec

import "github.com/rivulet-go/rivulet/frame/expr"

// setBits is how many places the bitmap of a build side's keys has at most: 8 MiB.
const setBits = 1 << 26

// Keys are the keys of a resident table of one column of integers; nil where they lie too far apart for a bitmap.
func (t *JoinTable) Keys() *expr.KeySet {
	if t.hash == nil || !t.hash.table.whole || t.hash.table.flip == 0 {
		return nil
	}
	return t.hash.table.set()
}

// set is the keys of a table as a bitmap.
func (k *joinKeys) set() *expr.KeySet {
	span := noSpan
	k.eachWord(func(w uint64) { span.least, span.greatest = min(span.least, w^k.flip), max(span.greatest, w^k.flip) })
	if span.least > span.greatest {
		return &expr.KeySet{}
	}
	if span.greatest-span.least >= setBits {
		return nil
	}
	s := &expr.KeySet{Least: int64(span.least ^ k.flip), Bits: make([]uint64, (span.greatest-span.least)/64+1)}
	k.eachWord(func(w uint64) { s.Add(int64(w)) })
	return s
}

// eachWord calls f for the word of each key.
func (k *joinKeys) eachWord(f func(uint64)) {
	for place, number := range k.dense.vals {
		if number != 0 {
			f((k.least + uint64(place)) ^ k.flip)
		}
	}
	for number, w := range k.words.vals {
		if uint32(number) != k.nullGroup {
			f(w)
		}
	}
}
