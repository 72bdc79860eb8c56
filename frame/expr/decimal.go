package expr

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// decimalOf is the type with which a number takes part in the arithmetic of decimals: integers have no digits after the point. Constants
// have as many as they are written with, so that 0.05 beside a decimal is five hundredths, not the float nearest to it. nil is for those
// that have no such type.
func decimalOf(n node) *arrow.Decimal128Type {
	if c, ok := n.(*constant); ok {
		if d, ok := decimalConstant(c); ok {
			return d.dt.(*arrow.Decimal128Type)
		}
		return nil
	}
	switch dt := n.typ().(type) {
	case *arrow.Int64Type:
		return &arrow.Decimal128Type{Precision: 19}
	case *arrow.Uint64Type:
		return &arrow.Decimal128Type{Precision: 20}
	case *arrow.Decimal128Type:
		if dt.Scale >= 0 && dt.Scale <= dt.Precision {
			return dt
		}
	}
	return nil
}

// decimalConstant is a constant as a decimal of as many digits as it needs.
func decimalConstant(c *constant) (*constant, bool) {
	switch v := c.v.(type) {
	case int64:
		if c.dt.ID() == arrow.INT64 {
			return newDecimal(decimal128.FromI64(v), 0), true
		}
	case uint64:
		return newDecimal(decimal128.FromU64(v), 0), true
	case float64:
		text := strconv.FormatFloat(v, 'f', -1, 64)
		_, after, _ := strings.Cut(text, ".")
		if math.IsNaN(v) || math.IsInf(v, 0) || len(text) > maxDecimalDigits-1 {
			return nil, false
		}
		d, err := decimal128.FromString(text, maxDecimalDigits, int32(len(after)))
		return newDecimal(d, int32(len(after))), err == nil
	case decimal128.Num:
		if s := scaleOf(c.dt); s >= 0 {
			return newDecimal(v, s), true
		}
	}
	return nil, false
}

func newDecimal(v decimal128.Num, scale int32) *constant {
	digits := max(scale, 1)
	for digits < maxDecimalDigits && !v.FitsInPrecision(digits) {
		digits++
	}
	return &constant{&arrow.Decimal128Type{Precision: digits, Scale: scale}, v}
}

// meetDecimal gives a constant the type of a decimal that it is compared or chosen with, where that holds its value.
func meetDecimal(n node, to arrow.DataType) node {
	c, ok := n.(*constant)
	if !ok || to.ID() != arrow.DECIMAL128 || c.v == nil || !isNumeric(c.dt) {
		return n
	}
	d, ok := decimalConstant(c)
	if !ok {
		return n
	}
	from, dt := d.dt.(*arrow.Decimal128Type), to.(*arrow.Decimal128Type)
	if from.Scale > dt.Scale || from.Precision-from.Scale > dt.Precision-dt.Scale {
		return n
	}
	return &constant{dt, d.v.(decimal128.Num).IncreaseScaleBy(dt.Scale - from.Scale)}
}

// bindDecimal works on decimals exactly, where the result of +, - or * has a type: as many digits as it can need, at most 38. nil where it
// has none: the operands are then taken for floats.
func bindDecimal(e Binary, l, r node) (node, error) {
	if l.typ().ID() != arrow.DECIMAL128 && r.typ().ID() != arrow.DECIMAL128 || isNullConstant(l) || isNullConstant(r) {
		return nil, nil
	}
	x, y := decimalOf(l), decimalOf(r)
	if x == nil || y == nil {
		return nil, nil
	}
	to, digits := arrow.Decimal128Type{}, int32(0)
	switch e.Op {
	case Add, Subtract:
		to.Scale = max(x.Scale, y.Scale)
		digits = max(x.Precision-x.Scale, y.Precision-y.Scale) + to.Scale + 1
	case Multiply:
		to.Scale = x.Scale + y.Scale
		digits = x.Precision + y.Precision
	}
	to.Precision = min(digits, maxDecimalDigits)
	if digits == 0 || to.Scale > maxDecimalDigits {
		return nil, nil
	}
	n := &decimalNode{op: e.Op, l: l, r: r, dt: &to, expr: e, checked: digits > maxDecimalDigits}
	if e.Op != Multiply { // of a product no digits need to be moved
		n.lShift, n.rShift = to.Scale-x.Scale, to.Scale-y.Scale
	}
	var err error
	if n.l, err = asDecimal(l, x, e); err != nil {
		return nil, err
	}
	n.r, err = asDecimal(r, y, e)
	return n, err
}

