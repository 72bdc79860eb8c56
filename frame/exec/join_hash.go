package exec

import (
	"errors"
	"iter"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// joinHash is build rows in memory, found by key. After index it is read-only and shared.
type joinHash struct {
	env    *Env
	spec   *joinColumns
	grant  *grant
	table  *joinKeys
	chunks []arrow.Record
	bytes  int64 // of chunks

	present presence
	groupOf slab[uint32] // of each build row, until index; noGroup where a null is among what has to match
	grouped int          // the chunks whose rows have their groups
	keyed   int          // the rows that have a group
	starts  slab[uint32] // where the rows of each group begin in rows, and the end; empty where all keys are unique
	rows    slab[rowID]  // that have a group, by it, in build order
	payload *gatherer
	asOf    asOf        // of an as-of join
	ranges  *rangeIndex // of a condition that gives something to search for
	matched []uint64    // of a full join: the places in rows that have matched, set by all lanes
}

// indexBytes is what a build row takes beside its columns and its key: in groupOf, starts and rows, in the values of an as-of join, and in
// what a full join knows of matches.
func (h *joinHash) indexBytes() int64 {
	bytes := int64(16)
	switch {
	case h.spec.AsOf != nil:
		bytes = 24
	case h.spec.Kind == plan.Full:
		bytes = 21
	}
	if h.spec.ranges != nil {
		bytes += rangeBytes
	}
	return bytes
}

func newJoinHash(env *Env, spec *joinColumns) (*joinHash, error) {
	table, err := newJoinKeys(env.Mem, fieldTypes(spec.Right, spec.rightKeys), spec.Kind != plan.Full)
	if err != nil {
		return nil, err
	}
	return &joinHash{
		env: env, spec: spec, table: table, grant: env.newGrant("join"),
		groupOf: newSlab[uint32](env.Mem), starts: newSlab[uint32](env.Mem), rows: newSlab[rowID](env.Mem),
	}, nil
}

// add takes over a chunk. Where the budget refuses it gives false, and the chunk stays the caller's; an empty table takes a chunk whatever
// the budget says. Rows with a null key stay in the chunk, without a group: leaving them out would copy all the others. In a full join,
// whose rows all come out, they have groups, which nothing matches.
func (h *joinHash) add(chunk arrow.Record) (bool, error) {
	rows := int(chunk.NumRows())
	size := batch.Bytes(chunk)
	total := len(h.groupOf.vals) + rows
	b, err := h.keysOf(chunk)
	if err != nil {
		return false, err
	}
	known, span := h.table.rows, h.table.span
	growth := h.table.growth(&b, keyBytes(columnsAt(chunk, h.spec.rightKeys)))
	need := h.bytes + size + h.table.bytes() + growth + int64(total)*h.indexBytes()
	granted, err := h.grant.resize(need)
	if err != nil {
		return false, err
	}
	if !granted && len(h.chunks) > 0 || len(h.chunks) == maxChunks {
		h.table.rows, h.table.span = known, span
		return false, nil
	}
	if h.spec.Kind == plan.Full {
		h.keyed += rows
	} else {
		h.keyed += b.valid.count(rows)
	}
	h.groupOf.resize(total)
	if !h.table.close() {
		if err := h.group(); err != nil {
			return false, err
		}
		if b, err = h.keysOf(chunk); err != nil { // those of other chunks took its place
			return false, err
		}
		if err := h.table.assign(&b, h.groupOf.vals[total-rows:]); err != nil {
			return false, err
		}
		h.grouped++
	}
	h.chunks = append(h.chunks, chunk)
	h.bytes += size
	_, err = h.grant.resize(h.bytes + h.table.bytes() + int64(total)*h.indexBytes())
	return true, err
}

// keysOf is the keys of a chunk's rows. Valid are, but in a full join, those that can match.
func (h *joinHash) keysOf(chunk arrow.Record) (keyBatch, error) {
	rows := int(chunk.NumRows())
	b, err := h.table.encoder.encode(columnsAt(chunk, h.spec.rightKeys), rows)
	if err == nil && h.spec.Kind != plan.Full {
		b.valid = h.present.of(columnsAt(chunk, h.spec.required()), rows)
	}
	return b, err
}

// group gives the rows of all chunks that have none their groups, by hash.
func (h *joinHash) group() error {
	from := 0
	for i, chunk := range h.chunks {
		to := from + int(chunk.NumRows())
		if i >= h.grouped {
			b, err := h.keysOf(chunk)
			if err != nil {
				return err
			}
			if err := h.table.assign(&b, h.groupOf.vals[from:to]); err != nil {
				return err
			}
		}
		from = to
	}
	h.grouped = len(h.chunks)
	return nil
}

// rank gives the rows of all chunks their groups by their place in a bitmap.
func (h *joinHash) rank() error {
	from := 0
	return errors.Join(
		h.table.index(h.eachKeys),
		h.eachKeys(func(b *keyBatch) {
			h.table.find(b, h.groupOf.vals[from:])
			from += b.rows
		}),
	)
}

// eachKeys gives the keys of all chunks in turn.
func (h *joinHash) eachKeys(take func(b *keyBatch)) error {
	for _, chunk := range h.chunks {
		b, err := h.keysOf(chunk)
		if err != nil {
			return err
		}
		take(&b)
	}
	return nil
}

// index ends the build: rows are put by group, in build order within it (a counting sort).
func (h *joinHash) index() error {
	onlyKeys := h.spec.Kind.OnlyLeft() && h.spec.where == nil // they tell all
	var err error
	switch {
	case !h.table.close():
		err = h.group()
	case onlyKeys:
		err = h.table.index(h.eachKeys)
	default:
		err = h.rank()
	}
	if err != nil {
		return err
	}
	if onlyKeys {
		h.groupOf.free()
		h.payload = newGatherer(h.env.Mem, nil, nil)
		return nil
	}
	h.place()
	all := int64(len(h.groupOf.vals))
	h.groupOf.free()
	columns := make([][]arrow.Array, len(h.chunks))
	for i, rec := range h.chunks {
		columns[i] = columnsAt(rec, h.spec.payload)
	}
	h.payload = newGatherer(h.env.Mem, fieldTypes(h.spec.Right, h.spec.payload), columns)
	h.payload.layout, h.payload.rows = layoutOf(h.payload.columns, h.env.packFrom(), packMisses), all
	if h.spec.AsOf != nil {
		h.asOf = newAsOf(h)
	}
	h.indexRanges()
	if h.spec.Kind == plan.Full {
		h.matched = make([]uint64, len(h.rows.vals)/64+1)
	}
	return nil
}

// place puts rows by group.
func (h *joinHash) place() {
	groups := h.table.len()
	h.rows.resize(h.keyed)
	if groups == h.keyed {
		for chunk, groups := range h.groups() {
			for row, g := range groups {
				if g != noGroup {
					h.rows.vals[g] = rowAt(chunk, row)
				}
			}
		}
		return
	}
	h.starts.resize(groups + 1)
	clear(h.starts.vals)
	for _, g := range h.groupOf.vals {
		if g != noGroup {
			h.starts.vals[g+1]++
		}
	}
	for g := range groups {
		h.starts.vals[g+1] += h.starts.vals[g]
	}
	// Each start moves to its end while rows are placed; they are moved back after.
	for chunk, groups := range h.groups() {
		for row, g := range groups {
			if g != noGroup {
				h.rows.vals[h.starts.vals[g]] = rowAt(chunk, row)
				h.starts.vals[g]++
			}
		}
	}
	copy(h.starts.vals[1:], h.starts.vals[:groups])
	h.starts.vals[0] = 0
}

// groups gives the groups of the rows of each chunk.
func (h *joinHash) groups() iter.Seq2[int, []uint32] {
	return func(yield func(int, []uint32) bool) {
		from := 0
		for chunk, rec := range h.chunks {
			to := from + int(rec.NumRows())
			if !yield(chunk, h.groupOf.vals[from:to]) {
				return
			}
			from = to
		}
	}
}

// span is where the build rows of a group are in rows.
func (h *joinHash) span(group uint32) (from, to uint32) {
	if len(h.starts.vals) == 0 {
		return group, group + 1
	}
	return h.starts.vals[group], h.starts.vals[group+1]
}

// matches is the build rows of a group. A full join notes that they have matched.
func (h *joinHash) matches(group uint32) []rowID {
	from, to := h.span(group)
	for at := from; at < to && h.matched != nil; at++ {
		h.mark(at)
	}
	return h.rows.vals[from:to]
}

// mark notes that the build row at a place in rows has matched.
func (h *joinHash) mark(at uint32) {
	if word, bit := &h.matched[at/64], uint64(1)<<(at%64); atomic.LoadUint64(word)&bit == 0 {
		atomic.OrUint64(word, bit)
	}
}

// unmatched is the build rows that have matched nothing, by key.
func (h *joinHash) unmatched() []rowID {
	var lone []rowID
	for at, id := range h.rows.vals {
		if atomic.LoadUint64(&h.matched[at/64])>>(at%64)&1 == 0 {
			lone = append(lone, id)
		}
	}
	return lone
}

// reset forgets all rows.
func (h *joinHash) reset() {
	if h.payload != nil {
		h.payload.close()
	}
	releaseRecords(h.chunks)
	if h.ranges != nil {
		h.ranges.free()
	}
	h.chunks, h.bytes, h.payload, h.matched, h.asOf, h.ranges = nil, 0, nil, nil, nil, nil
	h.table.reset()
	h.keyed, h.grouped = 0, 0
	h.groupOf.free()
	h.starts.free()
	h.rows.free()
	h.grant.release()
}

func (h *joinHash) close() { h.reset() }
