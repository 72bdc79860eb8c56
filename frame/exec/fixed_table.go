package exec

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

type buffer = arrowmemory.Buffer

// fixedTable gives each distinct key a number as groupTable does, for keys that a fixedLayout packs: rows are compared
// word by word, and lie side by side. It is an open-addressing table of tags with linear probing, at most 3/4 full.
type fixedTable struct {
	mem    allocator
	layout fixedLayout
	count  int
	keys   slab[uint64] // of the groups, and a word more
	tags   slab[uint64] // high half of the hash, group + 1; 0 is empty

	rows    []uint64 // the packed keys of a batch, and a word more
	scratch []uint64
	hashes  [probeBlock]uint64 // of a block
	found   [probeBlock]uint64 // their tags
	rest    [probeBlock]uint32
}

func newFixedTable(mem allocator, layout fixedLayout) *fixedTable {
	return &fixedTable{mem: mem, layout: layout, keys: newSlab[uint64](mem), tags: newSlab[uint64](mem)}
}

func asBytes(words []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words))
}

func (t *fixedTable) len() int { return t.count }

// assign implements keyTable.
func (t *fixedTable) assign(keys []arrow.Array, rows int, out []uint32) (fits bool, err error) {
	layout, same, fits, scratch := t.layout.widened(keys, t.scratch)
	t.scratch = scratch
	if !fits {
		return false, nil
	}
	if !same {
		if err := t.widen(layout); err != nil {
			return false, err
		}
	}
	t.put(keys, rows, out)
	return true, nil
}

// widen moves all groups to another layout.
func (t *fixedTable) widen(layout fixedLayout) error {
	next := newFixedTable(t.mem, layout)
	if _, err := moveGroups(t, next); err != nil { // where all keys fit that fitted before
		return err
	}
	t.keys.free()
	t.tags.free()
	t.layout, t.keys, t.tags = layout, next.keys, next.tags
	return nil
}

// put assigns keys for which the layout has room. A block goes in steps whose loads do not wait for each other, so that the
// processor overlaps their cache misses: hashes, tags, keys; what is not in the first place looked at is searched in turn.
func (t *fixedTable) put(keys []arrow.Array, rows int, out []uint32) {
	w := t.layout.words
	t.rows = sized(t.rows, rows*w+1)
	t.scratch = t.layout.encode(keys, rows, asBytes(t.rows), t.scratch)
	likely := 0
	for from := 0; from < rows; from += probeBlock {
		to, known := min(from+probeBlock, rows), t.count
		t.grow(to-from, likely)
		block, out := t.rows[from*w:to*w], out[from:to]
		hashes := t.hashes[:to-from]
		hashFixed(block, w, hashes)
		for _, i := range t.first(block, hashes, out) {
			out[i] = t.search(block[int(i)*w:(int(i)+1)*w], hashes[i])
		}
		likely = likelyGroups(t.count-known, rows-to)
	}
}

// hashFixed hashes rows of w words.
func hashFixed(rows []uint64, w int, hashes []uint64) {
	switch w {
	case 1:
		for i, k := range rows {
			hashes[i] = fold(k^hashSeed2, hashSeed1)
		}
	case 2:
		for i := range hashes {
			hashes[i] = hashWords(rows[2*i], rows[2*i+1])
		}
	default:
		for i := range hashes {
			row := rows[i*w : (i+1)*w]
			h := uint64(hashSeed3)
			for len(row) >= 2 {
				h = fold(row[0]^hashSeed1, row[1]^h)
				row = row[2:]
			}
			if len(row) == 1 {
				h = fold(row[0]^hashSeed2, h^hashSeed1)
			}
			hashes[i] = h
		}
	}
}

