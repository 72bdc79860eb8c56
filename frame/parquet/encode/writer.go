package encode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// ErrHalted is wrapped where Halt has ended the work.
var ErrHalted = errors.New("halted")

// Writer writes records to a Parquet file, which is complete when it is closed. Whoever made it calls Close or Drop. It is not safe for
// concurrent use.
type Writer struct {
	out    io.Writer
	at     int64 // bytes written
	o      Options
	schema *arrow.Schema
	root   *node
	fields []*field
	tasks  sync.WaitGroup
	halt   atomic.Bool

	groups []group
	rows   int64 // of all row groups that are written
	open   int64 // rows of the one that is not
	held   int64 // bytes of its values
	err    error
	ended  bool
}

// field is a field of the schema, which has a goroutine that encodes it.
type field struct {
	node     *node
	columns  []*column
	shredder *shredder  // nil of a flat field
	jobs     chan job   // nil where it is encoded by who calls
	ends     chan error // of row groups
	err      error
}

// job is an array to encode, which is released, or the end of the row group.
type job struct{ arr arrow.Array }

// queued is how many arrays wait for the goroutine of their field.
const queued = 2

// group is a row group as the footer has it.
type group struct {
	rows   int64
	chunks []stored
}

// NewWriter begins a file. Records must have columns of schema's types, or dictionaries of those.
func NewWriter(out io.Writer, schema *arrow.Schema, o Options) (*Writer, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if schema.NumFields() == 0 {
		return nil, errors.New("a Parquet file has one column at least")
	}
	w := &Writer{out: out, o: o, schema: schema, root: &node{name: "schema"}}
	bloom := map[string]bool{}
	for _, name := range o.Bloom {
		if !schema.HasField(name) {
			return nil, fmt.Errorf("bloom filter: there is no column %q", name)
		}
		bloom[name] = true
	}
	for _, f := range schema.Fields() {
		n, err := newNode(f, w.root)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name, err)
		}
		w.root.children = append(w.root.children, n)
		leaves := n.leaves(nil)
		to := &field{node: n}
		for _, l := range leaves {
			to.columns = append(to.columns, newColumn(l, &w.o, &w.halt, bloom[f.Name] && l.physical != physicalBoolean))
		}
		if !leaves[0].flat() {
			to.shredder = newShredder(leaves)
		}
		w.fields = append(w.fields, to)
	}
	if !o.Serial {
		for _, f := range w.fields {
			f.jobs, f.ends = make(chan job, queued), make(chan error)
			w.tasks.Go(f.run)
		}
	}
	if err := w.write([]byte(magic)); err != nil {
		w.Drop()
		return nil, err
	}
	return w, nil
}

const magic = "PAR1"

func (w *Writer) write(b []byte) error {
	n, err := w.out.Write(b)
	w.at += int64(n)
	return err
}

// run encodes what comes. After an error it only releases.
func (f *field) run() {
	for j := range f.jobs {
		if j.arr == nil {
			f.guarded(f.endChunks)
			f.ends <- f.err
			continue
		}
		f.guarded(func() error { return f.add(j.arr) })
		j.arr.Release()
	}
}

// guarded calls do, if nothing has failed before.
func (f *field) guarded(do func() error) {
	if f.err != nil {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			f.err = fmt.Errorf("column %q: its arrays are not what their types demand: %v", f.node.name, r)
		}
	}()
	if err := do(); err != nil {
		f.err = fmt.Errorf("column %q: %w", f.node.name, err)
	}
}

func (f *field) add(arr arrow.Array) error {
	if f.columns[0].halt.Load() {
		return ErrHalted
	}
	if f.shredder == nil {
		return f.columns[0].addArray(arr)
	}
	if err := f.shredder.shred(f.node, arr); err != nil {
		return err
	}
	for i, c := range f.columns {
		s := &f.shredder.leaves[i]
		if err := c.add(s.arr, s.at, levels{rows: arr.Len(), defs: s.defs, reps: s.reps}); err != nil {
			return err
		}
	}
	return nil
}

func (f *field) endChunks() error {
	for _, c := range f.columns {
		if err := c.end(); err != nil {
			return err
		}
	}
	return nil
}

