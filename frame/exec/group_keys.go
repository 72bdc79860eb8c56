package exec

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// keyTable gives each distinct key of an aggregation a number: 0, 1, 2, … in order of first appearance. Nulls equal nulls.
type keyTable interface {
	len() int
	// assign puts the group of each row into out, with new groups for new keys. Where the table can't hold the batch's
	// keys, fits is false and its groups are as they were.
	assign(keys []arrow.Array, rows int, out []uint32) (fits bool, err error)
	// columns gives the keys of groups [from, to) as columns.
	columns(from, to int) ([]arrow.Array, error)
	// bytes is the memory that the table holds.
	bytes() int64
	// growth is the most memory that assigning rows more keys of keyBytes bytes in all can take in addition, at its peak.
	growth(rows int, keyBytes int64) int64
	// reset forgets all groups and gives the memory back.
	reset()
}

// groupKeys is the keyTable that fits the keys seen so far: keys of few values are places, others that are short are
// packed into words, and the rest are bytes of varying length. Where a batch does not fit, the groups move to the next
// kind. How keys are kept shows nowhere outside.
type groupKeys struct {
	keyTable
	mem     allocator
	types   []arrow.DataType
	encoder *keyEncoder // of hashes, made when first needed
}

func newGroupKeys(mem allocator, types []arrow.DataType) (*groupKeys, error) {
	k := &groupKeys{mem: mem, types: types}
	if coded := newCodedTable(mem, types); coded != nil {
		k.keyTable = coded
		return k, nil
	}
	var err error
	k.keyTable, err = k.wider()
	return k, err
}

// wider makes a table of the next kind.
func (k *groupKeys) wider() (keyTable, error) {
	if _, packed := k.keyTable.(*fixedTable); !packed && fixedTypes(k.types) {
		return newFixedTable(k.mem, newFixedLayout(k.types)), nil
	}
	t, err := newGroupTable(k.mem, k.types)
	return anyKeys{t}, err
}

// anyKeys is a groupTable as a keyTable: every key fits.
type anyKeys struct{ *groupTable }

func (t anyKeys) assign(keys []arrow.Array, rows int, out []uint32) (bool, error) {
	return true, t.groupTable.assign(keys, rows, out)
}

// assign puts the group of each row into out, with new groups for new keys.
func (k *groupKeys) assign(keys []arrow.Array, rows int, out []uint32) error {
	if int64(k.len())+int64(rows) >= noGroup {
		return fmt.Errorf("group table: more than %d groups", k.len())
	}
	for {
		fits, err := k.keyTable.assign(keys, rows, out)
		if fits || err != nil {
			return err
		}
		next, err := k.wider()
		if err != nil {
			return err
		}
		if err := moveGroups(k.keyTable, next); err != nil {
			next.reset()
			return err
		}
		k.keyTable.reset()
		k.keyTable = next
	}
}

// moveGroups assigns the keys of all groups to an empty table, which gives them the numbers that they had.
func moveGroups(from, to keyTable) error {
	out := make([]uint32, min(from.len(), maxRows))
	for at := 0; at < from.len(); at += maxRows {
		end := min(at+maxRows, from.len())
		keys, err := from.columns(at, end)
		if err != nil {
			return err
		}
		_, err = to.assign(keys, end-at, out[:end-at])
		releaseArrays(keys)
		if err != nil {
			return err
		}
	}
	return nil
}

// reset implements keyTable. It stands here for deferred calls: those of the embedded table's would be its own.
func (k *groupKeys) reset() { k.keyTable.reset() }

// hashes are the hashes of all groups' keys: those of a groupTable, however the keys are kept.
func (k *groupKeys) hashes() ([]uint64, error) {
	out := make([]uint64, k.len())
	if generic, ok := k.keyTable.(anyKeys); ok {
		for group := range out {
			out[group] = generic.hash(group)
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
		keys, err := k.columns(from, to)
		if err != nil {
			return nil, err
		}
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
