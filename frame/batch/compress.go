package batch

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// compressLeast is how many rows there may be for each that is kept for columns to be compressed: going over all rows takes
// the time of gathering one in so many.
const compressLeast = 12

// compressor keeps the rows of columns whose bits are set in mask, without listing them.
type compressor struct {
	mem  memory.Allocator
	mask []uint64
	kept int
	// vector is how many words of mask the loops that write whole vectors may do: behind them there are rows enough.
	vector int
}

func newCompressor(mem memory.Allocator, mask []uint64, kept int) *compressor {
	c := &compressor{mem, mask, kept, 0}
	if !wideRows {
		return c
	}
	c.vector = len(mask)
	for behind := 0; behind < vectorRows && c.vector > 0; {
		c.vector--
		behind += bits.OnesCount64(mask[c.vector])
	}
	return c
}

// vectorRows is the most rows of a vector.
const vectorRows = 8

// compressible says whether arr can be compressed; other types ask for a list of rows.
func compressible(arr arrow.Array) bool {
	buffers := arr.Data().Buffers()
	dt, ok := arr.DataType().(arrow.FixedWidthDataType)
	if !ok || len(buffers) < 2 || buffers[1] == nil {
		return false
	}
	width := dt.BitWidth()
	return width == 1 || width == 32 || width == 64
}

// array gives the rows of arr, which is compressible.
func (c *compressor) array(arr arrow.Array) arrow.Array {
	d, dt := arr.Data(), arr.DataType().(arrow.FixedWidthDataType)
	var buf *memory.Buffer
	switch dt.BitWidth() {
	case 1:
		buf = c.bits(d.Buffers()[1].Bytes(), d.Offset(), d.Len())
	case 32:
		buf = compressFixed[uint32](c, d, compress32)
	case 64:
		buf = compressFixed[uint64](c, d, compress64)
	}
	defer release(buf)
	var validity *memory.Buffer
	nulls := 0
	if arr.NullN() > 0 {
		validity = c.bits(arr.NullBitmapBytes(), d.Offset(), d.Len())
		defer validity.Release()
		nulls = c.kept - bitutil.CountSetBits(validity.Bytes(), 0, c.kept)
	}
	if nulls == 0 {
		validity = nil
	}
	buffers := []*memory.Buffer{validity, buf}
	var out *array.Data
	if IsCoded(arr) {
		out = array.NewDataWithDictionary(dt, c.kept, buffers, nulls, 0, Words(arr).(*array.Data))
	} else {
		out = array.NewData(dt, c.kept, buffers, nil, nulls, 0)
	}
	defer out.Release()
	return array.MakeFromData(out)
}

func compressFixed[T uint32 | uint64](c *compressor, d arrow.ArrayData, vectors func(out, in []T, mask []uint64) int) *memory.Buffer {
	buf, raw := newBuffer(c.mem, c.kept*sizeOf(T(0)))
	out, in := view[T](raw, c.kept), values[T](d, 1, d.Len())
	at := vectors(out, in, c.mask[:c.vector])
	for i, word := range c.mask[c.vector:] {
		rows := in[64*(c.vector+i):]
		for ; word != 0; word &= word - 1 {
			out[at] = rows[bits.TrailingZeros64(word)]
			at++
		}
	}
	return buf
}

// bits keeps bits of b, which has n of them from bit offset on.
func (c *compressor) bits(b []byte, offset, n int) *memory.Buffer {
	buf, _ := newBuffer(c.mem, 8*(c.kept/64+1))
	out, in := view[uint64](buf.Bytes(), c.kept/64+1), make([]uint64, len(c.mask))
	for i := range in {
		in[i] = loadBits(b, offset+64*i, min(64, n-64*i))
	}
	extract(out, in, c.mask)
	return buf
}

// extractBits puts the bits of in whose bits are set in mask one after another. The word behind the last whole one is
// written too.
func extractBits(out, in, mask []uint64) {
	at := 0
	word := uint64(0)
	for i, m := range mask {
		for ; m != 0; m &= m - 1 {
			word |= in[i] >> uint(bits.TrailingZeros64(m)) & 1 << uint(at&63)
			if at++; at&63 == 0 {
				out[at>>6-1] = word
				word = 0
			}
		}
	}
	out[at>>6] = word
}
