package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// rangeSpec is what a join's condition says of a value of the build side, by which build rows are sorted and then searched. Of another
// value, which is bounded on the side that is open in the first, the most or least of the rows up to each is known: of intervals
// that hardly overlap, few are tested.
//
//	begin <= at && at < end    sorted by begin: … │ 4 5 7 9 │ …   the rows before have ended: the largest end so far is not after at
//	                           the rows behind have not begun
type rangeSpec struct {
	value  *expr.Bound // over the right side's part of Pairs
	bounds []rangeBound
	cover  *expr.Bound // nil for none
	edges  []rangeBound
	schema *arrow.Schema
}

// rangeBound is a comparison of a build row's value with one of the probe row.
type rangeBound struct {
	left *expr.Bound
	op   expr.BinaryOp
}

func (b rangeBound) below() bool { return b.op != expr.Less && b.op != expr.LessEqual } // the value is bounded below
func (b rangeBound) above() bool { return b.op != expr.Greater && b.op != expr.GreaterEqual }

// rangesOf is nil where the condition gives nothing to search for.
func rangesOf(c *joinColumns) (*rangeSpec, error) {
	ranges := plan.Ranges(c.Where, c.Left, c.Pairs)
	if len(ranges) == 0 || c.AsOf != nil {
		return nil, nil
	}
	var values []*expr.Bound
	var texts []string
	bounds := map[string][]rangeBound{}
	schema := arrow.NewSchema(c.Pairs.Fields()[c.Left.NumFields():], nil)
	for _, r := range ranges {
		left, err := expr.Bind(r.Left, c.Left)
		if err != nil {
			return nil, err
		}
		text := r.Right.String()
		if bounds[text] == nil {
			right, err := expr.Bind(r.Right, schema)
			if err != nil {
				return nil, err
			}
			values, texts = append(values, right), append(texts, text)
		}
		bounds[text] = append(bounds[text], rangeBound{left, r.Op})
	}
	closed := func(text string) bool {
		return slices.ContainsFunc(bounds[text], rangeBound.below) && slices.ContainsFunc(bounds[text], rangeBound.above)
	}
	first := max(0, slices.IndexFunc(texts, closed))
	s := &rangeSpec{value: values[first], bounds: bounds[texts[first]], schema: schema}
	if closed(texts[first]) {
		return s, nil
	}
	wanted := rangeBound.below
	if s.bounds[0].below() {
		wanted = rangeBound.above
	}
	if i := slices.IndexFunc(texts, func(text string) bool { return wanted(bounds[text][0]) }); i >= 0 {
		s.cover, s.edges = values[i], bounds[texts[i]]
	}
	return s, nil
}

// rangeIndex has the build rows of each group in the order of the value, those without one left out.
type rangeIndex struct {
	spec   *rangeSpec
	places slab[uint32] // in joinHash.rows
	values slab[uint64] // in numbers that order as they do
	covers slab[uint64] // the most of cover up to each row, or the least from it on: they rise
	ends   slab[uint32] // where each group's rows end; they begin as in joinHash.rows
}

// rangeBytes is what a rangeIndex takes for a build row, while it is made.
const rangeBytes = 48

// rangeRow is a build row while the index is made.
type rangeRow struct {
	value, cover uint64
	place        uint32
}

// indexRanges is of use where a key has several rows. There is no index where the values can't be computed of all rows: only those
// that are compared have to be right.
func (h *joinHash) indexRanges() {
	spec := h.spec.ranges
	if spec == nil || len(h.starts.vals) == 0 {
		return
	}
	values, err := buildWords(h, spec, spec.value)
	if err != nil {
		return
	}
	covers := values
	if spec.cover != nil {
		if covers, err = buildWords(h, spec, spec.cover); err != nil {
			return
		}
	}
	n, mem := len(h.rows.vals), h.env.Mem
	x := &rangeIndex{spec: spec, places: newSlab[uint32](mem), values: newSlab[uint64](mem), covers: newSlab[uint64](mem), ends: newSlab[uint32](mem)}
	h.ranges = x
	x.places.resize(n)
	x.values.resize(n)
	x.ends.resize(h.table.len())
	if spec.cover != nil {
		x.covers.resize(n)
	}
	var rows []rangeRow
	for g := range h.table.len() {
		from, to := h.span(uint32(g))
		rows = rows[:0]
		for place := from; place < to; place++ {
			id := h.rows.vals[place]
			v, c := &values[id>>chunkBits], &covers[id>>chunkBits]
			if row := int(id & (chunkRows - 1)); !v.valid.null(row) && !c.valid.null(row) {
				rows = append(rows, rangeRow{v.words[row], c.words[row], place})
			}
		}
		x.sort(rows, from)
		x.ends.vals[g] = from + uint32(len(rows))
	}
}

