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

// A record on its way to another process takes as few bytes as are cheap to find: whole numbers those that their span needs, texts of few
// words a byte, other texts the bytes of their lengths, and what all begin with once; all else is as it is.
//
//	magic, columns, rows │ length of schema, schema │ column … column
//	column: layout │ null bitmap, where some are null │ its parts, each at a multiple of eight bytes

const codecMagic = 0x31564952

// layout is how a column is encoded.
type layout uint8

const (
	layoutStream layout = iota // an Arrow stream of a record of this column
	layoutFixed                // values as they are
	layoutInts                 // whole numbers, as differences to the least one
	layoutBits                 // bits
	layoutText                 // lengths as layoutInts, then bytes
	layoutWords                // words as layoutText, then the number of each row's word
	layoutPrefix               // the bytes with which all texts begin, then what follows them as layoutText
)

// ErrShort says that a record takes more bytes than there are.
var ErrShort = errors.New("encode batch: no room")

// Encode is rec as bytes, its schema included.
func Encode(rec arrow.Record) ([]byte, error) {
	for size := EncodedSize(rec); ; size *= 2 { // nested columns may take more
		b := make([]byte, size)
		n, err := EncodeTo(b, rec)
		if !errors.Is(err, ErrShort) {
			return b[:n:n], err
		}
	}
}

// EncodedSize is how many bytes Encode takes at most, unless columns are nested.
func EncodedSize(rec arrow.Record) int {
	return int(Bytes(rec)) + 256*(int(rec.NumCols())+4)
}

// EncodeTo is Encode into b; it gives how many bytes of it were taken. Where they are too few that is ErrShort.
func EncodeTo(b []byte, rec arrow.Record) (int, error) {
	e := encoder{b: b}
	var schema bytes.Buffer
	if err := ipc.NewWriter(&schema, ipc.WithSchema(rec.Schema())).Close(); err != nil {
		return 0, fmt.Errorf("encode batch: %w", err)
	}
	e.number(codecMagic | uint64(rec.NumCols())<<32)
	e.number(uint64(rec.NumRows()))
	e.bytes(schema.Bytes())
	for i, c := range rec.Columns() {
		if rec.NumRows() == 0 {
			break
		}
		if err := e.column(rec.Schema().Field(i), c); err != nil {
			return 0, fmt.Errorf("encode batch: column %q: %w", rec.ColumnName(i), err)
		}
	}
	if e.short {
		return 0, ErrShort
	}
	return e.n, nil
}

// encoder fills b. Once that is too short, all that is asked for is of no use.
type encoder struct {
	b     []byte
	n     int
	short bool
	words *wordSet
}

// room is the next bytes, a multiple of eight of them, of which the caller fills the first n.
func (e *encoder) room(n int) []byte {
	if padded := (n + 7) &^ 7; !e.short && padded <= len(e.b)-e.n {
		out := e.b[e.n : e.n+n]
		clear(e.b[e.n+n : e.n+padded])
		e.n += padded
		return out
	}
	e.short = true
	return nil
}

func (e *encoder) number(v uint64) {
	if b := e.room(8); b != nil {
		binary.LittleEndian.PutUint64(b, v)
	}
}

// bytes writes the length of some bytes, and those.
func (e *encoder) bytes(b []byte) {
	e.number(uint64(len(b)))
	copy(e.room(len(b)), b)
}

