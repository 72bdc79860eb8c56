package batch

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Take gives the rows of rec at idx, in that order; -1 gives a row of nulls.
func Take(mem memory.Allocator, rec arrow.Record, idx []int32) (arrow.Record, error) {
	t := newTaker(mem, idx)
	return MapColumns(rec, rec.Schema(), int64(len(idx)), func(_ int, c arrow.Array) (arrow.Array, error) { return t.array(c) })
}

// TakeArray gives the values of arr at idx, in that order; -1 gives null.
func TakeArray(mem memory.Allocator, arr arrow.Array, idx []int32) (arrow.Array, error) {
	return newTaker(mem, idx).array(arr)
}

// taker gathers several columns by the same rows.
type taker struct {
	mem      memory.Allocator
	idx      []int32
	negative bool        // some index is -1
	dense    bool        // its rows ascend and lie close together
	runs     []run       // idx, where most of its rows follow one another; nil where they do not
	by       *compressor // of idx, where it is dense, made when first needed
}

// run is rows that follow one another.
type run struct{ from, n int32 }

// longRuns is the rows of a run, on average, from which on runs are copied whole.
const longRuns = 4

func newTaker(mem memory.Allocator, idx []int32) *taker {
	var signs, ascent int32 // negative where some number is
	next, breaks := int32(-1), 0
	for _, i := range idx {
		signs |= i
		ascent |= i - next
		if i != next {
			breaks++
		}
		next = i + 1
	}
	t := &taker{mem: mem, idx: idx, negative: signs < 0}
	if signs >= 0 && breaks*longRuns <= len(idx) {
		t.runs = runsOf(idx, breaks)
	}
	t.dense = signs >= 0 && ascent >= 0 && len(idx) > 0 && int(next) <= compressLeast*len(idx)
	return t
}

// maskOf has a bit set for each of idx, which ascends.
func maskOf(idx []int32) []uint64 {
	mask := make([]uint64, idx[len(idx)-1]>>6+1)
	for _, i := range idx {
		mask[i>>6] |= 1 << (i & 63)
	}
	return mask
}

func runsOf(idx []int32, count int) []run {
	runs := make([]run, 0, count)
	for at := 0; at < len(idx); {
		from := at
		for at++; at < len(idx) && idx[at] == idx[at-1]+1; at++ {
		}
		runs = append(runs, run{idx[from], int32(at - from)})
	}
	return runs
}

func (t *taker) array(arr arrow.Array) (arrow.Array, error) {
	if t.dense && compressible(arr) {
		if t.by == nil {
			t.by = newCompressor(t.mem, maskOf(t.idx), len(t.idx))
		}
		return t.by.array(arr), nil
	}
	d, err := t.data(arr)
	if err != nil {
		return nil, err
	}
	defer d.Release()
	return array.MakeFromData(d), nil
}

// data picks the loop by the column's physical layout.
func (t *taker) data(arr arrow.Array) (arrow.ArrayData, error) {
	d, n := arr.Data(), len(t.idx)
	switch dt := arr.DataType().(type) {
	case *arrow.NullType:
		return array.NewData(dt, n, []*memory.Buffer{nil}, nil, n, 0), nil
	case *arrow.StringType, *arrow.BinaryType:
		return t.strings(arr)
	case *arrow.StructType:
		return t.structs(arr.(*array.Struct))
	case *arrow.DictionaryType:
		return t.dictionary(arr.(*array.Dictionary), dt)
	case *arrow.BooleanType:
		validity, nulls := t.validity(arr)
		defer release(validity)
		bits := t.bits(d)
		defer release(bits)
		return array.NewData(dt, n, []*memory.Buffer{validity, bits}, nil, nulls, 0), nil
	case arrow.FixedWidthDataType:
		if dt.BitWidth()%8 != 0 {
			break
		}
		validity, nulls := t.validity(arr)
		defer release(validity)
		buf := t.fixed(d, dt.BitWidth()/8)
		defer release(buf)
		return array.NewData(dt, n, []*memory.Buffer{validity, buf}, nil, nulls, 0), nil
	}
	return t.pieces(arr)
}

