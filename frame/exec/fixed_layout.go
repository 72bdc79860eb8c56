package exec

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// fixedLayout packs the keys of a row into words of 8 bytes, the same number for all rows:
//
//	│ nulls: a bit each │ column 0 │ column 1 │ … │ zeros │
//
// A column of integers takes as many bytes as its values need (signed ones in zigzag), text as many as the longest and
// one for its length. Equal keys have equal words: a null column is zero.
type fixedLayout struct {
	fields []fixedField
	words  int
}

type fixedField struct {
	dt        arrow.DataType
	kind      keyKind
	at, width int // bytes
}

const (
	// fixedWords is the most words of a key: longer keys are kept as bytes of varying length.
	fixedWords = 8

	// fixedText is the longest text, so that its length is a byte.
	fixedText = 8*fixedWords - 2
)

// fixedTypes says whether keys of these types can be packed. A single word needs no packing.
func fixedTypes(types []arrow.DataType) bool {
	for _, dt := range types {
		switch kind, err := keyKindOf(dt); {
		case err != nil, kind != keyWord && kind != keyString && kind != keyWide:
			return false
		case kind == keyWord && len(types) == 1:
			return false
		}
	}
	return len(types) > 0 && len(types) <= 8*fixedWords
}

func newFixedLayout(types []arrow.DataType) fixedLayout {
	l := fixedLayout{fields: make([]fixedField, len(types))}
	for i, dt := range types {
		kind, _ := keyKindOf(dt)
		l.fields[i] = fixedField{dt: dt, kind: kind, width: 1}
	}
	l.place()
	return l
}

// place puts the fields one behind the other.
func (l *fixedLayout) place() {
	at := (len(l.fields) + 7) / 8
	for i := range l.fields {
		l.fields[i].at = at
		at += l.fields[i].width
	}
	l.words = (at + 7) / 8
}

// widened is a layout for the keys of a batch too; ok is false where they do not fit, same is true where l serves.
func (l *fixedLayout) widened(keys []arrow.Array, scratch []uint64) (wide fixedLayout, same, ok bool, grown []uint64) {
	wide.fields = append(wide.fields, l.fields...)
	same = true
	for i := range wide.fields {
		f := &wide.fields[i]
		need := 0
		need, scratch = f.need(keys[i], scratch)
		if need > f.width {
			f.width, same = need, false
		}
		if need > fixedText+1 {
			return wide, false, false, scratch
		}
	}
	wide.place()
	return wide, same, wide.words <= fixedWords, scratch
}

// zigzag says whether the words of a type are signed.
func zigzag(dt arrow.DataType) bool {
	switch dt.ID() {
	case arrow.INT64, arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		return true
	}
	return false
}

// need is how many bytes the values of arr take at most.
func (f *fixedField) need(arr arrow.Array, scratch []uint64) (int, []uint64) {
	switch {
	case f.kind == keyWide:
		return 16, scratch
	case f.kind == keyString:
		_, offsets := bytesOf(arr)
		most := int32(0)
		for i := range arr.Len() {
			most = max(most, offsets[i+1]-offsets[i])
		}
		return int(most) + 1, scratch
	case f.dt.ID() == arrow.BOOL:
		return 1, scratch
	case f.dt.ID() == arrow.FLOAT64:
		return 8, scratch
	}
	words, scratch := keyWords(arr, scratch)
	valid, all := validityOf(arr), uint64(0)
	switch signed := zigzag(f.dt); {
	case !valid.all():
		for i, w := range words {
			if !valid.null(i) {
				if signed {
					w = w<<1 ^ uint64(int64(w)>>63)
				}
				all |= w
			}
		}
	case signed:
		for _, w := range words {
			all |= w<<1 ^ uint64(int64(w)>>63)
		}
	default:
		for _, w := range words {
			all |= w
		}
	}
	return max(1, (bits.Len64(all)+7)/8), scratch
}