func asDecimal(n node, to *arrow.Decimal128Type, e Expr) (node, error) {
	if c, ok := n.(*constant); ok {
		d, _ := decimalConstant(c)
		return d, nil
	}
	return newCast(n, to, e)
}

// decimalNode is + - * over decimals. The operands of a sum are brought to its scale by shifts.
type decimalNode struct {
	op             BinaryOp
	l, r           node
	lShift, rShift int32
	dt             *arrow.Decimal128Type
	expr           Expr
	checked        bool // a result may have more than 38 digits
}

func (d *decimalNode) typ() arrow.DataType { return d.dt }

func (d *decimalNode) eval(b *block) (arrow.Array, error) {
	if a, err := d.evalShort(b); a != nil || err != nil {
		return a, err
	}
	x, l, err := decimals(d.l, b)
	if err != nil {
		return nil, err
	}
	if l != nil {
		defer l.Release()
	}
	y, r, err := decimals(d.r, b)
	if err != nil {
		return nil, err
	}
	if r != nil {
		defer r.Release()
	}
	buf, out := newFixed[decimal128.Num](b.mem, b.rows)
	fits := true
	switch {
	case len(out) == 0:
	case d.op == Multiply:
		fits = multiplyDecimals(out, x, y)
	default:
		fits = addDecimals(out, rescaled(x, d.lShift), rescaled(y, d.rShift), d.op == Subtract)
	}
	res := makeArray(d.dt, b.rows, validity(b.mem, present(l, r)...), buf)
	if fits && !d.checked {
		return res, nil
	}
	if err := d.check(b, res, x, y); err != nil {
		res.Release()
		return nil, err
	}
	return res, nil
}

// decimals are a node's values: of a constant one.
func decimals(n node, b *block) ([]decimal128.Num, arrow.Array, error) {
	if c, ok := n.(*constant); ok {
		return []decimal128.Num{c.v.(decimal128.Num)}, nil, nil
	}
	a, err := n.eval(b)
	if err != nil {
		return nil, nil, err
	}
	return values[decimal128.Num](a), a, nil
}

// check gives an error for the first result that does not fit. Rows that are null may hold anything.
func (d *decimalNode) check(b *block, res arrow.Array, x, y []decimal128.Num) (err error) {
	out := values[decimal128.Num](res)
	valid, off := validBits(res)
	eachSet(valid, off, b.rows, func(i int) bool {
		if short(out[i]) && d.op != Multiply {
			return true
		}
		p, q := x[min(i, len(x)-1)], y[min(i, len(y)-1)]
		if d.op == Multiply && short(p) && short(q) {
			return true // 126 bits, of which 38 digits take more
		}
		left, right := p.BigInt(), q.BigInt()
		left.Mul(left, decimal128.GetScaleMultiplier(int(d.lShift)).BigInt())
		right.Mul(right, decimal128.GetScaleMultiplier(int(d.rShift)).BigInt())
		exact := new(big.Int)
		switch d.op {
		case Add:
			exact.Add(left, right)
		case Subtract:
			exact.Sub(left, right)
		default:
			exact.Mul(left, right)
		}
		if exact.CmpAbs(decimal128.GetScaleMultiplier(maxDecimalDigits-1).Mul(decimal128.FromI64(10)).BigInt()) >= 0 {
			err = errorOf(ErrOverflow, "%s: %s %s %s has more than %d digits, in row %d of the batch (cast to float: float(x))",
				d.expr, p.ToString(d.scale(d.l)), d.op, q.ToString(d.scale(d.r)), maxDecimalDigits, b.first+i)
		}
		return err == nil
	})
	return err
}

