package exec

import (
	"errors"
	"math"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// rowID names a row of a list of batches: the batch's number in the high 16 bits, the row in the low 16.
type rowID = uint32

const (
	// noRow is the row that gather makes null.
	noRow rowID = math.MaxUint32

	chunkBits = 16
	chunkRows = 1 << chunkBits
	maxChunks = 1<<(32-chunkBits) - 1

	// gatherBytes bounds what the strings of one gathered batch may take.
	gatherBytes = 16 << 20
)

func rowAt(chunk, row int) rowID { return rowID(chunk)<<chunkBits | rowID(row) }

// gatherer makes batches of rows picked from several batches. It aliases the batches: they outlive it. Several goroutines may take from it.
type gatherer struct {
	mem     arrowmemory.Allocator
	columns []gatherColumn

	// Where it pays, the columns are packed when many rows have been picked: see note.
	layout  *packedRows // nil where it never does
	rows    int64       // of the batches
	noted   atomic.Int64
	packing atomic.Int32
	packed  atomic.Pointer[packedRows]
}

// gatherColumn is one column over all batches.
type gatherColumn struct {
	dt     arrow.DataType
	arrays []arrow.Array
	valid  []validity
	nulls  bool // some batch has nulls

	coded   arrow.ArrayData // the words, where the column is coded
	words   [][]uint64      // 8-byte types
	narrow  bool            // packed rows have words less the least of them, in a half
	least   uint64
	halves  [][]uint32 // 4-byte types, and codes
	wides   [][][16]byte
	data    [][]byte
	offsets [][]int32
	longest int   // of the strings
	text    int64 // bytes of all strings
}

func newGatherer(mem arrowmemory.Allocator, types []arrow.DataType, chunks [][]arrow.Array) *gatherer {
	g := &gatherer{mem: mem, columns: make([]gatherColumn, len(types))}
	for c, dt := range types {
		g.columns[c].begin(dt, c, chunks)
	}
	return g
}

// begin makes it column number of chunks.
func (c *gatherColumn) begin(dt arrow.DataType, number int, chunks [][]arrow.Array) {
	c.dt = dt
	for _, chunk := range chunks {
		if batch.IsCoded(chunk[number]) {
			c.coded = batch.Words(chunk[number])
			break
		}
	}
	for _, chunk := range chunks {
		c.add(chunk[number])
	}
}

func (c *gatherColumn) add(arr arrow.Array) {
	c.arrays = append(c.arrays, arr)
	c.valid = append(c.valid, validityOf(arr))
	c.nulls = c.nulls || arr.NullN() > 0
	if c.coded != nil {
		c.halves = append(c.halves, c.codes(arr))
		return
	}
	switch c.dt.ID() {
	case arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.TIMESTAMP, arrow.DURATION:
		c.words = append(c.words, rawWords(arr))
	case arrow.DATE32:
		c.halves = append(c.halves, rawValues[uint32](arr))
	case arrow.DECIMAL128:
		c.wides = append(c.wides, rawValues[[16]byte](arr))
	case arrow.STRING, arrow.BINARY:
		data, offsets := bytesOf(arr)
		c.data, c.offsets = append(c.data, data), append(c.offsets, offsets)
		c.longest = max(c.longest, longest(offsets))
		c.text += int64(offsets[len(offsets)-1] - offsets[0])
	}
}

// codes is the codes of a batch.
func (c *gatherColumn) codes(arr arrow.Array) []uint32 {
	switch {
	case !batch.IsCoded(arr) && arr.NullN() == arr.Len():
		return make([]uint32, arr.Len())
	case !batch.IsCoded(arr) || batch.Words(arr) != c.coded:
		panic(errors.New("gather: a column is not coded by the same words in all batches"))
	}
	return batch.Codes(arr)
}

// array is the column over what was gathered; the caller keeps its own references to the buffers.
func (c *gatherColumn) array(rows, nulls int, buffers ...*arrowmemory.Buffer) arrow.Array {
	if c.coded != nil {
		return batch.NewCoded(rows, nulls, buffers[0], buffers[1], c.coded)
	}
	return makeArray(c.dt, rows, nulls, buffers...)
}

// rawValues is the values buffer of a fixed-width column.
func rawValues[T any](arr arrow.Array) []T {
	d := arr.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return nil
	}
	var zero T
	b := d.Buffers()[1].Bytes()
	all := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
	return all[d.Offset() : d.Offset()+d.Len()]
}

