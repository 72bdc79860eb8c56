package exec

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// Window computes functions over partitions of all its input and gives each row, in the order of the input, with their
// values. It is used by one goroutine. Rows are held as long as the budget grants what computing them takes. Then they
// are written to a file as they came, and what the functions read of them is sorted apart, by partition and order, in
// as little memory as a sort takes; a partition may be larger than memory.
//
//	Add … Add ─► held ─────────────────────────────► parted, sorted, computed in parallel ─► put back in order
//	              └(refused)─► rows as they came ─────────────────────────────────────────┐
//	                        └► keys, operands, row ─► MergeSort ─► computed ─► MergeSort ─┴► zipped
type Window struct {
	env    *Env
	spec   *WindowSpec
	grant  *grant
	held   []arrow.Record
	groups [][]uint32 // of held, with keys
	table  *groupTable
	bytes  int64 // that held and its computation take
	spill  *windowSpill
	err    error
}

// NewWindow makes an operator without rows. Close it.
func NewWindow(env *Env, spec *WindowSpec) *Window {
	w := &Window{env: env, spec: spec, grant: env.newGrant("window")}
	if len(spec.by) > 0 {
		w.table, w.err = newGroupTable(env.Mem, fieldTypes(spec.in, spec.by))
	}
	return w
}

// Add takes rec over. After an error only Close may be called.
func (w *Window) Add(ctx context.Context, rec arrow.Record) error {
	if w.err != nil {
		rec.Release()
		return w.err
	}
	w.err = protect("window", nil, func() error {
		rec, err := batch.Plain(w.env.Mem, rec)
		if err != nil {
			return err
		}
		return eachChunk(rec, func(piece arrow.Record) error { return w.add(ctx, piece) })
	})
	return w.err
}

// add takes a record of at most chunkRows rows over.
func (w *Window) add(ctx context.Context, rec arrow.Record) error {
	if rec.NumRows() == 0 {
		rec.Release()
		return ctx.Err()
	}
	if w.spill != nil {
		return w.spill.add(ctx, rec)
	}
	w.held = append(w.held, rec)
	if err := ctx.Err(); err != nil {
		return err
	}
	rows := int(rec.NumRows())
	w.bytes += w.spec.need(rec)
	more := int64(0)
	keys := columnsAt(rec, w.spec.by)
	if w.table != nil {
		more = w.table.bytes() + w.table.growth(rows, keyBytes(keys))
	}
	granted, err := w.grant.resize(w.bytes + more)
	if err != nil {
		return err
	}
	if !granted || len(w.held) >= maxChunks/2 {
		return w.spillHeld(ctx)
	}
	if w.table == nil {
		return nil
	}
	groups := make([]uint32, rows)
	w.groups = append(w.groups, groups)
	return w.table.assign(keys, rows, groups)
}

// spillHeld goes on with the disk.
func (w *Window) spillHeld(ctx context.Context) error {
	var err error
	if w.spill, err = newWindowSpill(w.env, w.spec); err != nil {
		return err
	}
	w.forget()
	for len(w.held) > 0 {
		rec := w.held[0]
		w.held = w.held[1:]
		if err := w.spill.add(ctx, rec); err != nil {
			return err
		}
	}
	w.grant.release()
	return nil
}

// forget drops what was computed of held rows.
func (w *Window) forget() {
	w.groups, w.bytes = nil, 0
	if w.table != nil {
		w.table.reset()
	}
}

// Spilled says whether rows were written to disk.
func (w *Window) Spilled() bool { return w.spill != nil }

// Stream is the result. It ends the operator: only Close may follow.
func (w *Window) Stream(ctx context.Context) batch.Stream {
	return generate(ctx, "window", func(emit emitFunc) error {
		if w.err != nil {
			return w.err
		}
		w.err = errors.New("window: its result was taken already")
		if w.spill != nil {
			return w.spill.stream(ctx, emit)
		}
		return w.stream(ctx, emit)
	})
}

func (w *Window) stream(ctx context.Context, emit emitFunc) error {
	if len(w.held) == 0 {
		return ctx.Err()
	}
	partitions := 1
	if w.table != nil {
		partitions = w.table.len()
	}
	r := newWindowResult(w.env, w.spec, w.held)
	defer r.close()
	var err error
	if w.spec.whole() {
		err = r.computeWhole(ctx, w.held, w.groups, partitions)
	} else {
		err = w.sorted(ctx, r, partitions)
	}
	if err != nil {
		return err
	}
	w.forget()
	return w.emit(ctx, r, emit)
}

// sorted computes the functions over the rows in their order.
func (w *Window) sorted(ctx context.Context, r *windowResult, partitions int) error {
	order, err := newWindowOrder(w.env, w.spec, w.held, w.groups, partitions)
	if err != nil {
		return err
	}
	defer order.close()
	return r.compute(ctx, order)
}

// emit gives the held rows with their values.
func (w *Window) emit(ctx context.Context, r *windowResult, emit emitFunc) error {
	chunk := 0
	for len(w.held) > 0 {
		n := min(len(w.held), runtime.GOMAXPROCS(0))
		made := make([][]arrow.Record, n)
		err := inParallel("window", n, func(i int) (err error) {
			made[i], err = r.put(ctx, w.held[i], chunk+i)
			return err
		})
		releaseRecords(w.held[:n])
		w.held = w.held[n:]
		chunk += n
		for _, rec := range slices.Concat(made...) {
			if err == nil {
				err = emit(rec)
			} else {
				rec.Release()
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Close gives back memory and files. It may be called more than once, and after a stream was broken off.
func (w *Window) Close() {
	releaseRecords(w.held)
	w.held = nil
	w.forget()
	if w.spill != nil {
		w.spill.close()
	}
	w.grant.release()
	if w.err == nil {
		w.err = errors.New("window: closed")
	}
}
