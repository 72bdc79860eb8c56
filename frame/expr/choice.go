package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// choiceNode is a Case: the value of the first arm whose condition is true, otherwise that of the last one, which is
// Else. conds has one fewer than values.
type choiceNode struct {
	conds, values []node
	dt            arrow.DataType
	expr          Expr
}

func (b *binder) choice(e Case) (node, error) {
	c := &choiceNode{expr: e}
	for _, w := range e.Whens {
		cond, err := b.bind(w.Cond)
		if err != nil {
			return nil, err
		}
		if cond, err = truth(e, cond); err != nil {
			return nil, err
		}
		value, err := b.bind(w.Then)
		if err != nil {
			return nil, err
		}
		c.conds, c.values = append(c.conds, cond), append(c.values, value)
	}
	otherwise := node(&constant{dt: arrow.Null})
	if e.Else != nil {
		var err error
		if otherwise, err = b.bind(e.Else); err != nil {
			return nil, err
		}
	}
	c.values = append(c.values, otherwise)
	var err error
	if c.values, c.dt, err = unifyAll(e, c.values); err != nil {
		return nil, err
	}
	switch physicalOf(c.dt) {
	case physNull:
		return &constant{dt: c.dt}, nil
	case physNone:
		return nil, errorOf(ErrType, "%s: values of %s cannot be chosen between", e, typeName(c.dt))
	}
	return folded(c, append(c.conds, c.values...)...), nil
}

// unifyAll casts values to the type that holds all of them.
func unifyAll(e Expr, values []node) ([]node, arrow.DataType, error) {
	out := append([]node(nil), values...)
	// Columns decide the type before constants, which adapt.
	dt := arrow.DataType(arrow.Null) //nolint:unconvert // it is reassigned to other types
	for _, constants := range []bool{false, true} {
		for i, v := range out {
			if _, ok := v.(*constant); ok != constants {
				continue
			}
			v, err := meet(e, v, dt)
			if err != nil {
				return nil, nil, err
			}
			v = meetDecimal(v, dt)
			common, ok := resultType(dt, v.typ())
			if !ok {
				return nil, nil, mismatch(e, &constant{dt: dt}, v)
			}
			out[i], dt = v, common
		}
	}
	for i, v := range out {
		v, err := newCast(v, dt, e)
		if err != nil {
			return nil, nil, err
		}
		out[i] = v
	}
	return out, dt, nil
}

// resultType is commonType, but integers of both signs give int64: a column of them should not become decimals.
func resultType(a, b arrow.DataType) (arrow.DataType, bool) {
	if isInteger(a) && isInteger(b) && a.ID() != b.ID() {
		return arrow.PrimitiveTypes.Int64, true
	}
	return commonType(a, b)
}

func (c *choiceNode) typ() arrow.DataType { return c.dt }

func (c *choiceNode) eval(b *block) (arrow.Array, error) {
	pick := make([]int32, b.rows)
	for i := range pick {
		pick[i] = int32(len(c.conds))
	}
	open := make([]uint64, (b.rows+63)/64) // rows that no arm has taken yet
	for i := range open {
		open[i] = validWord(nil, 0, b.rows-64*i)
	}
	sources := make([]arrow.Array, 0, len(c.values))
	defer func() {
		for _, s := range sources {
			s.Release()
		}
	}()
	taken := make([]uint64, len(open))
	for arm, cond := range c.conds {
		a, err := evalWhere(cond, b, func() []uint64 { return open })
		if err != nil {
			return nil, err
		}
		takeArm(a.(*array.Boolean), int32(arm), open, taken, pick)
		a.Release()
		value, err := evalWhere(c.values[arm], b, func() []uint64 { return taken })
		if err != nil {
			return nil, err
		}
		sources = append(sources, value)
	}
	otherwise, err := evalWhere(c.values[len(c.conds)], b, func() []uint64 { return open })
	if err != nil {
		return nil, err
	}
	sources = append(sources, otherwise)
	return gather(b.mem, c.dt, sources, pick, c.expr)
}

