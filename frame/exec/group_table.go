package exec

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
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
	keyless   bool   // a null is no key: its rows are given noGroup

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
	if len(keys) == 0 {
		clear(out[:rows])
		t.count = 1
		return nil
	}
	b, err := t.encoder.encode(keys, rows)
	if err != nil {
		return err
	}
	return t.assignBatch(&b, out)
}

func (t *groupTable) assignBatch(b *keyBatch, out []uint32) error {
	if int64(t.count)+int64(b.rows) >= noGroup {
		return fmt.Errorf("group table: more than %d groups", t.count)
	}
	likely := 0
	for from := 0; from < b.rows; from += probeBlock {
		to, known := min(from+probeBlock, b.rows), t.count
		if b.words != nil {
			t.growWords(to-from, likely)
			t.assignWords(b.words[from:to], b.valid.from(from), out[from:to])
		} else {
			t.growTags(to-from, likely)
			t.assignBytes(b, from, to, out[from:to])
		}
		likely = likelyGroups(t.count-known, b.rows-to)
	}
	return nil
}

// likelyGroups is how many groups rows are likely to bring, where a block brought so many.
func likelyGroups(fresh, rows int) int { return fresh * rows / probeBlock }

// find puts the group of each row into out, noGroup where there is none.
func (t *groupTable) find(b *keyBatch, out []uint32) {
	if b.words != nil {
		t.findWords(b, out)
	} else {
		t.findBytes(b, out)
	}
}

func (t *groupTable) newNullGroup() uint32 {
	if t.nullGroup == noGroup && !t.keyless {
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

func slotsFor(need, size int) int {
	size = max(size, minSlots)
	for need > size/4*3 {
		size *= 2
	}
	return size
}

func (t *groupTable) findNulls(b *keyBatch, out []uint32) {
	if b.valid.all() {
		return
	}
	for i := range b.valid.nulls(b.rows) {
		out[i] = t.nullGroup
	}
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
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