func (e *encoder) column(field arrow.Field, arr arrow.Array) error {
	dt, d, rows := arr.DataType(), arr.Data(), arr.Len()
	how := layoutOf(dt)
	if how == layoutStream {
		return e.stream(field, arr)
	}
	nulls := arr.NullN()
	var words *wordSet
	prefix := 0
	if how == layoutText {
		if e.words == nil {
			e.words = new(wordSet)
		}
		if e.words.of(values[int32](d, 1, rows+1), textOf(d)) {
			how, words = layoutWords, e.words
		} else if prefix = prefixOf(values[int32](d, 1, rows+1), textOf(d)); prefix > 0 {
			how = layoutPrefix
		}
	}
	e.number(uint64(how) | uint64(nulls)<<8)
	if nulls > 0 {
		copyBits(e.room((rows+7)/8), arr.NullBitmapBytes(), d.Offset(), rows)
	}
	switch how {
	case layoutInts:
		if dt.(arrow.FixedWidthDataType).BitWidth() == 64 {
			encodeInts(e, values[int64](d, 1, rows))
		} else {
			encodeInts(e, values[int32](d, 1, rows))
		}
	case layoutBits:
		copyBits(e.room((rows+7)/8), d.Buffers()[1].Bytes(), d.Offset(), rows)
	case layoutText:
		e.text(values[int32](d, 1, rows+1), textOf(d))
	case layoutPrefix:
		e.shortened(values[int32](d, 1, rows+1), textOf(d), prefix)
	case layoutWords:
		e.number(uint64(words.count))
		e.text(words.ends[:words.count+1], words.text)
		copy(e.room(rows), words.codes)
	default:
		width := dt.(arrow.FixedWidthDataType).BitWidth() / 8
		copy(e.room(rows*width), d.Buffers()[1].Bytes()[d.Offset()*width:])
	}
	return nil
}

// text writes lengths and bytes of texts that end there.
func (e *encoder) text(ends []int32, text []byte) {
	lengths := make([]int32, len(ends)-1)
	for i := range lengths {
		lengths[i] = ends[i+1] - ends[i]
	}
	encodeInts(e, lengths)
	e.bytes(text[ends[0]:ends[len(ends)-1]])
}

func (e *encoder) stream(field arrow.Field, arr arrow.Array) error {
	var buf bytes.Buffer
	rec := array.NewRecord(arrow.NewSchema([]arrow.Field{field}, nil), []arrow.Array{arr}, int64(arr.Len()))
	defer rec.Release()
	w := ipc.NewWriter(&buf, ipc.WithSchema(rec.Schema()))
	if err := w.Write(rec); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	e.number(uint64(layoutStream))
	e.bytes(buf.Bytes())
	return nil
}

// layoutOf is how columns of a type are encoded; layoutText may turn out to be layoutWords or layoutPrefix.
func layoutOf(dt arrow.DataType) layout {
	switch dt.ID() {
	case arrow.INT32, arrow.UINT32, arrow.DATE32, arrow.TIME32, arrow.INT64, arrow.UINT64, arrow.DATE64, arrow.TIME64, arrow.TIMESTAMP, arrow.DURATION:
		return layoutInts
	case arrow.INT8, arrow.UINT8, arrow.INT16, arrow.UINT16, arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL128:
		return layoutFixed
	case arrow.BOOL:
		return layoutBits
	case arrow.STRING, arrow.BINARY:
		return layoutText
	default:
		return layoutStream
	}
}

// textOf is the texts of a column, to which its offsets refer.
func textOf(d arrow.ArrayData) []byte {
	if buf := d.Buffers()[2]; buf != nil {
		return buf.Bytes()
	}
	return nil
}

// encodeInts writes the least value and how many bytes a difference to it takes, then those.
func encodeInts[T int32 | int64](e *encoder, v []T) {
	low, high := v[0], v[0]
	for _, x := range v {
		low, high = min(low, x), max(high, x)
	}
	width := widthOf(uint64(int64(high) - int64(low)))
	e.number(uint64(low))
	e.number(uint64(width))
	switch b := e.room(width * len(v)); width {
	case 0:
	case 1:
		narrow(view[uint8](b, len(b)), v, low)
	case 2:
		narrow(view[uint16](b, len(b)/2), v, low)
	case 4:
		narrow(view[uint32](b, len(b)/4), v, low)
	default:
		narrow(view[uint64](b, len(b)/8), v, low)
	}
}

func widthOf(span uint64) int {
	switch {
	case span == 0:
		return 0
	case span < 1<<8:
		return 1
	case span < 1<<16:
		return 2
	case span < 1<<32:
		return 4
	default:
		return 8
	}
}

func narrow[T int32 | int64, N uint8 | uint16 | uint32 | uint64](out []N, v []T, low T) {
	for i := range out {
		out[i] = N(v[i] - low)
	}
}

// Decode reads what Encode wrote.
func Decode(mem memory.Allocator, b []byte) (arrow.Record, error) {
	rec, err := decode(mem, b)
	if err != nil {
		return nil, fmt.Errorf("decode batch: %w", err)
	}
	return rec, nil
}
