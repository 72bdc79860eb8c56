package frame

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Collect computes the frame and keeps the result in memory, as a new frame. Its memory counts against the budget
// (RIVULET_MEMORY) and is given back when the frame is no longer used.
//
//	late, err := df.Filter("dep_delay > 60").Collect()
func (f *Frame) Collect() (*Frame, error) { return f.CollectContext(cellContext()) }

// CollectContext is Collect with a context, for compiled Go.
func (f *Frame) CollectContext(ctx context.Context) (*Frame, error) {
	if err := f.Err(); err != nil {
		return nil, err
	}
	h := newHolding("Collect")
	if !codesLater(f.node) {
		h.codes = exec.NewTextCodes(memory.Allocator(), f.node.Schema())
	}
	for r, err := range runPlan(f.profiled(ctx), f.node) {
		if err == nil {
			r, err = unpin(r)
		}
		if err == nil {
			err = h.add(r)
		}
		if err != nil {
			h.release()
			return nil, inCall("Collect", err)
		}
	}
	name := f.name
	if name == "" {
		name = "memory"
	}
	out, err := hold(ctx, name, f.node.Schema(), h)
	return out, inCall("Collect", err)
}

// stream runs the plan of a frame without an error.
func (f *Frame) stream(ctx context.Context) batch.Stream {
	return batch.PlainStream(memory.Allocator(), runPlan(f.profiled(ctx), f.node))
}

// unpinRows is the rows from which a batch is kept as it is: then all of the larger one is most likely kept too.
const unpinRows = 1 << 13

// unpin copies a record that is a small part of larger buffers, which it would keep in memory. It takes r over.
func unpin(r arrow.Record) (arrow.Record, error) {
	small := false
	if r.NumRows() >= unpinRows {
		return r, nil
	}
	for _, c := range r.Columns() {
		d := c.Data()
		// The second buffer has the values, or the offsets, of 16 bytes a row at most.
		if b := d.Buffers(); len(b) > 1 && b[1] != nil && b[1].Len() > 4096 && d.Len()*64 < b[1].Len() {
			small = true
		}
	}
	if !small {
		return r, nil
	}
	defer r.Release()
	return batch.MapColumns(r, r.Schema(), r.NumRows(), func(_ int, c arrow.Array) (arrow.Array, error) {
		return batch.ConcatArrays(memory.Allocator(), []arrow.Array{c})
	})
}

// Count computes the number of rows.
//
//	n, err := df.Filter("dep_delay > 60").Count()
func (f *Frame) Count() (int64, error) { return f.CountContext(cellContext()) }

// CountContext is Count with a context, for compiled Go.
func (f *Frame) CountContext(ctx context.Context) (int64, error) {
	if err := f.Err(); err != nil {
		return 0, err
	}
	n, err := plan.NewAggregate(f.node, nil, []expr.Expr{expr.Aggregate{Func: expr.Count}})
	if err != nil {
		return 0, inCall("Count", err)
	}
	var count int64
	seen := false
	for r, err := range runPlan(f.profiled(ctx), n) {
		if err != nil {
			return 0, inCall("Count", err)
		}
		if c, ok := r.Column(0).(*array.Int64); ok && c.Len() > 0 {
			count, seen = c.Value(0), true
		}
		r.Release()
	}
	if !seen {
		return 0, inCall("Count", errors.New("the engine gave no count"))
	}
	return count, nil
}

// Write computes the frame into a file, batch by batch; the extension sets the format: csv, tsv, ndjson (also .gz, .zst),
// parquet, arrow. The file appears under its name when it is complete. The options Delimiter, Quote, Escape, NoHeader,
// NullWords (the first is written) and Format are as for Read, so that Read with the same reads the same; QuoteAll quotes
// every value. Compression, RowGroupBytes, BloomFilter, PartitionBy and Overwrite are for Parquet.
//
//	err := df.Filter("dep_delay > 60").Write("late.parquet")
//	err := df.Write("late.csv.gz", Delimiter(';'), NullWords("NA"))
//	err := df.Write("late", PartitionBy("year", "month"), Compression("zstd"))
func (f *Frame) Write(path string, options ...Option) error {
	return f.WriteContext(cellContext(), path, options...)
}

// WriteContext is Write with a context, for compiled Go.
func (f *Frame) WriteContext(ctx context.Context, path string, options ...Option) error {
	if err := f.Err(); err != nil {
		return err
	}
	if path == "" {
		return inCall("Write", errors.New("the path is empty"))
	}
	var o source.Options
	for _, option := range options {
		if option.apply == nil {
			continue
		}
		if err := option.apply(&o); err != nil {
			return inCall("Write", err)
		}
	}
	if source.WritesParquet(path, &o) {
		held, err := reserveGroup(&o)
		if err != nil {
			return inCall("Write", err)
		}
		defer held.Release()
	}
	_, err := source.Write(ctx, path, f.node.Schema(), runPlan(f.profiled(ctx), f.node), o)
	return inCall("Write", err)
}

// Records is the result as a stream of Arrow record batches; the receiver releases each.
func (f *Frame) Records(ctx context.Context) batch.Stream {
	if err := f.Err(); err != nil {
		return failed(err)
	}
	return f.stream(ctx)
}

// column is the values of one column: the plan is narrowed to it, then run.
func (f *Frame) column(ctx context.Context, call, name string, each func(arrow.Array) error) error {
	if err := f.Err(); err != nil {
		return err
	}
	fail := func(err error) error { return inCall(call, err) }
	if len(f.node.Schema().FieldIndices(name)) == 0 {
		return fail(unknownColumn(name, f.node.Schema()))
	}
	n, err := plan.NewProject(f.node, []expr.Expr{expr.Column{Name: name}})
	if err != nil {
		return fail(err)
	}
	for r, err := range batch.PlainStream(memory.Allocator(), runPlan(f.profiled(ctx), n)) {
		if err != nil {
			return fail(err)
		}
		err = each(r.Column(0))
		r.Release()
		if err != nil {
			return fail(fmt.Errorf("column %q: %w", name, err))
		}
	}
	return nil
}
