package expr

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	// quantileChunk is how many values a chunk of the log holds: what it wastes at most.
	quantileChunk = 1 << 16
	// quantileLog is how many values are logged before they are put in the order of groups.
	quantileLog = 1 << 20
	// quantileRun is the mean length from which on a state's lists are kept as they are.
	quantileRun = 4
)

// quantileAccumulator is Quantile and Median: exact, so that it keeps all values. They come into a log of (group, value);
// a full log becomes a page, its values in the order of groups. A page is also what a state brings: its lists.
//
//	Update ─► log ─(full)─► page: 3.5 1.0 │ 2.0 │ 7.5 …   runs of a group are chained
//	Merge ────────────────► page
type quantileAccumulator[T float64 | int64] struct {
	base
	quantileKind[T]
	log    []valueLog[T]
	logged int
	pages  []valuePage[T]
	groups slab[valueChain]
	runs   slab[valueRun]
	most   int64 // values in the largest group
	held   int64 // bytes of log and pages
}

// quantileKind is what quantiles of one type need.
type quantileKind[T float64 | int64] struct {
	words func(out []uint64, v []T) []uint64 // appends numbers that order as the values do
	pick  func(words []uint64, q float64) T  // reorders words, of which there is at least one
}

var (
	floatQuantile = quantileKind[float64]{
		words: func(out []uint64, v []float64) []uint64 {
			for _, x := range v {
				out = append(out, orderedFloat(x))
			}
			return out
		},
		pick: quantileOf,
	}
	intQuantile = quantileKind[int64]{
		words: func(out []uint64, v []int64) []uint64 {
			for _, x := range v {
				out = append(out, uint64(x)^signBit)
			}
			return out
		},
		pick: intQuantileOf,
	}
)

// valueLog is a chunk of values with their groups.
type valueLog[T float64 | int64] struct {
	groups slab[uint32]
	values slab[T]
}

// valuePage is values in the order of groups: the child of a list column, or memory of our own.
type valuePage[T float64 | int64] struct {
	at    []T
	array arrow.Array
	own   slab[T]
}

// valueChain is a group's runs: the first and the last, plus one, and how many values they and the log hold.
type valueChain struct {
	first, last uint32
	count       int64
}

// valueRun is a stretch of a page; next is the group's next run, plus one.
type valueRun struct{ page, offset, length, next uint32 }

func newQuantile[T float64 | int64](kind quantileKind[T]) func(b *BoundAgg, mem memory.Allocator) Accumulator {
	return func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &quantileAccumulator[T]{
			base: base{b, mem}, quantileKind: kind, groups: slab[valueChain]{mem: mem}, runs: slab[valueRun]{mem: mem},
		}
	}
}

func (c *quantileAccumulator[T]) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := c.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	c.groups.grow(n)
	v := values[T](a)
	eachRun(a, func(from, to int) { c.append(v[from:to], groups[from:to]) })
	return nil
}

// append adds values to the log.
func (c *quantileAccumulator[T]) append(v []T, groups []uint32) {
	for _, g := range groups {
		chain := &c.groups.at[g]
		chain.count++
		c.most = max(c.most, chain.count)
	}
	for len(v) > 0 {
		if len(c.log) == 0 || len(c.log[len(c.log)-1].values.at) == quantileChunk {
			if c.logged >= max(quantileLog, quantileRun*len(c.groups.at)) {
				c.settle()
			}
			c.log = append(c.log, valueLog[T]{slab[uint32]{mem: c.mem}, slab[T]{mem: c.mem}})
		}
		l := &c.log[len(c.log)-1]
		c.held -= l.groups.bytes() + l.values.bytes()
		at := len(l.values.at)
		n := min(len(v), quantileChunk-at)
		l.groups.grow(at + n)
		l.values.grow(at + n)
		copy(l.groups.at[at:], groups[:n])
		copy(l.values.at[at:], v[:n])
		c.held += l.groups.bytes() + l.values.bytes()
		v, groups, c.logged = v[n:], groups[n:], c.logged+n
	}
}

// settle makes a page of the log: a counting sort by group, values of a group in the order they came.
func (c *quantileAccumulator[T]) settle() {
	if c.logged == 0 {
		return
	}
	ends := make([]uint32, len(c.groups.at)+1)
	for _, l := range c.log {
		for _, g := range l.groups.at {
			ends[g+1]++
		}
	}
	page := slab[T]{mem: c.mem}
	page.grow(c.logged)
	c.held += page.bytes()
	c.pages = append(c.pages, valuePage[T]{at: page.at, own: page})
	at := uint32(0)
	for g := range c.groups.at {
		n := ends[g+1]
		ends[g+1] = at // where the group's next value goes
		if n > 0 {
			c.chain(uint32(g), at, n)
		}
		at += n
	}
	for _, l := range c.log {
		v := l.values.at
		for i, g := range l.groups.at {
			page.at[ends[g+1]] = v[i]
			ends[g+1]++
		}
	}
	c.dropLog()
}

