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

const (
	// noGroup is what find gives for keys that the table does not hold.
	noGroup = math.MaxUint32

	// probeBlock is how many rows are hashed before they are probed, so that the cache misses of a block overlap.
	probeBlock = 512

	// touchSlots is the table size from which slots are read ahead: smaller tables are in the cache anyway.
	touchSlots = 1 << 13

	minSlots = 1 << 10
)

// groupTable gives each distinct key a number: 0, 1, 2, ... in order of first appearance. Nulls equal nulls. It is an
// open-addressing table with linear probing, at most 3/4 full; memory lies outside the Go heap. assign is for one
// goroutine; any number may find at once, each with its own keyEncoder, while nobody assigns.
type groupTable struct {
	mem       arrowmemory.Allocator
	encoder   *keyEncoder
	count     int
	nullGroup uint32 // noGroup while no null was seen; not used by layoutRows

	slots slab[wordSlot] // layoutWord
	words slab[uint64]   // layoutWord: the key of each group

	tags    slab[uint64] // the others: high half of the hash, group + 1; 0 is empty
	hashed  slab[uint64] // the hash of each group
	offsets slab[uint64] // where the key of each group begins in the arena, and the end
	arena   slab[byte]

	block [probeBlock]uint64
}

// wordSlot holds the key itself, so that a hit costs one cache line.
type wordSlot struct {
	key   uint64
	group uint32 // + 1; 0 is empty
	_     uint32
}

func newGroupTable(mem arrowmemory.Allocator, types []arrow.DataType) (*groupTable, error) {
	encoder, err := newKeyEncoder(types)
	if err != nil {
		return nil, err
	}
	t := &groupTable{
		mem: mem, encoder: encoder, nullGroup: noGroup,
		slots: newSlab[wordSlot](mem), words: newSlab[uint64](mem),
		tags: newSlab[uint64](mem), hashed: newSlab[uint64](mem), offsets: newSlab[uint64](mem), arena: newSlab[byte](mem),
	}
	return t, nil
}

func (t *groupTable) len() int { return t.count }

// assign puts the group of each row into out, with new groups for new keys.
func (t *groupTable) assign(keys []arrow.Array, rows int, out []uint32) error {
	if int64(t.count)+int64(rows) >= noGroup {
		return fmt.Errorf("group table: more than %d groups", t.count)
	}
	if len(keys) == 0 {
		clear(out[:rows])
		t.count = 1
		return nil
	}
	b, err := t.encoder.encode(keys, rows)
	if err != nil {
		return err
	}
	for from := 0; from < rows; from += probeBlock {
		to := min(from+probeBlock, rows)
		if b.words != nil {
			t.growWords(to - from)
			t.assignWords(b.words[from:to], b.valid.from(from), out[from:to])
		} else {
			t.growTags(to - from)
			t.assignBytes(&b, from, to, out[from:to])
		}
	}
	return nil
}

// find puts the group of each row into out, noGroup where there is none.
func (t *groupTable) find(b *keyBatch, out []uint32) {
	if b.words != nil {
		t.findWords(b, out)
	} else {
		t.findBytes(b, out)
	}
}

func (t *groupTable) newNullGroup() uint32 {
	if t.nullGroup == noGroup {
		t.nullGroup = uint32(t.count)
		t.count++
		if t.encoder.layout == layoutWord {
			t.words.push(0)
		} else {
			t.hashed.push(nullHash)
			t.offsets.push(uint64(len(t.arena.vals)))
		}
	}
	return t.nullGroup
}

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

func slotsFor(need, size int) int {
	size = max(size, minSlots)
	for need > size/4*3 {
		size *= 2
	}
	return size
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

// touchWords reads the slots of a block: independent loads, which the processor overlaps.
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

func (t *groupTable) findNulls(b *keyBatch, out []uint32) {
	if b.valid.all() {
		return
	}
	for i := range b.rows {
		if b.valid.null(i) {
			out[i] = t.nullGroup
		}
	}
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

func (t *groupTable) growTags(more int) {
	need := t.count + more
	t.hashed.reserve(need)
	t.offsets.reserve(need + 1)
	if len(t.offsets.vals) == 0 {
		t.offsets.push(0)
	}
	size := len(t.tags.vals)
	if need <= size/4*3 {
		return
	}
	next := newSlab[uint64](t.mem)
	next.resize(slotsFor(need, size))
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

// columns gives the keys of groups [from, to) as columns.
func (t *groupTable) columns(from, to int) ([]arrow.Array, error) {
	switch t.encoder.layout {
	case layoutWord:
		arr, err := t.wordColumn(from, to)
		return []arrow.Array{arr}, err
	case layoutBytes:
		arr, err := t.bytesColumn(from, to)
		return []arrow.Array{arr}, err
	}
	return decodeKeys(t.mem, t.encoder.types, to-from, func(i int) []byte { return t.key(from + i) })
}

func (t *groupTable) wordColumn(from, to int) (arrow.Array, error) {
	b := array.NewBuilder(t.mem, t.encoder.types[0])
	defer b.Release()
	b.Reserve(to - from)
	for group := from; group < to; group++ {
		if uint32(group) == t.nullGroup {
			b.AppendNull()
		} else if err := appendWord(b, t.words.vals[group]); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
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

// hash is the hash of a group's key, the same that keyBatch.hashes gives.
func (t *groupTable) hash(group int) uint64 {
	switch {
	case uint32(group) == t.nullGroup:
		return nullHash
	case t.encoder.layout == layoutWord:
		return hashWord(t.words.vals[group])
	}
	return t.hashed.vals[group]
}

// bytes is the memory that the table holds.
func (t *groupTable) bytes() int64 {
	return t.slots.bytes() + t.words.bytes() + t.tags.bytes() + t.hashed.bytes() + t.offsets.bytes() + t.arena.bytes()
}

// growth is the most memory that assigning rows more keys of keyBytes bytes in all can take in addition, at its peak.
func (t *groupTable) growth(rows int, keyBytes int64) int64 {
	need := t.count + rows
	if t.encoder.layout == layoutWord {
		grow := t.words.growth(need)
		if size := len(t.slots.vals); need > size/4*3 {
			grow += int64(slotsFor(need, size)) * 16
		}
		return grow
	}
	grow := t.hashed.growth(need) + t.offsets.growth(need+1) + t.arena.growth(len(t.arena.vals)+int(keyBytes))
	if size := len(t.tags.vals); need > size/4*3 {
		grow += int64(slotsFor(need, size)) * 8
	}
	return grow
}

// reset forgets all groups and gives the memory back.
func (t *groupTable) reset() {
	t.slots.free()
	t.words.free()
	t.tags.free()
	t.hashed.free()
	t.offsets.free()
	t.arena.free()
	t.count, t.nullGroup = 0, noGroup
}
