package exec

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

func (t *groupTable) growWords(more int) {
	need := t.count + more
	t.words.reserve(need)
	size := len(t.slots.vals)
	if need <= size/4*3 {
		return
	}
	next := newSlab[wordSlot](t.mem)
	next.resize(slotsFor(need, size))
	clear(next.vals)
	mask := uint64(len(next.vals) - 1)
	for i := range t.slots.vals {
		if old := &t.slots.vals[i]; old.group != 0 {
			at := hashWord(old.key) & mask
			for next.vals[at].group != 0 {
				at = (at + 1) & mask
			}
			next.vals[at] = *old
		}
	}
	t.slots.free()
	t.slots = next
}

func (t *groupTable) assignWords(keys []uint64, valid validity, out []uint32) {
	slots := t.slots.vals
	mask := uint64(len(slots) - 1)
	hashes := t.block[:len(keys)]
	for i, k := range keys {
		hashes[i] = hashWord(k)
	}
	if len(slots) > touchSlots {
		t.touchWords(hashes, mask)
	}
	out = out[:len(keys)]
	for i, k := range keys {
		if valid.null(i) {
			out[i] = t.newNullGroup()
			continue
		}
		at := hashes[i] & mask
		for {
			s := &slots[at]
			if s.group == 0 {
				*s = wordSlot{key: k, group: uint32(t.count) + 1}
				out[i] = uint32(t.count)
				t.words.push(k)
				t.count++
				break
			}
			if s.key == k {
				out[i] = s.group - 1
				break
			}
			at = (at + 1) & mask
		}
	}
}

// touchWords reads the slots of a block: independent loads, which the processor overlaps. Inlined, the compiler drops the
// loads with the sum that nobody uses: a million groups then take up to twice as long.
//
//go:noinline
func (t *groupTable) touchWords(hashes []uint64, mask uint64) (sum uint32) {
	slots := t.slots.vals
	for _, h := range hashes {
		sum += slots[h&mask].group
	}
	return sum
}

func (t *groupTable) findWords(b *keyBatch, out []uint32) {
	slots := t.slots.vals
	if len(slots) == 0 {
		fill(out[:b.rows], noGroup)
		t.findNulls(b, out)
		return
	}
	mask := uint64(len(slots) - 1)
	var hashes [probeBlock]uint64
	for from := 0; from < b.rows; from += probeBlock {
		keys := b.words[from:min(from+probeBlock, b.rows)]
		for i, k := range keys {
			hashes[i] = hashWord(k)
		}
		if len(slots) > touchSlots {
			t.touchWords(hashes[:len(keys)], mask)
		}
		dst := out[from : from+len(keys)]
		for i, k := range keys {
			at := hashes[i] & mask
			for slots[at].group != 0 && slots[at].key != k {
				at = (at + 1) & mask
			}
			dst[i] = slots[at].group - 1
		}
	}
	t.findNulls(b, out)
}

func (t *groupTable) wordColumn(from, to int) (arrow.Array, error) {
	return wordsColumn(t.mem, t.encoder.types[0], to-from, func(i int) (uint64, bool) {
		return t.words.vals[from+i], uint32(from+i) != t.nullGroup
	})
}

// wordsColumn makes a column of what keyWords gives; a word that is not ok is null.
func wordsColumn(mem allocator, dt arrow.DataType, rows int, at func(int) (word uint64, ok bool)) (arrow.Array, error) {
	b := array.NewBuilder(mem, dt)
	defer b.Release()
	b.Reserve(rows)
	for i := range rows {
		if w, ok := at(i); !ok {
			b.AppendNull()
		} else if err := appendWord(b, w); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}
