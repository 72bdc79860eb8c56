package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// BatchFunc makes a record of schema out of a record, which it does not keep.
type BatchFunc func(mem allocator, rec arrow.Record, out *arrow.Schema) (arrow.Record, error)

var batchAdapter atomic.Pointer[func(fn any) (BatchFunc, error)]

// SetBatchAdapter says how a function that users write over batches is called: package frame has their type.
func SetBatchAdapter(f func(fn any) (BatchFunc, error)) { batchAdapter.Store(&f) }

// fewRows is how many rows a function gets at once where the budget is tight.
const fewRows = 1 << 12

// MapBatches gives what a user's function makes of each batch. Large batches are parted, so that a cancel does not wait
// long for the function. What it copies of a batch is reserved while it runs.
func MapBatches(env *Env, fn *expr.Function, out *arrow.Schema) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "map batches", func(emit emitFunc) error {
			m := &batchMapper{env: env, fn: fn, out: out, grant: env.newGrant("map batches")}
			defer m.grant.release()
			return each(ctx, batch.PlainStream(env.Mem, in), func(rec arrow.Record) error { return m.record(ctx, rec, emit) })
		})
	}
}

// batchMapper calls the function; it is compiled for the first batch.
type batchMapper struct {
	env   *Env
	fn    *expr.Function
	out   *arrow.Schema
	grant *grant
	call  BatchFunc
}

// record takes rec over.
func (m *batchMapper) record(ctx context.Context, rec arrow.Record, emit emitFunc) error {
	defer func() {
		if rec != nil {
			rec.Release()
		}
	}()
	if m.call == nil {
		var err error
		if m.call, err = batchFunc(ctx, m.fn); err != nil {
			return err
		}
	}
	rows, total := int64(maxRows), rec.NumRows()
	granted, err := m.grant.resize(2 * batch.Bytes(rec) * min(rows, total) / max(total, 1))
	if err != nil {
		return err
	}
	if !granted {
		rows = fewRows
	}
	for from := int64(0); from < total; from += rows {
		to := min(from+rows, total)
		part := rec.NewSlice(from, to)
		if to == total {
			rec.Release()
			rec = nil
		}
		made, err := m.part(ctx, part)
		if err != nil {
			return err
		}
		if err := emit(made); err != nil {
			return err
		}
	}
	return nil
}

// part takes rec over.
func (m *batchMapper) part(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
	defer rec.Release()
	made, err := callBatch(m.env, m.call, m.fn.Name, rec, m.out)
	if ctx.Err() == nil {
		return made, err
	}
	// What an interpreter that was stopped gives means nothing.
	if made != nil {
		made.Release()
	}
	return nil, ctx.Err()
}

func batchFunc(ctx context.Context, fn *expr.Function) (BatchFunc, error) {
	adapt := batchAdapter.Load()
	if adapt == nil {
		return nil, errors.New("map batches: this process has no batches for functions")
	}
	f, err := fn.Callable(ctx)
	if err != nil {
		return nil, err
	}
	call, err := (*adapt)(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn.Name, err)
	}
	return call, nil
}

// callBatch calls the function; its errors and panics name it and the rows.
func callBatch(env *Env, call BatchFunc, name string, rec arrow.Record, out *arrow.Schema) (made arrow.Record, err error) {
	fail := &expr.RowError{Func: name, Row: -1, Values: fmt.Sprintf("a batch of %d rows", rec.NumRows())}
	defer func() {
		if r := recover(); r != nil {
			fail.Panic, fail.Stack = r, debug.Stack()
			if e, ok := r.(error); ok {
				fail.Err = e
			} else {
				fail.Err = fmt.Errorf("%v", r)
			}
			made, err = nil, fail
		}
	}()
	if made, err = call(env.Mem, rec, out); err != nil {
		fail.Err = err
		return nil, fail
	}
	return made, nil
}
