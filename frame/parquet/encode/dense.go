package encode

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// dense is the values of a leaf that are not null, in one of the forms that physical types have. It may point into the array that it was made of.
type dense struct {
	n        int
	bits     []byte // truths, the first in the bit bitAt
	bitAt    int
	words32  []uint32
	words64  []uint64
	fixed    []byte  // values of a fixed width, one behind the other
	from, to []int32 // where texts begin and end in data
	data     []byte
	codes    []uint32 // in place of texts: which word each value is
	words    *words
}

// words are the texts of a dictionary array.
type words struct {
	of       arrow.ArrayData
	from, to []int32
	data     []byte
}

func (w *words) at(code uint32) []byte { return w.data[w.from[code]:w.to[code]] }

// slice is n of the values from the value at on.
func (d *dense) slice(at, n int) dense {
	if at == 0 && n == d.n {
		return *d
	}
	out := dense{n: n, bits: d.bits, bitAt: d.bitAt + at, data: d.data, words: d.words}
	out.words32, out.words64 = part(d.words32, at, n), part(d.words64, at, n)
	out.from, out.to, out.codes = part(d.from, at, n), part(d.to, at, n), part(d.codes, at, n)
	if d.fixed != nil {
		width := len(d.fixed) / d.n
		out.fixed = d.fixed[at*width : (at+n)*width]
	}
	return out
}

func part[T any](v []T, at, n int) []T {
	if v == nil {
		return nil
	}
	return v[at : at+n]
}

// at is the text i.
func (d *dense) at(i int) []byte { return d.data[d.from[i]:d.to[i]] }

// scratch is what converters put values in, for one leaf.
type scratch struct {
	bits     []byte
	words32  []uint32
	words64  []uint64
	fixed    []byte
	from, to []int32
	data     []byte
	codes    []uint32
	words    *words
}

// converter makes dense values of those of an array at the places at, or of all where that is nil. The result is valid until the next call
// with the same scratch, and as long as the array.
type converter func(s *scratch, arr arrow.Array, at []int32) (dense, error)

func grow[T any](b *[]T, n int) []T {
	if cap(*b) < n {
		*b = make([]T, n)
	}
	return (*b)[:n]
}

// raw is the values of an array of a fixed width as numbers of the same.
func raw[T any](arr arrow.Array) []T {
	d := arr.Data()
	if d.Len() == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(d.Buffers()[1].Bytes()))), d.Offset()+d.Len())[d.Offset():]
}

func bytesOf[T any](v []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero)))
}

func converterOf(t arrow.DataType) converter {
	switch t := t.(type) {
	case *arrow.BooleanType:
		return truths
	case *arrow.Int8Type:
		return as32(func(v int8) uint32 { return uint32(int32(v)) })
	case *arrow.Int16Type:
		return as32(func(v int16) uint32 { return uint32(int32(v)) })
	case *arrow.Uint8Type:
		return as32(func(v uint8) uint32 { return uint32(v) })
	case *arrow.Uint16Type:
		return as32(func(v uint16) uint32 { return uint32(v) })
	case *arrow.Int32Type, *arrow.Uint32Type, *arrow.Date32Type, *arrow.Float32Type:
		return words32
	case *arrow.Time32Type:
		if t.Unit == arrow.Second {
			return as32(func(v int32) uint32 { return uint32(v * 1000) }) // of a day, which fits
		}
		return words32
	case *arrow.Date64Type:
		return as32(daysOf)
	case *arrow.NullType:
		return func(*scratch, arrow.Array, []int32) (dense, error) { return dense{}, nil }
	case *arrow.TimestampType:
		if t.Unit == arrow.Second {
			return seconds
		}
		return words64
	case *arrow.Int64Type, *arrow.Uint64Type, *arrow.Float64Type, *arrow.Time64Type, *arrow.DurationType:
		return words64
	case *arrow.StringType, *arrow.BinaryType:
		return texts[int32]
	case *arrow.LargeStringType, *arrow.LargeBinaryType:
		return texts[int64]
	case *arrow.StringViewType, *arrow.BinaryViewType:
		return views
	case *arrow.FixedSizeBinaryType:
		return fixed(t.ByteWidth)
	case *arrow.Float16Type:
		return fixed(2)
	case *arrow.Decimal128Type:
		return decimals(t)
	}
	return nil
}

