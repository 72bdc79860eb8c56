package expr

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// decimalCell is a group's sum and how many values are in it.
type decimalCell struct {
	low   uint64
	high  int64
	count int64
}

// add gives a negative number where the sum leaves 128 bits.
func (c *decimalCell) add(high int64, low uint64, count int64) (overflow int64) {
	lo, carry := bits.Add64(c.low, low, 0)
	hi, _ := bits.Add64(uint64(c.high), uint64(high), carry)
	overflow = (c.high ^ int64(hi)) & (high ^ int64(hi))
	c.low, c.high = lo, int64(hi)
	c.count += count
	return overflow
}

func (c *decimalCell) total() decimal128.Num { return decimal128.New(c.high, c.low) }

// decimalSums is sums of decimals by group. Values that fit 64 bits are added to those of their tiles first.
type decimalSums struct {
	base
	cells slab[decimalCell]
	tiles tileSums
}

func newDecimalSums(b *BoundAgg, mem memory.Allocator) decimalSums {
	return decimalSums{base: base{b, mem}, cells: slab[decimalCell]{mem: mem}}
}

func (s *decimalSums) Bytes() int64 { return s.cells.bytes() }
func (s *decimalSums) Release()     { s.cells.release() }

// update adds the operand's values and reports whether all sums fit 128 bits.
func (s *decimalSums) update(ctx context.Context, rec arrow.Record, groups []uint32, n int) (fits bool, err error) {
	s.cells.grow(n)
	if int64(len(groups)) != rec.NumRows() {
		return false, fmt.Errorf("%s: %d group ids for %d rows", s.bound.agg, len(groups), rec.NumRows())
	}
	done, short := 0, true
	b := &block{ctx: ctx, mem: s.mem, rec: rec, rows: len(groups)}
	if _, stored := s.bound.x.root.(*columnNode); !stored || fewGroups(n, len(groups)) { // else they are not made short first
		if done, short, err = s.updateShort(b, groups); err != nil || done == len(groups) {
			return short, err
		}
	}
	a, err := s.bound.x.root.eval(b)
	if err != nil {
		return false, err
	}
	defer a.Release()
	rest := array.NewSlice(a, int64(done), int64(len(groups)))
	defer rest.Release()
	return s.take(rest, groups[done:]) && short, nil
}

// take adds values and reports whether all sums fit 128 bits.
func (s *decimalSums) take(a arrow.Array, groups []uint32) bool {
	v, fits := values[decimal128.Num](a), true
	eachRun(a, func(from, to int) { fits = sumDecimals(s.cells.at, v[from:to], groups[from:to]) && fits })
	return fits
}

// updateShort adds the values of the first rows, as far as all that is computed fits 64 bits, and says how many rows these are.
func (s *decimalSums) updateShort(b *block, groups []uint32) (done int, fits bool, err error) {
	in, err := shortOf(s.bound.x.root, b)
	if err != nil || in.source == nil {
		return 0, true, err
	}
	defer in.release()
	for _, a := range in.read {
		if a.NullN() > 0 {
			return 0, true, nil
		}
	}
	s.tiles.begin(s.cells.at, len(groups))
	var tile [shortTile]int64
	for done < len(groups) {
		v, bits := in.source.tile(done, tile[:min(shortTile, len(groups)-done)])
		if bits == tooLongTile {
			break
		}
		s.tiles.add(v, groups[done:], bits)
		done += len(v)
	}
	return done, s.tiles.end(), nil
}

// sumDecimals adds in 128 bits; that a sum has more digits than a decimal is found when it is given.
func sumDecimals(cells []decimalCell, v []decimal128.Num, groups []uint32) (fits bool) {
	overflow := int64(0)
	v = v[:len(groups)]
	for i, g := range groups {
		overflow |= cells[g].add(v[i].HighBits(), v[i].LowBits(), 1)
	}
	return overflow >= 0
}

