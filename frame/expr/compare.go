package expr

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// compareNode compares operands of one type, giving Boolean. A constant operand stands on the right.
type compareNode struct {
	op   BinaryOp
	l, r node
	kind physical
}

func (c *compareNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

// mirrored is the operator with its operands swapped.
func mirrored(op BinaryOp) BinaryOp {
	switch op {
	case Less:
		return Greater
	case LessEqual:
		return GreaterEqual
	case Greater:
		return Less
	case GreaterEqual:
		return LessEqual
	default:
		return op
	}
}

func (c *compareNode) eval(b *block) (arrow.Array, error) {
	l, err := c.l.eval(b)
	if err != nil {
		return nil, err
	}
	defer l.Release()
	buf, out := newBits(b.mem, b.rows)
	if k, ok := c.r.(*constant); ok {
		compareConstant(c.op, c.kind, l, k.v, out)
		return makeArray(c.typ(), b.rows, validity(b.mem, l), buf), nil
	}
	r, err := c.r.eval(b)
	if err != nil {
		buf.Release()
		return nil, err
	}
	defer r.Release()
	compareArrays(c.op, c.kind, l, r, out)
	return makeArray(c.typ(), b.rows, validity(b.mem, l, r), buf), nil
}

func compareConstant(op BinaryOp, kind physical, a arrow.Array, v any, out []byte) {
	switch kind {
	case physBool:
		compareBoolConstant(op, a.(*array.Boolean), v.(bool), out)
	case physInt32:
		compareScalar(op, values[int32](a), v.(int32), out)
	case physInt64:
		compareScalar(op, values[int64](a), v.(int64), out)
	case physUint64:
		compareScalar(op, values[uint64](a), v.(uint64), out)
	case physFloat:
		compareScalar(op, values[float64](a), v.(float64), out)
	case physBytes:
		compareText(op, textsOf(a), a.Len(), v.(string), out)
	case physDec:
		compareDecimals(op, a.Len(), values[decimal128.Num](a), []decimal128.Num{v.(decimal128.Num)}, out)
	}
}

func compareArrays(op BinaryOp, kind physical, a, b arrow.Array, out []byte) {
	switch kind {
	case physBool:
		compareBools(op, a.(*array.Boolean), b.(*array.Boolean), out)
	case physInt32:
		compareVectors(op, values[int32](a), values[int32](b), out)
	case physInt64:
		compareVectors(op, values[int64](a), values[int64](b), out)
	case physUint64:
		compareVectors(op, values[uint64](a), values[uint64](b), out)
	case physFloat:
		compareVectors(op, values[float64](a), values[float64](b), out)
	case physBytes:
		x, y := textsOf(a), textsOf(b)
		compareOrder(op, a.Len(), out, func(i int) int { return bytes.Compare(x.at(i), y.at(i)) })
	case physDec:
		compareDecimals(op, a.Len(), values[decimal128.Num](a), values[decimal128.Num](b), out)
	}
}

// The loops below build a word from 64 rows by shifting bits in from the top: branch-free, and Go keeps it in registers.
// x != x is true of NaN alone; for integers the compiler drops it.

// compareScalar compares with one value. A NaN is handled by the order of the rest: only equality holds for it, and
// everything is below it.
func compareScalar[T number](op BinaryOp, a []T, s T, out []byte) {
	if s != s {
		switch op {
		case Equal, GreaterEqual:
			scan(a, out, 0, func(x T) bool { return x != x })
		case NotEqual, Less:
			scan(a, out, 0, func(x T) bool { return x == x })
		case LessEqual:
			fillBits(out, len(a), true)
		case Greater:
			fillBits(out, len(a), false)
		}
		return
	}
	// A NaN is neither <, <= nor == a number, so that the negations hold for it, as they should.
	done := wideCompare(op, a, s, out)
	a, out = a[done:], out[done/8:]
	switch op {
	case Equal:
		equalScalar(a, s, out, 0)
	case NotEqual:
		equalScalar(a, s, out, ^uint64(0))
	case Less:
		lessScalar(a, s, out, 0)
	case GreaterEqual:
		lessScalar(a, s, out, ^uint64(0))
	case LessEqual:
		lessEqualScalar(a, s, out, 0)
	case Greater:
		lessEqualScalar(a, s, out, ^uint64(0))
	}
}

func equalScalar[T number](a []T, s T, out []byte, invert uint64) {
	for i := 0; i < len(a); i += 64 {
		block := a[i:min(i+64, len(a))]
		var w uint64
		for _, x := range block {
			var bit uint64
			if x == s {
				bit = 1
			}
			w = w>>1 | bit<<63
		}
		putWord(out, i, len(a), w>>uint(64-len(block))^invert)
	}
}

func lessScalar[T number](a []T, s T, out []byte, invert uint64) {
	for i := 0; i < len(a); i += 64 {
		block := a[i:min(i+64, len(a))]
		var w uint64
		for _, x := range block {
			var bit uint64
			if x < s {
				bit = 1
			}
			w = w>>1 | bit<<63
		}
		putWord(out, i, len(a), w>>uint(64-len(block))^invert)
	}
}

func lessEqualScalar[T number](a []T, s T, out []byte, invert uint64) {
	for i := 0; i < len(a); i += 64 {
		block := a[i:min(i+64, len(a))]
		var w uint64
		for _, x := range block {
			var bit uint64
			if x <= s {
				bit = 1
			}
			w = w>>1 | bit<<63
		}
		putWord(out, i, len(a), w>>uint(64-len(block))^invert)
	}
}

func compareVectors[T number](op BinaryOp, a, b []T, out []byte) {
	switch op {
	case Equal:
		equalVectors(a, b, out, 0)
	case NotEqual:
		equalVectors(a, b, out, ^uint64(0))
	case Less:
		lessVectors(a, b, out, 0)
	case GreaterEqual:
		lessVectors(a, b, out, ^uint64(0))
	case Greater:
		lessVectors(b, a, out, 0)
	case LessEqual:
		lessVectors(b, a, out, ^uint64(0))
	}
}

func equalVectors[T number](a, b []T, out []byte, invert uint64) {
	done := wideEqual(a, b, out, invert)
	a, b, out = a[done:], b[done:], out[done/8:]
	for i := 0; i < len(a); i += 64 {
		x := a[i:min(i+64, len(a))]
		y := b[i : i+len(x)]
		var w uint64
		for j := range x {
			var bit uint64
			if x[j] == y[j] || x[j] != x[j] && y[j] != y[j] {
				bit = 1
			}
			w = w>>1 | bit<<63
		}
		putWord(out, i, len(a), w>>uint(64-len(x))^invert)
	}
}

func lessVectors[T number](a, b []T, out []byte, invert uint64) {
	done := wideLess(a, b, out, invert)
	a, b, out = a[done:], b[done:], out[done/8:]
	for i := 0; i < len(a); i += 64 {
		x := a[i:min(i+64, len(a))]
		y := b[i : i+len(x)]
		var w uint64
		for j := range x {
			var bit uint64
			if x[j] < y[j] || y[j] != y[j] && x[j] == x[j] {
				bit = 1
			}
			w = w>>1 | bit<<63
		}
		putWord(out, i, len(a), w>>uint(64-len(x))^invert)
	}
}

// scan sets the bits of the rows for which f holds.
func scan[T any](a []T, out []byte, invert uint64, f func(T) bool) {
	for i := 0; i < len(a); i += 64 {
		block := a[i:min(i+64, len(a))]
		var w uint64
		for j, x := range block {
			if f(x) {
				w |= 1 << uint(j)
			}
		}
		putWord(out, i, len(a), w^invert)
	}
}
