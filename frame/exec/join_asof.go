package exec

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/plan"
)

// asOf finds the one partner of a row in an as-of join.
type asOf interface {
	// probe appends for each row of a batch its partner, or noRow, to matches.
	probe(on arrow.Array, groups []uint32, matches []rowID) []rowID
}

// asOfColumn has the values of the build side's column, in the order of the table's rows: sorted within each group, equal ones in build
// order.
type asOfColumn[T int64 | uint64 | float64] struct {
	*plan.AsOf
	hash   *joinHash
	values []T
	read   func(arrow.Array) []T
	gap    func(a, b T) uint64 // how far a is from b, which is not greater: ordered as the distances are
}

func newAsOf(h *joinHash) asOf {
	steps := func(a, b int64) uint64 { return uint64(a) - uint64(b) }
	switch h.spec.Right.Field(h.spec.rightOn).Type.ID() {
	case arrow.FLOAT64:
		return sortAsOf(h, rawValues[float64], func(a, b float64) uint64 { return math.Float64bits(math.Abs(a - b)) })
	case arrow.UINT64:
		return sortAsOf(h, rawValues[uint64], func(a, b uint64) uint64 { return a - b })
	case arrow.DATE32:
		return sortAsOf(h, widened, steps)
	default:
		return sortAsOf(h, rawValues[int64], steps)
	}
}

func widened(arr arrow.Array) []int64 {
	days := rawValues[int32](arr)
	out := make([]int64, len(days))
	for i, d := range days {
		out[i] = int64(d)
	}
	return out
}

// sortAsOf sorts the rows of each group of h by their values.
func sortAsOf[T int64 | uint64 | float64](h *joinHash, read func(arrow.Array) []T, gap func(a, b T) uint64) asOf {
	c := &asOfColumn[T]{AsOf: h.spec.AsOf, hash: h, read: read, gap: gap, values: make([]T, len(h.rows.vals))}
	chunks := make([][]T, len(h.chunks))
	for i, rec := range h.chunks {
		chunks[i] = read(rec.Column(h.spec.rightOn))
	}
	valueOf := func(id rowID) T { return chunks[id>>chunkBits][id&(chunkRows-1)] }
	order := func(a, b rowID) int {
		if d := cmp.Compare(valueOf(a), valueOf(b)); d != 0 {
			return d
		}
		return cmp.Compare(a, b) // numbers of rows grow in build order
	}
	for g := range h.table.len() {
		from, to := h.span(uint32(g))
		if rows := h.rows.vals[from:to]; !slices.IsSortedFunc(rows, order) {
			slices.SortFunc(rows, order)
		}
	}
	for i, id := range h.rows.vals {
		c.values[i] = valueOf(id)
	}
	return c
}

func (c *asOfColumn[T]) probe(on arrow.Array, groups []uint32, matches []rowID) []rowID {
	values := c.read(on)
	for row, g := range groups {
		match := noRow
		if g != noGroup && on.IsValid(row) {
			from, to := c.hash.span(g)
			if at := c.find(c.values[from:to], values[row]); at >= 0 {
				match = c.hash.rows.vals[int(from)+at]
			}
		}
		matches = append(matches, match)
	}
	return matches
}

// find is the place of the partner of x among values, -1 where it has none. NaN, which is sorted before all others, is nobody's partner.
func (c *asOfColumn[T]) find(values []T, x T) int {
	if x != x {
		return -1
	}
	first, _ := slices.BinarySearch(values, x) // the first that is not earlier
	after, _ := slices.BinarySearchFunc(values, x, func(v, x T) int {
		if cmp.Compare(v, x) <= 0 {
			return -1
		}
		return 1
	})
	last := after - 1 // the last that is not later
	if last >= 0 && (values[last] != values[last] || c.far(x, values[last])) {
		last = -1
	}
	if first == len(values) || c.far(values[first], x) {
		first = -1
	}
	switch {
	case c.Direction == plan.Backward, c.Direction == plan.Nearest && first < 0:
		return last
	case c.Direction == plan.Forward, last < 0, c.gap(values[first], x) < c.gap(x, values[last]):
		return first
	}
	return last
}

func (c *asOfColumn[T]) far(a, b T) bool { return c.Bounded && c.gap(a, b) > c.Within }

// probeAsOf is probeChunk for as-of joins.
func (p *joinProbe) probeAsOf(ctx context.Context, in *probeInput, emit emitFunc) error {
	for row := range p.groups {
		p.left = append(p.left, rowID(row))
	}
	p.right = p.hash.asOf.probe(in.rec.Column(p.spec.leftOn), p.groups, p.right)
	return p.flush(ctx, in, nil, true, emit)
}