// fit is how many of ids, at least one, can be gathered into one batch before a column's strings pass gatherBytes.
func (g *gatherer) fit(ids []rowID) int {
	n := len(ids)
	for i := range g.columns {
		c := &g.columns[i]
		if n*c.longest <= gatherBytes { // also where the column has no strings
			continue
		}
		total := 0
		for k, id := range ids[:n] {
			if id == noRow {
				continue
			}
			off := c.offsets[id>>chunkBits]
			total += int(off[id&(chunkRows-1)+1] - off[id&(chunkRows-1)])
			if total > gatherBytes {
				n = max(k, 1)
				break
			}
		}
	}
	return n
}

// take makes one column for each of the gatherer's.
func (g *gatherer) take(ids []rowID) (out []arrow.Array, err error) {
	out = make([]arrow.Array, len(g.columns))
	done := false
	defer func() {
		if !done { // an error, or a panic of the allocator
			releaseArrays(out)
			out = nil
		}
	}()
	rows := picked{ids: ids, optional: slices.Contains(ids, noRow)}
	defer rows.release()
	if p := g.packed.Load(); p != nil {
		p.take(g.mem, g.columns, &rows, out)
	}
	for i := range g.columns {
		if out[i] != nil { // packed
			continue
		}
		if out[i], err = g.columns[i].take(g.mem, &rows); err != nil {
			return out, err
		}
	}
	done = true
	return out, nil
}

// picked is the rows to take. Which of them are noRow is the same for all columns.
type picked struct {
	ids      []rowID
	optional bool                // some are noRow
	present  *arrowmemory.Buffer // those that are not; made once
	missing  int
}

func (p *picked) release() {
	if p.present != nil {
		p.present.Release()
	}
}

// bitmap is the rows that are not noRow. The caller releases it.
func (p *picked) bitmap(mem arrowmemory.Allocator) (*arrowmemory.Buffer, int) {
	if p.present == nil {
		p.present = unfilled(mem, int(bitutil.BytesForBits(int64(len(p.ids)))))
		bytes := p.present.Bytes()
		for from := 0; from < len(p.ids); from += 8 {
			some := p.ids[from:min(from+8, len(p.ids))]
			bits := byte(0)
			for i, id := range some {
				bit := byte(0)
				if id != noRow {
					bit = 1
				}
				bits |= bit << i
			}
			bytes[from/8] = bits
		}
		p.missing = len(p.ids) - bitutil.CountSetBits(bytes, 0, len(p.ids))
	}
	p.present.Retain()
	return p.present, p.missing
}

func (c *gatherColumn) take(mem arrowmemory.Allocator, rows *picked) (arrow.Array, error) {
	ids, optional := rows.ids, rows.optional
	if c.words == nil && c.halves == nil && c.wides == nil && c.offsets == nil && c.dt.ID() != arrow.BOOL {
		return c.takeAny(mem, ids)
	}
	bitmap, nulls := c.bitmap(mem, rows)
	if bitmap != nil {
		defer bitmap.Release()
	}
	switch {
	case c.words != nil:
		return takeValues(mem, c, c.words, ids, optional, bitmap, nulls), nil
	case c.halves != nil:
		return takeValues(mem, c, c.halves, ids, optional, bitmap, nulls), nil
	case c.wides != nil:
		return takeValues(mem, c, c.wides, ids, optional, bitmap, nulls), nil
	case c.offsets != nil:
		return c.takeBytes(mem, ids, bitmap, nulls)
	}
	return c.takeBooleans(mem, ids, bitmap, nulls), nil
}

