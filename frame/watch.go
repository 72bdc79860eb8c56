package frame

import (
	"context"
	"iter"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

type watchFunc func(ctx context.Context, rows int) iter.Seq2[batch.Snapshot, error]

// Watch computes the frame and gives what is known of it while it runs: its first rows and the count of all. The
// last snapshot is exact. Displays draw frames with it; it is for compiled Go.
func (f *Frame) Watch(ctx context.Context, rows int) iter.Seq2[batch.Snapshot, error] {
	fail := func(err error) iter.Seq2[batch.Snapshot, error] {
		return func(yield func(batch.Snapshot, error) bool) { yield(batch.Snapshot{}, err) }
	}
	if err := f.Err(); err != nil {
		return fail(err)
	}
	if f.watch != nil {
		return f.watch(ctx, rows)
	}
	r, err := runner()
	if err != nil {
		return fail(err)
	}
	n, err := plan.NewPreview(f.node, int64(rows))
	if err != nil {
		return fail(err)
	}
	return watchPlan(f.profiled(ctx), r, n)
}