// tileSums sums tiles of values. Where groups are few, sum and count of a group are one word, so that a row costs one addition in memory, and four
// words take turns, so that no addition waits for the one before.
//
//	63         51                       0
//	  ┌──────────┬──────────────────────┐
//	  │  count   │ sum of value + 2^38  │
//	  └──────────┴──────────────────────┘
type tileSums struct {
	cells    []decimalCell
	words    [][4]uint64
	few      bool  // words are used
	rows     int   // in words
	overflow int64 // negative where a sum has left 128 bits
}

const (
	tileBits  = 38            // the longest values that words take
	tileBias  = 1 << tileBits // makes values those of 39 bits without a sign
	tileCount = 51            // the bit at which the count begins
	tileRows  = 1 << 14       // no more rows than that, a quarter in a word, between two flushes: neither part overflows
)

// fewGroups says whether groups are so few beside rows that words for them pay.
func fewGroups(groups, rows int) bool { return groups <= 64 && rows >= 16*groups }

// begin is for so many rows.
func (t *tileSums) begin(cells []decimalCell, rows int) {
	t.cells, t.few, t.rows, t.overflow = cells, fewGroups(len(cells), rows), 0, 0
	if !t.few {
		return
	}
	if cap(t.words) < len(cells) {
		t.words = make([][4]uint64, len(cells))
	}
	t.words = t.words[:len(cells)]
}

// add adds a tile whose values have so many bits.
func (t *tileSums) add(v []int64, groups []uint32, bits int) {
	switch {
	case bits > tileBits || !t.few:
		for i, x := range v {
			t.overflow |= t.cells[groups[i]].add(x>>63, uint64(x), 1)
		}
		return
	case len(t.cells) == 1: // so many values of 39 bits fit a word
		sum := sumRun(v)
		t.overflow |= t.cells[0].add(sum>>63, uint64(sum), int64(len(v)))
		return
	}
	if t.rows+len(v) > tileRows {
		t.flush()
	}
	t.rows += len(v)
	words := t.words
	groups = groups[:len(v)]
	for len(v) >= 4 && len(groups) >= 4 {
		words[groups[0]][0] += uint64(v[0]) + (tileBias + 1<<tileCount)
		words[groups[1]][1] += uint64(v[1]) + (tileBias + 1<<tileCount)
		words[groups[2]][2] += uint64(v[2]) + (tileBias + 1<<tileCount)
		words[groups[3]][3] += uint64(v[3]) + (tileBias + 1<<tileCount)
		v, groups = v[4:], groups[4:]
	}
	for i, x := range v {
		words[groups[i]][i&3] += uint64(x) + (tileBias + 1<<tileCount)
	}
}

// flush moves the sums to the cells.
func (t *tileSums) flush() {
	for g := range t.words {
		for i, w := range t.words[g] {
			if count := int64(w >> tileCount); count > 0 {
				sum := int64(w&(1<<tileCount-1)) - count*tileBias
				t.overflow |= t.cells[g].add(sum>>63, uint64(sum), count)
				t.words[g][i] = 0
			}
		}
	}
	t.rows = 0
}

// end gives whether all sums fit.
func (t *tileSums) end() (fits bool) {
	if t.few {
		t.flush()
	}
	t.cells = nil
	return t.overflow >= 0
}

// decimalSum is the sum of decimals.
type decimalSum struct {
	decimalSums
	shared bool // a mean reads it
}

func newDecimalSum(b *BoundAgg, mem memory.Allocator) Accumulator {
	return &decimalSum{decimalSums: newDecimalSums(b, mem)}
}

func (s *decimalSum) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	fits, err := s.update(ctx, rec, groups, n)
	if err != nil {
		return err
	}
	return s.check(fits)
}

// Merge adds partial sums as Update adds values: a group without values has null for its state.
func (s *decimalSum) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := s.states(state, groups); err != nil {
		return err
	}
	s.cells.grow(n)
	return s.check(s.take(state[0], groups))
}