// validity is the result's null bitmap, nil where nothing is null.
func (t *taker) validity(arr arrow.Array) (*memory.Buffer, int) {
	if arr.NullN() == 0 && !t.negative {
		return nil, 0
	}
	n := len(t.idx)
	buf, out := newBuffer(t.mem, int(bitutil.BytesForBits(int64(n))))
	switch {
	case arr.NullN() == 0:
		t.present(out)
	case t.negative:
		clear(out)
		in, offset := arr.NullBitmapBytes(), int32(arr.Data().Offset())
		for i, j := range t.idx {
			if j >= 0 {
				out[i>>3] |= in[(offset+j)>>3] >> uint((offset+j)&7) & 1 << uint(i&7)
			}
		}
	default:
		GatherBits(out, arr.NullBitmapBytes(), int32(arr.Data().Offset()), t.idx)
	}
	nulls := n - bitutil.CountSetBits(out, 0, n)
	if nulls == 0 {
		buf.Release()
		return nil, 0
	}
	return buf, nulls
}

// present sets the bits of the rows that are not -1.
func (t *taker) present(out []byte) {
	clear(out)
	for i, j := range t.idx {
		out[i>>3] |= byte(^uint32(j)>>31) << uint(i&7)
	}
}

// GatherBits sets the bits of out to those of in at idx, from bit offset on, eight at a time.
func GatherBits[I int32 | uint32](out, in []byte, offset I, idx []I) {
	whole := len(idx) &^ 7
	for i := 0; i < whole; i += 8 {
		rows := idx[i : i+8 : i+8]
		bits := byte(0)
		for k, j := range rows {
			j += offset
			bits |= in[j>>3] >> uint(j&7) & 1 << uint(k)
		}
		out[i>>3] = bits
	}
	if whole < len(idx) {
		out[whole>>3] = 0
		for k, j := range idx[whole:] {
			j += offset
			out[whole>>3] |= in[j>>3] >> uint(j&7) & 1 << uint(k)
		}
	}
}

func (t *taker) bits(d arrow.ArrayData) *memory.Buffer {
	buf, out := newBuffer(t.mem, int(bitutil.BytesForBits(int64(len(t.idx)))))
	if d.Buffers()[1] == nil {
		clear(out)
		return buf
	}
	in, offset := d.Buffers()[1].Bytes(), int32(d.Offset())
	if !t.negative {
		GatherBits(out, in, offset, t.idx)
		return buf
	}
	clear(out)
	for i, j := range t.idx {
		if j >= 0 {
			out[i>>3] |= in[(offset+j)>>3] >> uint((offset+j)&7) & 1 << uint(i&7)
		}
	}
	return buf
}

func (t *taker) fixed(d arrow.ArrayData, width int) *memory.Buffer {
	n := len(t.idx)
	buf, out := newBuffer(t.mem, n*width)
	switch width {
	case 1:
		gather(t, view[uint8](out, n), values[uint8](d, 1, d.Len()))
	case 2:
		gather(t, view[uint16](out, n), values[uint16](d, 1, d.Len()))
	case 4:
		gather(t, view[uint32](out, n), values[uint32](d, 1, d.Len()))
	case 8:
		gather(t, view[uint64](out, n), values[uint64](d, 1, d.Len()))
	case 16:
		gather(t, view[[2]uint64](out, n), values[[2]uint64](d, 1, d.Len()))
	default:
		clear(out)
		if d.Buffers()[1] == nil {
			return buf
		}
		in := d.Buffers()[1].Bytes()[d.Offset()*width:]
		for i, j := range t.idx {
			if j >= 0 {
				copy(out[i*width:(i+1)*width], in[int(j)*width:])
			}
		}
	}
	return buf
}

func gather[T any](t *taker, out, in []T) {
	if t.runs != nil {
		at := 0
		for _, r := range t.runs {
			at += copy(out[at:], in[r.from:r.from+r.n])
		}
		return
	}
	if !t.negative {
		for i, j := range t.idx {
			out[i] = in[j]
		}
		return
	}
	var zero T
	for i, j := range t.idx {
		if j < 0 {
			out[i] = zero
		} else {
			out[i] = in[j]
		}
	}
}

