package expr

import "github.com/apache/arrow/go/v17/arrow"

func (b *binder) unary(e Unary) (node, error) {
	x, err := b.bind(e.X)
	if err != nil {
		return nil, err
	}
	if e.Op == Not {
		if x, err = truth(e, x); err != nil {
			return nil, err
		}
		return folded(&notNode{x}, x), nil
	}
	if e.Op != Negate {
		return nil, errorOf(ErrType, "%s: no such operator", e)
	}
	var n node
	switch dt := x.typ(); dt.ID() {
	case arrow.NULL:
		return x, nil
	case arrow.DECIMAL128:
		if n, err = bindDecimal(Binary{Op: Subtract, Left: Literal{Value: int64(0)}, Right: e.X}, &constant{int64Type, int64(0)}, x); err != nil {
			return nil, err
		}
		if n != nil {
			break
		}
		fallthrough
	case arrow.FLOAT64:
		// Times -1, not 0 - x, so that 0 becomes -0.
		if x, err = newCast(x, float64Type, e); err != nil {
			return nil, err
		}
		n = newArithmetic(Multiply, e, x, &constant{float64Type, -1.0}, float64Type)
	case arrow.INT64, arrow.DURATION, arrow.UINT64:
		if dt.ID() == arrow.UINT64 {
			dt = int64Type
			if x, err = newCast(x, dt, e); err != nil {
				return nil, err
			}
		}
		n = newArithmetic(Subtract, e, &constant{dt, int64(0)}, x, dt)
	default:
		return nil, errorOf(ErrType, "%s: %s cannot be negated (numbers can: cast it, float(x))", e, typeName(dt))
	}
	return folded(n, x), nil
}
