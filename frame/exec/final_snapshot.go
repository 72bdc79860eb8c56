package exec

import (
	"context"
	"errors"
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// SnapshotGroups is the most rows of which a snapshot is made.
const SnapshotGroups = 1 << 16

// Snapshot is the first want rows of the result so far, all where want is negative, and how many rows there are. The
// record is nil where groups have spilled, or the rows would be more than SnapshotGroups. The caller releases it.
func (f *FinalAggregate) Snapshot(ctx context.Context, want int64) (rec arrow.Record, rows int64, err error) {
	if f.err != nil {
		return nil, 0, f.err
	}
	err = protect("aggregate", nil, func() error {
		rec, rows, err = f.snapshot(ctx, want)
		return err
	})
	if errors.Is(err, expr.ErrOverflow) {
		return nil, 0, nil // a sum that does not fit so far may fit in the end
	}
	return rec, rows, err
}

func (f *FinalAggregate) snapshot(ctx context.Context, want int64) (arrow.Record, int64, error) {
	if want < 0 {
		want = math.MaxInt64
	}
	if f.shards != nil {
		return f.shards.snapshot(ctx, want)
	}
	if err := f.state.ensureRow(ctx); err != nil {
		return nil, 0, err
	}
	groups := int64(f.state.table.len())
	if want = min(want, groups); f.parts != nil || want > SnapshotGroups {
		return nil, 0, nil
	}
	f.state.open()
	rec, err := f.state.snapshot(ctx, int(want))
	if err == nil {
		rec, err = f.spec.codes.plain(rec)
	}
	return rec, groups, err
}

// shardSnapshot is what Snapshot gives.
type shardSnapshot struct {
	rec  arrow.Record
	rows int64
	err  error
}

func (s *aggShard) snapshot(q shardState) (answer shardSnapshot) {
	if answer.err = s.err; s.err == nil {
		answer.rec, answer.rows, answer.err = s.final.Snapshot(q.ctx, q.want)
	}
	return answer
}

// snapshot is what FinalAggregate's is: the rows of the first shard first, as in the result. It waits until the shards
// have merged what they were given, and asks no more where one of them has none.
func (a *aggShards) snapshot(ctx context.Context, want int64) (rec arrow.Record, rows int64, err error) {
	if want > SnapshotGroups || a.silent {
		return nil, 0, nil
	}
	var answers []<-chan shardSnapshot
	for _, s := range a.shards {
		if err = s.flush(ctx); err != nil {
			break
		}
		answer := make(chan shardSnapshot, 1)
		select {
		case s.in <- shardState{ctx: ctx, want: want, answer: answer}:
			answers = append(answers, answer)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	var recs []arrow.Record
	defer func() { releaseRecords(recs) }()
	have := int64(0)
	for _, answer := range answers {
		part := <-answer
		rows += part.rows
		err = errors.Join(err, part.err)
		switch {
		case part.rec == nil:
			a.silent = true
		case have >= want && len(recs) > 0:
			part.rec.Release()
		default:
			recs = append(recs, part.rec)
			have += part.rec.NumRows()
		}
	}
	if err != nil || a.silent {
		return nil, 0, err
	}
	all, err := batch.Concat(a.env.Mem, a.spec.output, recs)
	if err != nil {
		return nil, 0, err
	}
	return head(all, want), rows, nil
}