func truths(s *scratch, arr arrow.Array, at []int32) (dense, error) {
	d := arr.Data()
	n := d.Len()
	if at != nil {
		n = len(at)
	}
	out := grow(&s.bits, (n+7)/8)
	clear(out)
	if d.Len() > 0 {
		in := d.Buffers()[1].Bytes()
		if at == nil {
			bitutil.CopyBitmap(in, d.Offset(), n, out, 0)
		}
		for i, k := range at {
			if bitutil.BitIsSet(in, d.Offset()+int(k)) {
				out[i/8] |= 1 << (i % 8)
			}
		}
	}
	return dense{n: n, bits: out}, nil
}

func as32[T any](f func(T) uint32) converter {
	return func(s *scratch, arr arrow.Array, at []int32) (dense, error) {
		in := raw[T](arr)
		if at == nil {
			out := grow(&s.words32, len(in))
			for i, v := range in {
				out[i] = f(v)
			}
			return dense{n: len(out), words32: out}, nil
		}
		out := grow(&s.words32, len(at))
		for i, k := range at {
			out[i] = f(in[k])
		}
		return dense{n: len(out), words32: out}, nil
	}
}

// daysOf rounds milliseconds down to days.
func daysOf(ms int64) uint32 {
	const millisPerDay = 24 * 60 * 60 * 1000
	day := ms / millisPerDay
	if ms%millisPerDay < 0 {
		day--
	}
	return uint32(int32(day))
}

func words32(s *scratch, arr arrow.Array, at []int32) (dense, error) {
	in := raw[uint32](arr)
	if at != nil {
		in = gather(&s.words32, in, at)
	}
	return dense{n: len(in), words32: in}, nil
}

func words64(s *scratch, arr arrow.Array, at []int32) (dense, error) {
	in := raw[uint64](arr)
	if at != nil {
		in = gather(&s.words64, in, at)
	}
	return dense{n: len(in), words64: in}, nil
}

func gather[T any](to *[]T, in []T, at []int32) []T {
	out := grow(to, len(at))
	for i, k := range at {
		out[i] = in[k]
	}
	return out
}

// seconds makes milliseconds, which the format begins with.
func seconds(s *scratch, arr arrow.Array, at []int32) (dense, error) {
	d, err := words64(s, arr, at)
	out := grow(&s.words64, d.n)
	for i, v := range d.words64 {
		if int64(v) > math.MaxInt64/1000 || int64(v) < math.MinInt64/1000 {
			return dense{}, fmt.Errorf("the time %d s can't be written: Parquet has milliseconds, of which it has too many", int64(v))
		}
		out[i] = v * 1000
	}
	d.words64 = out
	return d, err
}

func fixed(width int) converter {
	return func(s *scratch, arr arrow.Array, at []int32) (dense, error) {
		d := arr.Data()
		if d.Len() == 0 {
			return dense{}, nil
		}
		in := d.Buffers()[1].Bytes()[d.Offset()*width : (d.Offset()+d.Len())*width]
		if at == nil {
			return dense{n: d.Len(), fixed: in}, nil
		}
		out := grow(&s.fixed, len(at)*width)
		for i, k := range at {
			copy(out[i*width:(i+1)*width], in[int(k)*width:])
		}
		return dense{n: len(at), fixed: out}, nil
	}
}

// decimals makes numbers of four or eight bytes, or the bytes of a number of sixteen with the highest first.
func decimals(t *arrow.Decimal128Type) converter {
	return func(s *scratch, arr arrow.Array, at []int32) (dense, error) {
		in := raw[[2]uint64](arr)
		n := len(in)
		if at != nil {
			n = len(at)
		}
		value := func(i int) [2]uint64 {
			if at != nil {
				i = int(at[i])
			}
			return in[i]
		}
		switch {
		case t.Precision <= 9:
			out := grow(&s.words32, n)
			for i := range out {
				v := value(i)
				if out[i] = uint32(v[0]); int64(int32(out[i])) != int64(v[0]) || uint64(int64(v[0])>>63) != v[1] {
					return dense{}, tooManyDigits(t)
				}
			}
			return dense{n: n, words32: out}, nil
		case t.Precision <= 18:
			out := grow(&s.words64, n)
			for i := range out {
				v := value(i)
				if out[i] = v[0]; uint64(int64(v[0])>>63) != v[1] {
					return dense{}, tooManyDigits(t)
				}
			}
			return dense{n: n, words64: out}, nil
		}
		out := grow(&s.fixed, 16*n)
		for i := range n {
			v := value(i)
			putBigEndian(out[16*i:], v[1])
			putBigEndian(out[16*i+8:], v[0])
		}
		return dense{n: n, fixed: out}, nil
	}
}

