package exec

import (
	"bytes"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

// growTags is growWords for keys of bytes.
func (t *groupTable) growTags(more, likely int) {
	t.hashed.reserve(t.count + more)
	t.offsets.reserve(t.count + more + 1)
	if len(t.offsets.vals) == 0 {
		t.offsets.push(0)
	}
	size := len(t.tags.vals)
	if t.count+more <= size/4*3 {
		return
	}
	next := newSlab[uint64](t.mem)
	next.resize(slotsFor(t.count+max(more, likely), size))
	clear(next.vals)
	mask := uint64(len(next.vals) - 1)
	for group, h := range t.hashed.vals {
		if uint32(group) == t.nullGroup {
			continue
		}
		at := h & mask
		for next.vals[at] != 0 {
			at = (at + 1) & mask
		}
		next.vals[at] = tagOf(h, group)
	}
	t.tags.free()
	t.tags = next
}

func tagOf(hash uint64, group int) uint64 { return hash&^0xFFFFFFFF | uint64(group+1) }

func (t *groupTable) assignBytes(b *keyBatch, from, to int, out []uint32) {
	tags := t.tags.vals
	mask := uint64(len(tags) - 1)
	hashes := t.block[:to-from]
	for i := range hashes {
		hashes[i] = hashBytes(b.data[b.offsets[from+i]:b.offsets[from+i+1]])
	}
	if len(tags) > touchSlots {
		t.touchTags(hashes, mask)
	}
	for i, h := range hashes {
		if b.valid.null(from + i) {
			out[i] = t.newNullGroup()
			continue
		}
		key := b.data[b.offsets[from+i]:b.offsets[from+i+1]]
		at := h & mask
		for {
			tag := tags[at]
			if tag == 0 {
				tags[at] = tagOf(h, t.count)
				out[i] = uint32(t.count)
				t.addBytes(h, key)
				break
			}
			if group := uint32(tag) - 1; (tag^h)>>32 == 0 && bytes.Equal(t.key(int(group)), key) {
				out[i] = group
				break
			}
			at = (at + 1) & mask
		}
	}
}

func (t *groupTable) addBytes(hash uint64, key []byte) {
	t.hashed.push(hash)
	at := len(t.arena.vals)
	t.arena.resize(at + len(key))
	copy(t.arena.vals[at:], key)
	t.offsets.push(uint64(at + len(key)))
	t.count++
}

// key is the bytes of a group's key.
func (t *groupTable) key(group int) []byte {
	return t.arena.vals[t.offsets.vals[group]:t.offsets.vals[group+1]]
}

// touchTags is touchWords for byte keys.
//
//go:noinline
func (t *groupTable) touchTags(hashes []uint64, mask uint64) (sum uint64) {
	tags := t.tags.vals
	for _, h := range hashes {
		sum += tags[h&mask]
	}
	return sum
}

func (t *groupTable) findBytes(b *keyBatch, out []uint32) {
	tags := t.tags.vals
	if len(tags) == 0 {
		fill(out[:b.rows], noGroup)
		t.findNulls(b, out)
		return
	}
	mask := uint64(len(tags) - 1)
	var hashes [probeBlock]uint64
	for from := 0; from < b.rows; from += probeBlock {
		n := min(probeBlock, b.rows-from)
		for i := range n {
			hashes[i] = hashBytes(b.data[b.offsets[from+i]:b.offsets[from+i+1]])
		}
		if len(tags) > touchSlots {
			t.touchTags(hashes[:n], mask)
		}
		for i, h := range hashes[:n] {
			key := b.data[b.offsets[from+i]:b.offsets[from+i+1]]
			at := h & mask
			for tags[at] != 0 && ((tags[at]^h)>>32 != 0 || !bytes.Equal(t.key(int(uint32(tags[at])-1)), key)) {
				at = (at + 1) & mask
			}
			out[from+i] = uint32(tags[at]) - 1
		}
	}
	t.findNulls(b, out)
}

// bytesColumn copies the arena: keys lie there in the order of groups.
func (t *groupTable) bytesColumn(from, to int) (arrow.Array, error) {
	rows := to - from
	if rows == 0 {
		b := array.NewBuilder(t.mem, t.encoder.types[0])
		defer b.Release()
		return b.NewArray(), nil
	}
	begin, end := t.offsets.vals[from], t.offsets.vals[to]
	if end-begin > math.MaxInt32 {
		return nil, fmt.Errorf("group table: %d keys take %d bytes, more than a column of 2 GiB holds", rows, end-begin)
	}
	offsets := newBuffer(t.mem, 4*(rows+1))
	defer offsets.Release()
	starts := arrow.Int32Traits.CastFromBytes(offsets.Bytes())
	for i := range starts {
		starts[i] = int32(t.offsets.vals[from+i] - begin)
	}
	values := newBuffer(t.mem, int(end-begin))
	defer values.Release()
	copy(values.Bytes(), t.arena.vals[begin:end])
	var bitmap *arrowmemory.Buffer
	nulls := 0
	if t.nullGroup != noGroup && int(t.nullGroup) >= from && int(t.nullGroup) < to {
		nulls = 1
		bitmap = newBuffer(t.mem, int(bitutil.BytesForBits(int64(rows))))
		defer bitmap.Release()
		fill(bitmap.Bytes(), 0xFF)
		bitutil.ClearBit(bitmap.Bytes(), int(t.nullGroup)-from)
	}
	return makeArray(t.encoder.types[0], rows, nulls, bitmap, offsets, values), nil
}
