package parquet

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Bounds are the bounds of a field's values in parts of a file: of all values that are not null, and not NaN, where Least and Greatest are
// not null themselves. They need not be values that are there.
type Bounds struct {
	Least, Greatest arrow.Array // one for each part
	Nulls           []int64     // of each part; -1 where unknown
}

// Release gives the bounds back.
func (b *Bounds) Release() {
	b.Least.Release()
	b.Greatest.Release()
}

// Bounds are those of the row groups, for a field that Decodes says can be read as t; nil where the file can't have any.
func (f *File) Bounds(mem memory.Allocator, field int, t arrow.DataType) *Bounds {
	at := &f.Fields[field]
	parts := make([]bounds, len(f.Groups))
	for i := range f.Groups {
		parts[i] = bounds{nulls: -1}
		if a := f.Groups[i].chunks[at.leaf].about; a != nil {
			parts[i] = a.bounds
			if a.bounds.least == nil && a.bounds.greatest == nil && signed(at, t) {
				parts[i] = a.old
			} else if !f.inOrder(at.leaf, t) {
				parts[i].least, parts[i].greatest = nil, nil
			}
		}
	}
	return newBounds(mem, at, t, parts)
}

// inOrder says whether bounds of a leaf are such by the order of its type. Arrow's writer in Go takes 0 for the greatest unsigned number where
// the others are beyond those with a sign.
func (f *File) inOrder(leaf int, t arrow.DataType) bool {
	return leaf < len(f.ordered) && f.ordered[leaf] && (!unsigned(t) || !strings.HasPrefix(f.writer, "parquet-go version"))
}

func unsigned(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64:
		return true
	}
	return false
}

// signed says whether a field has signed integers, of which old writers knew the order.
func signed(f *Field, t arrow.DataType) bool {
	return (f.physical == Int32 || f.physical == Int64) && !unsigned(t)
}

func newBounds(mem memory.Allocator, f *Field, t arrow.DataType, parts []bounds) *Bounds {
	least, greatest, nulls := make([][]byte, len(parts)), make([][]byte, len(parts)), make([]int64, len(parts))
	for i, p := range parts {
		least[i], greatest[i], nulls[i] = p.least, p.greatest, p.nulls
	}
	b := &Bounds{Nulls: nulls}
	if b.Least = boundsArray(mem, f, t, least); b.Least == nil {
		return nil
	}
	if b.Greatest = boundsArray(mem, f, t, greatest); b.Greatest == nil {
		b.Least.Release()
		return nil
	}
	return b
}

// boundsArray makes a column of bounds; one that can't be a value is null. It is nil for types whose order writers did not agree on.
func boundsArray(mem memory.Allocator, f *Field, t arrow.DataType, parts [][]byte) arrow.Array {
	width := 0
	switch f.physical {
	case Int32, Float:
		width = 4
	case Int64, Double:
		width = 8
	case FixedLengthByteArray:
		width = f.length
	case ByteArray:
	default:
		return nil
	}
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	text := t.ID() == arrow.STRING || t.ID() == arrow.LARGE_STRING
	if t.ID() == arrow.FLOAT16 || t.ID() == arrow.DECIMAL128 && width == 0 {
		return nil
	}
	if text { // bounds may be cut within a character
		t = arrow.BinaryTypes.Binary
	}
	v := newValues(mem, f, t)
	if v == nil {
		return nil
	}
	defer v.free()
	validity := memory.NewBufferWithAllocator(mem.Allocate((len(parts)+7)/8), mem)
	defer validity.Release()
	clear(validity.Bytes())
	plain, nulls := plainBounds(f, width, parts, validity.Bytes())
	v.begin(len(parts))
	if v.page(encodingPlain, plain) != nil || len(parts) > 0 && readAll(v, len(parts)) != nil {
		return nil
	}
	arr, err := v.finish(len(parts), nulls, validity)
	if err != nil || !text {
		return arr
	}
	defer arr.Release()
	d := arr.Data()
	data := array.NewData(arrow.BinaryTypes.String, d.Len(), d.Buffers(), nil, d.NullN(), 0)
	defer data.Release()
	return array.MakeFromData(data)
}

func readAll(v values, n int) error {
	for at := 0; at < n; {
		k := min(n-at, v.step())
		if err := v.read(at, k); err != nil {
			return err
		}
		at += k
	}
	return nil
}

// plainBounds are bounds stored plain, zero where there are none; bits says where there are some. Slack bytes can be read behind them.
func plainBounds(f *Field, width int, parts [][]byte, bits []byte) (plain []byte, nulls int) {
	size := slack
	for _, p := range parts {
		size += max(width, 4+len(p))
	}
	plain = make([]byte, 0, size)
	for i, p := range parts {
		ok := p != nil && (width == 0 || len(p) == width) && !isNaN(f.physical, p)
		switch {
		case width == 0 && ok:
			plain = append(binary.LittleEndian.AppendUint32(plain, uint32(len(p))), p...)
		case width == 0:
			plain = binary.LittleEndian.AppendUint32(plain, 0)
		case ok:
			plain = append(plain, p...)
		default:
			plain = append(plain, make([]byte, width)...)
		}
		if ok {
			bitutil.SetBit(bits, i)
		} else {
			nulls++
		}
	}
	return plain, nulls
}

func isNaN(p Physical, b []byte) bool {
	switch p {
	case Float:
		return math.IsNaN(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
	case Double:
		return math.IsNaN(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return false
}