// encode packs the keys of rows into dst, which has a word more than they take. Fields are written in their order as whole
// words, whose zeros behind a value the next field overwrites; only the end of a row is written with care.
func (l *fixedLayout) encode(keys []arrow.Array, rows int, dst []byte, scratch []uint64) []uint64 {
	stride := 8 * l.words
	for p := 0; p < rows*stride; p += stride {
		binary.LittleEndian.PutUint64(dst[p:], 0)          // the nulls
		binary.LittleEndian.PutUint64(dst[p+stride-8:], 0) // what is behind the last field
	}
	for i := range l.fields {
		if valid := validityOf(keys[i]); !valid.all() {
			for row := range rows {
				if valid.null(row) {
					dst[row*stride+i/8] |= 1 << (i % 8)
				}
			}
		}
	}
	for i := range l.fields {
		f := &l.fields[i]
		valid := validityOf(keys[i])
		switch f.kind {
		case keyString:
			f.putText(keys[i], valid, dst, stride)
		case keyWide:
			wide := keys[i].(*array.Decimal128)
			for row, p := 0, f.at; row < rows; row, p = row+1, p+stride {
				low, high := uint64(0), uint64(0)
				if !valid.null(row) {
					v := wide.Value(row)
					low, high = v.LowBits(), uint64(v.HighBits())
				}
				putWord(dst[p:], low, stride-f.at)
				putWord(dst[p+8:], high, stride-f.at-8)
			}
		default:
			scratch = f.putWords(keys[i], valid, dst, stride, scratch)
		}
	}
	return scratch
}

// putWord writes the low bytes of w where a row ends room bytes on: what is behind belongs to the next row.
func putWord(dst []byte, w uint64, room int) {
	if room < 8 {
		w |= binary.LittleEndian.Uint64(dst) >> (8 * uint(room)) << (8 * uint(room))
	}
	binary.LittleEndian.PutUint64(dst, w)
}

func (f *fixedField) putWords(arr arrow.Array, valid validity, dst []byte, stride int, scratch []uint64) []uint64 {
	words, scratch := keyWords(arr, scratch)
	signed, any, room := zigzag(f.dt), valid.all(), stride-f.at
	p := f.at
	for row, w := range words {
		switch {
		case !any && valid.null(row):
			w = 0
		case signed:
			w = w<<1 ^ uint64(int64(w)>>63)
		}
		putWord(dst[p:], w, room)
		p += stride
	}
	return scratch
}

func (f *fixedField) putText(arr arrow.Array, valid validity, dst []byte, stride int) {
	data, offsets := bytesOf(arr)
	size, all := f.width-1, valid.all()
	end := int(offsets[0])
	ends := offsets[1:]
	for row, p := 0, f.at; row < len(ends); row, p = row+1, p+stride {
		from := end
		end = int(ends[row])
		n := end - from
		if !all && valid.null(row) {
			n = 0
		}
		if room := stride - f.at; size <= 16 {
			a, b := shortText(data, from, n)
			putWord(dst[p:], a, room)
			if size > 8 {
				putWord(dst[p+8:], b, room-8)
			}
		} else {
			for j := 0; j < size; j += 8 {
				w := uint64(0)
				if n > j {
					w = wordOf(data, from+j, n-j)
				}
				putWord(dst[p+j:], w, room-j)
			}
		}
		dst[p+size] = byte(n)
	}
}

// shortText is at most 16 bytes as two words.
func shortText(data []byte, from, n int) (a, b uint64) {
	if n < 8 {
		return wordOf(data, from, n), 0
	}
	text := data[from : from+n]
	return binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[n-8:]) >> (8 * uint(16-n))
}

// wordOf is up to eight of n bytes from at on.
func wordOf(data []byte, at, n int) uint64 {
	if at+8 <= len(data) {
		w := binary.LittleEndian.Uint64(data[at:])
		if n < 8 {
			w &= 1<<(8*uint(n)) - 1
		}
		return w
	}
	w := uint64(0)
	for i, c := range data[at : at+min(n, 8)] {
		w |= uint64(c) << (8 * i)
	}
	return w
}

