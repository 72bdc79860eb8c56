package exec

import (
	"context"
	"sort"

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

// rangeBlockBytes is about the most that a RangeParter holds back.
const rangeBlockBytes = 16 << 20

// RangeParter parts rows by ranges of their order, for tasks that sort one range each. It takes sorted pieces, and each block that it gives
// is sorted. It is used by one goroutine.
type RangeParter struct {
	env    *Env
	spec   *sortSpec
	bounds []sortColumn // of keys: row i ends range i
	ranges int

	part    int            // that is held back
	pending []arrow.Record // of it
	bytes   int64
	keys    []arrow.Array // of the batch before
	rows    int           // of it
}

// NewRangeParter makes a parter by bounds that SortSample gave, which stay the caller's until it is closed.
func NewRangeParter(env *Env, schema *arrow.Schema, keys []plan.SortKey, bounds arrow.Record) (*RangeParter, error) {
	spec, err := newSortSpec(schema, keys)
	if err != nil {
		return nil, err
	}
	over, err := spec.overKeys()
	if err != nil {
		return nil, err
	}
	return &RangeParter{env: env, spec: spec, bounds: over.columnsOf(bounds.Columns()), ranges: int(bounds.NumRows()) + 1}, nil
}

// Add takes a sorted batch over. take is given blocks, which it owns.
func (p *RangeParter) Add(ctx context.Context, rec arrow.Record, take func(part int, rec arrow.Record) error) error {
	rec, err := batch.Plain(p.env.Mem, rec)
	if err != nil {
		return err
	}
	defer rec.Release()
	rows := int(rec.NumRows())
	if rows == 0 {
		return nil
	}
	keys, err := evalAll(ctx, p.env, p.spec.keys, rec)
	if err != nil {
		return err
	}
	columns := p.spec.columnsOf(keys)
	if p.keys != nil && compareRows(p.spec.columnsOf(p.keys), p.rows-1, columns, 0, 0) > 0 { // another piece
		err = p.Flush(take)
	}
	releaseArrays(p.keys)
	p.keys, p.rows = keys, rows
	for from := 0; from < rows && err == nil; {
		part := sort.Search(p.ranges-1, func(i int) bool { return compareRows(columns, from, p.bounds, i, 0) <= 0 })
		to := rows
		if part < p.ranges-1 {
			to = from + sort.Search(rows-from, func(i int) bool { return compareRows(columns, from+i, p.bounds, part, 0) > 0 })
		}
		err = p.hold(part, rec.NewSlice(int64(from), int64(to)), take)
		from = to
	}
	return err
}

// hold takes rows of a range over.
func (p *RangeParter) hold(part int, rec arrow.Record, take func(int, arrow.Record) error) error {
	if part != p.part {
		if err := p.Flush(take); err != nil {
			rec.Release()
			return err
		}
		p.part = part
	}
	p.pending = append(p.pending, rec)
	if p.bytes += batch.Bytes(rec); p.bytes < rangeBlockBytes {
		return nil
	}
	return p.Flush(take)
}

// Flush gives what is held back.
func (p *RangeParter) Flush(take func(part int, rec arrow.Record) error) error {
	if len(p.pending) == 0 {
		return nil
	}
	rec, err := batch.Concat(p.env.Mem, p.pending[0].Schema(), p.pending)
	releaseRecords(p.pending)
	p.pending, p.bytes = nil, 0
	if err != nil {
		return err
	}
	return take(p.part, rec)
}

// Close drops what is held back. It may be called more than once.
func (p *RangeParter) Close() {
	releaseRecords(p.pending)
	releaseArrays(p.keys)
	p.pending, p.keys = nil, nil
}
