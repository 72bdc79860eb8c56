package expr

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// Scaled takes the integers X for the unscaled values of decimals: of decimal(15, 2) 1234 is 12.34. It is what a plan makes of columns that a
// source gives unscaled, in half of the memory, so that they are 64 bits until something looks at the decimals that they are.
type Scaled struct {
	X  Expr
	To *arrow.Decimal128Type
}

// MaxScaled is how many digits decimals have at most whose unscaled values fit 64 bits.
const MaxScaled = 18

func (Scaled) expr() {}

// Children is X.
func (e Scaled) Children() []Expr { return []Expr{e.X} }

// String is for Explain: no text is read back as this.
func (e Scaled) String() string {
	if e.To == nil {
		return "scaled(" + text(e.X) + ")"
	}
	return fmt.Sprintf("scaled(%s, %d, %d)", text(e.X), e.To.Precision, e.To.Scale)
}

type scaledNode struct {
	x  node
	dt arrow.DataType
}

func (b *binder) scaled(e Scaled) (node, error) {
	x, err := b.bind(e.X)
	if err != nil {
		return nil, err
	}
	if x.typ().ID() != arrow.INT64 || e.To == nil || e.To.Precision > MaxScaled {
		return nil, errorOf(ErrType, "%s: unscaled values are int64, of decimals of at most %d digits", e, MaxScaled)
	}
	return &scaledNode{x, e.To}, nil
}

func (s *scaledNode) typ() arrow.DataType { return s.dt }

func (s *scaledNode) eval(b *block) (arrow.Array, error) {
	a, err := s.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	buf, out := newFixed[decimal128.Num](b.mem, b.rows)
	widenShorts(out, values[int64](a))
	return makeArray(s.dt, b.rows, validity(b.mem, a), buf), nil
}

func widenShorts(out []decimal128.Num, v []int64) {
	out = out[:len(v)]
	for i, x := range v {
		out[i] = decimal128.New(x>>63, uint64(x))
	}
}
