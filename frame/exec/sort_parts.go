package exec

import (
	"context"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/memory"
)

const (
	// partBytes is how large a part of the order is: a cache holds it while its rows are picked.
	partBytes = 1 << 20
	maxParts  = 1 << 10

	// slabBytes is how large the memory is that parts share: rows go to all parts in turn, which takes huge pages.
	slabBytes = 16 << 20

	// unitRows is the least rows that a worker parts in one go.
	unitRows = 1 << 16
)

// partedSort sorts rows in memory by a column of machine words. Each row moves twice, its columns side by side: to its part of the order, where
// rows are written one after the other, and from there, within a cache, to its place. Parts are of even size whatever the skew.
//
//	batches ─► samples ─► bounds
//	batches ─► words ─► part of each row ─► packed rows, part by part ─► part: radix sort, columns ─► in order
type partedSort struct {
	env     *Env
	spec    *sortSpec
	records []arrow.Record // nil once they are packed
	keys    []arrow.Array  // of records, owned
	columns []gatherColumn
	words   []arrow.ArrayData // of coded columns: what is packed outlives the batches
	rows    int

	layout *packedRows // nil where rows can't be packed
	key    int         // which of the columns is the key
	order  sortColumn  // how the key's words order
	nulls  bool        // some rows have no key

	units  []sortUnit
	bounds []wordBound
	valid  int // parts of rows that have a key; those of the others follow
	parts  []sortPart
}

// sortUnit is batches that one worker parts.
type sortUnit struct {
	from, to int // of records
	base     int // rows before
	rows     int
	part     []uint16 // of each row
	next     []uint32 // for each part: how many rows of the unit it has, then where the next of them goes

	inOrder     bool
	first, last uint64 // words
}

// sortPart is a part of the order: packed rows, in a slab.
type sortPart struct {
	slab  *sortSlab
	words []uint64
	rows  int
}

// sortSlab is the memory of parts that follow each other.
type sortSlab struct {
	raw   []byte
	parts atomic.Int32 // that are in use
}

// newPartedSort looks at records, which stay the caller's until run. Close it in any case.
func newPartedSort(ctx context.Context, env *Env, spec *sortSpec, records []arrow.Record) (*partedSort, error) {
	s := &partedSort{env: env, spec: spec, records: records, columns: make([]gatherColumn, spec.schema.NumFields())}
	chunks := make([][]arrow.Array, len(records))
	for i, rec := range records {
		chunks[i] = rec.Columns()
		s.rows += int(rec.NumRows())
	}
	err := inParallel("sort", len(s.columns), func(c int) error {
		s.columns[c].begin(spec.schema.Field(c).Type, c, chunks)
		return ctx.Err()
	})
	if err != nil {
		return s, err
	}
	for _, rec := range records {
		arrays, err := evalAll(ctx, env, spec.keys, rec)
		if err != nil {
			return s, err
		}
		s.keys = append(s.keys, arrays...)
		s.nulls = s.nulls || arrays[0].NullN() > 0
	}
	s.key = s.keyColumn(chunks)
	layout := layoutOf(s.columns, env.packFrom(), 1)
	if s.key < 0 || s.rows >= 1<<32 || layout == nil || !layout.whole() {
		return s, nil
	}
	s.layout, s.order = layout, s.column(0)
	s.layout.begin(0)
	return s, nil
}

// keyColumn is the column that is the key in all batches, -1 where none is.
func (s *partedSort) keyColumn(chunks [][]arrow.Array) int {
	column := slices.Index(chunks[0], s.keys[0])
	for i, key := range s.keys {
		if column < 0 || chunks[i][column] != key {
			return -1
		}
	}
	return column
}

// column is the key over a batch.
func (s *partedSort) column(i int) sortColumn { return s.spec.columnsOf(s.keys[i : i+1])[0] }

// bytes is what the rows take when they are packed, and which part each of them belongs to.
func (s *partedSort) bytes() int64 { return int64(s.rows) * int64(8*s.layout.width+2) }

func (s *partedSort) close() {
	releaseArrays(s.keys)
	releaseRecords(s.records)
	s.keys, s.records = nil, nil
	for i := range s.parts {
		s.free(i)
	}
	for _, words := range s.words {
		words.Release()
	}
	s.words = nil
}

// run gives everything. It takes over the batches, and calls packed when they are let go.
func (s *partedSort) run(ctx context.Context, packed func(), emit emitFunc) error {
	s.unite()
	s.split()
	if err := inParallel("sort", len(s.units), func(i int) error { return s.assign(ctx, &s.units[i]) }); err != nil {
		return err
	}
	if s.inOrder() {
		return s.pass(emit)
	}
	for i := range s.columns {
		if words := s.columns[i].coded; words != nil {
			words.Retain()
			s.words = append(s.words, words)
		}
	}
	s.place()
	s.allocate()
	if err := inParallel("sort", len(s.units), func(i int) error { return s.pack(ctx, &s.units[i]) }); err != nil {
		return err
	}
	packed()
	return giveInOrder(ctx, "sort", len(s.parts), func(i int) ([]arrow.Record, error) { return s.sorted(ctx, i) }, emit)
}

