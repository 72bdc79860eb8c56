package expr

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// bindArithmetic chooses the type in which an operator works and casts the operands to it.
func bindArithmetic(e Binary, l, r node) (node, error) {
	l, r = durationText(l, r), durationText(r, l)
	l, err := meet(e, l, r.typ())
	if err != nil {
		return nil, err
	}
	if r, err = meet(e, r, l.typ()); err != nil {
		return nil, err
	}
	lt, rt := l.typ(), r.typ()
	switch {
	case lt.ID() == arrow.NULL:
		return &constant{dt: lt}, nil
	case isTemporal(lt) || isTemporal(rt):
		return bindTemporal(e, l, r)
	case e.Op == Add && isText(lt) && isText(rt):
		return bindConcat(e, l, r)
	case !isNumeric(lt) || !isNumeric(rt):
		return nil, mismatch(e, l, r)
	}
	if n, err := bindDecimal(e, l, r); n != nil || err != nil {
		return n, err
	}
	dt := arithmeticType(e.Op, lt, rt)
	if l, err = newCast(l, dt, e); err != nil {
		return nil, err
	}
	if r, err = newCast(r, dt, e); err != nil {
		return nil, err
	}
	return newArithmetic(e.Op, e, l, r, dt), nil
}

func arithmeticType(op BinaryOp, l, r arrow.DataType) arrow.DataType {
	switch {
	case op == Divide || !isInteger(l) || !isInteger(r):
		return arrow.PrimitiveTypes.Float64
	case l.ID() == arrow.UINT64 && r.ID() == arrow.UINT64:
		return arrow.PrimitiveTypes.Uint64
	default:
		return arrow.PrimitiveTypes.Int64
	}
}

// newArithmetic works on operands whose values lie alike; dt is the type of the result.
func newArithmetic(op BinaryOp, e Expr, l, r node, dt arrow.DataType) node {
	if isNullConstant(l) || isNullConstant(r) {
		return &constant{dt: dt}
	}
	return &arithmeticNode{op: op, l: l, r: r, dt: dt, expr: e}
}

// arithmeticNode is + - * / % over int64, uint64 or float64 values.
type arithmeticNode struct {
	op   BinaryOp
	l, r node
	dt   arrow.DataType
	expr Expr
}

func (a *arithmeticNode) typ() arrow.DataType { return a.dt }

func (a *arithmeticNode) eval(b *block) (arrow.Array, error) {
	switch physicalOf(a.dt) {
	case physInt64:
		return evalArithmetic(a, b, intKernel, intFits)
	case physUint64:
		return evalArithmetic(a, b, uintKernel, uintFits)
	default:
		return evalArithmetic(a, b, floatKernel, nil)
	}
}

// kernel computes out[i] = x[i] op y[i]; x or y of length one is a constant. It reports whether all results fit.
type kernel[T number] func(op BinaryOp, out, x, y []T) (fits bool)

// evalArithmetic runs a kernel over the operands. Rows that are null may hold anything, so that an overflow is looked
// for again in the valid rows before it counts.
func evalArithmetic[T number](a *arithmeticNode, b *block, k kernel[T], fits func(op BinaryOp, x, y T) bool) (arrow.Array, error) {
	x, l, err := operand[T](a.l, b)
	if err != nil {
		return nil, err
	}
	if l != nil {
		defer l.Release()
	}
	y, r, err := operand[T](a.r, b)
	if err != nil {
		return nil, err
	}
	if r != nil {
		defer r.Release()
	}
	buf, out := resultBuffer[T](a, b, l, r)
	ok := k(a.op, out, x, y)
	valid := validity(b.mem, present(l, r)...)
	res := makeArray(a.dt, b.rows, valid, buf)
	if !ok {
		bits, off := validBits(res)
		eachSet(bits, off, b.rows, func(i int) bool {
			p, q := x[min(i, len(x)-1)], y[min(i, len(y)-1)]
			if !fits(a.op, p, q) {
				err = errorOf(ErrOverflow, "%s: %v %s %v does not fit %s, in row %d of the batch (cast to float: float(x))",
					a.expr, p, a.op, q, typeName(a.dt), b.first+i)
			}
			return err == nil
		})
		if err != nil {
			res.Release()
			return nil, err
		}
	}
	if a.op == Modulo && a.dt.ID() != arrow.FLOAT64 {
		return nullWhereZero(b, res, y), nil
	}
	return res, nil
}

// resultBuffer is where the result goes. Floats need not be looked at again: theirs may go into the place of an operand that nobody else
// has.
func resultBuffer[T number](a *arithmeticNode, b *block, l, r arrow.Array) (*memory.Buffer, []T) {
	if a.dt.ID() == arrow.FLOAT64 {
		for _, x := range []struct {
			n node
			a arrow.Array
		}{{a.l, l}, {a.r, r}} {
			if x.a != nil && b.rows > 0 && temporary(x.n) {
				buf := x.a.Data().Buffers()[1]
				buf.Retain()
				return buf, values[T](x.a)
			}
		}
	}
	return newFixed[T](b.mem, b.rows)
}

