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
		was := k.keyTable
		if err := moveGroups(was, next); err != nil {
			return err
		}
		k.keyTable = next
		was.reset()
	}
}

// moveGroups assigns the keys of all groups to an empty table, which gives them the numbers that they had. Where it fails,
// the table is empty again.
func moveGroups(from, to keyTable) error {
	done := false
	defer func() { // an allocation may panic
		if !done {
			to.reset()
		}
	}()
	out := make([]uint32, min(from.len(), maxRows))
	err := eachKeys(from, func(keys []arrow.Array, at, end int) error {
		_, err := to.assign(keys, end-at, out[:end-at])
		return err
	})
	done = err == nil
	return err
}

// eachKeys gives the keys of all groups, as many at a time as a batch has; they are released afterwards.
func eachKeys(t keyTable, f func(keys []arrow.Array, from, to int) error) error {
	for from := 0; from < t.len(); from += maxRows {
		to := min(from+maxRows, t.len())
		keys, err := t.columns(from, to)
		if err != nil {
			return err
		}
		err = func() error {
			defer releaseArrays(keys)
			return f(keys, from, to)
		}()
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
	err := eachKeys(k.keyTable, func(keys []arrow.Array, from, to int) error {
		b, err := k.encoder.encode(keys, to-from)
		if err == nil {
			b.hashes(out[from:to])
		}
		return err
	})
	return out, err
}