// unite makes units of the batches.
func (s *partedSort) unite() {
	u := sortUnit{}
	for i, rec := range s.records {
		u.rows += int(rec.NumRows())
		u.to = i + 1
		if u.rows >= unitRows || u.to == len(s.records) {
			s.units = append(s.units, u)
			u = sortUnit{from: u.to, base: u.base + u.rows}
		}
	}
}

// pass gives the batches as they are.
func (s *partedSort) pass(emit emitFunc) error {
	for i, rec := range s.records {
		s.records[i] = nil
		if err := emit(rec); err != nil {
			return err
		}
	}
	return nil
}

// place says where the rows of each unit go in each part.
func (s *partedSort) place() {
	for p := range s.parts {
		at := uint32(0)
		for u := range s.units {
			n := s.units[u].next[p]
			s.units[u].next[p] = at
			at += n
		}
		s.parts[p].rows = int(at)
	}
}

// allocate makes room for the parts.
func (s *partedSort) allocate() {
	for from := 0; from < len(s.parts); {
		to, words := from, 0
		for to < len(s.parts) && (to == from || 8*(words+s.parts[to].rows*s.layout.width) <= slabBytes) {
			words += s.parts[to].rows * s.layout.width
			to++
		}
		slab := &sortSlab{raw: memory.AllocateDirty(s.env.Mem, 8*words)}
		slab.parts.Store(int32(to - from))
		all := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(slab.raw))), words)
		for ; from < to; from++ {
			n := s.parts[from].rows * s.layout.width
			s.parts[from].slab, s.parts[from].words = slab, all[:n]
			all = all[n:]
		}
	}
}

// free gives back a part. It may be called again.
func (s *partedSort) free(i int) {
	p := &s.parts[i]
	if p.slab != nil && p.slab.parts.Add(-1) == 0 {
		s.env.Mem.Free(p.slab.raw)
	}
	p.slab, p.words = nil, nil
}

// pack moves a unit's rows to their parts and lets go of its batches.
func (s *partedSort) pack(ctx context.Context, u *sortUnit) error {
	scratch := stages.Get().(*[]uint64)
	defer stages.Put(scratch)
	w := s.layout.width
	*scratch = sized(*scratch, packBlock*w)
	part := u.part
	for chunk := u.from; chunk < u.to; chunk++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := int(s.records[chunk].NumRows())
		for from := 0; from < rows; from += packBlock {
			n := min(packBlock, rows-from)
			stage := (*scratch)[:n*w]
			s.layout.rows(stage, s.columns, chunk, from, n)
			s.scatter(stage, part[:n], u.next)
			part = part[n:]
		}
		s.records[chunk].Release()
		s.keys[chunk].Release()
		s.records[chunk], s.keys[chunk] = nil, nil
	}
	u.part, u.next = nil, nil
	return nil
}

// scatter appends rows to their parts.
func (s *partedSort) scatter(stage []uint64, part []uint16, next []uint32) {
	w := s.layout.width
	for i, p := range part {
		at := int(next[p])
		next[p]++
		to := s.parts[p].words[at*w : (at+1)*w]
		if w == 8 {
			copyRow((*[8]uint64)(to), (*[8]uint64)(stage[i*8:]))
		} else {
			copy(to, stage[i*w:(i+1)*w])
		}
	}
}

// sorted is a part as batches, in order.
func (s *partedSort) sorted(ctx context.Context, i int) (out []arrow.Record, err error) {
	var columns []arrow.Array
	done := false
	defer func() {
		s.free(i)
		if !done { // an error, or a panic of the allocator
			releaseArrays(columns)
			releaseRecords(out)
			out = nil
		}
	}()
	p := &s.parts[i]
	ids := make([]rowID, p.rows)
	if i < s.valid {
		s.sortPart(p, ids)
	} else {
		for row := range ids {
			ids[row] = rowID(row)
		}
	}
	rows := s.layout.over(s.env.Mem, p.words, p.rows)
	for len(ids) > 0 {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		n := min(maxRows, len(ids))
		columns = make([]arrow.Array, len(s.columns))
		rows.take(s.env.Mem, s.columns, &picked{ids: ids[:n]}, columns)
		given := columns
		columns = nil
		out = append(out, newRecord(s.spec.schema, given, n))
		ids = ids[n:]
	}
	done = true
	return out, nil
}

// sortPart gives the rows of a part in order.
func (s *partedSort) sortPart(p *sortPart, ids []rowID) {
	scratch := sorters.Get().(*sorter)
	defer scratch.free()
	scratch.entries, scratch.spare = sized(scratch.entries, p.rows), sized(scratch.spare, p.rows)
	entries := scratch.entries
	place, w := s.layout.columns[s.key], s.layout.width
	if s.columns[s.key].words != nil {
		for row := range entries {
			entries[row] = sortEntry{s.order.ordered(p.words[row*w+place.at]), rowID(row)}
		}
	} else {
		halves := halvesOf(p.words)
		for row := range entries {
			entries[row] = sortEntry{s.order.ordered(uint64(halves[2*(row*w+place.at)+place.half])), rowID(row)}
		}
	}
	sortByPrefix(entries, scratch.spare)
	for i := range entries {
		ids[i] = entries[i].row
	}
}
