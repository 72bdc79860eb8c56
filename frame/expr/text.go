package expr

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// textWriter builds a String or Binary array value by value, in memory of the allocator.
type textWriter struct {
	mem     memory.Allocator
	offsets *memory.Buffer
	at      []int32
	data    *memory.Buffer
	buf     []byte // the written part of data
	rows    int
}

func newTextWriter(mem memory.Allocator, rows, bytesHint int) *textWriter {
	w := &textWriter{mem: mem, data: newBuffer(mem, max(bytesHint, 64))}
	w.offsets, w.at = newFixed[int32](mem, rows+1)
	w.at[0] = 0
	all := w.data.Bytes()
	w.buf = all[:0:len(all)] // what an allocator gives beyond is not kept when it grows
	return w
}

// put ends a value. dst is buf with the value appended, possibly by append into memory of Go's.
func (w *textWriter) put(dst []byte) {
	if cap(dst) != cap(w.buf) {
		w.data.Resize(max(2*len(w.buf), len(dst)+64))
		grown := w.data.Bytes()
		copy(grown[len(w.buf):], dst[len(w.buf):])
		dst = grown[:len(dst):len(grown)]
	}
	w.buf = dst
	w.rows++
	// Beyond 2 GiB the offset is wrong; finish refuses the whole.
	w.at[w.rows] = int32(len(dst))
}

func (w *textWriter) finish(dt arrow.DataType, validity *memory.Buffer, e Expr) (arrow.Array, error) {
	if len(w.buf) > math.MaxInt32 {
		w.release()
		if validity != nil {
			validity.Release()
		}
		return nil, errorOf(ErrOverflow, "%s: more than 2 GiB of text in one batch", e)
	}
	w.data.Resize(len(w.buf))
	return makeArray(dt, w.rows, validity, w.offsets, w.data), nil
}

func (w *textWriter) release() {
	w.offsets.Release()
	w.data.Release()
}

// concatNode joins texts. A constant operand has no array.
type concatNode struct {
	l, r node
	dt   arrow.DataType
	expr Expr
}

func bindConcat(e Binary, l, r node) (node, error) {
	dt, _ := commonType(l.typ(), r.typ())
	if isNullConstant(l) || isNullConstant(r) {
		return &constant{dt: dt}, nil
	}
	return &concatNode{l: l, r: r, dt: dt, expr: e}, nil
}

func (c *concatNode) typ() arrow.DataType { return c.dt }

func (c *concatNode) eval(b *block) (arrow.Array, error) {
	x, l, err := textOperand(c.l, b)
	if err != nil {
		return nil, err
	}
	if l != nil {
		defer l.Release()
	}
	y, r, err := textOperand(c.r, b)
	if err != nil {
		return nil, err
	}
	if r != nil {
		defer r.Release()
	}
	valid := validity(b.mem, present(l, r)...)
	w := newTextWriter(b.mem, b.rows, x.size(b.rows)+y.size(b.rows))
	for i := range b.rows {
		w.put(append(append(w.buf, x.at(i)...), y.at(i)...))
	}
	return w.finish(c.dt, valid, c.expr)
}

// textValues are a column's texts or a constant.
type textValues struct {
	texts
	constant []byte
	repeated bool
}

func (t *textValues) at(i int) []byte {
	if t.repeated {
		return t.constant
	}
	return t.texts.at(i)
}

func (t *textValues) size(rows int) int {
	if t.repeated {
		return rows * len(t.constant)
	}
	return int(t.offsets[len(t.offsets)-1] - t.offsets[0])
}

func textOperand(n node, b *block) (textValues, arrow.Array, error) {
	if c, ok := n.(*constant); ok && c.v != nil {
		return textValues{constant: []byte(c.v.(string)), repeated: true}, nil, nil
	}
	a, err := n.eval(b)
	if err != nil {
		return textValues{}, nil, err
	}
	return textValues{texts: textsOf(a)}, a, nil
}
