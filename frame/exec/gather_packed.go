package exec

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/memory"
)

const (
	// Rows are packed where their columns take so many bytes, more than caches hold, and a row picked at random misses the cache so often
	// in them.
	packBytes  = 6 << 20
	packMisses = 3

	// packAfter is the part of the rows that have been picked by then: below, packing costs more than it saves.
	packAfter = 8

	// segmentBits parts the packed rows of a batch: a segment is too small for pages of its own.
	segmentBits = chunkBits - 1
	segmentRows = 1 << segmentBits

	// packBlock is the rows that are picked, or packed, before the next column's turn: they stay in the cache.
	packBlock = 256
)

// packedRows are rows of several batches with their columns side by side, so that a row picked at random costs one miss of the cache,
// not one or two for each column. A row is words: of each column its value or its text, whose length is in the last byte; then,
// where some column has nulls, a bit for each that has none here.
type packedRows struct {
	mem      arrowmemory.Allocator
	grant    *grant
	columns  []packedColumn // as the gatherer's; those that are not packed have no words
	width    int            // words of a row
	nulls    int            // where the bits of the nulls begin, in halves of words; -1 for none
	segments [][]uint64
	raw      [][]byte
	missing  []uint64 // the row that noRow picks

	next, ready atomic.Int64 // the segments that somebody has begun, and that are packed
}

// packedColumn is where a column is in a row. Two of four bytes, or of a bit, share a word: half is the place in it.
type packedColumn struct{ at, words, half int }

// halvesOf is words as twice as many halves.
func halvesOf(words []uint64) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(words))), 2*len(words))
}

// columnHalves is how many halves of words have a bit for each of so many columns.
func columnHalves(columns int) int { return (columns + 31) / 32 }

// layoutOf says where columns are in packed rows; nil where it does not pay to pack them.
func layoutOf(columns []gatherColumn, leastBytes int64, leastMisses int) *packedRows {
	p := &packedRows{columns: make([]packedColumn, len(columns)), nulls: -1}
	misses, bytes, nulls := 0, int64(0), false
	free := -1 // the word of which a half is free
	for i := range columns {
		c := &columns[i]
		words := 0
		switch {
		case c.words != nil, c.halves != nil:
			words = 1
		case c.dt.ID() == arrow.BOOL:
			words = 1
			misses-- // the bits are in the cache anyway
		case c.wides != nil:
			words = 2
		case c.offsets != nil && c.longest < 16:
			words = 1 + c.longest/8
			misses++
		}
		if words == 0 {
			continue
		}
		misses++
		bytes += c.bytes()
		nulls = nulls || c.nulls
		switch half := c.halves != nil || c.narrow || c.dt.ID() == arrow.BOOL; {
		case half && free >= 0:
			p.columns[i] = packedColumn{free, 1, 1}
			free = -1
			continue
		case half:
			free = p.width
		}
		p.columns[i] = packedColumn{p.width, words, 0}
		p.width += words
	}
	if misses < leastMisses || bytes < leastBytes || len(columns) > 64 {
		return nil
	}
	switch {
	case nulls && free >= 0 && len(columns) <= 32:
		p.nulls = 2*free + 1
	case nulls:
		p.nulls = 2 * p.width
		p.width++
	}
	for p.width < 8 && p.width&(p.width-1) != 0 { // no row is in two lines of the cache
		p.width++
	}
	return p
}

// bytes is what a column that can be packed takes.
func (c *gatherColumn) bytes() int64 {
	rows := int64(0)
	for _, a := range c.arrays {
		rows += int64(a.Len())
	}
	return rows*8 + c.text
}

