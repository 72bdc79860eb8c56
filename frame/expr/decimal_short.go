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
	// tile gives the values of the rows from the given one on, as many as there is room for and no more than a tile has: in room, or where they
	// are. They are from -2^n to 2^n - 1; where some do not fit 64 bits n is tooLongTile.
	tile(from int, room []int64) (v []int64, n int)
}

// shortLeaf is a column.
type shortLeaf []decimal128.Num

func (l shortLeaf) tile(from int, room []int64) ([]int64, int) {
	v := l[from : from+len(room)]
	done, all, wrong := wideNarrow(room, v)
	for i := done; i < len(room); i++ {
		x := int64(v[i].LowBits())
		room[i] = x
		all |= x ^ x>>63
		wrong |= x>>63 ^ v[i].HighBits()
	}
	if wrong != 0 {
		return nil, tooLongTile
	}
	return room, bits.Len64(uint64(all))
}

// scaledLeaf is a column of unscaled values.
type scaledLeaf []int64

func (l scaledLeaf) tile(from int, room []int64) ([]int64, int) {
	v := l[from : from+len(room)]
	return v, lengthOfAll(v)
}

func lengthOfAll(v []int64) int {
	done, all := wideLengths(v)
	for _, x := range v[done:] {
		all |= x ^ x>>63
	}
	return bits.Len64(uint64(all))
}

// shortConstant is a value that all rows have.
type shortConstant struct {
	of [shortTile]int64
	n  int
}

func newShortConstant(v int64) *shortConstant {
	c := &shortConstant{n: lengthOf(v)}
	for i := range c.of {
		c.of[i] = v
	}
	return c
}

func (c *shortConstant) tile(_ int, room []int64) ([]int64, int) { return c.of[:len(room)], c.n }

// scaledConstant is a source multiplied beforehand, where it is a constant whose product fits 64 bits; step is what is left to multiply by.
func scaledConstant(s shortSource, by int64) (scaled shortSource, step int64) {
	if c, ok := s.(*shortConstant); ok && by > 1 && c.n+lengthOf(by) < 63 {
		return newShortConstant(c.of[0] * by), 1
	}
	return s, by
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

func (p *shortPair) tile(from int, room []int64) ([]int64, int) {
	x, n := p.l.tile(from, p.x[:len(room)])
	y, m := p.r.tile(from, p.y[:len(room)])
	if n == tooLongTile || m == tooLongTile {
		return nil, tooLongTile
	}
	if p.op == Multiply {
		if n+m >= 63 {
			return nil, tooLongTile
		}
		return room, computeShorts(p.op, room, x, y, max(n, m) < 32)
	}
	x, n = scaleShorts(p.x[:], x, n, p.lStep)
	y, m = scaleShorts(p.y[:], y, m, p.rStep)
	if max(n, m) >= 63 {
		return nil, tooLongTile
	}
	return room, computeShorts(p.op, room, x, y, true)
}

// scaleShorts multiplies values, which may lie in room.
func scaleShorts(room, v []int64, n int, by int64) ([]int64, int) {
	if by == 1 {
		return v, n
	}
	if n += lengthOf(by); n >= 63 {
		return nil, tooLongTile
	}
	room = room[:len(v)]
	for i, x := range v {
		room[i] = x * by
	}
	return room, n
}

// computeShorts computes out[i] = x[i] op y[i] and says how long the results are; narrow says of factors that they fit 32 bits.
func computeShorts(op BinaryOp, out, x, y []int64, narrow bool) int {
	done, all := 0, int64(0)
	if narrow {
		done, all = wideShorts(op, out, x, y)
	}
	out, x, y = out[done:], x[done:len(out)], y[done:len(out)]
	switch op {
	case Add:
		for i := range out {
			out[i] = x[i] + y[i]
		}
	case Subtract:
		for i := range out {
			out[i] = x[i] - y[i]
		}
	default:
		for i := range out {
			out[i] = x[i] * y[i]
		}
	}
	return max(bits.Len64(uint64(all)), lengthOfAll(out))
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
		return newShortConstant(int64(v.LowBits())), nil
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
		p.l, p.lStep = scaledConstant(p.l, p.lStep)
		p.r, p.rStep = scaledConstant(p.r, p.rStep)
		return p, nil
	}
	unscaled, is := n.(*scaledNode)
	if is {
		n = unscaled.x
	}
	a, err := n.eval(b)
	if err != nil {
		return nil, err
	}
	s.read = append(s.read, a)
	if is {
		return scaledLeaf(values[int64](a)), nil
	}
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
		v, n := s.source.tile(from, tile[:min(shortTile, b.rows-from)])
		if n == tooLongTile {
			buf.Release()
			return nil, nil
		}
		widenShorts(out[from:], v)
	}
	return makeArray(d.dt, b.rows, validity(b.mem, s.read...), buf), nil
}
