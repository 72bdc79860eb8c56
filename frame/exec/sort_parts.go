package exec

import (
	"cmp"
	"context"
	"math"
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

	// unevenRows is the least rows of a part that is too large, where it may be of any size.
	unevenRows = 1 << 18
)

// partedSort sorts rows in memory by columns of numbers and of coded text. Each row moves twice, its columns side by side: to its part of
// the order, where rows are written one after the other, and from there, within a cache, to its place. Parts are of even size whatever the skew.
//
//	batches ─► samples ─► bounds
//	batches ─► words ─► part of each row ─► packed rows, part by part ─► part: radix sort, columns ─► in order
type partedSort struct {
	env     *Env
	spec    *sortSpec
	records []arrow.Record // nil once they are packed
	columns []gatherColumn
	coded   []arrow.ArrayData // the words of coded columns: what is packed outlives the batches
	rows    int

	layout *packedRows // nil where rows can't be sorted so
	keys   []wordKey
	tied   int // the first of the keys that words don't tell all of; len(keys) where rows of equal words are equal

	units  []sortUnit
	bounds []wordBound
	parts  []sortPart
	batch  int64 // parts of so many bytes are given together; a part at a time where it is 0
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
		s.columns[c].findNarrow()
		return ctx.Err()
	})
	if err != nil {
		return s, err
	}
	layout := layoutOf(s.columns, env.packFrom(), 1)
	if s.rows >= 1<<32 || layout == nil || !layout.whole() {
		return s, nil
	}
	if s.keys, err = wordKeys(env, spec, s.columns, layout); err != nil || s.keys == nil {
		return s, err
	}
	s.layout = layout
	s.layout.begin(0)
	return s, nil
}

// findNarrow finds whether whole numbers are within four bytes of each other: rows of eight words are moved fastest.
func (c *gatherColumn) findNarrow() {
	if c.words == nil || c.dt.ID() == arrow.FLOAT64 {
		return
	}
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for _, words := range c.words {
		for _, w := range words {
			least, most = min(least, int64(w)), max(most, int64(w))
		}
		if most >= least && uint64(most)-uint64(least) > math.MaxUint32 {
			return
		}
	}
	c.narrow, c.least = true, uint64(least)
}

// bytes is what the rows take when they are packed, and which part each of them belongs to.
func (s *partedSort) bytes() int64 { return int64(s.rows) * int64(8*s.layout.width+2) }

func (s *partedSort) close() {
	releaseRecords(s.records)
	s.records = nil
	for i := range s.parts {
		s.free(i)
	}
	for _, words := range s.coded {
		words.Release()
	}
	s.coded = nil
}

// assign says which part each row belongs to. It gives false where parts would be too uneven: many rows differ in nothing that words tell.
func (s *partedSort) assign(ctx context.Context) (ok bool, err error) {
	s.unite()
	if err := s.measure(ctx); err != nil {
		return false, err
	}
	if s.tied, ok = stand(s.keys); !ok {
		return false, nil
	}
	s.split()
	if err := inParallel("sort", len(s.units), func(i int) error { return s.assignUnit(ctx, &s.units[i]) }); err != nil {
		return false, err
	}
	s.place()
	if s.tied == len(s.keys) {
		return true, nil
	}
	return !slices.ContainsFunc(s.parts, func(p sortPart) bool { return p.rows > max(unevenRows, 2*s.rows/maxParts) }), nil
}

// measure finds what values keys have, where several must share a word or null needs a number.
func (s *partedSort) measure(ctx context.Context) error {
	if len(s.keys) == 1 && !s.keys[0].column.nulls {
		return nil
	}
	for i := range s.keys {
		if s.keys[i].ranks == nil {
			s.keys[i].span = make([]wordRange, len(s.units))
		}
	}
	return inParallel("sort", len(s.units), func(u int) (err error) {
		for i := range s.keys {
			if k := &s.keys[i]; k.span != nil && err == nil {
				k.span[u], err = k.measure(ctx, &s.units[u])
			}
		}
		return err
	})
}

// run gives everything, once rows are assigned. It calls packed when the batches are let go.
func (s *partedSort) run(ctx context.Context, packed func(), emit emitFunc) error {
	if s.inOrder() {
		return s.pass(emit)
	}
	for i := range s.columns {
		if words := s.columns[i].coded; words != nil {
			words.Retain()
			s.coded = append(s.coded, words)
		}
	}
	s.allocate()
	if err := inParallel("sort", len(s.units), func(i int) error { return s.pack(ctx, &s.units[i]) }); err != nil {
		return err
	}
	packed()
	groups := s.groups()
	return giveInOrder(ctx, "sort", len(groups), func(i int) ([]arrow.Record, error) { return s.sorted(ctx, groups[i]) }, emit)
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
		s.records[chunk] = nil
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

// partGroup is parts that are given together: their rows lie side by side.
type partGroup struct {
	from, to int
	words    []uint64
	rows     int
}

func (s *partedSort) groups() (groups []partGroup) {
	for i := range s.parts {
		p := &s.parts[i]
		if n := len(groups) - 1; n >= 0 && s.parts[groups[n].from].slab == p.slab && 8*int64(len(groups[n].words)+len(p.words)) <= s.batch {
			g := &groups[n]
			g.to, g.rows, g.words = i+1, g.rows+p.rows, g.words[:len(g.words)+len(p.words)]
			continue
		}
		groups = append(groups, partGroup{i, i + 1, p.words, p.rows})
	}
	return groups
}

// sorted is parts as batches, in order.
func (s *partedSort) sorted(ctx context.Context, g partGroup) (out []arrow.Record, err error) {
	var columns []arrow.Array
	done := false
	defer func() {
		for i := g.from; i < g.to; i++ {
			s.free(i)
		}
		if !done { // an error, or a panic of the allocator
			releaseArrays(columns)
			releaseRecords(out)
			out = nil
		}
	}()
	ids := make([]rowID, g.rows)
	for i, at := g.from, 0; i < g.to; i++ {
		s.sortPart(&s.parts[i], at, ids[at:])
		at += s.parts[i].rows
	}
	rows, most := s.layout.over(s.env.Mem, g.words, g.rows), max(maxRows, int(s.batch)/(8*s.layout.width))
	for len(ids) > 0 {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		n := min(most, len(ids))
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

// sortPart gives the rows of a part in order; the first has the number first.
func (s *partedSort) sortPart(p *sortPart, first int, ids []rowID) {
	scratch := sorters.Get().(*sorter)
	defer scratch.free()
	scratch.entries, scratch.spare = sized(scratch.entries, p.rows), sized(scratch.spare, p.rows)
	entries := scratch.entries
	var words [sortBlock]uint64
	for from := 0; from < p.rows; from += sortBlock {
		n := min(sortBlock, p.rows-from)
		s.packedWords(p, from, words[:n])
		for i, w := range words[:n] {
			entries[from+i] = sortEntry{w, rowID(from + i)}
		}
	}
	sortByPrefix(entries, scratch.spare)
	if s.tied < len(s.keys) {
		eachTie(entries, func(from, to int) { s.sortTied(p, entries[from:to]) })
	}
	for i := range entries {
		ids[i] = entries[i].row + rowID(first)
	}
}

// sortTied orders rows of equal words by the keys that words don't tell.
func (s *partedSort) sortTied(p *sortPart, entries []sortEntry) {
	slices.SortFunc(entries, func(a, b sortEntry) int {
		for i := s.tied; i < len(s.keys); i++ {
			if c := cmp.Compare(s.packedValue(p, i, int(a.row)), s.packedValue(p, i, int(b.row))); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.row, b.row)
	})
}