// sort puts the rows of a group, which begins at a place, into the index.
func (x *rangeIndex) sort(rows []rangeRow, from uint32) {
	slices.SortFunc(rows, func(a, b rangeRow) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return int(a.place) - int(b.place)
	})
	for i, r := range rows {
		x.places.vals[int(from)+i], x.values.vals[int(from)+i] = r.place, r.value
	}
	if x.spec.cover == nil || len(rows) == 0 {
		return
	}
	covers := x.covers.vals[from:][:len(rows)]
	for i, r := range rows {
		covers[i] = r.cover
	}
	if x.spec.edges[0].below() {
		for i := 1; i < len(covers); i++ {
			covers[i] = max(covers[i], covers[i-1])
		}
		return
	}
	for i := len(covers) - 2; i >= 0; i-- {
		covers[i] = min(covers[i], covers[i+1])
	}
}

func (x *rangeIndex) free() {
	x.places.free()
	x.values.free()
	x.covers.free()
	x.ends.free()
}

// rangeWords is a column in numbers that order as its values do.
type rangeWords struct {
	words []uint64
	valid validity
}

func wordsOf(ctx context.Context, env *Env, x *expr.Bound, rec arrow.Record) (rangeWords, error) {
	arr, err := x.Eval(ctx, env.Mem, rec)
	if err != nil {
		return rangeWords{}, err
	}
	defer arr.Release()
	w := rangeWords{words: make([]uint64, arr.Len()), valid: validityOf(arr)}
	w.valid.bits = slices.Clone(w.valid.bits)
	orderWords(arr, false, w.words)
	return w, nil
}

// buildWords is a value of all build rows, by chunk.
func buildWords(h *joinHash, spec *rangeSpec, x *expr.Bound) ([]rangeWords, error) {
	out := make([]rangeWords, 0, len(h.chunks))
	for _, chunk := range h.chunks {
		w, err := chunkWords(h, spec, x, chunk)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func chunkWords(h *joinHash, spec *rangeSpec, x *expr.Bound, chunk arrow.Record) (rangeWords, error) {
	columns := columnsAt(chunk, h.spec.payload)
	for _, c := range columns {
		c.Retain()
	}
	rec := newRecord(spec.schema, columns, int(chunk.NumRows()))
	defer rec.Release()
	return wordsOf(context.Background(), h.env, x, rec)
}

// rangeProbe searches for the partners of the rows of one probe batch.
type rangeProbe struct {
	*rangeIndex
	bounds, edges []rangeWords
	found         []uint32
}

// newRangeProbe is nil where the index is, or where the values of the probe rows can't be computed of all.
func newRangeProbe(ctx context.Context, env *Env, x *rangeIndex, rec arrow.Record) *rangeProbe {
	if x == nil {
		return nil
	}
	p := &rangeProbe{rangeIndex: x}
	for _, list := range []struct {
		of   []rangeBound
		into *[]rangeWords
	}{{x.spec.bounds, &p.bounds}, {x.spec.edges, &p.edges}} {
		for _, b := range list.of {
			w, err := wordsOf(ctx, env, b.left, rec)
			if err != nil {
				return nil
			}
			*list.into = append(*list.into, w)
		}
	}
	return p
}

// candidates are the places of the build rows of a group that a row has to be compared with, in build order, until the next call.
func (p *rangeProbe) candidates(row int, group, from uint32) []uint32 {
	to := p.ends.vals[group]
	from, to = narrowed(p.spec.bounds, p.bounds, row, p.values.vals, from, to)
	from, to = narrowed(p.spec.edges, p.edges, row, p.covers.vals, from, to)
	if from >= to {
		return nil
	}
	p.found = append(p.found[:0], p.places.vals[from:to]...)
	slices.Sort(p.found)
	return p.found
}

// narrowed is the part of rising values between from and to that bounds allow for a row.
func narrowed(bounds []rangeBound, words []rangeWords, row int, values []uint64, from, to uint32) (uint32, uint32) {
	for i, b := range bounds {
		if from >= to || words[i].valid.null(row) {
			return 0, 0
		}
		x := words[i].words[row]
		if b.below() {
			from += firstAfter(values[from:to], x, b.op != expr.Greater)
		}
		if b.above() {
			to = from + firstAfter(values[from:to], x, b.op == expr.Less)
		}
	}
	return from, to
}

// firstAfter is where rising values are greater than x, or equal if that counts.
func firstAfter(values []uint64, x uint64, equal bool) uint32 {
	from, to := 0, len(values)
	for from < to {
		middle := int(uint(from+to) / 2)
		if v := values[middle]; v > x || equal && v == x {
			to = middle
		} else {
			from = middle + 1
		}
	}
	return uint32(from)
}
