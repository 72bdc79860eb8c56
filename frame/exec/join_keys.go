package exec

import "github.com/apache/arrow/go/v17/arrow"

const (
	// denseFactor is how many places a build row may take in a dense table, of 4 bytes each: a hash table takes about as much.
	denseFactor = 8

	// densePlaces are allowed whatever the number of rows.
	densePlaces = 1 << 12

	// spareShare is the part of a dense table that is left on each side.
	spareShare = 16
)

// joinKeys numbers the keys of a build side in order of first appearance. Whole numbers that lie close together are found by their
// distance from the least, all others by hash; as rows come, it goes from one to the other. As a groupTable, it is for one goroutine until
// all rows are in.
type joinKeys struct {
	*groupTable
	whole bool   // keys are words that order as whole numbers do
	flip  uint64 // what makes words of keys order as unsigned ones

	rows  int
	least uint64       // the key of the first place
	dense slab[uint32] // the number of each place, + 1; 0 is none. Empty while keys are found by hash
	next  keySpan      // of the keys, with those that growth was asked for
}

// keySpan is from the least to the greatest of some keys; none is where least is greater.
type keySpan struct{ least, greatest uint64 }

var noSpan = keySpan{least: ^uint64(0)}

// newJoinKeys makes a table in which nulls equal nulls or, where keyless says so, are no keys.
func newJoinKeys(mem allocator, types []arrow.DataType, keyless bool) (*joinKeys, error) {
	table, err := newGroupTable(mem, types)
	if err != nil {
		return nil, err
	}
	table.keyless = keyless
	k := &joinKeys{groupTable: table, dense: newSlab[uint32](mem), next: noSpan}
	if len(types) != 1 {
		return k, nil
	}
	switch types[0].ID() {
	case arrow.INT64, arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		k.whole, k.flip = true, signBit
	case arrow.UINT64:
		k.whole = true
	}
	return k, nil
}

// with gives the span of keys and of words.
func (s keySpan) with(words []uint64, valid validity, flip uint64) keySpan {
	for i, w := range words {
		if !valid.null(i) {
			s.least, s.greatest = min(s.least, w^flip), max(s.greatest, w^flip)
		}
	}
	return s
}

// places is how many keys the span has room for, 0 for those that no table has.
func (s keySpan) places() uint64 {
	if s.least > s.greatest {
		return 0
	}
	return s.greatest - s.least + 1
}

// close says whether the keys of next are to be found by their distance, where there are so many rows.
func (k *joinKeys) close(rows int) bool {
	return k.whole && k.next.least <= k.next.greatest && k.next.greatest-k.next.least < placesFor(rows)
}

func placesFor(rows int) uint64 { return max(densePlaces, uint64(rows)*denseFactor) }

// growth is the most memory that assign takes in addition, at its peak. assign has to follow, with the same keys, if anything does.
func (k *joinKeys) growth(b *keyBatch, keyBytes int64) int64 {
	if !k.whole {
		return k.groupTable.growth(b.rows, keyBytes)
	}
	k.next = k.next.with(b.words[:b.rows], b.valid, k.flip)
	all := k.rows + b.rows
	switch {
	case k.close(all) && k.covers(k.next):
		return 0
	case k.close(all):
		places := placesFor(all)
		return int64(places+2*(places/spareShare)) * 4
	case len(k.dense.vals) > 0: // it goes back to hashes
		return int64(slotsFor(k.count+b.rows, 0))*16 + int64(k.count+b.rows)*16
	}
	return k.groupTable.growth(b.rows, keyBytes)
}

// assign puts the number of each row's key into out.
func (k *joinKeys) assign(b *keyBatch, out []uint32) error {
	k.rows += b.rows
	if !k.close(k.rows) {
		if len(k.dense.vals) > 0 {
			k.scatter()
		}
		return k.assignBatch(b, out)
	}
	if !k.covers(k.next) {
		k.cover(k.next)
	}
	for i, w := range b.words[:b.rows] {
		if b.valid.null(i) {
			if k.nullGroup == noGroup && !k.keyless {
				k.nullGroup = uint32(k.count)
				k.count++
			}
			out[i] = k.nullGroup
			continue
		}
		place := &k.dense.vals[w^k.flip-k.least]
		if *place == 0 {
			k.count++
			*place = uint32(k.count)
		}
		out[i] = *place - 1
	}
	return nil
}

// covers says whether all keys of a span have places.
func (k *joinKeys) covers(s keySpan) bool {
	size := uint64(len(k.dense.vals))
	return s.least >= k.least && s.least-k.least < size && s.greatest-k.least < size
}

// cover makes room for the keys of a span, and for as many again where rows allow: they may come in order. Some room is left on both sides:
// in no order, the least and the greatest so far come on and on.
func (k *joinKeys) cover(s keySpan) {
	size := s.places()
	spare := min(size, placesFor(k.rows)-size)
	below := len(k.dense.vals) > 0 && s.least < k.least
	s.least -= min(size/spareShare, s.least)
	s.greatest += min(size/spareShare, ^uint64(0)-s.greatest)
	if below {
		s.least -= min(spare, s.least)
	} else {
		s.greatest += min(spare, ^uint64(0)-s.greatest)
	}
	next := newSlab[uint32](k.mem)
	next.resize(int(s.places()))
	clear(next.vals)
	if len(k.dense.vals) > 0 {
		// What was spare on one side may now be on neither.
		for place, number := range k.dense.vals {
			if number != 0 {
				next.vals[k.least+uint64(place)-s.least] = number
			}
		}
	}
	for number, w := range k.words.vals {
		if uint32(number) != k.nullGroup {
			next.vals[w^k.flip-s.least] = uint32(number) + 1
		}
	}
	k.dense.free()
	k.slots.free()
	k.words.free()
	k.least, k.dense = s.least, next
}

// scatter goes from distances to hashes.
func (k *joinKeys) scatter() {
	k.words.resize(k.count)
	clear(k.words.vals)
	for place, number := range k.dense.vals {
		if number != 0 {
			k.words.vals[number-1] = (k.least + uint64(place)) ^ k.flip
		}
	}
	k.dense.free()
	k.slots.resize(slotsFor(k.count, 0))
	clear(k.slots.vals)
	mask := uint64(len(k.slots.vals) - 1)
	for number, w := range k.words.vals {
		if uint32(number) == k.nullGroup {
			continue
		}
		at := hashWord(w) & mask
		for k.slots.vals[at].group != 0 {
			at = (at + 1) & mask
		}
		k.slots.vals[at] = wordSlot{key: w, group: uint32(number) + 1}
	}
}

// find puts the number of each row's key into out, noGroup where there is none.
func (k *joinKeys) find(b *keyBatch, out []uint32) {
	if len(k.dense.vals) == 0 {
		k.groupTable.find(b, out)
		return
	}
	places := k.dense.vals
	for i, w := range b.words[:b.rows] {
		number := uint32(0)
		if at := w ^ k.flip - k.least; at < uint64(len(places)) {
			number = places[at]
		}
		out[i] = number - 1
	}
	k.findNulls(b, out)
}

func (k *joinKeys) bytes() int64 { return k.groupTable.bytes() + k.dense.bytes() }

func (k *joinKeys) reset() {
	k.groupTable.reset()
	k.dense.free()
	k.rows, k.next = 0, noSpan
}