// note counts rows that are picked. When it pays, whoever calls it packs the columns, segment by segment together with whoever else does;
// a refusal of the budget leaves them as they are. What is taken is the same.
func (g *gatherer) note(ctx context.Context, env *Env, picked int) error {
	p := g.layout
	if p == nil || g.packed.Load() != nil || g.noted.Add(int64(picked)) < g.rows/packAfter {
		return nil
	}
	if g.packing.CompareAndSwap(packIdle, packBegun) {
		p.mem, p.grant = g.mem, env.newGrant("join")
		granted, err := p.grant.resize(g.rows * int64(p.width) * 8)
		if err != nil || !granted {
			return err
		}
		p.begin(len(g.columns[0].arrays))
		g.packing.Store(packReady)
	}
	if g.packing.Load() != packReady {
		return nil
	}
	for {
		next := int(p.next.Add(1)) - 1
		if next >= len(p.segments) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk, from := next/2, next%2*segmentRows
		if rows := g.columns[0].arrays[chunk].Len(); from < rows {
			p.segment(g.columns, next, from, min(from+segmentRows, rows))
		}
		if int(p.ready.Add(1)) == len(p.segments) {
			g.packed.Store(p)
		}
	}
}

// How far packing is.
const (
	packIdle int32 = iota
	packBegun
	packReady // for everybody to join in
)

func (p *packedRows) begin(chunks int) {
	p.missing = make([]uint64, p.width)
	if p.nulls >= 0 {
		for i := range columnHalves(len(p.columns)) {
			halvesOf(p.missing)[p.nulls+i] = math.MaxUint32
		}
	}
	p.segments, p.raw = make([][]uint64, 2*chunks), make([][]byte, 2*chunks)
}

// over is rows of the same layout that are packed already; ids are places among them.
func (p *packedRows) over(mem arrowmemory.Allocator, words []uint64, rows int) *packedRows {
	o := &packedRows{mem: mem, columns: p.columns, width: p.width, nulls: p.nulls, missing: p.missing}
	for from := 0; from < rows; from += segmentRows {
		o.segments = append(o.segments, words[from*p.width:])
	}
	return o
}

// whole says whether all columns are packed.
func (p *packedRows) whole() bool {
	return !slices.ContainsFunc(p.columns, func(c packedColumn) bool { return c.words == 0 })
}

// segment packs rows of a batch.
func (p *packedRows) segment(columns []gatherColumn, number, from, to int) {
	raw := memory.AllocateDirty(p.mem, (to-from)*p.width*8)
	p.raw[number] = raw
	out := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(raw))), (to-from)*p.width)
	p.segments[number] = out
	chunk := number / 2
	for ; from < to; from += packBlock {
		n := min(packBlock, to-from)
		p.rows(out, columns, chunk, from, n)
		out = out[n*p.width:]
	}
}

// rows packs a few rows of a batch.
func (p *packedRows) rows(out []uint64, columns []gatherColumn, chunk, from, n int) {
	for i := range columns {
		p.column(out, &columns[i], p.columns[i], chunk, from, n)
	}
	if p.nulls >= 0 {
		p.nullWords(out, columns, chunk, from, n)
	}
}

func (p *packedRows) nullWords(out []uint64, columns []gatherColumn, chunk, from, n int) {
	halves := halvesOf(out)
	count := columnHalves(len(columns))
	for row := range n {
		clear(halves[2*row*p.width+p.nulls:][:count])
	}
	for i := range columns {
		if !columns[i].nulls || columns[i].valid[chunk].all() {
			continue
		}
		valid, at, bit := columns[i].valid[chunk], p.nulls+i/32, uint32(1)<<(i%32)
		for row := range n {
			if valid.null(from + row) {
				halves[2*row*p.width+at] |= bit
			}
		}
	}
}

