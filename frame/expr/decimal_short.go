package expr

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// Nearly all decimals fit 64 bits, and so does what is computed of them. Expressions of such are evaluated a tile at a time, in words that
// stay in the nearest cache:
//
//	columns, constants ─► shortLeaf ─┐
//	                                 ├─► shortPair ─► decimals, or sums
//	columns, constants ─► shortLeaf ─┘
//
// With each tile goes how long its values are, so that overflow is told before anything is computed. What does not fit is left to
// the operators of 128 bits.

// shortTile is how many rows a tile has at most.
const shortTile = 512

// tooLongTile is the length of a tile some of whose values do not fit 64 bits.
const tooLongTile = 64

// shortSource gives the values of a block's rows.
type shortSource interface {
	// tile puts the values of the rows from the given one on into out, no more than a tile has. They are from -2^n to 2^n - 1; where some do
	// not fit 64 bits n is tooLongTile.
	tile(from int, out []int64) (n int)
}

// shortLeaf is a column.
type shortLeaf []decimal128.Num

func (l shortLeaf) tile(from int, out []int64) int {
	v := l[from : from+len(out)]
	var all, wrong int64
	for i := range out {
		x := int64(v[i].LowBits())
		out[i] = x
		all |= x ^ x>>63
		wrong |= x>>63 ^ v[i].HighBits()
	}
	if wrong != 0 {
		return tooLongTile
	}
	return bits.Len64(uint64(all))
}

// shortConstant is a value that all rows have.
type shortConstant int64

func (c shortConstant) tile(_ int, out []int64) int {
	for i := range out {
		out[i] = int64(c)
	}
	return lengthOf(int64(c))
}

// lengthOf is how many bits a value takes beside its sign.
func lengthOf(x int64) int { return bits.Len64(uint64(x ^ x>>63)) }

// shortPair is + - * of two sources.
type shortPair struct {
	op           BinaryOp
	l, r         shortSource
	lStep, rStep int64 // what the operands of a sum are multiplied by
	x, y         [shortTile]int64
}

func (p *shortPair) tile(from int, out []int64) int {
	x, y := p.x[:len(out)], p.y[:len(out)]
	n, m := p.l.tile(from, x), p.r.tile(from, y)
	if n == tooLongTile || m == tooLongTile {
		return tooLongTile
	}
	if p.op == Multiply {
		if n+m >= 63 {
			return tooLongTile
		}
		return multiplyShorts(out, x, y)
	}
	if n, m = scaleShorts(x, n, p.lStep), scaleShorts(y, m, p.rStep); max(n, m) >= 63 {
		return tooLongTile
	}
	if p.op == Subtract {
		return subtractShorts(out, x, y)
	}
	return addShorts(out, x, y)
}

func scaleShorts(v []int64, n int, by int64) int {
	if by == 1 {
		return n
	}
	if n += lengthOf(by); n >= 63 {
		return tooLongTile
	}
	for i := range v {
		v[i] *= by
	}
	return n
}

func addShorts(out, x, y []int64) int {
	var all int64
	for i := range out {
		v := x[i] + y[i]
		out[i] = v
		all |= v ^ v>>63
	}
	return bits.Len64(uint64(all))
}

func subtractShorts(out, x, y []int64) int {
	var all int64
	for i := range out {
		v := x[i] - y[i]
		out[i] = v
		all |= v ^ v>>63
	}
	return bits.Len64(uint64(all))
}

func multiplyShorts(out, x, y []int64) int {
	var all int64
	for i := range out {
		v := x[i] * y[i]
		out[i] = v
		all |= v ^ v>>63
	}
	return bits.Len64(uint64(all))
}

// shortBlock is a source over a block, and the arrays that it reads.
type shortBlock struct {
	source shortSource
	read   []arrow.Array
}

func (s *shortBlock) release() {
	for _, a := range s.read {
		a.Release()
	}
}

// shortOf opens a decimal's node over a block. The source is nil where a constant in it has more than 64 bits.
func shortOf(n node, b *block) (*shortBlock, error) {
	s := &shortBlock{}
	var err error
	if s.source, err = s.open(n, b); err != nil || s.source == nil {
		s.release()
		return &shortBlock{}, err
	}
	return s, nil
}

func (s *shortBlock) open(n node, b *block) (shortSource, error) {
	switch n := n.(type) {
	case *constant:
		v, ok := n.v.(decimal128.Num)
		if !ok || !short(v) {
			return nil, nil
		}
		return shortConstant(v.LowBits()), nil
	case *decimalNode:
		if n.lShift > maxShortDigits || n.rShift > maxShortDigits {
			return nil, nil
		}
		p := &shortPair{op: n.op, lStep: powerOf10(n.lShift), rStep: powerOf10(n.rShift)}
		var err error
		if p.l, err = s.open(n.l, b); err != nil || p.l == nil {
			return nil, err
		}
		if p.r, err = s.open(n.r, b); err != nil || p.r == nil {
			return nil, err
		}
		return p, nil
	}
	a, err := n.eval(b)
	if err != nil {
		return nil, err
	}
	s.read = append(s.read, a)
	return shortLeaf(values[decimal128.Num](a)), nil
}

// maxShortDigits is the greatest power of ten that fits 64 bits.
const maxShortDigits = 18

func powerOf10(digits int32) int64 {
	return int64(decimal128.GetScaleMultiplier(int(digits)).LowBits())
}

// evalShort evaluates a tile at a time; nil where some value does not fit 64 bits.
func (d *decimalNode) evalShort(b *block) (arrow.Array, error) {
	s, err := shortOf(d, b)
	if err != nil || s.source == nil {
		return nil, err
	}
	defer s.release()
	buf, out := newFixed[decimal128.Num](b.mem, b.rows)
	var tile [shortTile]int64
	for from := 0; from < b.rows; from += shortTile {
		v := tile[:min(shortTile, b.rows-from)]
		if s.source.tile(from, v) == tooLongTile {
			buf.Release()
			return nil, nil
		}
		dst := out[from:][:len(v)]
		for i, x := range v {
			dst[i] = decimal128.New(x>>63, uint64(x))
		}
	}
	return makeArray(d.dt, b.rows, validity(b.mem, s.read...), buf), nil
}