func (d *decimalNode) scale(n node) int32 { return scaleOf(n.typ()) }

// short says whether a decimal fits 64 bits.
func short(v decimal128.Num) bool { return v.HighBits() == int64(v.LowBits())>>63 }

// rescaled moves the digits of values to a larger scale.
func rescaled(v []decimal128.Num, digits int32) []decimal128.Num {
	if digits == 0 {
		return v
	}
	out := make([]decimal128.Num, len(v))
	multiplyDecimals(out, v, []decimal128.Num{decimal128.GetScaleMultiplier(int(digits))})
	return out
}

// addDecimals adds or subtracts; one of x and y may be a single value. It reports whether no sum left 128 bits.
func addDecimals(out, x, y []decimal128.Num, subtract bool) bool {
	overflow := int64(0)
	flip := uint64(0)
	if subtract {
		flip = ^uint64(0)
	}
	xStep, yStep := step(x), step(y)
	for i, p, q := 0, 0, 0; i < len(out); i, p, q = i+1, p+xStep, q+yStep {
		a, c := x[p], y[q]
		high := c.HighBits() ^ int64(flip)
		lo, carry := bits.Add64(a.LowBits(), c.LowBits()^flip, flip&1)
		hi, _ := bits.Add64(uint64(a.HighBits()), uint64(high), carry)
		overflow |= (a.HighBits() ^ int64(hi)) & (high ^ int64(hi))
		out[i] = decimal128.New(int64(hi), lo)
	}
	return overflow >= 0
}

// multiplyDecimals is as addDecimals. Values that fit 64 bits have a product that fits 128.
func multiplyDecimals(out, x, y []decimal128.Num) bool {
	fits := true
	xStep, yStep := step(x), step(y)
	for i, p, q := 0, 0, 0; i < len(out); i, p, q = i+1, p+xStep, q+yStep {
		a, c := x[p], y[q]
		if !short(a) || !short(c) {
			out[i], fits = a.Mul(c), false
			continue
		}
		v, w := int64(a.LowBits()), int64(c.LowBits())
		hi, lo := bits.Mul64(uint64(v), uint64(w))
		out[i] = decimal128.New(int64(hi)-v>>63&w-w>>63&v, lo)
	}
	return fits
}

// step is how far it is from the value of one row to that of the next.
func step(v []decimal128.Num) int {
	if len(v) == 1 {
		return 0
	}
	return 1
}

// compareDecimals compares n pairs without a branch; x or y may be a single value.
func compareDecimals(op BinaryOp, n int, x, y []decimal128.Num, out []byte) {
	if n == 0 {
		return
	}
	invert := uint64(0)
	switch op {
	case Greater, LessEqual: // x > y is y < x, x <= y is its negation
		x, y = y, x
	}
	switch op {
	case NotEqual, GreaterEqual, LessEqual:
		invert = ^uint64(0)
	}
	equal := op == Equal || op == NotEqual
	xStep, yStep := step(x), step(y)
	for i, p, q := 0, 0, 0; i < n; i += 64 {
		var w uint64
		rows := min(64, n-i)
		for range rows {
			a, b := x[p], y[q]
			p, q = p+xStep, q+yStep
			var bit uint64
			if equal {
				differs := a.LowBits() ^ b.LowBits() | uint64(a.HighBits()^b.HighBits())
				bit = 1 ^ (differs|-differs)>>63
			} else {
				// Of the high words the signs are turned, so that they have the order of unsigned ones.
				_, borrow := bits.Sub64(a.LowBits(), b.LowBits(), 0)
				_, bit = bits.Sub64(uint64(a.HighBits())^1<<63, uint64(b.HighBits())^1<<63, borrow)
			}
			w = w>>1 | bit<<63
		}
		putWord(out, i, n, w>>uint(64-rows)^invert)
	}
}