// takeArm gives an arm the open rows in which its condition is true.
func takeArm(cond *array.Boolean, arm int32, open, taken []uint64, pick []int32) {
	n := len(pick)
	value, valueOff := boolBits(cond)
	valid, validOff := validBits(cond)
	for w := range open {
		i := 64 * w
		taken[w] = open[w] & word(value, valueOff+i, n-i) & validWord(valid, validOff+i, n-i)
		open[w] &^= taken[w]
		for t, at := taken[w], i; t != 0; t, at = t>>1, at+1 {
			if t&1 != 0 {
				pick[at] = arm
			}
		}
	}
}

// gather takes row i from sources[pick[i]].
func gather(mem memory.Allocator, dt arrow.DataType, sources []arrow.Array, pick []int32, e Expr) (arrow.Array, error) {
	n := len(pick)
	valid := gatherValid(mem, sources, pick)
	switch physicalOf(dt) {
	case physBool:
		buf, out := newBits(mem, n)
		gatherBits(out, sources, pick, func(a arrow.Array) ([]byte, int) { return boolBits(a.(*array.Boolean)) })
		return makeArray(dt, n, valid, buf), nil
	case physInt32:
		return gatherFixed[int32](mem, dt, sources, pick, valid), nil
	case physInt64:
		return gatherFixed[int64](mem, dt, sources, pick, valid), nil
	case physUint64:
		return gatherFixed[uint64](mem, dt, sources, pick, valid), nil
	case physFloat:
		return gatherFixed[float64](mem, dt, sources, pick, valid), nil
	case physDec:
		return gatherFixed[decimal128.Num](mem, dt, sources, pick, valid), nil
	case physBytes:
		in := make([]texts, len(sources))
		for i, s := range sources {
			in[i] = textsOf(s)
		}
		w := newTextWriter(mem, n, 8*n)
		for i, p := range pick {
			w.put(append(w.buf, in[p].at(i)...))
		}
		return w.finish(dt, valid, e)
	}
	if valid != nil {
		valid.Release()
	}
	return nil, errorOf(ErrType, "%s: values of %s cannot be chosen between", e, typeName(dt))
}

func gatherFixed[T fixed](mem memory.Allocator, dt arrow.DataType, sources []arrow.Array, pick []int32, valid *memory.Buffer) arrow.Array {
	in := make([][]T, len(sources))
	for i, s := range sources {
		in[i] = values[T](s)
	}
	buf, out := newFixed[T](mem, len(pick))
	for i, p := range pick {
		out[i] = in[p][i]
	}
	return makeArray(dt, len(pick), valid, buf)
}

func gatherValid(mem memory.Allocator, sources []arrow.Array, pick []int32) *memory.Buffer {
	nulls := false
	for _, s := range sources {
		nulls = nulls || s.NullN() > 0
	}
	if !nulls {
		return nil
	}
	buf, out := newBits(mem, len(pick))
	gatherBits(out, sources, pick, validBits)
	return buf
}

// gatherBits takes bit i from the bitmap of sources[pick[i]]; no bitmap means all set.
func gatherBits(out []byte, sources []arrow.Array, pick []int32, bitmap func(arrow.Array) ([]byte, int)) {
	type bitmapAt struct {
		bits []byte
		off  int
	}
	in := make([]bitmapAt, len(sources))
	for i, s := range sources {
		in[i].bits, in[i].off = bitmap(s)
	}
	for i := 0; i < len(pick); i += 64 {
		block := pick[i:min(i+64, len(pick))]
		var w uint64
		for j, p := range block {
			bit := uint64(1)
			if s := &in[p]; s.bits != nil {
				at := s.off + i + j
				bit = uint64(s.bits[at>>3]>>(uint(at)&7)) & 1
			}
			w |= bit << (uint(j) & 63)
		}
		putWord(out, i, len(pick), w)
	}
}
