package exec

import (
	"github.com/apache/arrow/go/v17/arrow"
)

// groupKeys gives each distinct key of an aggregation a number, in order of first appearance. Keys that fit are packed
// into a few words; where a batch brings wider ones, the layout widens and the groups so far move to it; keys too long to
// pack, and single words, are a groupTable's. How keys are kept shows nowhere outside.
type groupKeys struct {
	mem     allocator
	types   []arrow.DataType
	fixed   *fixedTable // nil where generic is used
	generic *groupTable
	encoder *keyEncoder // of hashes, made when first needed
	scratch []uint64
}

func newGroupKeys(mem allocator, types []arrow.DataType) (*groupKeys, error) {
	k := &groupKeys{mem: mem, types: types}
	if fixedTypes(types) {
		k.fixed = newFixedTable(mem, newFixedLayout(types))
		return k, nil
	}
	var err error
	k.generic, err = newGroupTable(mem, types)
	return k, err
}

func (k *groupKeys) len() int {
	if k.fixed != nil {
		return k.fixed.count
	}
	return k.generic.len()
}

// assign puts the group of each row into out, with new groups for new keys.
func (k *groupKeys) assign(keys []arrow.Array, rows int, out []uint32) error {
	if k.fixed == nil {
		return k.generic.assign(keys, rows, out)
	}
	layout, same, ok, scratch := k.fixed.layout.widened(keys, k.scratch)
	k.scratch = scratch
	switch {
	case !ok:
		if err := k.unpack(); err != nil {
			return err
		}
		return k.generic.assign(keys, rows, out)
	case !same:
		if err := k.widen(layout); err != nil {
			return err
		}
	}
	return k.fixed.assign(keys, rows, out)
}

// widen moves all groups to another layout.
func (k *groupKeys) widen(layout fixedLayout) error {
	next := newFixedTable(k.mem, layout)
	if err := k.move(next.assign); err != nil {
		next.reset()
		return err
	}
	k.fixed.reset()
	k.fixed = next
	return nil
}

// unpack moves all groups to a groupTable.
func (k *groupKeys) unpack() error {
	next, err := newGroupTable(k.mem, k.types)
	if err != nil {
		return err
	}
	if err := k.move(next.assign); err != nil {
		next.reset()
		return err
	}
	k.fixed.reset()
	k.fixed, k.generic = nil, next
	return nil
}

// move assigns the keys of all groups again, which gives them the numbers that they had.
func (k *groupKeys) move(assign func([]arrow.Array, int, []uint32) error) error {
	out := make([]uint32, min(k.fixed.count, maxRows))
	for from := 0; from < k.fixed.count; from += maxRows {
		to := min(from+maxRows, k.fixed.count)
		keys := k.fixed.columns(from, to)
		err := assign(keys, to-from, out[:to-from])
		releaseArrays(keys)
		if err != nil {
			return err
		}
	}
	return nil
}

// columns gives the keys of groups [from, to) as columns.
func (k *groupKeys) columns(from, to int) ([]arrow.Array, error) {
	if k.fixed != nil {
		return k.fixed.columns(from, to), nil
	}
	return k.generic.columns(from, to)
}

// hashes are the hashes of all groups' keys: those of a groupTable, however the keys are kept.
func (k *groupKeys) hashes() ([]uint64, error) {
	out := make([]uint64, k.len())
	if k.fixed == nil {
		for group := range out {
			out[group] = k.generic.hash(group)
		}
		return out, nil
	}
	if k.encoder == nil {
		encoder, err := newKeyEncoder(k.types)
		if err != nil {
			return nil, err
		}
		k.encoder = encoder
	}
	for from := 0; from < len(out); from += maxRows {
		to := min(from+maxRows, len(out))
		keys := k.fixed.columns(from, to)
		b, err := k.encoder.encode(keys, to-from)
		if err == nil {
			b.hashes(out[from:to])
		}
		releaseArrays(keys)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (k *groupKeys) bytes() int64 {
	if k.fixed != nil {
		return k.fixed.bytes()
	}
	return k.generic.bytes()
}

// growth is the most memory that assigning rows more keys of keyBytes bytes in all can take in addition, at its peak.
func (k *groupKeys) growth(rows int, keyBytes int64) int64 {
	if k.fixed != nil {
		return k.fixed.growth(rows)
	}
	return k.generic.growth(rows, keyBytes)
}

// reset forgets all groups and gives the memory back.
func (k *groupKeys) reset() {
	if k.fixed != nil {
		k.fixed.reset()
		return
	}
	k.generic.reset()
}