// temporary says whether a node's values lie in a buffer that was made for them and that nothing else refers to.
func temporary(n node) bool {
	switch n := n.(type) {
	case *arithmeticNode:
		return true
	case *castNode:
		return n.fresh
	}
	return false
}

func present(as ...arrow.Array) []arrow.Array {
	out := as[:0]
	for _, a := range as {
		if a != nil {
			out = append(out, a)
		}
	}
	return out
}

// operand gives a node's values: of a constant one, without an array; otherwise one for each row.
func operand[T number](n node, b *block) ([]T, arrow.Array, error) {
	if c, ok := n.(*constant); ok {
		return []T{c.v.(T)}, nil, nil
	}
	a, err := n.eval(b)
	if err != nil {
		return nil, nil, err
	}
	return values[T](a), a, nil
}

// nullWhereZero makes an integer remainder null where the divisor is zero. It takes over a.
func nullWhereZero[T number](b *block, a arrow.Array, y []T) arrow.Array {
	n := a.Len()
	divisor := func(i int) T { return y[min(i, len(y)-1)] }
	if n == 0 || len(y) == 1 && y[0] != 0 {
		return a
	}
	buf, out := newBits(b.mem, n)
	bitsOf(n, out, func(i int) bool { return divisor(i) != 0 })
	if valid, off := validBits(a); valid != nil {
		andBits(out, out, 0, valid, off, n)
	}
	data := a.Data().Buffers()[1]
	data.Retain()
	res := makeArray(a.DataType(), n, buf, data)
	a.Release()
	return res
}

// elementwise applies f to pairs; with f a function literal passed to this generic, Go does not inline it, so the
// hot operators below have loops of their own.
func elementwise[T number](out, x, y []T, f func(a, b T) T) {
	switch {
	case len(y) == 1 && len(x) != 1:
		for i, v := range x {
			out[i] = f(v, y[0])
		}
	case len(x) == 1 && len(y) != 1:
		for i, v := range y {
			out[i] = f(x[0], v)
		}
	default:
		for i := range out {
			out[i] = f(x[min(i, len(x)-1)], y[min(i, len(y)-1)])
		}
	}
}

func floatKernel(op BinaryOp, out, x, y []float64) bool {
	if len(out) == 0 {
		return true
	}
	switch {
	case op == Subtract && len(y) == 1:
		op, y = Add, []float64{-y[0]}
	case len(x) == 1 && (op == Add || op == Multiply):
		x, y = y, x
	}
	if done := wideFloats(op, out, x, y); done > 0 {
		out, x = out[done:], x[done:]
		if len(y) > 1 {
			y = y[done:]
		}
	}
	switch op {
	case Add:
		addFloats(out, x, y)
	case Subtract:
		subtractFloats(out, x, y)
	case Multiply:
		multiplyFloats(out, x, y)
	case Divide:
		divideFloats(out, x, y)
	case Modulo:
		elementwise(out, x, y, math.Mod)
	}
	return true
}

func addInt(a, b int64) (int64, int64) {
	r := a + b
	return r, (a ^ r) & (b ^ r)
}

func subtractInt(a, b int64) (int64, int64) {
	r := a - b
	return r, (a ^ b) & (a ^ r)
}

// multiplyInt gives the low word and, negative where it does not fit, a mark.
func multiplyInt(a, b int64) (int64, int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	top := int64(hi) - a>>63&b - b>>63&a
	miss := top ^ int64(lo)>>63
	return int64(lo), miss | -miss
}

func intFits(op BinaryOp, a, b int64) bool {
	var mark int64
	switch op {
	case Add:
		_, mark = addInt(a, b)
	case Subtract:
		_, mark = subtractInt(a, b)
	case Multiply:
		_, mark = multiplyInt(a, b)
	}
	return mark >= 0
}

func uintFits(op BinaryOp, a, b uint64) bool {
	switch op {
	case Add:
		_, c := bits.Add64(a, b, 0)
		return c == 0
	case Subtract:
		return a >= b
	case Multiply:
		hi, _ := bits.Mul64(a, b)
		return hi == 0
	}
	return true
}

func intKernel(op BinaryOp, out, x, y []int64) bool {
	if len(out) == 0 {
		return true
	}
	switch op {
	case Add:
		return addInts(out, x, y) >= 0
	case Subtract:
		return subtractInts(out, x, y) >= 0
	case Multiply:
		return multiplyInts(out, x, y) >= 0
	default:
		elementwise(out, x, y, func(a, b int64) int64 {
			if b == 0 {
				return 0
			}
			return a % b
		})
		return true
	}
}

func uintKernel(op BinaryOp, out, x, y []uint64) bool {
	if len(out) == 0 {
		return true
	}
	ok := true
	elementwise(out, x, y, func(a, b uint64) uint64 {
		ok = ok && uintFits(op, a, b)
		switch op {
		case Add:
			return a + b
		case Subtract:
			return a - b
		case Multiply:
			return a * b
		default:
			if b == 0 {
				return 0
			}
			return a % b
		}
	})
	return ok
}
