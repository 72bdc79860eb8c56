package exec

import (
	"context"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// span is the rows that a running state covers.
type span struct{ lo, hi int }

// jump starts anew at lo where the rows from lo on are none of those covered.
func (s *span) jump(lo int) bool {
	if lo < s.hi {
		return false
	}
	s.lo, s.hi = lo, lo
	return true
}

// countEval counts rows, or values that are not null.
type countEval struct {
	env      *Env
	f        *windowFunc
	span     span
	count    int64
	add, sub nullCursor
}

func newCountEval(env *Env, f *windowFunc, rows *sortedRows) windowEval {
	return &countEval{env: env, f: f, add: newNullCursor(rows, f.operand), sub: newNullCursor(rows, f.operand)}
}

func (e *countEval) close() {
	e.add.close()
	e.sub.close()
}

func (e *countEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	lo, hi := b.lo[e.f.frame], b.hi[e.f.frame]
	out := newFixedColumn[int64](e.env.Mem, b.rows())
	guarded(out, func() {
		for i := range out.values {
			if e.f.operand < 0 {
				out.values[i] = int64(hi[i] - lo[i])
				continue
			}
			if e.span.jump(lo[i]) {
				e.count = 0
			}
			for ; e.span.hi < hi[i]; e.span.hi++ {
				if !e.add.null(e.span.hi) {
					e.count++
				}
			}
			for ; e.span.lo < lo[i]; e.span.lo++ {
				if !e.sub.null(e.span.lo) {
					e.count--
				}
			}
			out.values[i] = e.count
		}
	})
	return out.array(arrow.PrimitiveTypes.Int64), nil
}

// intSum adds up whole numbers exactly, in 128 bits: only a frame whose own sum does not fit is an error.
type intSum struct {
	env      *Env
	f        *windowFunc
	span     span
	hi, lo   uint64
	count    int64
	add, sub wordCursor
	signed   bool
}

func newIntSum(env *Env, f *windowFunc, rows *sortedRows) windowEval {
	return &intSum{
		env: env, f: f, add: newWordCursor(rows, f.operand), sub: newWordCursor(rows, f.operand),
		signed: f.dt.ID() != arrow.UINT64,
	}
}

func (e *intSum) close() {
	e.add.close()
	e.sub.close()
}

func (e *intSum) high(word uint64) uint64 {
	if e.signed {
		return uint64(int64(word) >> 63)
	}
	return 0
}

func (e *intSum) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	lo, hi := b.lo[e.f.frame], b.hi[e.f.frame]
	out := newFixedColumn[uint64](e.env.Mem, b.rows())
	fits := true
	guarded(out, func() {
		for i := range out.values {
			if e.span.jump(lo[i]) {
				e.hi, e.lo, e.count = 0, 0, 0
			}
			for ; e.span.hi < hi[i]; e.span.hi++ {
				if word, null := e.add.at(e.span.hi); !null {
					var carry uint64
					e.lo, carry = bits.Add64(e.lo, word, 0)
					e.hi += e.high(word) + carry
					e.count++
				}
			}
			for ; e.span.lo < lo[i]; e.span.lo++ {
				if word, null := e.sub.at(e.span.lo); !null {
					var borrow uint64
					e.lo, borrow = bits.Sub64(e.lo, word, 0)
					e.hi -= e.high(word) + borrow
					e.count--
				}
			}
			if e.count == 0 {
				out.null(i)
				continue
			}
			fits = fits && e.hi == e.high(e.lo)
			out.values[i] = e.lo
		}
	})
	if !fits {
		out.drop()
		return nil, e.f.overflow(e.f.dt)
	}
	return out.array(e.f.dt), nil
}

// decimalSum adds up decimals exactly.
type decimalSum struct {
	env      *Env
	f        *windowFunc
	span     span
	sum      decimal128.Num
	count    int64
	add, sub windowCursor
}

func newDecimalSum(env *Env, f *windowFunc, rows *sortedRows) windowEval {
	return &decimalSum{env: env, f: f, add: newWindowCursor(rows), sub: newWindowCursor(rows)}
}

func (e *decimalSum) close() {
	e.add.close()
	e.sub.close()
}

func (e *decimalSum) at(c *windowCursor, row int) (v decimal128.Num, null bool) {
	arr := c.seek(row).Column(e.f.operand).(*array.Decimal128)
	return arr.Value(row - c.base), arr.IsNull(row - c.base)
}

func (e *decimalSum) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	lo, hi := b.lo[e.f.frame], b.hi[e.f.frame]
	out := newFixedColumn[decimal128.Num](e.env.Mem, b.rows())
	fits := true
	digits := e.f.dt.(*arrow.Decimal128Type).Precision
	guarded(out, func() {
		for i := range out.values {
			if e.span.jump(lo[i]) {
				e.sum, e.count = decimal128.Num{}, 0
			}
			for ; e.span.hi < hi[i]; e.span.hi++ {
				if v, null := e.at(&e.add, e.span.hi); !null {
					e.sum = e.sum.Add(v)
					e.count++
				}
			}
			for ; e.span.lo < lo[i]; e.span.lo++ {
				if v, null := e.at(&e.sub, e.span.lo); !null {
					e.sum = e.sum.Sub(v)
					e.count--
				}
			}
			if e.count == 0 {
				out.null(i)
				continue
			}
			fits = fits && e.sum.FitsInPrecision(digits)
			out.values[i] = e.sum
		}
	})
	if !fits {
		out.drop()
		return nil, e.f.overflow(e.f.dt)
	}
	return out.array(e.f.dt), nil
}

// floatState is the sum of some floats and how many there are.
type floatState struct {
	sum   float64
	count int64
}

func addFloats(a, b floatState) floatState { return floatState{a.sum + b.sum, a.count + b.count} }

// floatEval is the sum or mean of floats.
type floatEval struct {
	env  *Env
	f    *windowFunc
	fold *sliding[floatState]
	add  wordCursor
}

func newFloatEval(env *Env, f *windowFunc, frame windowFrame, rows *sortedRows, reserve reserveFunc) windowEval {
	return &floatEval{env: env, f: f, add: newWordCursor(rows, f.operand), fold: newSliding(frame, addFloats, reserve, f)}
}

func (e *floatEval) close() { e.add.close() }

func (e *floatEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	lo, hi := b.lo[e.f.frame], b.hi[e.f.frame]
	out := newFixedColumn[float64](e.env.Mem, b.rows())
	mean := e.f.Func == expr.WindowFunc(expr.Mean)
	var err error
	guarded(out, func() {
		for i := range out.values {
			s, failed := e.fold.move(lo[i], hi[i], func(row int) floatState {
				if word, null := e.add.at(row); !null {
					return floatState{wordFloat(word), 1}
				}
				return floatState{}
			})
			if failed != nil {
				err = failed
				return
			}
			switch {
			case s.count == 0:
				out.null(i)
			case mean:
				out.values[i] = s.sum / float64(s.count)
			default:
				out.values[i] = s.sum
			}
		}
	})
	if err != nil {
		out.drop()
		return nil, err
	}
	return out.array(e.f.dt), nil
}