// column packs one column of n rows.
func (p *packedRows) column(out []uint64, c *gatherColumn, place packedColumn, chunk, from, n int) {
	at := place.at
	switch {
	case place.words == 0:
	case c.narrow:
		halves, least := halvesOf(out)[2*at+place.half:], c.least
		for i, v := range c.words[chunk][from : from+n] {
			halves[i*2*p.width] = uint32(v - least)
		}
	case c.words != nil:
		for i, v := range c.words[chunk][from : from+n] {
			out[i*p.width+at] = v
		}
	case c.halves != nil:
		halves := halvesOf(out)[2*at+place.half:]
		for i, v := range c.halves[chunk][from : from+n] {
			halves[i*2*p.width] = v
		}
	case c.dt.ID() == arrow.BOOL:
		halves := halvesOf(out)[2*at+place.half:]
		values := c.arrays[chunk].(*array.Boolean)
		for i := range n {
			bit := uint32(0)
			if values.Value(from + i) {
				bit = 1
			}
			halves[i*2*p.width] = bit
		}
	case c.wides != nil:
		for i, v := range c.wides[chunk][from : from+n] {
			out[i*p.width+at] = binary.LittleEndian.Uint64(v[:8])
			out[i*p.width+at+1] = binary.LittleEndian.Uint64(v[8:])
		}
	default:
		data, offsets := c.data[chunk], c.offsets[chunk][from:from+n+1]
		for i := range n {
			size := int(offsets[i+1] - offsets[i])
			low, high := shortText(data, int(offsets[i]), size)
			end := uint64(size) << 56
			if place.words == 1 {
				out[i*p.width+at] = low | end
			} else {
				out[i*p.width+at], out[i*p.width+at+1] = low, high|end
			}
		}
	}
}

// close gives the packed rows back. Nobody may take any more.
func (g *gatherer) close() {
	g.packed.Store(nil)
	p := g.layout
	if p == nil || p.grant == nil {
		return
	}
	for _, raw := range p.raw {
		if raw != nil {
			p.mem.Free(raw)
		}
	}
	p.raw, p.segments = nil, nil
	p.grant.release()
}

// stages are picked rows, kept from one batch to the next.
var stages = sync.Pool{New: func() any { return new([]uint64) }}

// pick copies rows to stage.
func (p *packedRows) pick(stage []uint64, ids []rowID) {
	if p.width == 8 {
		missing := (*[8]uint64)(p.missing)
		for i, id := range ids {
			from := missing
			if id != noRow {
				from = (*[8]uint64)(p.segments[id>>segmentBits][id%segmentRows*8:])
			}
			copyRow((*[8]uint64)(stage[i*8:]), from)
		}
		return
	}
	for i, id := range ids {
		from := p.missing
		if id != noRow {
			from = p.segments[id>>segmentBits][int(id%segmentRows)*p.width:]
		}
		copy(stage[i*p.width:(i+1)*p.width], from)
	}
}

// copyRow copies word by word: a copy of the whole is a call.
func copyRow(to, from *[8]uint64) {
	to[0], to[1], to[2], to[3] = from[0], from[1], from[2], from[3]
	to[4], to[5], to[6], to[7] = from[4], from[5], from[6], from[7]
}

// unpacked is columns in the making.
type unpacked struct {
	rows    int
	columns []unpackedColumn
}

type unpackedColumn struct {
	bits, values, text *arrowmemory.Buffer
	used, nulls        int // bytes of text, rows that are null
}

func (u *unpacked) release() {
	for _, c := range u.columns {
		for _, b := range []*arrowmemory.Buffer{c.bits, c.values, c.text} {
			if b != nil {
				b.Release()
			}
		}
	}
}

// take puts the packed ones of the gatherer's columns into out.
func (p *packedRows) take(mem arrowmemory.Allocator, columns []gatherColumn, rows *picked, out []arrow.Array) {
	n := len(rows.ids)
	u := &unpacked{rows: n, columns: make([]unpackedColumn, len(columns))}
	defer u.release()
	for i := range columns {
		u.begin(mem, &columns[i], p.columns[i], rows, i)
	}
	scratch := stages.Get().(*[]uint64)
	defer stages.Put(scratch)
	*scratch = sized(*scratch, packBlock*p.width)
	for from := 0; from < n; from += packBlock {
		ids := rows.ids[from:min(from+packBlock, n)]
		stage := (*scratch)[:len(ids)*p.width]
		p.pick(stage, ids)
		for i := range columns {
			if p.columns[i].words > 0 {
				p.unpack(stage, &columns[i], p.columns[i], &u.columns[i], i, from, len(ids))
			}
		}
	}
	for i := range columns {
		if p.columns[i].words > 0 {
			out[i] = u.columns[i].finish(mem, &columns[i], n)
		}
	}
}

