package exec

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
)

const (
	// closeFactor is how many places a build row may take in a bitmap: with what is counted beside it they take as much as a row of a hash table.
	closeFactor = 64

	// closePlaces are allowed whatever the number of rows.
	closePlaces = 1 << 16
)

// joinKeys numbers the keys of a build side. Whole numbers that lie close together are put into a bitmap when all are known: a key's number
// is how many come before it, which is counted in steps of a word. All others are numbered by hash, in order of first appearance.
//
//	key - least ─► │ bits of 64 keys │ + │ keys before those │ ─► number
//
// As a groupTable, it is for one goroutine until all rows are in.
type joinKeys struct {
	*groupTable
	whole bool   // keys are words that order as whole numbers do
	flip  uint64 // what makes words of keys order as unsigned ones

	rows   int     // that growth was asked for
	hashed int     // of them, those that assign was given
	span   keySpan // of the keys of rows
	least  uint64  // the key of the first bit
	bits   slab[uint64]
	before slab[uint32] // of each word of bits; empty before index
}

// keySpan is from the least to the greatest of some keys; none is where least is greater.
type keySpan struct{ least, greatest uint64 }

var noSpan = keySpan{least: ^uint64(0)}

// newJoinKeys makes a table in which nulls equal nulls or, where keyless says so, are no keys. In one with nulls, which a full join has, keys are
// numbered in order of first appearance whatever they are: so it gives what has matched nothing.
func newJoinKeys(mem allocator, types []arrow.DataType, keyless bool) (*joinKeys, error) {
	table, err := newGroupTable(mem, types)
	if err != nil {
		return nil, err
	}
	table.keyless = keyless
	k := &joinKeys{groupTable: table, bits: newSlab[uint64](mem), before: newSlab[uint32](mem), span: noSpan}
	if len(types) != 1 || !keyless {
		return k, nil
	}
	switch types[0].ID() {
	case arrow.INT64, arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		k.whole, k.flip = true, signBit
	case arrow.UINT64:
		k.whole = true
	}
	return k, nil
}

// with gives the span of keys and of words.
func (s keySpan) with(words []uint64, valid validity, flip uint64) keySpan {
	least, greatest := s.least, s.greatest
	if valid.all() {
		for _, w := range words {
			least, greatest = min(least, w^flip), max(greatest, w^flip)
		}
		return keySpan{least, greatest}
	}
	for i, w := range words {
		if !valid.null(i) {
			least, greatest = min(least, w^flip), max(greatest, w^flip)
		}
	}
	return keySpan{least, greatest}
}

// words is how many words a bitmap of the span has.
func (s keySpan) words() int { return int((s.greatest-s.least)/64) + 1 }

// close says whether the keys so far are to be put into a bitmap: then they need no numbers before index.
func (k *joinKeys) close() bool {
	return k.whole && k.span.least <= k.span.greatest && k.span.greatest-k.span.least < max(closePlaces, uint64(k.rows)*closeFactor)
}

// growth is the most memory that rows more take in addition, at its peak. From then on they are rows of the table.
func (k *joinKeys) growth(b *keyBatch, keyBytes int64) int64 {
	if !k.whole {
		k.rows += b.rows
		return k.groupTable.growth(b.rows, keyBytes)
	}
	held := k.bytes()
	k.rows += b.rows
	k.span = k.span.with(b.words[:b.rows], b.valid, k.flip)
	if k.close() {
		return max(0, k.bytes()-held)
	}
	return max(0, k.groupTable.bytes()+k.groupTable.growth(k.rows-k.hashed, keyBytes)-held)
}

// assign puts the number of each row's key into out, where keys are numbered by hash.
func (k *joinKeys) assign(b *keyBatch, out []uint32) error {
	k.hashed += b.rows
	return k.assignBatch(b, out)
}

// index puts the keys of all rows into a bitmap.
func (k *joinKeys) index(eachBatch func(take func(b *keyBatch)) error) error {
	k.groupTable.reset()
	k.least = k.span.least
	words := k.span.words()
	k.bits.resize(words)
	clear(k.bits.vals)
	set, least, flip := k.bits.vals, k.least, k.flip
	err := eachBatch(func(b *keyBatch) {
		if b.valid.all() {
			for _, w := range b.words[:b.rows] {
				at := w ^ flip - least
				set[at>>6] |= 1 << (at & 63)
			}
			return
		}
		for i, w := range b.words[:b.rows] {
			if !b.valid.null(i) {
				at := w ^ flip - least
				set[at>>6] |= 1 << (at & 63)
			}
		}
	})
	if err != nil {
		return err
	}
	k.before.resize(words)
	for i, w := range set {
		k.before.vals[i] = uint32(k.count)
		k.count += bits.OnesCount64(w)
	}
	return nil
}

// find puts the number of each row's key into out, noGroup where there is none.
func (k *joinKeys) find(b *keyBatch, out []uint32) {
	if len(k.before.vals) == 0 {
		k.groupTable.find(b, out)
		return
	}
	set, before, least, flip := k.bits.vals, k.before.vals[:len(k.bits.vals)], k.least, k.flip
	out = out[:b.rows]
	for i, w := range b.words[:b.rows] {
		number, at := uint32(noGroup), w^flip-least
		if at>>6 < uint64(len(set)) {
			if word := set[at>>6]; word>>(at&63)&1 != 0 {
				number = before[at>>6] + uint32(bits.OnesCount64(word&(1<<(at&63)-1)))
			}
		}
		out[i] = number
	}
	k.findNulls(b, out)
}

// bytes is the memory that the table holds, with that of a bitmap that there is to be.
func (k *joinKeys) bytes() int64 {
	n := k.groupTable.bytes()
	if held := k.bits.bytes() + k.before.bytes(); held > 0 {
		return n + held
	}
	if k.close() {
		n += int64(k.span.words()) * 12
	}
	return n
}

func (k *joinKeys) reset() {
	k.groupTable.reset()
	k.bits.free()
	k.before.free()
	k.rows, k.hashed, k.span = 0, 0, noSpan
}
