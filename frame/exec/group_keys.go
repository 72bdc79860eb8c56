package exec

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
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

// groupKeys is the keyTable that fits the keys seen so far: keys in ascending order need no table, those of few values are
// places, others that are short are packed into words, and the rest are bytes of varying length. Where a batch does not fit, the groups move to the next
// kind. Of coded columns the codes are kept. How keys are kept shows nowhere outside.
type groupKeys struct {
	keyTable
	mem    allocator
	types  []arrow.DataType
	kept   []arrow.DataType  // as the table has them
	words  []arrow.ArrayData // of each column whose codes the table has
	shared *KeyCodes         // of keys that lanes code; may be nil
	hasher keyHasher         // made when first needed
}

// codesType is what codes are kept as: the type of four bytes that keys can have.
var codesType = arrow.FixedWidthTypes.Date32

func newGroupKeys(mem allocator, types []arrow.DataType) (*groupKeys, error) {
	k := &groupKeys{mem: mem, types: types, kept: types, words: make([]arrow.ArrayData, len(types))}
	return k, k.begin()
}

// begin makes an empty table.
func (k *groupKeys) begin() (err error) {
	if ascending := newAscendingTable(k.mem, k.kept); ascending != nil {
		k.keyTable = ascending
		return nil
	}
	k.keyTable, err = k.wider(nil)
	return err
}

// wider makes a table of the kind after that of a table, of the first kind for any keys where there is none.
func (k *groupKeys) wider(than keyTable) (keyTable, error) {
	switch than.(type) {
	case nil, *ascendingTable:
		if coded := newCodedTable(k.mem, k.kept); coded != nil {
			return coded, nil
		}
	}
	if _, packed := than.(*fixedTable); !packed && fixedTypes(k.kept) {
		return newFixedTable(k.mem, newFixedLayout(k.kept)), nil
	}
	t, err := newGroupTable(k.mem, k.kept)
	return anyKeys{t}, err
}

// ascending says whether all keys so far came in ascending order.
func (k *groupKeys) ascending() bool {
	_, is := k.keyTable.(*ascendingTable)
	return is
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
	keys, err := k.codes(keys)
	if err != nil {
		return err
	}
	defer releaseArrays(keys)
	for {
		fits, err := k.keyTable.assign(keys, rows, out)
		if fits || err != nil {
			return err
		}
		if err := k.widen(); err != nil {
			return err
		}
	}
}

// widen moves the groups to a table of the next kind that they fit.
func (k *groupKeys) widen() error {
	was := k.keyTable
	for next := was; ; {
		var err error
		if next, err = k.wider(next); err != nil {
			return err
		}
		fits, err := moveGroups(was, next)
		if err != nil {
			return err
		}
		if fits {
			k.keyTable = next
			was.reset()
			return nil
		}
	}
}

// codes are the keys as the table has them. The first keys say which columns are coded.
func (k *groupKeys) codes(keys []arrow.Array) ([]arrow.Array, error) {
	if k.len() == 0 && slices.ContainsFunc(keys, batch.IsCoded) {
		if err := k.learn(keys); err != nil {
			return nil, err
		}
	}
	for i := range keys {
		if k.words[i] != nil && !batch.IsCoded(keys[i]) && keys[i].NullN() < keys[i].Len() {
			if err := k.uncode(i); err != nil {
				return nil, err
			}
		}
	}
	return makeArrays(len(keys), func(i int) (arrow.Array, error) {
		if k.words[i] == nil {
			return batch.PlainArray(k.mem, keys[i])
		}
		coded, err := batch.CodedBy(k.mem, k.words[i], keys[i])
		if err != nil {
			return nil, err
		}
		defer coded.Release()
		d := coded.Data()
		return asType(codesType, d), nil
	})
}

func asType(dt arrow.DataType, d arrow.ArrayData) arrow.Array {
	data := array.NewData(dt, d.Len(), d.Buffers(), nil, d.NullN(), d.Offset())
	defer data.Release()
	return array.MakeFromData(data)
}

// learn notes which columns are coded. The table is empty.
func (k *groupKeys) learn(keys []arrow.Array) error {
	k.reset()
	k.kept = slices.Clone(k.types)
	for i, key := range keys {
		if batch.IsCoded(key) {
			k.words[i], k.kept[i] = batch.Words(key), codesType
			k.words[i].Retain()
		}
	}
	return k.begin()
}

// uncode moves the groups to a table that has a column's texts: whoever coded it has given up.
func (k *groupKeys) uncode(column int) error {
	next, err := newGroupKeys(k.mem, k.types)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			next.reset()
		}
	}()
	out := make([]uint32, min(k.len(), maxRows))
	err = eachKeys(k, func(keys []arrow.Array, from, to int) error {
		plain, err := batch.PlainArray(k.mem, keys[column])
		if err != nil {
			return err
		}
		keys[column].Release()
		keys[column] = plain
		return next.assign(keys, to-from, out[:to-from])
	})
	if err != nil {
		return err
	}
	done = true
	k.reset()
	k.keyTable, k.kept, k.words = next.keyTable, next.kept, next.words
	return nil
}

// coded says whether the table has codes.
func (k *groupKeys) coded() bool {
	return slices.ContainsFunc(k.words, func(w arrow.ArrayData) bool { return w != nil })
}

func (k *groupKeys) forget() {
	for i, words := range k.words {
		if words != nil {
			words.Release()
			k.words[i] = nil
		}
	}
}

// columns gives the keys of groups [from, to) as columns, coded as they came.
func (k *groupKeys) columns(from, to int) ([]arrow.Array, error) {
	keys, err := k.keyTable.columns(from, to)
	if err != nil {
		return nil, err
	}
	for i, words := range k.words {
		if words != nil {
			coded := batch.CodedWith(keys[i], words)
			keys[i].Release()
			keys[i] = coded
		}
	}
	return keys, nil
}

// moveGroups assigns the keys of all groups to an empty table, which gives them the numbers that they had. Where they do not fit, or it fails,
// the table is empty again.
func moveGroups(from, to keyTable) (fits bool, err error) {
	done := false
	defer func() { // an allocation may panic
		if !done {
			to.reset()
		}
	}()
	out := make([]uint32, min(from.len(), maxRows))
	fits = true
	err = eachKeys(from, func(keys []arrow.Array, at, end int) (err error) {
		if fits {
			fits, err = to.assign(keys, end-at, out[:end-at])
		}
		return err
	})
	done = fits && err == nil
	return fits, err
}

// groups are what keys can be read from.
type groups interface {
	len() int
	columns(from, to int) ([]arrow.Array, error)
}

// eachKeys gives the keys of all groups, as many at a time as a batch has; they are released afterwards.
func eachKeys(t groups, f func(keys []arrow.Array, from, to int) error) error {
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
func (k *groupKeys) reset() {
	k.keyTable.reset()
	if k.coded() {
		k.forget()
		k.kept = k.types
		_ = k.begin() // of types of which there was a table before
	}
}

// hashes are the hashes of all groups' keys, as hashKeys gives them.
func (k *groupKeys) hashes() ([]uint64, error) {
	out := make([]uint64, k.len())
	if k.hasher == nil {
		hasher, err := newKeyHasher(k.shared, k.types)
		if err != nil {
			return nil, err
		}
		k.hasher = hasher
	}
	return out, eachKeys(k, func(keys []arrow.Array, from, to int) error { return k.hasher.hashKeys(keys, out[from:to]) })
}
