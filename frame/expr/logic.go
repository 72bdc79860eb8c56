package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// logicNode is three-valued And or Or over Booleans, 64 rows at a time.
type logicNode struct {
	or   bool
	l, r node
}

func bindLogic(e Binary, l, r node) (node, error) {
	var err error
	if l, err = truth(e, l); err != nil {
		return nil, err
	}
	if r, err = truth(e, r); err != nil {
		return nil, err
	}
	return folded(&logicNode{or: e.Op == Or, l: l, r: r}, l, r), nil
}

// truth checks that n is a Boolean.
func truth(e Expr, n node) (node, error) {
	switch n.typ().ID() {
	case arrow.BOOL:
		return n, nil
	case arrow.NULL:
		return &constant{dt: arrow.FixedWidthTypes.Boolean}, nil
	}
	return nil, errorOf(ErrType, "%s: %s where a bool is needed (compare it: x != 0)", e, typeName(n.typ()))
}

func (l *logicNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

func (l *logicNode) eval(b *block) (arrow.Array, error) {
	x, err := l.l.eval(b)
	if err != nil {
		return nil, err
	}
	defer x.Release()
	// The right side may be guarded by the left: x != 0 && 10 % x > 1. It is evaluated only where the left leaves it open,
	// but that only once it has failed elsewhere.
	y, err := evalWhere(l.r, b, func() []uint64 { return undecided(x.(*array.Boolean), l.or) })
	if err != nil {
		return nil, err
	}
	defer y.Release()
	return kleene(b, l.or, x.(*array.Boolean), y.(*array.Boolean)), nil
}

// undecided are the rows, as words of a bitmap, in which the left side does not settle the result.
func undecided(x *array.Boolean, or bool) []uint64 {
	n := x.Len()
	value, valueOff := boolBits(x)
	valid, validOff := validBits(x)
	out := make([]uint64, (n+63)/64)
	for i := 0; i < n; i += 64 {
		v, ok := word(value, valueOff+i, n-i), validWord(valid, validOff+i, n-i)
		settles := ok &^ v
		if or {
			settles = ok & v
		}
		out[i/64] = validWord(nil, 0, n-i) &^ settles
	}
	return out
}

// kleene joins truth values: And is false where either is false, true where both are true, otherwise null; Or is the
// same of the negations.
func kleene(b *block, or bool, x, y *array.Boolean) arrow.Array {
	n := x.Len()
	xv, xo := boolBits(x)
	yv, yo := boolBits(y)
	xn, xno := validBits(x)
	yn, yno := validBits(y)
	buf, out := newBits(b.mem, n)
	if xn == nil && yn == nil {
		for i := 0; i < n; i += 64 {
			p, q := word(xv, xo+i, n-i), word(yv, yo+i, n-i)
			if or {
				putWord(out, i, n, p|q)
			} else {
				putWord(out, i, n, p&q)
			}
		}
		return makeArray(x.DataType(), n, nil, buf)
	}
	validBuf, valid := newBits(b.mem, n)
	for i := 0; i < n; i += 64 {
		pOK, qOK := validWord(xn, xno+i, n-i), validWord(yn, yno+i, n-i)
		p, q := word(xv, xo+i, n-i), word(yv, yo+i, n-i)
		var yes, no uint64
		if or {
			yes, no = p&pOK|q&qOK, pOK&^p&(qOK&^q)
		} else {
			yes, no = p&pOK&q&qOK, pOK&^p|qOK&^q
		}
		putWord(out, i, n, yes)
		putWord(valid, i, n, yes|no)
	}
	return makeArray(x.DataType(), n, validBuf, buf)
}

// notNode negates a Boolean; null stays null.
type notNode struct{ x node }

func (x *notNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

func (x *notNode) eval(b *block) (arrow.Array, error) {
	a, err := x.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	n := a.Len()
	in, off := boolBits(a.(*array.Boolean))
	buf, out := newBits(b.mem, n)
	for i := 0; i < n; i += 64 {
		putWord(out, i, n, ^word(in, off+i, n-i))
	}
	return makeArray(a.DataType(), n, validity(b.mem, a), buf), nil
}
