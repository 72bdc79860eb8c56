package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"
)

func bitsOf(n int, out []byte, f func(i int) bool) {
	for i := 0; i < n; i += 64 {
		var w uint64
		for j := range min(64, n-i) {
			if f(i + j) {
				w |= 1 << uint(j)
			}
		}
		putWord(out, i, n, w)
	}
}

func holds(op BinaryOp, order int) bool {
	switch op {
	case Equal:
		return order == 0
	case NotEqual:
		return order != 0
	case Less:
		return order < 0
	case LessEqual:
		return order <= 0
	case Greater:
		return order > 0
	default:
		return order >= 0
	}
}

// compareOrder compares through a three-way comparison of row i.
func compareOrder(op BinaryOp, n int, out []byte, order func(i int) int) {
	bitsOf(n, out, func(i int) bool { return holds(op, order(i)) })
}

// compareText compares byte-wise with one value. Equality looks at the lengths first, without touching the text.
func compareText(op BinaryOp, t texts, n int, s string, out []byte) {
	switch op {
	case Equal:
		equalText(t, n, s, out, 0)
	case NotEqual:
		equalText(t, n, s, out, ^uint64(0))
	default:
		compareOrder(op, n, out, func(i int) int { return strings.Compare(t.str(i), s) })
	}
}

func equalText(t texts, n int, s string, out []byte, invert uint64) {
	size := int32(len(s))
	for i := 0; i < n; i += 64 {
		offsets := t.offsets[i : min(i+64, n)+1]
		var w uint64
		from := offsets[0]
		for j, to := range offsets[1:] {
			if to-from == size && string(t.data[from:to]) == s {
				w |= 1 << (uint(j) & 63)
			}
			from = to
		}
		putWord(out, i, n, w^invert)
	}
}

// boolBits are the values of a Boolean array as a bitmap and the bit at which its rows begin.
func boolBits(a *array.Boolean) ([]byte, int) {
	if b := a.Data().Buffers()[1]; b != nil {
		return b.Bytes(), a.Data().Offset()
	}
	return nil, 0
}

func compareBools(op BinaryOp, a, b *array.Boolean, out []byte) {
	n := a.Len()
	x, xOff := boolBits(a)
	y, yOff := boolBits(b)
	for i := 0; i < n; i += 64 {
		putWord(out, i, n, compareBoolWord(op, word(x, xOff+i, n-i), word(y, yOff+i, n-i)))
	}
}

func compareBoolConstant(op BinaryOp, a *array.Boolean, s bool, out []byte) {
	n := a.Len()
	x, xOff := boolBits(a)
	y := uint64(0)
	if s {
		y = ^y
	}
	for i := 0; i < n; i += 64 {
		putWord(out, i, n, compareBoolWord(op, word(x, xOff+i, n-i), y))
	}
}

// compareBoolWord compares 64 pairs; false is less than true.
func compareBoolWord(op BinaryOp, x, y uint64) uint64 {
	switch op {
	case Equal:
		return ^(x ^ y)
	case NotEqual:
		return x ^ y
	case Less:
		return ^x & y
	case LessEqual:
		return ^x | y
	case Greater:
		return x &^ y
	default:
		return x | ^y
	}
}
