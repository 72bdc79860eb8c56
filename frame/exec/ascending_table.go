package exec

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
)

// ascendingTable gives each distinct key a number as groupTable does, for a column whose keys come in ascending order, as those of a table that
// is stored by them do: a row belongs to the last group or begins the next one, and nothing is looked up.
type ascendingTable struct {
	mem     allocator
	dt      arrow.DataType
	flip    uint64       // makes the order of signed words that of unsigned ones
	keys    slab[uint64] // of the groups, flipped
	scratch []uint64
}

// newAscendingTable is nil where keys are not one column of words.
func newAscendingTable(mem allocator, types []arrow.DataType) *ascendingTable {
	if len(types) != 1 {
		return nil
	}
	if kind, err := keyKindOf(types[0]); err != nil || kind != keyWord {
		return nil
	}
	t := &ascendingTable{mem: mem, dt: types[0], keys: newSlab[uint64](mem)}
	if zigzag(t.dt) {
		t.flip = signBit
	}
	return t
}

func (t *ascendingTable) len() int { return len(t.keys.vals) }

// assign implements keyTable: null fits as little as a key that is less than the one before.
func (t *ascendingTable) assign(keys []arrow.Array, rows int, out []uint32) (bool, error) {
	if rows == 0 {
		return true, nil
	}
	if keys[0].NullN() > 0 {
		return false, nil
	}
	known := t.len()
	var words []uint64
	words, t.scratch = keyWords(keys[0], t.scratch)
	if known == 0 {
		t.keys.push(words[0] ^ t.flip)
	}
	for from := 0; from < rows; from += probeBlock {
		to := min(from+probeBlock, rows)
		if !t.follow(words[from:to], out[from:to]) {
			t.keys.vals = t.keys.vals[:known]
			return false, nil
		}
	}
	return true, nil
}

// follow gives the rows of a block their groups, unless some key is less than the one before. How long a group is can't be predicted: it counts
// without a branch.
func (t *ascendingTable) follow(words []uint64, out []uint32) bool {
	count := t.len()
	t.keys.reserve(count + len(words))
	vals := t.keys.vals[:count+len(words)]
	last, wrong, flip := vals[count-1], uint64(0), t.flip
	out = out[:len(words)]
	for i, w := range words {
		key := w ^ flip
		_, more := bits.Sub64(last, key, 0)
		_, less := bits.Sub64(key, last, 0)
		wrong |= less
		vals[count] = key // of a group where it is more than the last
		count += int(more)
		out[i] = uint32(count - 1)
		last = key
	}
	if wrong != 0 {
		return false
	}
	t.keys.vals = vals[:count]
	return true
}

// columns gives the keys of groups [from, to) as columns.
func (t *ascendingTable) columns(from, to int) ([]arrow.Array, error) {
	arr, err := wordsColumn(t.mem, t.dt, to-from, func(out []uint64) (nulls []int) {
		for i, key := range t.keys.vals[from:to] {
			out[i] = key ^ t.flip
		}
		return nil
	})
	return []arrow.Array{arr}, err
}

func (t *ascendingTable) bytes() int64 { return t.keys.bytes() }

func (t *ascendingTable) growth(rows int, _ int64) int64 { return t.keys.growth(t.len() + rows) }

func (t *ascendingTable) reset() { t.keys.free() }