func (u *unpacked) begin(mem arrowmemory.Allocator, c *gatherColumn, place packedColumn, rows *picked, i int) {
	if place.words == 0 {
		return
	}
	col := &u.columns[i]
	switch {
	case c.nulls:
		col.bits = unfilled(mem, int(bitutil.BytesForBits(int64(u.rows))))
		clear(col.bits.Bytes())
	case rows.optional:
		col.bits, col.nulls = rows.bitmap(mem)
	}
	switch {
	case c.offsets != nil:
		col.values = unfilled(mem, 4*(u.rows+1))
		arrow.Int32Traits.CastFromBytes(col.values.Bytes())[0] = 0
		col.text = unfilled(mem, u.rows*c.longest+16)
	case c.halves != nil:
		col.values = unfilled(mem, 4*u.rows)
	case c.dt.ID() == arrow.BOOL:
		col.values = unfilled(mem, int(bitutil.BytesForBits(int64(u.rows))))
		clear(col.values.Bytes())
	default:
		col.values = unfilled(mem, 8*place.words*u.rows)
	}
}

// unpack takes one column out of picked rows.
func (p *packedRows) unpack(stage []uint64, c *gatherColumn, place packedColumn, col *unpackedColumn, number, from, n int) {
	w := p.width
	if c.nulls {
		bits, halves := col.bits.Bytes(), halvesOf(stage)[p.nulls+number/32:]
		for i := range n {
			null := halves[2*i*w] >> (number % 32) & 1
			bits[(from+i)/8] |= byte(1-null) << ((from + i) % 8)
			col.nulls += int(null)
		}
	}
	stage = stage[place.at:]
	switch {
	case c.offsets != nil:
		col.texts(stage, w, place.words, from, n)
	case c.halves != nil:
		out := arrow.Uint32Traits.CastFromBytes(col.values.Bytes())[from : from+n]
		halves := halvesOf(stage)[place.half:]
		for i := range out {
			out[i] = halves[i*2*w]
		}
	case c.dt.ID() == arrow.BOOL:
		bits, halves := col.values.Bytes(), halvesOf(stage)[place.half:]
		for i := range n {
			bits[(from+i)/8] |= byte(halves[i*2*w]) << ((from + i) % 8)
		}
	case c.narrow:
		out := arrow.Uint64Traits.CastFromBytes(col.values.Bytes())[from : from+n]
		halves, least := halvesOf(stage)[place.half:], c.least
		for i := range out {
			out[i] = uint64(halves[i*2*w]) + least
		}
	case place.words == 1:
		out := arrow.Uint64Traits.CastFromBytes(col.values.Bytes())[from : from+n]
		for i := range out {
			out[i] = stage[i*w]
		}
	default:
		out := col.values.Bytes()[16*from:]
		for i := range n {
			binary.LittleEndian.PutUint64(out[16*i:], stage[i*w])
			binary.LittleEndian.PutUint64(out[16*i+8:], stage[i*w+1])
		}
	}
}

// texts appends texts of one or two words each: what is written beyond the end of one the next covers.
func (c *unpackedColumn) texts(stage []uint64, width, words, from, n int) {
	ends := arrow.Int32Traits.CastFromBytes(c.values.Bytes())[from+1 : from+n+1]
	dst, at := c.text.Bytes(), c.used
	if words == 1 {
		for i := range ends {
			v := stage[i*width]
			binary.LittleEndian.PutUint64(dst[at:], v)
			at += int(v >> 56)
			ends[i] = int32(at)
		}
	} else {
		for i := range ends {
			v := stage[i*width+1]
			binary.LittleEndian.PutUint64(dst[at:], stage[i*width])
			binary.LittleEndian.PutUint64(dst[at+8:], v)
			at += int(v >> 56)
			ends[i] = int32(at)
		}
	}
	c.used = at
}

// finish makes the column. Text has room for the longest everywhere: it moves to where it fits.
func (c *unpackedColumn) finish(mem arrowmemory.Allocator, from *gatherColumn, rows int) arrow.Array {
	if c.text == nil {
		return from.array(rows, c.nulls, c.bits, c.values)
	}
	text := unfilled(mem, c.used)
	defer text.Release()
	copy(text.Bytes(), c.text.Bytes())
	return makeArray(from.dt, rows, c.nulls, c.bits, c.values, text)
}