// Write appends the rows of a record, which the caller keeps. An error names the column; the file is not usable after it.
func (w *Writer) Write(rec arrow.Record) error {
	if w.err != nil {
		return w.err
	}
	for rows := rec.NumRows(); rows > 0; {
		n := min(rows, w.o.groupRows()-w.open)
		part := rec
		if n < rec.NumRows() {
			at := rec.NumRows() - rows
			part = rec.NewSlice(at, at+n)
		} else {
			part.Retain()
		}
		w.add(part)
		part.Release()
		if rows -= n; w.open >= w.o.groupRows() || w.held >= w.o.groupBytes() {
			if w.err = w.endGroup(); w.err != nil {
				return w.err
			}
		}
	}
	return nil
}

func (w *Writer) add(rec arrow.Record) {
	for i, f := range w.fields {
		arr := rec.Column(i)
		w.held += valueBytes(arr)
		if w.o.Serial {
			f.guarded(func() error { return f.add(arr) })
			continue
		}
		arr.Retain()
		f.jobs <- job{arr}
	}
	w.open += rec.NumRows()
}

// wait waits for the end of the row group.
func (f *field) wait() error {
	if f.ends != nil {
		return <-f.ends
	}
	f.guarded(f.endChunks)
	return f.err
}

// Flush ends the row group.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.endGroup()
	}
	return w.err
}

// Held is about how many bytes of values the row group has that is not written yet.
func (w *Writer) Held() int64 { return w.held }

// valueBytes is about how many bytes the values of an array take, of coded texts their codes.
func valueBytes(arr arrow.Array) (n int64) {
	d := arr.Data()
	switch a := arr.(type) {
	case *array.Struct:
		for i := range a.NumField() {
			n += valueBytes(a.Field(i))
		}
		return n
	case array.ListLike:
		if arr.Len() == 0 {
			return 0
		}
		from, _ := a.ValueOffsets(0)
		_, to := a.ValueOffsets(arr.Len() - 1)
		if from >= to {
			return 0
		}
		items := array.NewSlice(a.ListValues(), from, to)
		defer items.Release()
		return 8*int64(arr.Len()) + valueBytes(items)
	case *array.String:
		return 4*int64(a.Len()) + int64(len(a.ValueBytes()))
	case *array.Binary:
		return 4*int64(a.Len()) + int64(len(a.ValueBytes()))
	case *array.Boolean:
		return int64(a.Len()+7) / 8
	}
	if t, ok := arr.DataType().(arrow.FixedWidthDataType); ok {
		return int64(d.Len()) * int64(t.BitWidth()) / 8
	}
	return 16 * int64(d.Len())
}

// endGroup writes the row group.
func (w *Writer) endGroup() error {
	if w.open == 0 {
		return nil
	}
	g := group{rows: w.open}
	if !w.o.Serial {
		for _, f := range w.fields {
			f.jobs <- job{}
		}
	}
	var failed error
	for _, f := range w.fields { // in their order; those behind are still at work
		if err := f.wait(); err != nil || failed != nil {
			failed = errors.Join(failed, err)
			continue
		}
		for _, c := range f.columns {
			s, err := w.writeChunk(c)
			if err != nil {
				failed = err
				break
			}
			g.chunks = append(g.chunks, s)
		}
	}
	if failed != nil {
		return failed
	}
	for _, f := range w.fields {
		for _, c := range f.columns {
			c.begin()
		}
	}
	w.groups = append(w.groups, g)
	w.rows += w.open
	w.open, w.held = 0, 0
	return nil
}

// Close writes what is left and the footer. The writer is done then, also where it gives an error.
func (w *Writer) Close(ctx context.Context) error {
	defer w.Drop()
	if w.err == nil && !w.ended {
		w.err = w.endGroup()
	}
	if w.err == nil {
		w.err = ctx.Err()
	}
	if w.err == nil && !w.ended {
		w.err = w.writeFooter()
	}
	return w.err
}

// Halt makes what is being encoded end soon with an error, which wraps ErrHalted. It is safe for concurrent use.
func (w *Writer) Halt() { w.halt.Store(true) }

// Drop gives back what the writer holds. The file is not complete.
func (w *Writer) Drop() {
	if w.ended {
		return
	}
	w.ended = true
	w.Halt()
	for _, f := range w.fields {
		if f.jobs != nil {
			close(f.jobs)
		}
	}
	w.tasks.Wait()
}
