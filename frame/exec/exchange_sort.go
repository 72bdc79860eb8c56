package exec

import (
	"context"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// SortIndex notes the keys of the first and the last row of sorted batches: what of a run must be known to cut the order of all
// rows into ranges.
type SortIndex struct {
	env  *Env
	spec *sortSpec
	over *sortSpec
	ends []arrow.Record
}

// NewSortIndex is for batches of a schema. Close it.
func NewSortIndex(env *Env, schema *arrow.Schema, keys []plan.SortKey) (*SortIndex, error) {
	spec, err := newSortSpec(schema, keys)
	if err != nil {
		return nil, err
	}
	over, err := spec.overKeys()
	return &SortIndex{env: env, spec: spec, over: over}, err
}

// Add notes a batch, which has rows and stays the caller's.
func (s *SortIndex) Add(ctx context.Context, sorted arrow.Record) error {
	keys, err := evalAll(ctx, s.env, s.spec.keys, sorted)
	if err != nil {
		return err
	}
	rec := newRecord(s.over.schema, keys, int(sorted.NumRows()))
	defer rec.Release()
	ends, err := batch.Take(s.env.Mem, rec, []int32{0, int32(sorted.NumRows() - 1)})
	if err == nil {
		s.ends = append(s.ends, ends)
	}
	return err
}

// Record is two rows of keys for each batch, its first and its last; the caller releases it.
func (s *SortIndex) Record() (arrow.Record, error) {
	return batch.Concat(s.env.Mem, s.over.schema, s.ends)
}

// Close lets go of what was noted.
func (s *SortIndex) Close() {
	releaseRecords(s.ends)
	s.ends = nil
}

// SortRanges is the order of all rows, cut into ranges of about as many rows each. Equal rows are in one range.
type SortRanges struct {
	env     *Env
	index   arrow.Record
	columns []sortColumn
	bounds  []int // rows of the index: the last of each range but the last one
}

// NewSortRanges cuts the order of blocks into at most so many ranges. index is what SortIndex gave, two rows for each block, and
// is taken over; rows is how many each block has.
func NewSortRanges(env *Env, schema *arrow.Schema, keys []plan.SortKey, index arrow.Record, rows []int64, ranges int) (*SortRanges, error) {
	r := &SortRanges{env: env, index: index}
	spec, err := newSortSpec(schema, keys)
	if err == nil {
		spec, err = spec.overKeys()
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	r.columns = spec.columnsOf(index.Columns())
	// A block counts where it ends: half of the error that this makes is a block's rows, of which a range has many.
	order := make([]int, len(rows))
	total := int64(0)
	for i, n := range rows {
		order[i] = i
		total += n
	}
	slices.SortStableFunc(order, func(a, b int) int { return r.compare(2*a+1, 2*b+1) })
	passed := int64(0)
	for _, block := range order {
		passed += rows[block]
		if len(r.bounds)+1 == ranges {
			break
		}
		if passed*int64(ranges) < total*int64(len(r.bounds)+1) {
			continue
		}
		if last := 2*block + 1; len(r.bounds) == 0 || r.compare(r.bounds[len(r.bounds)-1], last) < 0 {
			r.bounds = append(r.bounds, last)
		}
	}
	return r, nil
}

func (r *SortRanges) compare(i, j int) int { return compareRows(r.columns, i, r.columns, j, 0) }

// Len is how many ranges there are.
func (r *SortRanges) Len() int { return len(r.bounds) + 1 }

// Blocks lists the blocks that have rows in a range, or may have.
func (r *SortRanges) Blocks(number int) (blocks []int) {
	for i := range int(r.index.NumRows()) / 2 {
		if number > 0 && r.compare(2*i+1, r.bounds[number-1]) <= 0 || number < len(r.bounds) && r.compare(2*i, r.bounds[number]) > 0 {
			continue
		}
		blocks = append(blocks, i)
	}
	return blocks
}

// Bounds is the keys that end the range before, and those that end this one, which belong to it; nil where there are none. The
// caller releases both.
func (r *SortRanges) Bounds(number int) (low, high arrow.Record) {
	if number > 0 {
		at := int64(r.bounds[number-1])
		low = r.index.NewSlice(at, at+1)
	}
	if number < len(r.bounds) {
		at := int64(r.bounds[number])
		high = r.index.NewSlice(at, at+1)
	}
	return low, high
}

// Close lets go of the index.
func (r *SortRanges) Close() { r.index.Release() }

// SortRange passes the rows of sorted batches that are after low, and not after high; nil bounds nothing.
func SortRange(env *Env, schema *arrow.Schema, keys []plan.SortKey, low, high arrow.Record) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "sort", func(emit emitFunc) error {
			spec, err := newSortSpec(schema, keys)
			if err != nil {
				return err
			}
			over, err := spec.overKeys()
			if err != nil {
				return err
			}
			return each(ctx, in, func(rec arrow.Record) error {
				defer rec.Release()
				keys, err := evalAll(ctx, env, spec.keys, rec)
				if err != nil {
					return err
				}
				defer releaseArrays(keys)
				columns, rows := spec.columnsOf(keys), int(rec.NumRows())
				after := func(bound arrow.Record, otherwise int) int {
					if bound == nil {
						return otherwise
					}
					b := over.columnsOf(bound.Columns())
					return sort.Search(rows, func(i int) bool { return compareRows(columns, i, b, 0, 0) > 0 })
				}
				from, to := after(low, 0), after(high, rows)
				if from >= to {
					return nil
				}
				if to-from == rows {
					rec.Retain()
					return emit(rec)
				}
				// A copy: a slice would keep the rows of other ranges in memory.
				own, err := batch.Take(env.Mem, rec, rowsBetween(from, to))
				if err != nil {
					return err
				}
				return emit(own)
			})
		})
	}
}

// rowsBetween lists rows.
func rowsBetween(from, to int) []int32 {
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from + i)
	}
	return rows
}