func (s *decimalSum) check(fits bool) error {
	if fits {
		return nil
	}
	return errorOf(ErrOverflow, "%s: the sum does not fit %s (cast to float: sum(float(x)))", s.bound.agg, typeName(s.bound.dt))
}

func (s *decimalSum) State(ctx context.Context) ([]arrow.Array, error) {
	a, err := s.Result(ctx, len(s.cells.at))
	return []arrow.Array{a}, err
}

func (s *decimalSum) Result(_ context.Context, n int) (arrow.Array, error) {
	for i := range s.cells.at {
		if d := s.cells.at[i].total(); !short(d) && !d.FitsInPrecision(maxDecimalDigits) {
			return nil, s.check(false)
		}
	}
	return fixedResult(s.mem, s.bound.dt, n, func(i int) (decimal128.Num, bool) {
		c := &s.cells.at[i]
		return c.total(), c.count > 0
	}), nil
}

// decimalMean is the mean of decimals: their exact sum, divided.
type decimalMean struct {
	base
	sums   *decimalSums
	shared bool    // they are those of an aggregate that sums the same values, and takes them in
	scale  float64 // what the sum is divided by besides
}

func newDecimalMean(scale int32) func(*BoundAgg, memory.Allocator) Accumulator {
	return func(b *BoundAgg, mem memory.Allocator) Accumulator {
		sums := newDecimalSums(b, mem)
		return &decimalMean{base: base{b, mem}, sums: &sums, scale: math.Pow10(int(scale))}
	}
}

// share has the mean read a sum of the same values, which no other mean reads: it corrects the counts of states.
func (m *decimalMean) share(s *decimalSum) {
	m.Release()
	m.sums, m.shared, s.shared = &s.decimalSums, true, true
}

func (m *decimalMean) Bytes() int64 {
	if m.shared {
		return 0
	}
	return m.sums.Bytes()
}

func (m *decimalMean) Release() {
	if !m.shared {
		m.sums.Release()
	}
}

func (m *decimalMean) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	if m.shared {
		return nil
	}
	fits, err := m.sums.update(ctx, rec, groups, n)
	if err != nil {
		return err
	}
	return m.check(fits)
}

func (m *decimalMean) check(fits bool) error {
	if fits {
		return nil
	}
	return errorOf(ErrOverflow, "%s: the sum does not fit %s (cast to float: mean(float(x)))", m.bound.agg, typeName(wideType))
}

func (m *decimalMean) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := m.states(state, groups); err != nil {
		return err
	}
	m.sums.cells.grow(n)
	cells := m.sums.cells.at
	sums, counts, overflow := values[decimal128.Num](state[0]), values[int64](state[1]), int64(0)
	for i, g := range groups {
		switch {
		case !m.shared:
			overflow |= cells[g].add(sums[i].HighBits(), sums[i].LowBits(), counts[i])
		case counts[i] > 0: // the sum, which is merged as well, takes a state for one value
			cells[g].count += counts[i] - 1
		}
	}
	return m.check(overflow >= 0)
}

func (m *decimalMean) State(_ context.Context) ([]arrow.Array, error) {
	n, cells := len(m.sums.cells.at), m.sums.cells.at
	return []arrow.Array{
		fixedResult(m.mem, wideType, n, func(i int) (decimal128.Num, bool) { return cells[i].total(), true }),
		fixedResult(m.mem, int64Type, n, func(i int) (int64, bool) { return cells[i].count, true }),
	}, nil
}

func (m *decimalMean) Result(_ context.Context, n int) (arrow.Array, error) {
	return fixedResult(m.mem, float64Type, n, func(i int) (float64, bool) {
		c := &m.sums.cells.at[i]
		return c.total().ToFloat64(0) / float64(max(c.count, 1)) / m.scale, c.count > 0
	}), nil
}
