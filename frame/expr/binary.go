package expr

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

func (b *binder) binary(e Binary) (node, error) {
	l, err := b.bind(e.Left)
	if err != nil {
		return nil, err
	}
	r, err := b.bind(e.Right)
	if err != nil {
		return nil, err
	}
	var n node
	switch e.Op {
	case And, Or:
		return bindLogic(e, l, r)
	case Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual:
		return bindComparison(e.Op, e, l, r)
	case Add, Subtract, Multiply, Divide, Modulo:
		n, err = bindArithmetic(e, l, r)
	default:
		return nil, errorOf(ErrType, "%s: no such operator", e)
	}
	if err != nil {
		return nil, err
	}
	return folded(n, l, r), nil
}

// bindComparison compares l and r in their common type; it serves is_in and between too.
func bindComparison(op BinaryOp, e Expr, l, r node) (node, error) {
	l, r, err := unify(e, l, r)
	if err != nil {
		return nil, err
	}
	kind := physicalOf(l.typ())
	switch kind {
	case physNone:
		return nil, errorOf(ErrType, "%s: %s cannot be compared", e, typeName(l.typ()))
	case physNull:
		return &constant{dt: arrow.FixedWidthTypes.Boolean}, nil
	}
	if isNullConstant(l) || isNullConstant(r) {
		return &constant{dt: arrow.FixedWidthTypes.Boolean}, nil
	}
	if _, ok := l.(*constant); ok {
		l, r, op = r, l, mirrored(op)
	}
	return folded(&compareNode{op: op, l: l, r: r, kind: kind}, l, r), nil
}

func isNullConstant(n node) bool {
	c, ok := n.(*constant)
	return ok && c.v == nil
}

// unify casts operands to their common type. Constants take the column's type where they fit it exactly, so that the
// column needs no cast.
func unify(e Expr, l, r node) (node, node, error) {
	l, err := meet(e, l, r.typ())
	if err != nil {
		return nil, nil, err
	}
	if r, err = meet(e, r, l.typ()); err != nil {
		return nil, nil, err
	}
	l, r = wholeNumber(l, r.typ()), wholeNumber(r, l.typ())
	l, r = meetDecimal(l, r.typ()), meetDecimal(r, l.typ())
	dt, ok := commonType(l.typ(), r.typ())
	if !ok {
		return nil, nil, mismatch(e, l, r)
	}
	if l, err = newCast(l, dt, e); err != nil {
		return nil, nil, err
	}
	r, err = newCast(r, dt, e)
	return l, r, err
}

// meet gives a constant the type of what it meets where its value is the same there: text becomes a date, 2 a uint64.
func meet(e Expr, n node, to arrow.DataType) (node, error) {
	c, ok := n.(*constant)
	if !ok || arrow.TypeEqual(c.dt, to) {
		return n, nil
	}
	if c.v == nil && c.dt.ID() == arrow.NULL {
		return &constant{dt: to}, nil
	}
	if s, ok := c.v.(string); ok && c.dt.ID() == arrow.STRING && isTemporal(to) {
		return parseTemporal(e, s, to)
	}
	switch v := c.v.(type) {
	case int64:
		switch {
		case c.dt.ID() == arrow.INT64 && to.ID() == arrow.UINT64 && v >= 0:
			return &constant{to, uint64(v)}, nil
		case isTemporal(c.dt) && c.dt.ID() == to.ID():
			return exactly(c, to), nil
		}
	case uint64:
		if to.ID() == arrow.INT64 && v <= 1<<63-1 {
			return &constant{to, int64(v)}, nil
		}
	}
	return n, nil
}

// wholeNumber gives a float without a fraction the type of the int64 that it is compared with. Below 2^53 the order is
// the same as that of the floats.
func wholeNumber(n node, to arrow.DataType) node {
	if c, ok := n.(*constant); ok && to.ID() == arrow.INT64 {
		if v, ok := c.v.(float64); ok && v > -1<<53 && v < 1<<53 && v == float64(int64(v)) {
			return &constant{to, int64(v)}
		}
	}
	return n
}

// exactly gives a timestamp or duration the unit of another where no digits are lost.
func exactly(c *constant, to arrow.DataType) node {
	n, err := newCast(c, to, Literal{})
	if err != nil {
		return c
	}
	back, err := newCast(n, c.dt, Literal{})
	if err != nil {
		return c
	}
	if k, ok := back.(*constant); !ok || k.v != c.v {
		return c
	}
	return n
}

// parseTemporal reads text as a value of a temporal type; text finer than the type gives a finer type.
func parseTemporal(e Expr, s string, to arrow.DataType) (node, error) {
	if to.ID() == arrow.DURATION {
		d, err := time.ParseDuration(s)
		if err != nil {
			return nil, errorOf(ErrCast, "%s: %q is not a duration (write \"1h30m\")", e, s)
		}
		return exactly(&constant{arrow.FixedWidthTypes.Duration_ns, int64(d)}, to), nil
	}
	t, err := parseTime(s)
	if err != nil {
		return nil, errorOf(ErrCast, "%s: %q is not a date or time (write \"2013-01-31\" or \"2013-01-31 15:04:05\")", e, s)
	}
	if to.ID() == arrow.DATE32 && t.Equal(t.Truncate(24*time.Hour)) {
		return &constant{to, int32(arrow.Date32FromTime(t))}, nil
	}
	c, err := literalConstant(Literal{t})
	if err != nil {
		return nil, err
	}
	if to.ID() == arrow.TIMESTAMP {
		return exactly(c, to), nil
	}
	return c, nil
}

var timeLayouts = []string{
	"2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04",
	time.RFC3339, "2006-01-02 15:04:05Z07:00",
}

// parseTime reads ISO 8601 dates and times, with fractions of a second; text without a zone is UTC.
func parseTime(s string) (time.Time, error) {
	var first error
	for _, layout := range timeLayouts {
		t, err := time.Parse(layout, s)
		if err == nil {
			return t.UTC(), nil
		}
		if first == nil {
			first = err
		}
	}
	return time.Time{}, first
}
