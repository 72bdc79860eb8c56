package exec

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

// growWords makes room for as many as more groups; where that takes a larger table, it is one for as many as likely.
func (t *groupTable) growWords(more, likely int) {
	t.words.reserve(t.count + more)
	size := len(t.slots.vals)
	if t.count+more <= size/4*3 {
		return
	}
	next := newSlab[wordSlot](t.mem)
	next.resize(slotsFor(t.count+max(more, likely), size))
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
	return wordsColumn(t.mem, t.encoder.types[0], to-from, func(out []uint64) (nulls []int) {
		copy(out, t.words.vals[from:to])
		if null := int(t.nullGroup); t.nullGroup != noGroup && null >= from && null < to {
			return []int{null - from}
		}
		return nil
	})
}

// wordsColumn makes a column of what keyWords gives: fill writes the words and says which rows are null.
func wordsColumn(mem allocator, dt arrow.DataType, rows int, fill func(out []uint64) (nulls []int)) (arrow.Array, error) {
	buf := unfilled(mem, 8*rows)
	defer func() { buf.Release() }()
	words := arrow.Uint64Traits.CastFromBytes(buf.Bytes())
	nulls := fill(words)
	var valid *arrowmemory.Buffer
	if len(nulls) > 0 {
		valid = newBuffer(mem, int(bitutil.BytesForBits(int64(rows))))
		defer valid.Release()
		bitutil.SetBitsTo(valid.Bytes(), 0, int64(rows), true)
		for _, row := range nulls {
			bitutil.ClearBit(valid.Bytes(), row)
			words[row] = 0 // codes of text are under null, too
		}
	}
	switch dt.ID() {
	case arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.TIMESTAMP, arrow.DURATION:
	case arrow.DATE32:
		days := arrow.Int32Traits.CastFromBytes(buf.Bytes())
		for i, w := range words { // the days lie before the words that are still to be read
			days[i] = int32(int64(w))
		}
	case arrow.BOOL:
		truths := newBuffer(mem, int(bitutil.BytesForBits(int64(rows))))
		clear(truths.Bytes())
		for i, w := range words {
			if w == 1 {
				bitutil.SetBit(truths.Bytes(), i)
			}
		}
		buf.Release()
		buf = truths
	default:
		return nil, fmt.Errorf("key: type %s is not a word", dt)
	}
	return makeArray(dt, rows, len(nulls), valid, buf), nil
}