// first puts the groups that lie in the first place of their hash into out and gives the rows of the others.
func (t *fixedTable) first(rows, hashes []uint64, out []uint32) []uint32 {
	rest := t.rest[:len(hashes)]
	if t.count == 0 {
		for i := range rest {
			rest[i] = uint32(i)
		}
		return rest
	}
	tags, mask := t.tags.vals, uint64(len(t.tags.vals)-1)
	found := t.found[:len(hashes)]
	for i, h := range hashes {
		found[i] = tags[h&mask]
	}
	// Of an empty tag the group is the first one's: whoever has its key is in it anyway.
	keys, out, n := t.keys.vals, out[:len(hashes)], 0
	switch t.layout.words {
	case 1:
		for i, tag := range found {
			g := max(uint32(tag), 1) - 1
			out[i], rest[n] = g, uint32(i)
			n += differs(keys[g] ^ rows[i])
		}
	case 2:
		rows = rows[:2*len(found)]
		for i, tag := range found {
			g := max(uint32(tag), 1) - 1
			key := keys[2*int(g):][:2]
			out[i], rest[n] = g, uint32(i)
			n += differs((key[0] ^ rows[2*i]) | (key[1] ^ rows[2*i+1]))
		}
	default:
		w := t.layout.words
		for i, tag := range found {
			g := max(uint32(tag), 1) - 1
			out[i], rest[n] = g, uint32(i)
			if (tag^hashes[i])>>32 != 0 || !sameWords(keys[int(g)*w:], rows[i*w:(i+1)*w]) {
				n++
			}
		}
	}
	return rest[:n]
}

// differs is 1 unless x is 0.
func differs(x uint64) int { return int((x | -x) >> 63) }

// search gives the group of a key, a new one where there is none.
func (t *fixedTable) search(key []uint64, h uint64) uint32 {
	tags, w := t.tags.vals, t.layout.words
	mask := uint64(len(tags) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		tag := tags[at]
		if tag == 0 {
			tags[at] = tagOf(h, t.count)
			t.keys.vals = append(t.keys.vals, key...) // grow has made room
			t.count++
			return uint32(t.count - 1)
		}
		if group := uint32(tag) - 1; (tag^h)>>32 == 0 && sameWords(t.keys.vals[int(group)*w:], key) {
			return group
		}
	}
}

func sameWords(a, b []uint64) bool {
	a = a[:len(b)]
	for i, w := range b {
		if a[i] != w {
			return false
		}
	}
	return true
}

// grow makes room for as many as more groups; where that takes a larger table, it is one for as many as likely.
func (t *fixedTable) grow(more, likely int) {
	w := t.layout.words
	t.keys.reserve((t.count+more)*w + 1)
	size := len(t.tags.vals)
	if t.count+more <= size/4*3 {
		return
	}
	size = slotsFor(t.count+max(more, likely), size)
	t.tags.free()
	t.tags.resize(size)
	tags := t.tags.vals
	clear(tags)
	mask := uint64(size - 1)
	for from := 0; from < t.count; from += probeBlock {
		hashes := t.hashes[:min(probeBlock, t.count-from)]
		hashFixed(t.keys.vals[from*w:(from+len(hashes))*w], w, hashes)
		for i, h := range hashes {
			at := h & mask
			for tags[at] != 0 {
				at = (at + 1) & mask
			}
			tags[at] = tagOf(h, from+i)
		}
	}
}

// columns gives the keys of groups [from, to) as columns.
func (t *fixedTable) columns(from, to int) ([]arrow.Array, error) {
	w := t.layout.words
	// The word behind the last key is there, whatever it holds.
	return t.layout.columns(t.mem, asBytes(t.keys.vals[:cap(t.keys.vals)])[8*from*w:], to-from)
}

func (t *fixedTable) bytes() int64 { return t.keys.bytes() + t.tags.bytes() }

// growth is the most memory that assigning rows more keys can take in addition, at its peak.
func (t *fixedTable) growth(rows int, _ int64) int64 {
	need := t.count + rows
	grow := t.keys.growth(need*t.layout.words + 1)
	if size := len(t.tags.vals); need > size/4*3 {
		grow += int64(slotsFor(need, size)) * 8
	}
	return grow
}

func (t *fixedTable) reset() {
	t.keys.free()
	t.tags.free()
	t.count = 0
}