// chain adds a run of the last page to a group.
func (c *quantileAccumulator[T]) chain(g, offset, length uint32) {
	c.runs.append(valueRun{uint32(len(c.pages) - 1), offset, length, 0})
	run := uint32(len(c.runs.at))
	if chain := &c.groups.at[g]; chain.last == 0 {
		chain.first, chain.last = run, run
	} else {
		c.runs.at[chain.last-1].next = run
		chain.last = run
	}
}

func (c *quantileAccumulator[T]) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := c.states(state, groups); err != nil {
		return err
	}
	c.groups.grow(n)
	lists := state[0].(*array.List)
	if lists.Len() == 0 {
		return nil
	}
	from, _ := lists.ValueOffsets(0)
	_, to := lists.ValueOffsets(lists.Len() - 1)
	v := values[T](lists.ListValues())
	if to-from < quantileRun*int64(lists.Len()) {
		owner := make([]uint32, 0, to-from)
		for i, g := range groups {
			a, b := lists.ValueOffsets(i)
			for range b - a {
				owner = append(owner, g)
			}
		}
		c.append(v[from:to], owner)
		return nil
	}
	// Values in the log came before.
	c.settle()
	part := array.NewSlice(lists.ListValues(), from, to)
	c.pages = append(c.pages, valuePage[T]{at: v[from:to], array: part})
	c.held += 8 * (to - from)
	for i, g := range groups {
		if a, b := lists.ValueOffsets(i); a < b {
			c.chain(g, uint32(a-from), uint32(b-a))
			chain := &c.groups.at[g]
			chain.count += b - a
			c.most = max(c.most, chain.count)
		}
	}
	return nil
}

// each calls f for the runs of a group.
func (c *quantileAccumulator[T]) each(g int, f func(v []T)) {
	for at := c.groups.at[g].first; at != 0; {
		run := c.runs.at[at-1]
		f(c.pages[run.page].at[run.offset:][:run.length])
		at = run.next
	}
}

func (c *quantileAccumulator[T]) State(_ context.Context) ([]arrow.Array, error) {
	c.settle()
	total := int64(0)
	for _, chain := range c.groups.at {
		total += chain.count
	}
	if total > math.MaxInt32 {
		return nil, errorOf(ErrOverflow, "%s: more than 2^31 values in one state", c.bound.agg)
	}
	n := len(c.groups.at)
	offsets, at := newFixed[int32](c.mem, n+1)
	defer offsets.Release()
	at[0] = 0
	buf, out := newFixed[T](c.mem, int(total))
	next := 0
	for g := range n {
		c.each(g, func(v []T) { next += copy(out[next:], v) })
		at[g+1] = int32(next)
	}
	child := makeArray(c.bound.states[0].(*arrow.ListType).Elem(), int(total), nil, buf)
	defer child.Release()
	data := array.NewData(c.bound.states[0], n, []*memory.Buffer{nil, offsets}, []arrow.ArrayData{child.Data()}, 0, 0)
	defer data.Release()
	return []arrow.Array{array.NewListData(data)}, nil
}

// Result copies a group at a time and selects in the copy.
func (c *quantileAccumulator[T]) Result(_ context.Context, n int) (arrow.Array, error) {
	c.settle()
	scratch := slab[uint64]{mem: c.mem}
	defer scratch.release()
	scratch.grow(int(c.most))
	return fixedResult(c.mem, c.bound.dt, n, func(g int) (T, bool) {
		if c.groups.at[g].count == 0 {
			return 0, false
		}
		all := scratch.at[:0]
		c.each(g, func(v []T) { all = c.words(all, v) })
		return c.pick(all, c.bound.q), true
	}), nil
}

// Bytes counts what Result takes in addition.
func (c *quantileAccumulator[T]) Bytes() int64 {
	return c.held + c.groups.bytes() + c.runs.bytes() + 8*c.most
}

func (c *quantileAccumulator[T]) dropLog() {
	for i := range c.log {
		l := &c.log[i]
		c.held -= l.groups.bytes() + l.values.bytes()
		l.groups.release()
		l.values.release()
	}
	c.log, c.logged = nil, 0
}

func (c *quantileAccumulator[T]) Release() {
	c.dropLog()
	for i := range c.pages {
		c.pages[i].own.release()
		if a := c.pages[i].array; a != nil {
			a.Release()
		}
	}
	c.pages = nil
	c.groups.release()
	c.runs.release()
}
