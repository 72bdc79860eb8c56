package expr

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

var int64Type, float64Type arrow.DataType = arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64

func (b *BoundAgg) setCount() {
	b.dt, b.states = int64Type, []arrow.DataType{int64Type}
	b.make = func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &countAccumulator{base: base{b, mem}, counts: slab[int64]{mem: mem}}
	}
}

// choose picks result type, state and accumulator by the operand's type.
func (b *BoundAgg) choose() error {
	dt := b.x.Type()
	switch b.agg.Func {
	case Count:
		b.setCount()
		return nil
	case Sum, Mean:
		return b.chooseSum(dt)
	case Median, Quantile:
		return b.chooseQuantile(dt)
	case Std, StdPop, Var, VarPop, Corr, Cov:
		return b.chooseFloat()
	case Any, All:
		if dt.ID() != arrow.BOOL {
			return b.refuse("compare: " + string(b.agg.Func) + "(x > 0)")
		}
	}
	b.dt = dt
	if dt.ID() == arrow.BOOL {
		// Truth values take part as 0 and 1; Result turns them back.
		if err := b.castOperand(int64Type); err != nil {
			return err
		}
	}
	switch b.agg.Func {
	case CountDistinct:
		return b.chooseDistinct()
	case First, Last:
		return b.chooseEnd()
	default:
		return b.chooseExtreme()
	}
}

func (b *BoundAgg) castOperand(to arrow.DataType) (err error) {
	b.x, err = b.cast(b.x, to)
	return err
}

func (b *BoundAgg) cast(x *Bound, to arrow.DataType) (*Bound, error) {
	n, err := newCast(x.root, to, b.agg)
	if err != nil {
		return nil, err
	}
	return &Bound{root: n, expr: x.expr}, nil
}

// numeric says how an operand that is no number can become one.
func (b *BoundAgg) numeric(dt arrow.DataType) error {
	switch {
	case isNumeric(dt), dt.ID() == arrow.BOOL:
		return nil
	case isTemporal(dt):
		return b.refuseType(dt, "cast it: int(x)")
	}
	return b.refuseType(dt, "cast it: float(x)")
}

func (b *BoundAgg) chooseSum(dt arrow.DataType) error {
	if dt.ID() != arrow.DURATION || b.agg.Func != Sum {
		if err := b.numeric(dt); err != nil {
			return err
		}
	}
	if dt.ID() == arrow.BOOL {
		dt = int64Type
		if err := b.castOperand(dt); err != nil {
			return err
		}
	}
	if b.agg.Func == Mean {
		b.dt = float64Type
		switch physicalOf(dt) {
		case physInt64:
			b.states, b.make = []arrow.DataType{wideType, int64Type}, newIntMean(intHalves, true)
		case physUint64:
			b.states, b.make = []arrow.DataType{wideType, int64Type}, newIntMean(uintHalves, false)
		case physDec:
			b.states, b.make = []arrow.DataType{wideType, int64Type}, newDecimalMean(scaleOf(dt))
		default:
			b.states, b.make = []arrow.DataType{float64Type, int64Type}, newMean
		}
		return nil
	}
	b.dt = dt
	switch physicalOf(dt) {
	case physInt64:
		b.states, b.make = []arrow.DataType{wideType}, newIntSum(sumInts)
	case physUint64:
		b.states, b.make = []arrow.DataType{wideType}, newIntSum(sumUints)
	case physDec:
		b.dt = &arrow.Decimal128Type{Precision: maxDecimalDigits, Scale: scaleOf(dt)}
		b.states, b.make = []arrow.DataType{b.dt}, newDecimalSum
	default:
		b.states, b.make = []arrow.DataType{dt}, newFloatSum
	}
	return nil
}

// chooseFloat is for the aggregates that work on numbers as floats.
// chooseQuantile takes times as the integers that they are. Between two dates there may be a time of day.
func (b *BoundAgg) chooseQuantile(dt arrow.DataType) error {
	if !isTemporal(dt) {
		return b.chooseFloat()
	}
	if dt.ID() == arrow.DATE32 {
		dt = &arrow.TimestampType{Unit: arrow.Microsecond}
		if err := b.castOperand(dt); err != nil {
			return err
		}
	}
	b.dt, b.states, b.make = dt, []arrow.DataType{arrow.ListOf(dt)}, newQuantile(intQuantile)
	return nil
}

func (b *BoundAgg) chooseFloat() (err error) {
	for _, x := range []**Bound{&b.x, &b.y} {
		if *x == nil {
			continue
		}
		if err = b.numeric((*x).Type()); err != nil {
			return err
		}
		if (*x).Type().ID() == arrow.BOOL {
			if *x, err = b.cast(*x, int64Type); err != nil {
				return err
			}
		}
		if *x, err = b.cast(*x, float64Type); err != nil {
			return err
		}
	}
	b.dt = float64Type
	switch b.agg.Func {
	case Median, Quantile:
		b.states, b.make = []arrow.DataType{arrow.ListOf(float64Type)}, newQuantile(floatQuantile)
	case Corr, Cov:
		b.states, b.make = append([]arrow.DataType{int64Type}, slices.Repeat([]arrow.DataType{float64Type}, 5)...), newPairs
	default:
		b.states, b.make = []arrow.DataType{int64Type, float64Type, float64Type}, newMoments
	}
	return nil
}

