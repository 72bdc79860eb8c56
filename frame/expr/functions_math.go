package expr

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
)

// floatNode maps float64 values in one loop.
type floatNode struct {
	x node
	f func(out, in []float64)
}

func (f *floatNode) typ() arrow.DataType { return float64Type }

func (f *floatNode) eval(b *block) (arrow.Array, error) {
	a, err := f.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	buf, out := newFixed[float64](b.mem, a.Len())
	f.f(out, values[float64](a))
	return makeArray(float64Type, a.Len(), validity(b.mem, a), buf), nil
}

// numbers casts an argument to float64.
func numbers(e Call, args []node, i int) (node, error) {
	if dt := args[i].typ(); !isNumeric(dt) && dt.ID() != arrow.NULL {
		return nil, argument(e, i, args[i], "a number")
	}
	return newCast(args[i], float64Type, e)
}

func bindFloat(f func(out, in []float64)) func(Call, []node) (node, error) {
	return func(e Call, args []node) (node, error) {
		x, err := numbers(e, args, 0)
		if err != nil {
			return nil, err
		}
		return &floatNode{x, f}, nil
	}
}

// bindWhole is a function that leaves integers as they are.
func bindWhole(f func(out, in []float64)) func(Call, []node) (node, error) {
	return func(e Call, args []node) (node, error) {
		if isInteger(args[0].typ()) {
			return args[0], nil
		}
		return bindFloat(f)(e, args)
	}
}

func floorFloats(out, in []float64) {
	for i, v := range in {
		out[i] = math.Floor(v)
	}
}

func ceilFloats(out, in []float64) {
	for i, v := range in {
		out[i] = math.Ceil(v)
	}
}

func sqrtFloats(out, in []float64) {
	for i, v := range in {
		out[i] = math.Sqrt(v)
	}
}

func expFloats(out, in []float64) {
	for i, v := range in {
		out[i] = math.Exp(v)
	}
}

func logFloats(out, in []float64) {
	for i, v := range in {
		out[i] = math.Log(v)
	}
}

func absFloats(out, in []float64) {
	for i, v := range in {
		out[i] = math.Abs(v)
	}
}

func bindIsNaN(e Call, args []node) (node, error) {
	x, err := numbers(e, args, 0)
	if err != nil {
		return nil, err
	}
	if isNullConstant(x) {
		return &constant{dt: arrow.FixedWidthTypes.Boolean}, nil
	}
	return &compareNode{op: Equal, l: x, r: &constant{float64Type, math.NaN()}, kind: physFloat}, nil
}

func bindAbs(e Call, args []node) (node, error) {
	switch x := args[0]; x.typ().ID() {
	case arrow.UINT64:
		return x, nil
	case arrow.INT64, arrow.DURATION:
		// -x where it is the greater: the least int64 fails in the negation, as it should.
		minus := newArithmetic(Subtract, e, &constant{x.typ(), int64(0)}, x, x.typ())
		if isNullConstant(minus) {
			return minus, nil
		}
		return &extremeNode{[]node{x, minus}, Greater, x.typ(), e}, nil
	}
	return bindFloat(absFloats)(e, args)
}

func bindRound(e Call, args []node) (node, error) {
	digits := int64(0)
	if len(args) == 2 {
		var err error
		if digits, err = literalInt(e, args, 1); err != nil {
			return nil, err
		}
	}
	if isInteger(args[0].typ()) && digits >= 0 {
		return args[0], nil
	}
	return bindFloat(func(out, in []float64) { roundFloats(out, in, digits) })(e, args[:1])
}

// roundFloats rounds half away from zero. Values too large to have such digits stay as they are.
func roundFloats(out, in []float64, digits int64) {
	if digits == 0 {
		for i, v := range in {
			out[i] = math.Round(v)
		}
		return
	}
	scale := math.Pow10(int(min(max(digits, -400), 400)))
	for i, v := range in {
		switch s := v * scale; {
		case math.IsInf(scale, 0) || math.IsInf(s, 0) || math.Abs(s) >= 1<<52:
			out[i] = v
		case scale == 0:
			out[i] = 0 * v
		case digits < 0:
			// Divide by a whole power: 10^-2 is not exact in binary.
			whole := math.Pow10(int(-digits))
			out[i] = math.Round(v/whole) * whole
		default:
			out[i] = math.Round(s) / scale
		}
	}
}

// bindLog is the natural logarithm, or that to a base.
func bindLog(e Call, args []node) (node, error) {
	x, err := bindFloat(logFloats)(e, args)
	if err != nil || len(args) == 1 {
		return x, err
	}
	base, err := numbers(e, args, 1)
	if err != nil {
		return nil, err
	}
	base = folded(&floatNode{base, logFloats}, base)
	return newArithmetic(Divide, e, x, base, float64Type), nil
}

// powNode is x to the power of y.
type powNode struct{ x, y node }

func bindPow(e Call, args []node) (node, error) {
	x, err := numbers(e, args, 0)
	if err != nil {
		return nil, err
	}
	y, err := numbers(e, args, 1)
	if err != nil {
		return nil, err
	}
	if isNullConstant(x) || isNullConstant(y) {
		return &constant{dt: float64Type}, nil
	}
	return &powNode{x, y}, nil
}

func (p *powNode) typ() arrow.DataType { return float64Type }

func (p *powNode) eval(b *block) (arrow.Array, error) {
	x, l, err := operand[float64](p.x, b)
	if err != nil {
		return nil, err
	}
	if l != nil {
		defer l.Release()
	}
	y, r, err := operand[float64](p.y, b)
	if err != nil {
		return nil, err
	}
	if r != nil {
		defer r.Release()
	}
	buf, out := newFixed[float64](b.mem, b.rows)
	if b.rows > 0 {
		elementwise(out, x, y, math.Pow)
	}
	return makeArray(float64Type, b.rows, validity(b.mem, present(l, r)...), buf), nil
}
