package exec

import (
	"context"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// SortSample is the keys of some rows, from which the order of all rows is cut into ranges before those are read.
type SortSample struct {
	env  *Env
	spec *sortSpec
	over *sortSpec
	keys []arrow.Record
	rows int64
}

// NewSortSample is for batches of a schema. Close it.
func NewSortSample(env *Env, schema *arrow.Schema, keys []plan.SortKey) (*SortSample, error) {
	spec, err := newSortSpec(schema, keys)
	if err != nil {
		return nil, err
	}
	over, err := spec.overKeys()
	return &SortSample{env: env, spec: spec, over: over}, err
}

// Add notes the rows of a batch, which stays the caller's.
func (s *SortSample) Add(ctx context.Context, rec arrow.Record) error {
	if rec.NumRows() == 0 {
		return nil
	}
	keys, err := evalAll(ctx, s.env, s.spec.keys, rec)
	if err != nil {
		return err
	}
	plain, err := batch.Plain(s.env.Mem, newRecord(s.over.schema, keys, int(rec.NumRows())))
	if err == nil {
		s.keys, s.rows = chunked(s.keys, plain), s.rows+rec.NumRows()
	}
	return err
}

// Rows is how many rows were noted.
func (s *SortSample) Rows() int64 { return s.rows }

// Bounds is the keys that end each of so many ranges but the last, in order, where each has about as many of the rows that were noted.
// There are fewer where rows are equal. The caller releases it.
func (s *SortSample) Bounds(ranges int) (arrow.Record, error) {
	ids, err := sortRecords(s.env, s.over, s.keys)
	if err != nil {
		return nil, err
	}
	all, err := batch.Concat(s.env.Mem, s.over.schema, s.keys)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	begins := make([]int, len(s.keys)+1)
	for i, rec := range s.keys {
		begins[i+1] = begins[i] + int(rec.NumRows())
	}
	columns := s.over.columnsOf(all.Columns())
	var ends []int32
	for i := 1; i < ranges && len(ids) > 0; i++ {
		id := ids[i*len(ids)/ranges]
		row := begins[id>>chunkBits] + int(id&(chunkRows-1))
		if n := len(ends); n == 0 || compareRows(columns, int(ends[n-1]), columns, row, 0) < 0 {
			ends = append(ends, int32(row))
		}
	}
	return batch.Take(s.env.Mem, all, ends)
}

// Close lets go of what was noted.
func (s *SortSample) Close() {
	releaseRecords(s.keys)
	s.keys = nil
}

// rangesBytes is how much a parter by ranges holds back: about what is made of a split.
const rangesBytes = 64 << 20

// rangePart parts rows by ranges of their order.
type rangePart struct {
	env     *Env
	spec    *sortSpec
	bounds  []sortColumn // of keys: row i ends range i
	leading []uint64     // the first word of each bound
	words   []uint64
	split   rowSplit
}

// NewRangeParter makes a parter of rows by bounds that SortSample gave, which stay the caller's until it is closed.
func NewRangeParter(env *Env, schema *arrow.Schema, keys []plan.SortKey, bounds arrow.Record) (*Parter, error) {
	spec, err := newSortSpec(schema, keys)
	if err != nil {
		return nil, err
	}
	over, err := spec.overKeys()
	if err != nil {
		return nil, err
	}
	r := &rangePart{env: env, spec: spec, bounds: over.columnsOf(bounds.Columns()), leading: make([]uint64, bounds.NumRows())}
	r.bounds[0].leadingWords(bounds.Column(0), r.leading)
	ranges := len(r.leading) + 1
	r.split = newRowSplit(env, ranges)
	return &Parter{
		env: env, parts: make([]heldRows, ranges), most: rangesBytes, grant: env.newGrant("exchange"), part: r.part,
		schema: func(arrow.Record) *arrow.Schema { return schema },
	}, nil
}

func (r *rangePart) part(ctx context.Context, piece arrow.Record, take func(part int, rec arrow.Record) error) error {
	keys, err := evalAll(ctx, r.env, r.spec.keys, piece)
	if err != nil {
		return err
	}
	defer releaseArrays(keys)
	columns := r.spec.columnsOf(keys)
	r.words = sized(r.words, int(piece.NumRows()))
	columns[0].leadingWords(keys[0], r.words)
	r.split.begin()
	for row, word := range r.words {
		part := 0
		for _, bound := range r.leading { // few, and without a branch
			_, less := bits.Sub64(bound, word, 0)
			part += int(less)
		}
		for part < len(r.leading) && r.leading[part] == word && compareRows(columns, row, r.bounds, part, 0) > 0 {
			part++
		}
		r.split.add(part, row)
	}
	return r.split.give(r.spec.schema, piece, take)
}