// base is what all accumulators have.
type base struct {
	bound *BoundAgg
	mem   memory.Allocator
}

// operand evaluates the operand and checks the group vector.
func (b *base) operand(ctx context.Context, rec arrow.Record, groups []uint32) (arrow.Array, error) {
	if int64(len(groups)) != rec.NumRows() {
		return nil, fmt.Errorf("%s: %d group ids for %d rows", b.bound.agg, len(groups), rec.NumRows())
	}
	return b.bound.x.Eval(ctx, b.mem, rec)
}

// states checks partial states against what State gives.
func (b *base) states(state []arrow.Array, groups []uint32) error {
	if len(state) != len(b.bound.states) {
		return fmt.Errorf("%s: a state of %d columns, want %d", b.bound.agg, len(state), len(b.bound.states))
	}
	for i, s := range state {
		if s.DataType().ID() != b.bound.states[i].ID() {
			return fmt.Errorf("%s: state column %d is %s, want %s", b.bound.agg, i, s.DataType(), b.bound.states[i])
		}
		if s.Len() != len(groups) {
			return fmt.Errorf("%s: %d group ids for a state of %d rows", b.bound.agg, len(groups), s.Len())
		}
	}
	return nil
}

// eachRun calls f for the stretches of rows that are not null, in order, so that the loops over them are dense.
func eachRun(a arrow.Array, f func(from, to int)) {
	n := a.Len()
	valid, off := validBits(a)
	if valid == nil {
		f(0, n)
		return
	}
	for i := 0; i < n; i += 64 {
		w := word(valid, off+i, n-i)
		if w == ^uint64(0) {
			to := i + 64
			for to+64 <= n && word(valid, off+to, n-to) == ^uint64(0) {
				to += 64
			}
			f(i, to)
			i = to - 64
			continue
		}
		for at := i; w != 0; {
			skip := bits.TrailingZeros64(w)
			w >>= uint(skip)
			run := bits.TrailingZeros64(^w)
			f(at+skip, at+skip+run)
			w >>= uint(run)
			at += skip + run
		}
	}
}

// fixedResult builds a fixed-width column of n rows from value, which says for each whether it is not null.
func fixedResult[T fixed](mem memory.Allocator, dt arrow.DataType, n int, value func(i int) (T, bool)) arrow.Array {
	buf, out := newFixed[T](mem, n)
	var valid *memory.Buffer
	for i := range out {
		v, ok := value(i)
		out[i] = v
		if !ok {
			if valid == nil {
				valid = newBuffer(mem, byteCount(n))
				fillBits(valid.Bytes(), n, true)
			}
			valid.Bytes()[i>>3] &^= 1 << (uint(i) & 7)
		}
	}
	return makeArray(dt, n, valid, buf)
}

// truthOf turns 0 and 1 back into a Boolean column; it takes over a.
func truthOf(mem memory.Allocator, a arrow.Array) arrow.Array {
	defer a.Release()
	v := values[int64](a)
	buf, out := newBits(mem, len(v))
	bitsOf(len(v), out, func(i int) bool { return v[i] != 0 })
	return makeArray(arrow.FixedWidthTypes.Boolean, len(v), validity(mem, a), buf)
}

// countAccumulator counts rows, or the operand's values that are not null.
type countAccumulator struct {
	base
	counts slab[int64]
}

func (c *countAccumulator) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	c.counts.grow(n)
	if c.bound.x == nil {
		countRows(c.counts.at, groups)
		return nil
	}
	a, err := c.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	eachRun(a, func(from, to int) { countRows(c.counts.at, groups[from:to]) })
	return nil
}

func countRows(counts []int64, groups []uint32) {
	if len(counts) == 1 {
		counts[0] += int64(len(groups))
		return
	}
	for _, g := range groups {
		counts[g]++
	}
}

func (c *countAccumulator) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := c.states(state, groups); err != nil {
		return err
	}
	c.counts.grow(n)
	v := values[int64](state[0])
	for i, g := range groups {
		c.counts.at[g] += v[i]
	}
	return nil
}

func (c *countAccumulator) State(ctx context.Context) ([]arrow.Array, error) {
	a, err := c.Result(ctx, len(c.counts.at))
	return []arrow.Array{a}, err
}

func (c *countAccumulator) Result(_ context.Context, n int) (arrow.Array, error) {
	buf, out := newFixed[int64](c.mem, n)
	copy(out, c.counts.at)
	return makeArray(int64Type, n, nil, buf), nil
}

func (c *countAccumulator) Bytes() int64 { return c.counts.bytes() }
func (c *countAccumulator) Release()     { c.counts.release() }

// fixedKind are the physical kinds whose values fit cells of one fixed width.
func fixedKind(dt arrow.DataType) bool {
	switch physicalOf(dt) {
	case physInt32, physInt64, physUint64, physFloat, physDec:
		return true
	}
	return false
}
