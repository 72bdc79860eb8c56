package encode

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// order is how the format compares values of a type.
type order int

const (
	orderNone order = iota // no minimum and maximum are kept
	orderTruth
	orderSigned
	orderUnsigned
	orderFloat
	orderDecimal // numbers in two's complement, the highest byte first
	orderText    // by bytes, UTF-8
	orderBytes
)

// boundBytes is how long a text in statistics is at most.
const boundBytes = 64

// bounds are the minimum and the maximum of some values. Numbers are kept as 64 bits that compare as signed, unsigned or floats.
type bounds struct {
	order    order
	wide     bool // of numbers: eight bytes, not four
	known    bool // there is a value that is not NaN
	nulls    int64
	values   int64 // that are not null
	low      uint64
	high     uint64
	min, max []byte // of bytes
}

// add takes values, of texts those that are not coded.
func (b *bounds) add(d *dense) {
	b.values += int64(d.n)
	switch {
	case d.n == 0 || b.order == orderNone:
	case b.order == orderTruth:
		set := bitutil.CountSetBits(d.bits, d.bitAt, d.n)
		if set < d.n {
			b.number(0, 0)
		}
		if set > 0 {
			b.number(1, 1)
		}
	case b.order == orderFloat && b.wide:
		b.floats(extremes(viewAs[float64](d.words64), math.Inf(1), math.Inf(-1)))
	case b.order == orderFloat:
		low, high := extremes(viewAs[float32](d.words32), float32(math.Inf(1)), float32(math.Inf(-1)))
		b.floats(float64(low), float64(high))
	case b.order == orderSigned && b.wide:
		low, high := extremes(viewAs[int64](d.words64), math.MaxInt64, math.MinInt64)
		b.number(uint64(low), uint64(high))
	case b.order == orderSigned:
		low, high := extremes(viewAs[int32](d.words32), math.MaxInt32, math.MinInt32)
		b.number(uint64(int64(low)), uint64(int64(high)))
	case b.order == orderUnsigned && b.wide:
		b.number(extremes(d.words64, math.MaxUint64, 0))
	case b.order == orderUnsigned:
		low, high := extremes(d.words32, math.MaxUint32, 0)
		b.number(uint64(low), uint64(high))
	case d.from != nil:
		b.texts(d)
	default:
		width := len(d.fixed) / d.n
		for i := range d.n {
			b.text(d.fixed[i*width : (i+1)*width])
		}
	}
}

// extremes are the minimum and maximum; NaN is in neither. Of nothing else they are the other way round.
func extremes[T int32 | int64 | uint32 | uint64 | float32 | float64](v []T, low, high T) (T, T) {
	for _, x := range v {
		if x < low {
			low = x
		}
		if x > high {
			high = x
		}
	}
	return low, high
}

func (b *bounds) floats(low, high float64) {
	if low > high {
		return // NaN alone
	}
	if b.known {
		low, high = min(low, math.Float64frombits(b.low)), max(high, math.Float64frombits(b.high))
	}
	b.known, b.low, b.high = true, math.Float64bits(low), math.Float64bits(high)
}

func (b *bounds) number(low, high uint64) {
	switch {
	case !b.known:
	case b.order == orderSigned:
		low, high = uint64(min(int64(low), int64(b.low))), uint64(max(int64(high), int64(b.high)))
	default:
		low, high = min(low, b.low), max(high, b.high)
	}
	b.known, b.low, b.high = true, low, high
}

// texts takes texts.
func (b *bounds) texts(d *dense) {
	inside := b.inside()
	for i := range d.n {
		if v := d.at(i); !inside.has(v) {
			b.text(v)
			inside = b.inside()
		}
	}
}

// span is what the first eight bytes of most texts between bounds are between.
type span struct{ low, high uint64 }

// inside is the span between the bounds; of numbers, which compare otherwise, it is empty.
func (b *bounds) inside() span {
	if !b.known || b.order == orderDecimal {
		return span{}
	}
	return span{prefixOf(b.min), prefixOf(b.max)}
}

// has says that a text can be no new bound. It says so of most.
func (s span) has(v []byte) bool {
	p := prefixOf(v)
	return p > s.low && p < s.high
}

