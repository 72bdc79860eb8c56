package source

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// arrowFile is an Arrow IPC file (a split is a record batch, read when it is opened) or stream (read in order, so its
// splits hold their batches).
type arrowFile struct {
	path    string
	options *Options
	stream  bool
	batches int
	size    int64
	address string // where path is not all of it
	open    opener // nil where it is at its address, or path
}

// file opens the file.
func (a *arrowFile) file(ctx context.Context) (*storedFile, error) {
	if a.open != nil {
		return a.open(ctx)
	}
	return openStored(ctx, cmp.Or(a.address, a.path))
}

func (a *arrowFile) name() string { return a.path }

func (a *arrowFile) allocator(mem memory.Allocator) memory.Allocator { return boundedBy(mem, a.size) }

// openFile opens the file form.
func (a *arrowFile) openFile(ctx context.Context, mem memory.Allocator) (*ipc.FileReader, *storedFile, error) {
	f, err := a.file(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := checkFooter(f, a.size); err != nil {
		_ = f.Close()
		return nil, nil, cmp.Or(f.failure(), a.corrupt(ctx, err))
	}
	r, err := ipc.NewFileReader(f, ipc.WithAllocator(mem))
	if err != nil {
		_ = f.Close()
		return nil, nil, cmp.Or(f.failure(), a.corrupt(ctx, err))
	}
	return r, f, nil
}

// openStream opens the stream form.
func (a *arrowFile) openStream(ctx context.Context, mem memory.Allocator) (*ipc.Reader, *storedFile, error) {
	f, err := a.file(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err = checkStream(f); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, cmp.Or(f.failure(), a.corrupt(ctx, err))
	}
	r, err := ipc.NewReader(bufio.NewReaderSize(f, 1<<20), ipc.WithAllocator(mem))
	if err != nil {
		_ = f.Close()
		return nil, nil, cmp.Or(f.failure(), a.corrupt(ctx, err))
	}
	return r, f, nil
}

func (a *arrowFile) corrupt(ctx context.Context, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || !a.stream && !a.hasFooter(ctx) {
		return fmt.Errorf("%s: %w: %w", a.path, ErrTruncated, err)
	}
	return fmt.Errorf("%s: %w: %w", a.path, ErrCorrupt, err)
}

func (a *arrowFile) hasFooter(ctx context.Context) bool {
	f, err := a.file(ctx)
	if err != nil {
		return false
	}
	defer f.Close()
	tail := make([]byte, len(arrowMagic))
	_, err = f.ReadAt(tail, a.size-int64(len(tail)))
	return err == nil && string(tail) == arrowMagic
}

func (a *arrowFile) learn(ctx context.Context) (cols *columns, err error) {
	defer guardPanic(a.path, &err)()
	whole, err := a.file(ctx)
	if err != nil {
		return nil, err
	}
	defer whole.Close()
	a.size = whole.Size()
	head, err := headOf(whole, a.path)
	if err != nil {
		return nil, err
	}
	a.stream = !bytes.HasPrefix(head, []byte(arrowMagic))
	mem := a.allocator(memory.NewGoAllocator())
	if a.stream {
		r, f, err := a.openStream(ctx, mem)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		defer r.Release()
		return typedColumns(a.path, r.Schema())
	}
	r, f, err := a.openFile(ctx, mem)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a.batches = r.NumRecords()
	return typedColumns(a.path, r.Schema())
}

func (a *arrowFile) splits(ctx context.Context, schema *arrow.Schema, _ int64, first bool) iter.Seq2[Split, error] {
	if a.stream {
		return a.streamSplits(ctx, schema, first)
	}
	return func(yield func(Split, error) bool) {
		for i := range a.batches {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			s := &arrowSplit{
				file: a, schema: schema, index: i, first: first && i == 0, stored: a.size / int64(a.batches),
				span: batch.Span{Input: fmt.Sprintf("%s#batch%d", a.path, i)},
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// streamSplits reads the stream's batches in order; each split holds its batch until it is closed.
func (a *arrowFile) streamSplits(ctx context.Context, schema *arrow.Schema, first bool) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		r, f, err := a.openStream(ctx, a.allocator(currentAllocator()))
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		defer r.Release()
		var read int64
		for i, at := 0, int64(0); ; i++ {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !r.Next() {
				if err := r.Err(); err != nil {
					yield(nil, cmp.Or(f.failure(), a.corrupt(ctx, err)))
				}
				return
			}
			rec := r.Record()
			rec.Retain()
			position, _ := f.Seek(0, io.SeekCurrent)
			s := &arrowSplit{
				file: a, schema: schema, index: i, first: first && i == 0, stored: position - read, held: rec,
				span: batch.Span{Input: a.path, Start: at, End: at + rec.NumRows()},
			}
			read = position
			at += rec.NumRows()
			if !yield(s, nil) {
				return
			}
		}
	}
}

// arrowSplit is one record batch. Its Span counts rows; that of a batch not read yet is its whole input.
type arrowSplit struct {
	file   *arrowFile
	schema *arrow.Schema
	index  int
	first  bool
	stored int64
	span   batch.Span
	held   arrow.Record // of a stream
}

func (s *arrowSplit) Span() batch.Span { return s.span }

func (s *arrowSplit) Stored() int64 { return s.stored }

func (s *arrowSplit) Close() {
	if s.held != nil {
		s.held.Release()
		s.held = nil
	}
}

func (s *arrowSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		rec, err := s.read(ctx, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		defer rec.Release()
		rows := rec.NumRows()
		if limit > 0 {
			rows = min(rows, limit)
		}
		size := int64(batchRows)
		if s.first {
			size = firstRows
		}
		for at := int64(0); at < rows; size = batchRows {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			to := min(at+size, rows)
			if !yield(rec.NewSlice(at, to), nil) {
				return
			}
			at = to
		}
	}
}

func (s *arrowSplit) read(ctx context.Context, columns []string) (rec arrow.Record, err error) {
	defer guardPanic(s.file.path, &err)()
	out, err := project(s.file.path, s.schema, columns)
	if err != nil {
		return nil, err
	}
	mem := currentAllocator()
	raw := s.held
	if raw != nil {
		raw.Retain()
	} else {
		r, f, err := s.file.openFile(ctx, s.file.allocator(mem))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if raw, err = r.RecordAt(s.index); err != nil {
			return nil, cmp.Or(f.failure(), s.file.corrupt(ctx, err))
		}
	}
	defer raw.Release()
	picked, err := SelectColumns(s.file.path, raw, fieldNames(out))
	if err != nil {
		return nil, err
	}
	defer picked.Release()
	for i, col := range picked.Columns() {
		if err := validate(col.Data()); err != nil {
			return nil, s.file.corrupt(ctx, fmt.Errorf("record batch %d, column %q: %w", s.index, out.Field(i).Name, err))
		}
	}
	return conform(mem, s.file.path, picked, out)
}
