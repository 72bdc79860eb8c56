package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// TopK gives the first n rows in order, equal rows in input order. It works on rows and on the TopK of parts of them:
// lanes use it, and the gather again.
func TopK(env *Env, schema *arrow.Schema, keys []plan.SortKey, n int64) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "top-k", func(emit emitFunc) error {
			state, err := NewTopKState(env, schema, keys, n)
			if err != nil {
				return err
			}
			defer state.Close()
			if n > 0 {
				if err := each(ctx, in, func(rec arrow.Record) error { return state.Add(ctx, rec) }); err != nil {
					return err
				}
			}
			for rec, err := range state.Stream(ctx) {
				if err == nil {
					err = emit(rec)
				}
				if err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
}

const (
	// topKSlack is how many rows more than n are gathered before the best are picked again.
	topKSlack = 1 << 13

	// topKFirst is how many rows are looked at for a first limit.
	topKFirst = 1 << 10

	// topKPieces bounds the number of batches gathered.
	topKPieces = 1 << 10
)

// TopKState holds the best n rows so far. Rows that are no better than the worst of them are dropped when they come.
// Where n rows are more than the budget grants it becomes a sort that spills. It is used by one goroutine.
type TopKState struct {
	env   *Env
	spec  *sortSpec
	n     int64
	grant *grant

	best  []arrow.Record // sorted, if picked is all of it; then rows added since
	rows  int64          // of best
	fresh int64          // of best, added since the last pick
	bytes int64

	worst *topKLimit // the n-th row; nil while there are fewer
	words []uint64   // scratch

	overflow *MergeSort // takes over where best does not fit
}

// NewTopKState makes an empty state. Close it.
func NewTopKState(env *Env, schema *arrow.Schema, keys []plan.SortKey, n int64) (*TopKState, error) {
	spec, err := newSortSpec(schema, keys)
	if err != nil {
		return nil, err
	}
	return &TopKState{env: env, spec: spec, n: n, grant: env.newGrant("top-k")}, nil
}

// Add takes over a batch. After an error only Close may be called.
func (t *TopKState) Add(ctx context.Context, rec arrow.Record) error {
	return protect("top-k", nil, func() error {
		defer rec.Release()
		for from, to := int64(0), int64(0); from < rec.NumRows(); from = to {
			// Until a limit is known all rows are held: that many are enough to find one.
			to = min(from+topKSlack, rec.NumRows())
			if t.worst == nil {
				to = min(from+max(t.n, topKFirst), to)
			}
			if err := t.add(ctx, rec.NewSlice(from, to)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *TopKState) add(ctx context.Context, rec arrow.Record) error {
	rec, err := t.better(rec)
	if err != nil || rec == nil {
		return err
	}
	if t.overflow != nil {
		return t.addOverflow(ctx, rec)
	}
	t.best = append(t.best, rec)
	t.rows += rec.NumRows()
	t.fresh += rec.NumRows()
	t.bytes += batch.Bytes(rec)
	if t.worst == nil && t.rows >= t.n || t.fresh >= max(t.n, topKSlack) || len(t.best) >= topKPieces {
		if err := t.pick(); err != nil {
			return err
		}
	}
	granted, err := t.grant.resize(t.bytes)
	if err != nil || granted {
		return err
	}
	return t.overflowNow(ctx)
}

// better takes rec over and keeps the rows that come before the n-th so far; nil where there are none.
func (t *TopKState) better(rec arrow.Record) (arrow.Record, error) {
	if t.worst == nil || rec.NumRows() == 0 {
		return rec, nil
	}
	defer rec.Release()
	arrays, err := evalAll(context.Background(), t.env, t.spec.keys, rec)
	if err != nil {
		return nil, err
	}
	defer releaseArrays(arrays)
	columns, rows := t.spec.columnsOf(arrays), int(rec.NumRows())
	t.words = sized(t.words, rows)
	columns[0].leadingWords(arrays[0], t.words)
	var ids []rowID
	for row, w := range t.words {
		if w <= t.worst.word && (w < t.worst.word || compareRows(columns, row, t.worst.columns, t.worst.row, 0) < 0) {
			ids = append(ids, rowID(row))
		}
	}
	return pickRows(t.env, t.spec.schema, rec, ids)
}

// pick sorts what is held and keeps the best n.
func (t *TopKState) pick() error {
	if t.fresh == 0 {
		return nil
	}
	t.fresh = 0
	ids, err := sortRecords(t.env, t.spec, t.best)
	if err != nil {
		return err
	}
	ids = ids[:min(int64(len(ids)), t.n)]
	picked, size, err := pickRecords(t.env, t.spec.schema, t.best, ids)
	if err != nil {
		return err
	}
	releaseRecords(t.best)
	t.best, t.rows, t.bytes = picked, int64(len(ids)), size
	if t.rows < t.n || t.n == 0 {
		return nil
	}
	return t.setWorst(picked[len(picked)-1])
}

// topKLimit is the row that others must come before, and the leading word of its first key.
type topKLimit struct {
	arrays  []arrow.Array
	columns []sortColumn
	row     int
	word    uint64
}

// setWorst makes the last row of rec the limit.
func (t *TopKState) setWorst(rec arrow.Record) error {
	last := rec.NewSlice(rec.NumRows()-1, rec.NumRows())
	defer last.Release()
	arrays, err := evalAll(context.Background(), t.env, t.spec.keys, last)
	if err != nil {
		return err
	}
	t.dropWorst()
	t.worst = &topKLimit{arrays: arrays, columns: t.spec.columnsOf(arrays)}
	var word [1]uint64
	t.worst.columns[0].leadingWords(arrays[0], word[:])
	t.worst.word = word[0]
	return nil
}

func (t *TopKState) dropWorst() {
	if t.worst != nil {
		releaseArrays(t.worst.arrays)
		t.worst = nil
	}
}

// overflowNow moves what is held into a sort.
func (t *TopKState) overflowNow(ctx context.Context) error {
	if err := t.pick(); err != nil {
		return err
	}
	if granted, err := t.grant.resize(t.bytes); err != nil || granted {
		return err
	}
	t.overflow = newMergeSort(t.env, t.spec, nil)
	t.grant.release()
	held := t.best
	t.best, t.rows, t.bytes = nil, 0, 0
	for i, rec := range held {
		if err := t.overflow.Add(ctx, rec); err != nil {
			releaseRecords(held[i+1:])
			return err
		}
	}
	return nil
}

func (t *TopKState) addOverflow(ctx context.Context, rec arrow.Record) error {
	defer rec.Release()
	return sortPiece(t.env, t.spec, []arrow.Record{rec}, sortedBatchRows, func(sorted arrow.Record) error {
		return t.overflow.Add(ctx, sorted)
	})
}

// Rows is how many rows the result has so far.
func (t *TopKState) Rows() int64 { return min(t.n, t.rows) }

// Snapshot is the result so far as one batch, nil where it is more than SnapshotGroups rows or has spilled. The caller
// releases it.
func (t *TopKState) Snapshot() (rec arrow.Record, err error) {
	if t.overflow != nil || t.n > SnapshotGroups {
		return nil, nil
	}
	err = protect("top-k", nil, func() error {
		if err := t.pick(); err != nil {
			return err
		}
		rec, err = batch.Concat(t.env.Mem, t.spec.schema, t.best)
		return err
	})
	return rec, err
}

// Stream is the result. It ends the state: only Close may follow.
func (t *TopKState) Stream(ctx context.Context) batch.Stream {
	return generate(ctx, "top-k", func(emit emitFunc) error {
		if t.overflow != nil {
			for rec, err := range Limit(t.n)(ctx, t.overflow.Stream(ctx)) {
				if err == nil {
					err = emit(rec)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
		if err := t.pick(); err != nil {
			return err
		}
		t.dropWorst()
		for len(t.best) > 0 {
			rec := t.best[0]
			t.best = t.best[1:]
			if err := emit(rec); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close gives back memory and files. It may be called more than once.
func (t *TopKState) Close() {
	t.dropWorst()
	releaseRecords(t.best)
	t.best = nil
	if t.overflow != nil {
		t.overflow.Close()
	}
	t.grant.release()
}
