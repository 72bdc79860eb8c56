package distrib

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// broadcastBytes is about how large the blocks of a build side are.
const broadcastBytes = 8 << 20

// broadcast puts the build side of a join on a remote engine, while the table is built here: what runs here needs it too. Each
// worker makes a table of the blocks once.
type broadcast struct {
	run    *run
	join   *plan.Join
	remote Remote // nil where there is nothing to do
	next   []arrow.Record
	bytes  int64
	blocks []Ref
}

func newBroadcast(r *run, join *plan.Join) *broadcast {
	b := &broadcast{run: r, join: join}
	if join.Kind != plan.Full { // its table notes what was matched, which is known in one place alone
		b.remote, _ = r.pool.engine.(Remote)
	}
	return b
}

// passing gives in as it is.
func (b *broadcast) passing(ctx context.Context, in batch.Stream) batch.Stream {
	if b.remote == nil {
		return in
	}
	return func(yield func(arrow.Record, error) bool) {
		for rec, err := range in {
			if err == nil && rec.NumRows() > 0 {
				err = b.add(ctx, rec)
			}
			if err != nil && rec != nil {
				rec.Release()
				rec = nil
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

func (b *broadcast) add(ctx context.Context, rec arrow.Record) error {
	rec.Retain()
	b.next = append(b.next, rec)
	if b.bytes += batch.Bytes(rec); b.bytes < broadcastBytes {
		return nil
	}
	return b.flush(ctx)
}

func (b *broadcast) flush(ctx context.Context) error {
	if len(b.next) == 0 {
		return nil
	}
	all, err := batch.Concat(b.run.env.Mem, b.join.Right.Schema(), b.next)
	releaseAll(b.next)
	b.next, b.bytes = nil, 0
	if err != nil {
		return err
	}
	ref, err := putPlain(ctx, b.run.env, b.remote, all)
	if err == nil {
		b.blocks = append(b.blocks, ref)
	}
	return err
}

// putPlain makes a block of a record, which it takes over, without codes: what crosses to another process has none.
func putPlain(ctx context.Context, env *exec.Env, e Remote, rec arrow.Record) (Ref, error) {
	plain, err := batch.Plain(env.Mem, rec)
	if err != nil {
		return Ref{}, err
	}
	defer plain.Release()
	return e.Put(ctx, plain)
}

// keep makes the blocks the run's, where the table fits into memory.
func (b *broadcast) keep(ctx context.Context, table *exec.JoinTable) error {
	if b.remote == nil {
		return nil
	}
	if !table.Resident() {
		b.close()
		return nil
	}
	if err := b.flush(ctx); err != nil {
		b.close()
		return err
	}
	b.run.builds[b.join] = Build{ID: rand.Text(), Join: b.join, Blocks: b.blocks}
	return nil
}

func (b *broadcast) close() {
	releaseAll(b.next)
	b.next = nil
	if b.remote != nil {
		b.remote.Free(b.blocks...)
	}
}

// buildsOf are the build sides of steps, nil where some are in this process alone.
func (r *run) buildsOf(steps []plan.Node) (builds []Build) {
	for _, step := range steps {
		if _, ok := step.(*plan.Join); !ok {
			continue
		}
		b, ok := r.builds[step]
		if !ok {
			return nil
		}
		builds = append(builds, b)
	}
	return builds
}

// travelling is how far steps can run on the engine: up to a join whose table is in this process alone.
func (r *run) travelling(steps []plan.Node) []plan.Node {
	if _, ok := r.pool.engine.(Remote); !ok {
		return steps
	}
	i := slices.IndexFunc(steps, func(n plan.Node) bool {
		_, join := n.(*plan.Join)
		_, built := r.builds[n]
		return join && !built
	})
	if i < 0 {
		return steps
	}
	return steps[:i]
}