func (t *taker) strings(arr arrow.Array) (arrow.ArrayData, error) {
	d, n := arr.Data(), len(t.idx)
	in := values[int32](d, 1, d.Len()+1)
	if d.Buffers()[1] == nil || len(in) == 0 || d.Len() == 0 {
		in = nil // no row to refer to: every index is -1
	}
	offsetsBuf, raw := newBuffer(t.mem, (n+1)*4)
	defer release(offsetsBuf)
	offsets := view[int32](raw, n+1)
	total := t.offsets(offsets, in)
	if total > math.MaxInt32 {
		return nil, fmt.Errorf("%d bytes of %s in one batch: at most 2 GiB fit", total, arr.DataType())
	}
	charsBuf, out := newBuffer(t.mem, int(total))
	defer release(charsBuf)
	switch {
	case total == 0:
	case t.runs != nil:
		chars, at := d.Buffers()[2].Bytes(), 0
		for _, r := range t.runs {
			at += copy(out[at:], chars[in[r.from]:in[r.from+r.n]])
		}
	default:
		gatherStrings(out, d.Buffers()[2].Bytes(), in, offsets, t.idx)
	}
	validity, nulls := t.validity(arr)
	defer release(validity)
	return array.NewData(arr.DataType(), n, []*memory.Buffer{validity, offsetsBuf, charsBuf}, nil, nulls, 0), nil
}

// offsets fills out with where the strings of in begin and end in the result, and gives the bytes of all: out is wrong where they are more
// than an offset holds.
func (t *taker) offsets(out, in []int32) (total int64) {
	out[0] = 0
	if t.runs == nil {
		for i, j := range t.idx {
			if j >= 0 {
				total += int64(in[j+1] - in[j])
			}
			out[i+1] = int32(total)
		}
		return total
	}
	out = out[1:]
	for _, r := range t.runs {
		ends := in[r.from+1 : r.from+1+r.n]
		shift := int32(total) - in[r.from]
		place := out[:len(ends)]
		for i, end := range ends {
			place[i] = end + shift
		}
		total += int64(in[r.from+r.n] - in[r.from])
		out = out[len(ends):]
	}
	return total
}

func gatherStrings(out, chars []byte, in, offsets, idx []int32) {
	for i, j := range idx {
		if j < 0 {
			continue
		}
		from, to := in[j], in[j+1]
		at, size := int(offsets[i]), int(to-from)
		// Most strings are short: two overlapping-free word copies beat a call where there is room on both sides.
		if size <= 16 && at+16 <= len(out) && int(from)+16 <= len(chars) {
			*(*[16]byte)(out[at : at+16]) = *(*[16]byte)(chars[from : from+16])
			continue
		}
		copy(out[at:at+size], chars[from:to])
	}
}

func (t *taker) structs(arr *array.Struct) (arrow.ArrayData, error) {
	children := make([]arrow.ArrayData, 0, arr.NumField())
	defer func() {
		for _, c := range children {
			c.Release()
		}
	}()
	for i := range arr.NumField() {
		c, err := t.data(arr.Field(i))
		if err != nil {
			return nil, err
		}
		children = append(children, c)
	}
	validity, nulls := t.validity(arr)
	defer release(validity)
	return array.NewData(arr.DataType(), len(t.idx), []*memory.Buffer{validity}, children, nulls, 0), nil
}

func (t *taker) dictionary(arr *array.Dictionary, dt *arrow.DictionaryType) (arrow.ArrayData, error) {
	index, err := t.data(arr.Indices())
	if err != nil {
		return nil, err
	}
	defer index.Release()
	return array.NewDataWithDictionary(dt, len(t.idx), index.Buffers(), index.NullN(), 0, arr.Data().Dictionary().(*array.Data)), nil
}

// pieces serves every other type: runs of rows are sliced and put together.
func (t *taker) pieces(arr arrow.Array) (arrow.ArrayData, error) {
	var parts []arrow.Array
	defer func() {
		for _, p := range parts {
			p.Release()
		}
	}()
	for i := 0; i < len(t.idx); {
		j, from := t.idx[i], i
		if j < 0 {
			for i++; i < len(t.idx) && t.idx[i] < 0; i++ {
			}
			parts = append(parts, array.MakeArrayOfNull(t.mem, arr.DataType(), i-from))
			continue
		}
		for i++; i < len(t.idx) && t.idx[i] == j+int32(i-from); i++ {
		}
		parts = append(parts, array.NewSlice(arr, int64(j), int64(j)+int64(i-from)))
	}
	if len(parts) == 0 {
		parts = append(parts, array.NewSlice(arr, 0, 0))
	}
	out, err := array.Concatenate(parts, t.mem)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	out.Data().Retain()
	return out.Data(), nil
}