// columns unpacks rows of keys, which have a word more than they take.
func (l *fixedLayout) columns(mem allocator, src []byte, rows int) ([]arrow.Array, error) {
	return makeArrays(len(l.fields), func(i int) (arrow.Array, error) {
		return l.fields[i].column(mem, src, rows, 8*l.words, i), nil
	})
}

func (f *fixedField) column(mem allocator, src []byte, rows, stride, index int) arrow.Array {
	bitmap, nulls := nullBits(mem, src, rows, stride, index)
	if bitmap != nil {
		defer bitmap.Release()
	}
	switch f.kind {
	case keyString:
		return f.textColumn(mem, src, rows, stride, bitmap, nulls)
	case keyWide:
		values := newBuffer(mem, 16*rows)
		defer values.Release()
		for row := range rows {
			copy(values.Bytes()[16*row:16*row+16], src[row*stride+f.at:])
		}
		return makeArray(f.dt, rows, nulls, bitmap, values)
	}
	size := 8
	switch f.dt.ID() {
	case arrow.BOOL:
		return f.boolColumn(mem, src, rows, stride, bitmap, nulls)
	case arrow.DATE32:
		size = 4
	}
	values := newBuffer(mem, size*rows)
	defer values.Release()
	dst := values.Bytes()
	mask, signed := ^uint64(0)>>(64-8*uint(f.width)), zigzag(f.dt)
	for row, p := 0, f.at; row < rows; row, p = row+1, p+stride {
		w := binary.LittleEndian.Uint64(src[p:]) & mask
		if signed {
			w = w>>1 ^ -(w & 1)
		}
		if size == 4 {
			binary.LittleEndian.PutUint32(dst[4*row:], uint32(w))
		} else {
			binary.LittleEndian.PutUint64(dst[8*row:], w)
		}
	}
	return makeArray(f.dt, rows, nulls, bitmap, values)
}

// nullBits is the validity of a column, nil where nothing is null.
func nullBits(mem allocator, src []byte, rows, stride, index int) (bitmap *buffer, nulls int) {
	mask, p := byte(1)<<(index%8), index/8
	for row := range rows {
		if src[row*stride+p]&mask == 0 {
			continue
		}
		if bitmap == nil {
			bitmap = newBuffer(mem, (rows+7)/8)
			fill(bitmap.Bytes(), 0xFF)
		}
		bitmap.Bytes()[row/8] &^= 1 << (row % 8)
		nulls++
	}
	return bitmap, nulls
}

func (f *fixedField) boolColumn(mem allocator, src []byte, rows, stride int, bitmap *buffer, nulls int) arrow.Array {
	values := newBuffer(mem, (rows+7)/8)
	defer values.Release()
	clear(values.Bytes())
	for row := range rows {
		values.Bytes()[row/8] |= src[row*stride+f.at] << (row % 8)
	}
	return makeArray(f.dt, rows, nulls, bitmap, values)
}

func (f *fixedField) textColumn(mem allocator, src []byte, rows, stride int, bitmap *buffer, nulls int) arrow.Array {
	offsets := newBuffer(mem, 4*(rows+1))
	defer offsets.Release()
	ends := arrow.Int32Traits.CastFromBytes(offsets.Bytes())
	ends[0] = 0
	for row, p := 0, f.at+f.width-1; row < rows; row, p = row+1, p+stride {
		ends[row+1] = ends[row] + int32(src[p])
	}
	values := newBuffer(mem, int(ends[rows]))
	defer values.Release()
	dst := values.Bytes()
	for row, p := 0, f.at; row < rows; row, p = row+1, p+stride {
		at, n := int(ends[row]), int(ends[row+1]-ends[row])
		if at+8*((n+7)/8) > len(dst) {
			copy(dst[at:], src[p:p+n])
			continue
		}
		// Whole words: what is written too much is written over.
		for j := 0; j < n; j += 8 {
			binary.LittleEndian.PutUint64(dst[at+j:], binary.LittleEndian.Uint64(src[p+j:]))
		}
	}
	return makeArray(f.dt, rows, nulls, bitmap, offsets, values)
}
