package batch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

var errDamaged = errors.New("it is cut off or damaged")

func decode(mem memory.Allocator, b []byte) (rec arrow.Record, err error) {
	defer func() {
		if r := recover(); r != nil { // Arrow's reader trusts its input
			rec, err = nil, fmt.Errorf("%v", r)
		}
	}()
	d := decoder{mem: mem, b: b}
	head, count := d.number(), d.number()
	schema, err := schemaOf(d.bytes())
	if err != nil {
		return nil, err
	}
	if uint32(head) != codecMagic || int(head>>32) != schema.NumFields() || count > 1<<31 {
		return nil, errDamaged
	}
	if count == 0 {
		return Empty(mem, schema), nil
	}
	columns := make([]arrow.Array, 0, schema.NumFields())
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	for i, f := range schema.Fields() {
		c, err := d.column(f.Type, int(count))
		if err == nil && d.bad {
			err = errDamaged
		}
		if c != nil {
			columns = append(columns, c)
		}
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", schema.Field(i).Name, err)
		}
	}
	return array.NewRecord(schema, columns, int64(count)), nil
}

func schemaOf(b []byte) (*arrow.Schema, error) {
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer r.Release()
	return r.Schema(), nil
}

// decoder reads b. Once that was too short it is bad.
type decoder struct {
	mem memory.Allocator
	b   []byte
	bad bool
}

// next is the next n bytes; nil where there are not as many.
func (d *decoder) next(n int) []byte {
	padded := (n + 7) &^ 7
	if n < 0 || padded < n || padded > len(d.b) {
		d.bad, d.b = true, nil
		return nil
	}
	out := d.b[:n]
	d.b = d.b[padded:]
	return out
}

func (d *decoder) number() uint64 {
	if b := d.next(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) bytes() []byte {
	n := d.number()
	if n > uint64(len(d.b)) {
		d.bad = true
		return nil
	}
	return d.next(int(n))
}

func (d *decoder) column(dt arrow.DataType, rows int) (arrow.Array, error) {
	head := d.number()
	how, nulls := layout(head), int(head>>8)
	if how == layoutStream {
		return d.stream(dt, rows)
	}
	if usual := layoutOf(dt); nulls > rows || how != usual && (how != layoutWords && how != layoutPrefix || usual != layoutText) || rows > 8*len(d.b) && usual != layoutInts {
		return nil, errDamaged
	}
	var validity *memory.Buffer
	if nulls > 0 {
		validity = d.copied((rows + 7) / 8)
		defer release(validity)
	}
	buffers := []*memory.Buffer{validity}
	defer func() { release(buffers[1:]...) }()
	switch how {
	case layoutInts:
		if dt.(arrow.FixedWidthDataType).BitWidth() == 64 {
			buffers = append(buffers, decodeInts[int64](d, rows))
		} else {
			buffers = append(buffers, decodeInts[int32](d, rows))
		}
	case layoutBits:
		buffers = append(buffers, d.copied((rows+7)/8))
	case layoutText:
		ends := d.ends(rows)
		buffers = append(buffers, ends, d.text(ends, rows))
	case layoutWords:
		ends, text := d.words(rows)
		buffers = append(buffers, ends, text)
	case layoutPrefix:
		ends, text := d.lengthened(rows)
		buffers = append(buffers, ends, text)
	default:
		buffers = append(buffers, d.copied(rows*dt.(arrow.FixedWidthDataType).BitWidth()/8))
	}
	if d.bad {
		return nil, errDamaged
	}
	data := array.NewData(dt, rows, buffers, nil, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data), nil
}

// copied is the next n bytes as a buffer.
func (d *decoder) copied(n int) *memory.Buffer {
	b := d.next(n)
	if b == nil {
		return nil
	}
	buf, out := newBuffer(d.mem, n)
	copy(out, b)
	return buf
}

// ints is the least value of some, and the differences to it, of a width.
func (d *decoder) ints(n int) (low int64, width int, differences []byte) {
	low, width = int64(d.number()), int(d.number())
	switch width {
	case 0:
	case 1, 2, 4, 8:
		differences = d.next(n * width)
	default:
		d.bad = true
	}
	return low, width, differences
}

func decodeInts[T int32 | int64](d *decoder, n int) *memory.Buffer {
	low, width, b := d.ints(n)
	if d.bad {
		return nil
	}
	buf, raw := newBuffer(d.mem, n*sizeOf(T(0)))
	widenAll(view[T](raw, n), width, b, T(low))
	return buf
}

// widenAll adds differences of a width to the least value.
func widenAll[T int32 | int64](out []T, width int, b []byte, low T) {
	n := len(out)
	switch width {
	case 0:
		for i := range out {
			out[i] = low
		}
	case 1:
		addTo(out, view[uint8](b, n), low)
	case 2:
		addTo(out, view[uint16](b, n), low)
	case 4:
		addTo(out, view[uint32](b, n), low)
	default:
		addTo(out, view[uint64](b, n), low)
	}
}

func addTo[T int32 | int64, N uint8 | uint16 | uint32 | uint64](out []T, v []N, low T) {
	v = v[:len(out)]
	for i := range out {
		out[i] = low + T(v[i])
	}
}

// ends is where n texts end, from the lengths that come next; the first one begins at 0.
func (d *decoder) ends(n int) *memory.Buffer {
	low, width, b := d.ints(n)
	if d.bad || n > 1<<31-2 {
		d.bad = true
		return nil
	}
	buf, raw := newBuffer(d.mem, 4*(n+1))
	out := view[int32](raw, n+1)
	out[0] = 0
	widenAll(out[1:], width, b, int32(low))
	end := int64(0)
	for i, length := range out[1:] {
		end += int64(length)
		out[i+1] = int32(end)
		d.bad = d.bad || length < 0
	}
	d.bad = d.bad || end != int64(out[n])
	return buf
}

// text is the bytes of n texts that end there.
func (d *decoder) text(ends *memory.Buffer, n int) *memory.Buffer {
	b := d.bytes()
	if d.bad || len(b) != int(view[int32](ends.Bytes(), n+1)[n]) {
		d.bad = true
		return nil
	}
	buf, out := newBuffer(d.mem, len(b))
	copy(out, b)
	return buf
}

func (d *decoder) stream(dt arrow.DataType, rows int) (arrow.Array, error) {
	b := d.bytes()
	if d.bad {
		return nil, errDamaged
	}
	r, err := ipc.NewReader(bytes.NewReader(b), ipc.WithAllocator(d.mem))
	if err != nil {
		return nil, err
	}
	defer r.Release()
	if !r.Next() {
		if r.Err() != nil {
			return nil, r.Err()
		}
		return nil, errDamaged
	}
	rec := r.Record()
	if rec.NumCols() != 1 || int(rec.NumRows()) != rows || !arrow.TypeEqual(rec.Column(0).DataType(), dt) {
		return nil, errDamaged
	}
	c := rec.Column(0)
	c.Retain()
	return c, nil
}
