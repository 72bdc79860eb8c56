package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// Tail passes the last n rows. It holds the batches that they lie in.
func Tail(env *Env, n int64) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "tail", func(emit emitFunc) error {
			t := tail{grant: env.newGrant("tail"), want: n}
			defer t.close()
			if err := each(ctx, in, t.add); err != nil {
				return err
			}
			for len(t.held) > 0 {
				rec := t.pop()
				if extra := t.rows + rec.NumRows() - n; extra > 0 {
					whole := rec
					rec = whole.NewSlice(extra, whole.NumRows())
					whole.Release()
				}
				if err := emit(rec); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

type tail struct {
	grant *grant
	held  []arrow.Record
	want  int64
	rows  int64 // of held
	bytes int64
}

func (t *tail) add(rec arrow.Record) error {
	t.held = append(t.held, rec)
	t.rows += rec.NumRows()
	t.bytes += batch.Bytes(rec)
	for len(t.held) > 0 && t.rows-t.held[0].NumRows() >= t.want {
		t.pop().Release()
	}
	granted, err := t.grant.resize(t.bytes)
	if err == nil && !granted {
		err = refused("tail", t.bytes)
	}
	return err
}

func (t *tail) pop() arrow.Record {
	rec := t.held[0]
	t.held = t.held[1:]
	t.rows -= rec.NumRows()
	t.bytes -= batch.Bytes(rec)
	return rec
}

func (t *tail) close() {
	releaseRecords(t.held)
	t.grant.release()
}