func tooManyDigits(t *arrow.Decimal128Type) error {
	return fmt.Errorf("a decimal has more than the %d digits of its type", t.Precision)
}

// texts makes texts of an array with offsets of the type O.
func texts[O int32 | int64](s *scratch, arr arrow.Array, at []int32) (dense, error) {
	d := arr.Data()
	if d.Len() == 0 {
		return dense{}, nil
	}
	offsets := unsafe.Slice((*O)(unsafe.Pointer(unsafe.SliceData(d.Buffers()[1].Bytes()))), d.Offset()+d.Len()+1)[d.Offset():]
	var data []byte
	if d.Buffers()[2] != nil {
		data = d.Buffers()[2].Bytes()
	}
	if narrow, ok := any(offsets).([]int32); ok && at == nil {
		return dense{n: d.Len(), from: narrow[:d.Len()], to: narrow[1:], data: data}, nil
	}
	base := offsets[0]
	if offsets[d.Len()]-base > math.MaxInt32 {
		return dense{}, errors.New("the texts of a batch are longer than 2 GiB")
	}
	data = data[base:]
	n := d.Len()
	if at != nil {
		n = len(at)
	}
	from, to := grow(&s.from, n), grow(&s.to, n)
	for i := range n {
		k := i
		if at != nil {
			k = int(at[i])
		}
		from[i], to[i] = int32(offsets[k]-base), int32(offsets[k+1]-base)
	}
	return dense{n: n, from: from, to: to, data: data}, nil
}

// views copies texts one behind the other.
func views(s *scratch, arr arrow.Array, at []int32) (dense, error) {
	n := arr.Len()
	if at != nil {
		n = len(at)
	}
	from, to := grow(&s.from, n), grow(&s.to, n)
	s.data = s.data[:0]
	for i := range n {
		k := i
		if at != nil {
			k = int(at[i])
		}
		from[i] = int32(len(s.data))
		switch a := arr.(type) {
		case *array.StringView:
			s.data = append(s.data, a.Value(k)...)
		case *array.BinaryView:
			s.data = append(s.data, a.Value(k)...)
		}
		if len(s.data) > math.MaxInt32 {
			return dense{}, errors.New("the texts of a batch are longer than 2 GiB")
		}
		to[i] = int32(len(s.data))
	}
	return dense{n: n, from: from, to: to, data: s.data}, nil
}

// denseOf makes the dense values of an array: of one with a dictionary the codes, or of other types than texts what they stand for.
func (l *leaf) denseOf(s *scratch, arr arrow.Array, at []int32) (dense, error) {
	if at != nil && len(at) == 0 || arr.Len() == 0 {
		return dense{}, nil
	}
	a, ok := arr.(*array.Dictionary)
	if !ok {
		return l.convert(s, arr, at)
	}
	n := a.Len()
	if at != nil {
		n = len(at)
	}
	codes := grow(&s.codes, n)
	narrow := a.Indices().DataType().ID() == arrow.UINT32 || a.Indices().DataType().ID() == arrow.INT32
	switch {
	case narrow && at == nil:
		copy(codes, raw[uint32](a.Indices()))
	case narrow:
		in := raw[uint32](a.Indices())
		for i, k := range at {
			codes[i] = in[k]
		}
	default:
		for i := range codes {
			k := i
			if at != nil {
				k = int(at[i])
			}
			codes[i] = uint32(a.GetValueIndex(k))
		}
	}
	if l.physical == physicalBytes {
		if s.words == nil || s.words.of != a.Data().Dictionary() {
			d, err := l.convert(&scratch{}, a.Dictionary(), nil)
			if err != nil {
				return dense{}, err
			}
			s.words = &words{of: a.Data().Dictionary(), from: d.from, to: d.to, data: d.data}
		}
		return dense{n: n, codes: codes, words: s.words}, nil
	}
	at = grow(&s.from, n)
	for i, c := range codes {
		at[i] = int32(c)
	}
	return l.convert(s, a.Dictionary(), at)
}

func putBigEndian(b []byte, v uint64) {
	for i := range 8 {
		b[i] = byte(v >> (56 - 8*i))
	}
}

// viewAs is numbers as others of the same width.
func viewAs[T, F any](v []F) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}
