package expr

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// castNode converts values. do is chosen at Bind by both types.
type castNode struct {
	x    node
	to   arrow.DataType
	expr Expr
	zone *time.Location // of the source or target, nil for UTC
	// fresh says that do makes a buffer for its values, or takes that of a temporary operand.
	fresh bool
	do    func(c *castNode, b *block, a arrow.Array) (arrow.Array, error)
}

// newCast converts x to a type; e is what errors name. Floats and decimals are cut towards zero on their way to
// integers; finer times are cut to the tick at or before.
func newCast(x node, to arrow.DataType, e Expr) (node, error) {
	if to == nil {
		return nil, errorOf(ErrType, "%s: a cast needs a type", e)
	}
	from := x.typ()
	if arrow.TypeEqual(from, to) {
		return x, nil
	}
	if isNullConstant(x) || from.ID() == arrow.NULL {
		return &constant{dt: to}, nil
	}
	if d, ok := to.(*arrow.Decimal128Type); ok {
		if d.Precision < 1 || d.Precision > maxDecimalDigits || d.Scale < 0 || d.Scale > d.Precision {
			return nil, errorOf(ErrType, "%s: decimal(%d, %d): take 1 to %d digits, of them 0 to all after the point",
				e, d.Precision, d.Scale, maxDecimalDigits)
		}
	}
	do := castFor(from, to)
	if do == nil {
		return nil, errorOf(ErrType, "%s: %s cannot be cast to %s", e, typeName(from), typeName(to))
	}
	c := &castNode{x: x, to: to, expr: e, do: do, fresh: to.ID() == arrow.FLOAT64}
	zoned := from
	if to.ID() == arrow.TIMESTAMP {
		zoned = to
	}
	var err error
	if c.zone, err = zoneOf(zoned, e); err != nil {
		return nil, err
	}
	return folded(c, x), nil
}

func (c *castNode) typ() arrow.DataType { return c.to }

func (c *castNode) eval(b *block) (arrow.Array, error) {
	a, err := c.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	return c.do(c, b, a)
}

// misfit is the error of a value that the target type can't hold.
func (c *castNode) misfit(b *block, a arrow.Array, row int) error {
	v := a.ValueStr(row)
	if isText(a.DataType()) {
		v = fmt.Sprintf("%q", textsOf(a).at(row))
	}
	what := ""
	if _, ok := c.expr.(Cast); !ok {
		what = " to " + typeName(c.to)
	}
	return errorOf(ErrCast, "%s: %s %s in row %d of the batch cannot be cast%s", c.expr, typeName(a.DataType()), v, b.first+row, what)
}

type castFunc = func(c *castNode, b *block, a arrow.Array) (arrow.Array, error)

// convert runs f over a fixed-width column; where f refuses a value that is not null the cast is an error.
func convert[S, T fixed](f func(c *castNode, v S) (T, bool)) castFunc {
	return func(c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
		in := values[S](a)
		valid, off := validBits(a)
		buf, out := newFixed[T](b.mem, len(in))
		for i, v := range in {
			r, ok := f(c, v)
			out[i] = r
			if !ok && (valid == nil || bitAt(valid, off+i)) {
				buf.Release()
				return nil, c.misfit(b, a, i)
			}
		}
		return makeArray(c.to, len(in), validity(b.mem, a), buf), nil
	}
}

// convertText parses a text column.
func convertText[T fixed](f func(c *castNode, s string) (T, bool)) castFunc {
	return func(c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
		in, n := textsOf(a), a.Len()
		valid, off := validBits(a)
		buf, out := newFixed[T](b.mem, n)
		for i := range n {
			if valid != nil && !bitAt(valid, off+i) {
				out[i] = *new(T)
				continue
			}
			r, ok := f(c, in.str(i))
			if !ok {
				buf.Release()
				return nil, c.misfit(b, a, i)
			}
			out[i] = r
		}
		return makeArray(c.to, n, validity(b.mem, a), buf), nil
	}
}

// format writes a fixed-width column as text.
func format[S fixed](f func(c *castNode, dst []byte, v S) []byte) castFunc {
	return func(c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
		in := values[S](a)
		valid, off := validBits(a)
		w := newTextWriter(b.mem, len(in), 8*len(in))
		for i, v := range in {
			if valid != nil && !bitAt(valid, off+i) {
				w.put(w.buf)
				continue
			}
			w.put(f(c, w.buf, v))
		}
		return w.finish(c.to, validity(b.mem, a), c.expr)
	}
}

// relabel keeps the values under another type of the same layout.
func relabel(c *castNode, _ *block, a arrow.Array) (arrow.Array, error) {
	a.Retain()
	return retype(a, c.to), nil
}

// toFloat is the cast that arithmetic makes most: it has a loop of its own.
func toFloat[S int64 | uint64](c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
	in := values[S](a)
	if len(in) > 0 && temporary(c.x) {
		buf := a.Data().Buffers()[1]
		buf.Retain()
		floats(reinterpret[float64](buf.Bytes())[a.Data().Offset():], in)
		return makeArray(c.to, len(in), validity(b.mem, a), buf), nil
	}
	buf, out := newFixed[float64](b.mem, len(in))
	floats(out, in)
	return makeArray(c.to, len(in), validity(b.mem, a), buf), nil
}

// floats converts values, which may lie in the place of the results.
func floats[S int64 | uint64](out []float64, in []S) {
	done := 0
	if x, ok := any(in).([]int64); ok {
		done = wideConvert(out, x)
	}
	out, in = out[done:len(in)], in[done:]
	for i, v := range in {
		out[i] = float64(v)
	}
}

// toBool is a number's or text's truth.
func toBool(truth func(a arrow.Array) func(i int) (bool, bool)) castFunc {
	return func(c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
		n, f := a.Len(), truth(a)
		valid, off := validBits(a)
		buf, out := newBits(b.mem, n)
		bad := -1
		bitsOf(n, out, func(i int) bool {
			v, ok := f(i)
			if !ok && bad < 0 && (valid == nil || bitAt(valid, off+i)) {
				bad = i
			}
			return v
		})
		if bad >= 0 {
			buf.Release()
			return nil, c.misfit(b, a, bad)
		}
		return makeArray(c.to, n, validity(b.mem, a), buf), nil
	}
}

// fromBool writes one of two values.
func fromBool[T fixed](no, yes T) castFunc {
	return func(c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
		n := a.Len()
		bits, off := boolBits(a.(*array.Boolean))
		buf, out := newFixed[T](b.mem, n)
		for i := range out {
			out[i] = no
			if bitAt(bits, off+i) {
				out[i] = yes
			}
		}
		return makeArray(c.to, n, validity(b.mem, a), buf), nil
	}
}

func boolText(c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
	n := a.Len()
	bits, off := boolBits(a.(*array.Boolean))
	w := newTextWriter(b.mem, n, 5*n)
	for i := range n {
		if bitAt(bits, off+i) {
			w.put(append(w.buf, "true"...))
		} else {
			w.put(append(w.buf, "false"...))
		}
	}
	return w.finish(c.to, validity(b.mem, a), c.expr)
}

func nonZero[T number](a arrow.Array) func(i int) (bool, bool) {
	v := values[T](a)
	return func(i int) (bool, bool) { return v[i] != 0, true }
}

var zeroDecimal decimal128.Num
