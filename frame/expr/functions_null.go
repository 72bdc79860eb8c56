package expr

import (
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// nullTestNode is is_null, or with not is_not_null. It has no nulls.
type nullTestNode struct {
	x   node
	not bool
}

func bindNullTest(e Call, args []node) (node, error) {
	not := e.Func == "is_not_null"
	if args[0].typ().ID() == arrow.NULL {
		return &constant{arrow.FixedWidthTypes.Boolean, !not}, nil
	}
	return &nullTestNode{args[0], not}, nil
}

func (t *nullTestNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

func (t *nullTestNode) eval(b *block) (arrow.Array, error) {
	a, err := t.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	n := a.Len()
	valid, off := validBits(a)
	invert := ^uint64(0)
	if t.not {
		invert = 0
	}
	buf, out := newBits(b.mem, n)
	for i := 0; i < n; i += 64 {
		putWord(out, i, n, validWord(valid, off+i, n-i)^invert)
	}
	return makeArray(t.typ(), n, nil, buf), nil
}

// coalesceNode is the first value that is not null.
type coalesceNode struct {
	xs   []node
	dt   arrow.DataType
	expr Expr
}

func bindCoalesce(e Call, args []node) (node, error) {
	xs, dt, err := unifyAll(e, args)
	if err != nil {
		return nil, err
	}
	switch physicalOf(dt) {
	case physNull:
		return &constant{dt: dt}, nil
	case physNone:
		return nil, argument(e, 0, xs[0], "a plain value")
	}
	return &coalesceNode{xs, dt, e}, nil
}

func (c *coalesceNode) typ() arrow.DataType { return c.dt }

func (c *coalesceNode) eval(b *block) (arrow.Array, error) {
	var sources []arrow.Array
	defer func() {
		for _, s := range sources {
			s.Release()
		}
	}()
	pick := make([]int32, b.rows)
	open := make([]uint64, (b.rows+63)/64)
	for i := range open {
		open[i] = validWord(nil, 0, b.rows-64*i)
	}
	for k, x := range c.xs {
		a, err := evalWhere(x, b, func() []uint64 { return open })
		if err != nil {
			return nil, err
		}
		if k == 0 && a.NullN() == 0 {
			return a, nil
		}
		sources = append(sources, a)
		valid, off := validBits(a)
		left := uint64(0)
		for w := range open {
			i := 64 * w
			take := open[w] & validWord(valid, off+i, b.rows-i)
			open[w] &^= take
			left |= open[w]
			for at := i; k > 0 && take != 0; take, at = take>>1, at+1 {
				if take&1 != 0 {
					pick[at] = int32(k)
				}
			}
		}
		if left == 0 {
			break
		}
	}
	return gather(b.mem, c.dt, sources, pick, c.expr)
}

// extremeNode is the least or greatest of several values, nulls left out; NaN is the greatest.
type extremeNode struct {
	xs   []node
	op   BinaryOp
	dt   arrow.DataType
	expr Expr
}

func bindExtreme(e Call, args []node) (node, error) {
	xs, dt, err := unifyAll(e, args)
	if err != nil {
		return nil, err
	}
	op := Less
	if e.Func == "greatest" {
		op = Greater
	}
	switch physicalOf(dt) {
	case physNull:
		return &constant{dt: dt}, nil
	case physNone:
		return nil, argument(e, 0, xs[0], "values with an order")
	}
	return &extremeNode{xs, op, dt, e}, nil
}

func (x *extremeNode) typ() arrow.DataType { return x.dt }

func (x *extremeNode) eval(b *block) (arrow.Array, error) {
	best, err := x.xs[0].eval(b)
	if err != nil {
		return nil, err
	}
	kind := physicalOf(x.dt)
	pick := make([]int32, b.rows)
	better := make([]byte, byteCount(b.rows))
	for _, n := range x.xs[1:] {
		next, err := n.eval(b)
		if err != nil {
			best.Release()
			return nil, err
		}
		compareArrays(x.op, kind, next, best, better)
		takeBetter(pick, better, best, next)
		chosen, err := gather(b.mem, x.dt, []arrow.Array{best, next}, pick, x.expr)
		best.Release()
		next.Release()
		if err != nil {
			return nil, err
		}
		best = chosen
	}
	return best, nil
}

// takeBetter picks 1 where next is a value and either better or without a rival, otherwise 0.
func takeBetter(pick []int32, better []byte, best, next arrow.Array) {
	n := len(pick)
	bestValid, bestOff := validBits(best)
	nextValid, nextOff := validBits(next)
	for i := 0; i < n; i += 64 {
		w := validWord(nextValid, nextOff+i, n-i) & (^validWord(bestValid, bestOff+i, n-i) | word(better, i, n-i))
		for j := i; j < min(i+64, n); j++ {
			pick[j] = int32(w & 1)
			w >>= 1
		}
	}
}

func bindBetween(e Call, args []node) (node, error) {
	low, err := bindComparison(GreaterEqual, e, args[0], args[1])
	if err != nil {
		return nil, err
	}
	high, err := bindComparison(LessEqual, e, args[0], args[2])
	if err != nil {
		return nil, err
	}
	return &logicNode{l: low, r: high}, nil
}

// bindIsIn looks constants up in a set; what has no set (other types, columns among the values) is a chain of ==.
func bindIsIn(e Call, args []node) (node, error) {
	if n := newSet(e, args); n != nil {
		return n, nil
	}
	var out node
	for _, v := range args[1:] {
		same, err := bindComparison(Equal, e, args[0], v)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = same
			continue
		}
		out = &logicNode{or: true, l: out, r: same}
	}
	return out, nil
}

// setNode is membership in a set of constants. With a null among these, what is not found is null.
type setNode struct {
	x       node
	keys    map[uint64]struct{}
	texts   map[string]struct{}
	hasNull bool
}

func newSet(e Call, args []node) node {
	kind := physicalOf(args[0].typ())
	s := &setNode{x: args[0], keys: map[uint64]struct{}{}, texts: map[string]struct{}{}}
	for _, v := range args[1:] {
		v, err := meet(e, v, args[0].typ())
		if err != nil {
			return nil
		}
		c, ok := v.(*constant)
		if !ok || !arrow.TypeEqual(c.dt, args[0].typ()) {
			return nil
		}
		switch v := c.v.(type) {
		case nil:
			s.hasNull = true
		case int32:
			s.keys[uint64(v)] = struct{}{}
		case int64:
			s.keys[uint64(v)] = struct{}{}
		case uint64:
			s.keys[v] = struct{}{}
		case float64:
			s.keys[floatKey(v)] = struct{}{}
		case string:
			s.texts[v] = struct{}{}
		default:
			return nil
		}
	}
	switch kind {
	case physInt32, physInt64, physUint64, physFloat, physBytes:
		return s
	}
	return nil
}

func (s *setNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

func (s *setNode) eval(b *block) (arrow.Array, error) {
	a, err := s.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	n := a.Len()
	buf, out := newBits(b.mem, n)
	bitsOf(n, out, s.member(a))
	if !s.hasNull {
		return makeArray(s.typ(), n, validity(b.mem, a), buf), nil
	}
	found, bits := newBits(b.mem, n)
	valid, off := validBits(a)
	for i := 0; i < n; i += 64 {
		putWord(bits, i, n, word(out, i, n-i)&validWord(valid, off+i, n-i))
	}
	return makeArray(s.typ(), n, found, buf), nil
}

func (s *setNode) member(a arrow.Array) func(i int) bool {
	has := func(k uint64) bool {
		_, ok := s.keys[k]
		return ok
	}
	switch physicalOf(a.DataType()) {
	case physInt32:
		v := values[int32](a)
		return func(i int) bool { return has(uint64(v[i])) }
	case physInt64:
		v := values[int64](a)
		return func(i int) bool { return has(uint64(v[i])) }
	case physUint64:
		v := values[uint64](a)
		return func(i int) bool { return has(v[i]) }
	case physFloat:
		v := values[float64](a)
		return func(i int) bool { return has(floatKey(v[i])) }
	default:
		return s.textMember(textsOf(a))
	}
}

// fewTexts is up to how many texts are compared one by one: that takes a third of the time of hashing.
const fewTexts = 8

// shortText is how long texts are that are compared as words.
const shortText = 8

// shortWord is a word of the bytes of a text, of the first eight where it has more.
func shortWord[T string | []byte](text T) (w uint64) {
	for i := range min(len(text), shortText) {
		w = w<<8 | uint64(text[i])
	}
	return w
}

// textMember looks at the length first.
func (s *setNode) textMember(t texts) func(i int) bool {
	var lengths uint64
	for text := range s.texts {
		lengths |= 1 << min(len(text), 63)
	}
	few := slices.Sorted(maps.Keys(s.texts))
	words := make([]uint64, 0, len(few))
	for _, text := range few {
		words = append(words, shortWord(text))
	}
	return func(i int) bool {
		text := t.at(i)
		if lengths>>min(uint(len(text)), 63)&1 == 0 {
			return false
		}
		if len(few) <= fewTexts && len(text) <= shortText {
			w := shortWord(text)
			for k, v := range words {
				if v == w && len(few[k]) == len(text) {
					return true
				}
			}
			return false
		}
		if len(few) > fewTexts {
			_, ok := s.texts[string(text)]
			return ok
		}
		return slices.ContainsFunc(few, func(v string) bool { return string(text) == v })
	}
}
