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

	worst    *sortKeys // keys of the batch whose row worstRow is the n-th; nil while there are fewer
	worstRow int

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
		return eachChunk(rec, func(piece arrow.Record) error { return t.add(ctx, piece) })
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
	keys, err := t.spec.keysOf(t.env, rec)
	if err != nil {
		return nil, err
	}
	defer keys.release()
	keys.window(0, int(rec.NumRows()))
	limit := t.worst.prefixAt(t.worstRow)
	var ids []rowID
	for row, p := range keys.prefix {
		if p < limit || p == limit && keys.compareTie(row, t.worst, t.worstRow) < 0 {
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
	var picked []arrow.Record
	done := false
	defer func() {
		if !done {
			releaseRecords(picked)
		}
	}()
	err = takeRows(newRecordGatherer(t.env.Mem, t.spec.schema, t.best), t.spec.schema, ids, func(rec arrow.Record) error {
		picked = append(picked, rec)
		return nil
	})
	if err != nil {
		return err
	}
	done = true
	releaseRecords(t.best)
	t.best, t.rows, t.bytes = picked, int64(len(ids)), 0
	for _, rec := range picked {
		t.bytes += batch.Bytes(rec)
	}
	if t.rows < t.n || t.n == 0 {
		return nil
	}
	return t.setWorst(picked[len(picked)-1])
}

func (t *TopKState) setWorst(rec arrow.Record) error {
	keys, err := t.spec.keysOf(t.env, rec)
	if err != nil {
		return err
	}
	t.dropWorst()
	t.worst, t.worstRow = keys, int(rec.NumRows())-1
	keys.window(t.worstRow, t.worstRow+1)
	return nil
}

func (t *TopKState) dropWorst() {
	if t.worst != nil {
		t.worst.release()
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