// bitmap is the validity of the rows picked, nil where all are valid.
func (c *gatherColumn) bitmap(mem arrowmemory.Allocator, rows *picked) (*arrowmemory.Buffer, int) {
	switch {
	case !c.nulls && !rows.optional:
		return nil, 0
	case !c.nulls:
		return rows.bitmap(mem)
	}
	ids := rows.ids
	buf := unfilled(mem, int(bitutil.BytesForBits(int64(len(ids)))))
	bytes := buf.Bytes()
	if len(c.valid) == 1 && c.valid[0].bits != nil && !rows.optional {
		batch.GatherBits(bytes, c.valid[0].bits, rowID(c.valid[0].offset), ids)
		return buf, len(ids) - bitutil.CountSetBits(bytes, 0, len(ids))
	}
	for from := 0; from < len(ids); from += 8 {
		bits := byte(0)
		for i, id := range ids[from:min(from+8, len(ids))] {
			if id == noRow {
				continue
			}
			bit := byte(1)
			if v := &c.valid[id>>chunkBits]; v.bits != nil {
				at := v.offset + int(id&(chunkRows-1))
				bit = v.bits[at>>3] >> (at & 7) & 1
			}
			bits |= bit << i
		}
		bytes[from/8] = bits
	}
	return buf, len(ids) - bitutil.CountSetBits(bytes, 0, len(ids))
}

func takeValues[T any](mem arrowmemory.Allocator, c *gatherColumn, chunks [][]T, ids []rowID, optional bool,
	bitmap *arrowmemory.Buffer, nulls int,
) arrow.Array {
	var zero T
	buf := unfilled(mem, len(ids)*int(unsafe.Sizeof(zero)))
	defer buf.Release()
	if len(ids) == 0 {
		return c.array(0, 0, bitmap, buf)
	}
	out := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(buf.Bytes()))), len(ids))
	switch {
	case optional && len(chunks) == 1 && len(chunks[0]) > 0:
		// Without a branch: which rows are missing can't be predicted.
		in := chunks[0]
		for i, id := range ids {
			row := id
			if id == noRow {
				row = 0
			}
			v := in[row]
			if id == noRow {
				v = zero
			}
			out[i] = v
		}
	case optional:
		for i, id := range ids {
			if id == noRow {
				out[i] = zero
			} else {
				out[i] = chunks[id>>chunkBits][id&(chunkRows-1)]
			}
		}
	case len(chunks) == 1:
		for i, id := range ids {
			out[i] = chunks[0][id]
		}
	default:
		for i, id := range ids {
			out[i] = chunks[id>>chunkBits][id&(chunkRows-1)]
		}
	}
	return c.array(len(ids), nulls, bitmap, buf)
}

func (c *gatherColumn) takeBooleans(mem arrowmemory.Allocator, ids []rowID, bitmap *arrowmemory.Buffer, nulls int) arrow.Array {
	buf := unfilled(mem, int(bitutil.BytesForBits(int64(len(ids)))))
	defer buf.Release()
	bits := buf.Bytes()
	clear(bits)
	for i, id := range ids {
		if id != noRow && c.arrays[id>>chunkBits].(*array.Boolean).Value(int(id&(chunkRows-1))) {
			bitutil.SetBit(bits, i)
		}
	}
	return makeArray(c.dt, len(ids), nulls, bitmap, buf)
}

// takeAny serves the types that are only carried: batch by batch, joined, then put in order.
func (c *gatherColumn) takeAny(mem arrowmemory.Allocator, ids []rowID) (arrow.Array, error) {
	if len(c.arrays) == 0 { // an empty build side: all rows are noRow
		return array.MakeArrayOfNull(mem, c.dt, len(ids)), nil
	}
	picked := make([][]int32, len(c.arrays)) // for each batch the rows wanted, in order
	order := make([]int32, len(ids))
	for i, id := range ids {
		if id != noRow {
			chunk := id >> chunkBits
			order[i] = int32(len(picked[chunk]))
			picked[chunk] = append(picked[chunk], int32(id&(chunkRows-1)))
		}
	}
	var parts []arrow.Array
	defer func() { releaseArrays(parts) }()
	base := make([]int32, len(c.arrays))
	at := int32(0)
	for chunk, rows := range picked {
		base[chunk] = at
		at += int32(len(rows))
		if len(rows) == 0 && (chunk > 0 || len(picked) > 1) {
			continue
		}
		part, err := batch.TakeArray(mem, c.arrays[chunk], rows)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return array.MakeArrayOfNull(mem, c.dt, len(ids)), nil
	}
	joined, err := array.Concatenate(parts, mem)
	if err != nil {
		return nil, err
	}
	defer joined.Release()
	for i, id := range ids {
		if id == noRow {
			order[i] = -1
		} else {
			order[i] += base[id>>chunkBits]
		}
	}
	return batch.TakeArray(mem, joined, order)
}