// prefixOf is eight bytes of a text as a number that compares as they do; what is shorter has zeros.
func prefixOf(v []byte) uint64 {
	if len(v) >= 8 {
		return binary.BigEndian.Uint64(v)
	}
	var p uint64
	for i, c := range v {
		p |= uint64(c) << (56 - 8*i)
	}
	return p
}

func (b *bounds) text(v []byte) {
	if !b.known || b.less(v, b.min) {
		b.min = append(b.min[:0], v...)
	}
	if !b.known || b.less(b.max, v) {
		b.max = append(b.max[:0], v...)
	}
	b.known = true
}

func (b *bounds) less(x, y []byte) bool {
	if b.order == orderDecimal && (x[0]^y[0])&0x80 != 0 {
		return x[0]&0x80 != 0
	}
	return bytes.Compare(x, y) < 0
}

// merge takes the bounds of some values more.
func (b *bounds) merge(o *bounds) {
	b.nulls += o.nulls
	b.values += o.values
	switch {
	case !o.known:
	case b.order == orderFloat:
		b.floats(math.Float64frombits(o.low), math.Float64frombits(o.high))
	case b.order >= orderDecimal:
		b.text(o.min)
		b.text(o.max)
	default:
		b.number(o.low, o.high)
	}
}

// stored is the bounds as statistics have them, where they are known, and whether each is a value. Zeros get the sign that covers both.
func (b *bounds) stored() (low, high []byte, lowExact, highExact bool) {
	switch {
	case !b.known:
		return nil, nil, false, false
	case b.order == orderTruth:
		return []byte{byte(b.low)}, []byte{byte(b.high)}, true, true
	case b.order == orderFloat:
		least, most := math.Float64frombits(b.low), math.Float64frombits(b.high)
		if least == 0 {
			least = math.Copysign(0, -1)
		}
		if most == 0 {
			most = 0 // not -0
		}
		if !b.wide {
			return number(uint64(math.Float32bits(float32(least))), false), number(uint64(math.Float32bits(float32(most))), false), true, true
		}
		return number(math.Float64bits(least), true), number(math.Float64bits(most), true), true, true
	case b.order < orderDecimal:
		return number(b.low, b.wide), number(b.high, b.wide), true, true
	case b.order == orderDecimal || len(b.min) <= boundBytes && len(b.max) <= boundBytes:
		return bytes.Clone(b.min), bytes.Clone(b.max), true, true
	}
	low, high = b.prefix(b.min), b.above(b.max)
	return low, high, len(low) == len(b.min), bytes.Equal(high, b.max)
}

func number(v uint64, wide bool) []byte {
	if wide {
		return binary.LittleEndian.AppendUint64(nil, v)
	}
	return binary.LittleEndian.AppendUint32(nil, uint32(v))
}

// prefix is what v begins with, of UTF-8 whole characters: it is not greater.
func (b *bounds) prefix(v []byte) []byte {
	if len(v) <= boundBytes {
		return bytes.Clone(v)
	}
	end := boundBytes
	if b.order == orderText {
		for end > boundBytes-utf8.UTFMax && !utf8.RuneStart(v[end]) {
			end--
		}
	}
	return bytes.Clone(v[:end])
}

// above is a short text that is not less than v. Where there is none it is v.
func (b *bounds) above(v []byte) []byte {
	if len(v) <= boundBytes {
		return bytes.Clone(v)
	}
	p := b.prefix(v)
	for len(p) > 0 {
		if b.order == orderText {
			r, size := utf8.DecodeLastRune(p)
			if r == utf8.RuneError && size <= 1 {
				return bytes.Clone(v) // no UTF-8
			}
			p = p[:len(p)-size]
			if r == 0xd7ff {
				r = 0xdfff // surrogates are no characters
			}
			if r < utf8.MaxRune {
				return utf8.AppendRune(p, r+1)
			}
			continue
		}
		if last := &p[len(p)-1]; *last < 0xff {
			*last++
			return p
		}
		p = p[:len(p)-1]
	}
	return bytes.Clone(v)
}
