package source

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	_ "time/tzdata" // files name time zones that the machine may not have

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// parquetFile is one Parquet file. A split is a row group.
type parquetFile struct {
	path    string
	options *Options
	meta    *metadata.FileMetaData // kept from learn: footers can be large
	typed   *arrow.Schema          // with durations
	address string                 // where path is not all of it
	open    opener                 // nil where it is at its address, or path
}

// file opens the file.
func (p *parquetFile) file(ctx context.Context) (*storedFile, error) {
	if p.open != nil {
		return p.open(ctx)
	}
	return openStored(ctx, cmp.Or(p.address, p.path))
}

func (p *parquetFile) name() string { return p.path }

// reader opens the file. Arrow's reader panics on some corrupt files: callers guard.
func (p *parquetFile) reader(ctx context.Context, mem memory.Allocator) (*pqarrow.FileReader, *storedFile, error) {
	f, err := p.file(ctx)
	if err != nil {
		return nil, nil, err
	}
	size := f.Size()
	mem = boundedBy(mem, size)
	props := parquet.NewReaderProperties(boundedBy(memory.NewGoAllocator(), size))
	props.BufferedStreamEnabled = true // do not load a whole column chunk
	props.BufferSize = 256 << 10
	options := []file.ReadOption{file.WithReadProps(props)}
	if p.meta != nil {
		options = append(options, file.WithMetadata(p.meta))
	}
	r, err := file.NewParquetReader(f, options...)
	if err == nil {
		_, err = storedSchema(r.MetaData())
	}
	if err == nil {
		var fr *pqarrow.FileReader
		// Not parallel: a panic on a goroutine of its own would end the process. The lanes are parallel.
		if fr, err = pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{BatchSize: batchRows}, mem); err == nil {
			return fr, f, nil
		}
	}
	_ = f.Close()
	return nil, nil, cmp.Or(f.failure(), p.corrupt(ctx, err))
}

// storedSchema reads the Arrow schema that a footer may hold, nil where it has none, with bounded allocations: Arrow's own reader
// believes whatever length stands there, and running out of memory can't be recovered.
func storedSchema(meta *metadata.FileMetaData) (schema *arrow.Schema, err error) {
	stored := meta.KeyValueMetadata().FindValue(schemaKey)
	if stored == nil {
		return nil, nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Arrow schema: %v", r)
		}
	}()
	raw, err := base64.StdEncoding.DecodeString(*stored)
	if err != nil {
		if raw, err = base64.RawStdEncoding.DecodeString(*stored); err != nil {
			return nil, fmt.Errorf("its Arrow schema: %w", err)
		}
	}
	if err := checkStream(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("its Arrow schema: %w", err)
	}
	r, err := ipc.NewReader(bytes.NewReader(raw), ipc.WithAllocator(boundedBy(memory.NewGoAllocator(), int64(len(raw)))))
	if err != nil {
		return nil, fmt.Errorf("its Arrow schema: %w", err)
	}
	defer r.Release()
	return r.Schema(), nil
}

// corrupt tells a file that is cut off from one that is otherwise bad: the footer is at the end.
func (p *parquetFile) corrupt(ctx context.Context, err error) error {
	if f, openErr := p.file(ctx); openErr == nil {
		defer f.Close()
		head, tail := make([]byte, 4), make([]byte, 4)
		_, headErr := f.ReadAt(head, 0)
		if f.Size() >= 4 && headErr == nil {
			_, _ = f.ReadAt(tail, f.Size()-4)
			if string(head) == parquetMagic && string(tail) != parquetMagic {
				return fmt.Errorf("%s: %w: it has no Parquet footer at its end", p.path, ErrTruncated)
			}
			if string(head) != parquetMagic {
				return fmt.Errorf("%s: %w: it is no Parquet file", p.path, ErrCorrupt)
			}
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w: %w", p.path, ErrTruncated, err)
	}
	return fmt.Errorf("%s: %w: %w", p.path, ErrCorrupt, err)
}

func (p *parquetFile) learn(ctx context.Context) (cols *columns, err error) {
	defer guardPanic(p.path, &err)()
	r, closer, err := p.reader(ctx, memory.NewGoAllocator())
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	schema, err := r.Schema()
	if err != nil {
		return nil, p.corrupt(ctx, err)
	}
	p.meta = r.ParquetReader().MetaData()
	stored, err := storedSchema(p.meta)
	if err != nil {
		return nil, p.corrupt(ctx, err)
	}
	p.typed = withDurations(schema, stored)
	return typedColumns(p.path, p.typed)
}

// typedColumns is the columns of a file that has types.
func typedColumns(name string, schema *arrow.Schema) (*columns, error) {
	canonical, err := batch.CanonicalSchema(schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if canonical.NumFields() == 0 {
		return nil, fmt.Errorf("%s: %w: it has no columns", name, ErrEmpty)
	}
	cols := &columns{}
	seen := map[string]bool{}
	for _, f := range canonical.Fields() {
		if seen[f.Name] {
			return nil, fmt.Errorf("%s: %w: two columns are called %q", name, ErrCorrupt, f.Name)
		}
		seen[f.Name] = true
		if ts, ok := f.Type.(*arrow.TimestampType); ok {
			if _, err := ts.GetToTimeFunc(); err != nil {
				return nil, fmt.Errorf("%s: %w: column %q: time zone %q: %w", name, ErrCorrupt, f.Name, ts.TimeZone, err)
			}
		}
		cols.names = append(cols.names, f.Name)
		cols.types = append(cols.types, f.Type)
	}
	return cols, nil
}

func (p *parquetFile) splits(ctx context.Context, schema *arrow.Schema, _ int64, first bool) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		for i := range len(p.meta.RowGroups) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			rg := p.meta.RowGroup(i)
			s := &rowGroup{
				file: p, index: i, schema: schema, rows: rg.NumRows(), first: first && i == 0,
				stored: rg.TotalCompressedSize(),
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// rowGroup is a split of a Parquet file; its Span counts rows.
type rowGroup struct {
	file   *parquetFile
	index  int
	schema *arrow.Schema
	rows   int64
	stored int64
	first  bool
}

func (s *rowGroup) Span() batch.Span {
	return batch.Span{Input: fmt.Sprintf("%s#rg%d", s.file.path, s.index), Start: 0, End: s.rows}
}

func (s *rowGroup) Stored() int64 { return s.stored }

func (s *rowGroup) Close() {}

func (s *rowGroup) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		out, err := project(s.file.path, s.schema, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		if limit <= 0 || limit > s.rows {
			limit = s.rows
		}
		r := &groupReader{split: s, out: out, mem: currentAllocator()}
		defer r.close()
		size := int64(batchRows)
		if s.first {
			size = firstRows
		}
		for done := int64(0); done < limit; size = batchRows {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			rec, err := r.next(ctx, min(size, limit-done))
			if err != nil {
				yield(nil, err)
				return
			}
			done += rec.NumRows()
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// groupReader reads a row group's columns side by side.
type groupReader struct {
	split   *rowGroup
	out     *arrow.Schema
	mem     memory.Allocator
	stored  *storedFile
	readers []*pqarrow.ColumnReader
}

func (r *groupReader) open(ctx context.Context) error {
	fr, stored, err := r.split.file.reader(ctx, r.mem)
	if err != nil {
		return err
	}
	r.stored = stored
	for _, f := range r.out.Fields() {
		at := -1
		for i, field := range fr.Manifest.Fields {
			if field.Field.Name == f.Name {
				at = i
			}
		}
		if at < 0 {
			return unknownColumn(r.split.file.path, f.Name, r.split.schema)
		}
		leaves := map[int]bool{}
		addLeaves(&fr.Manifest.Fields[at], leaves)
		reader, err := fr.GetFieldReader(ctx, at, leaves, []int{r.split.index})
		if err != nil {
			return r.split.file.corrupt(ctx, err)
		}
		r.readers = append(r.readers, reader)
	}
	return nil
}

func addLeaves(f *pqarrow.SchemaField, leaves map[int]bool) {
	if f.IsLeaf() {
		leaves[f.ColIndex] = true
	}
	for i := range f.Children {
		addLeaves(&f.Children[i], leaves)
	}
}

func (r *groupReader) next(ctx context.Context, rows int64) (rec arrow.Record, err error) {
	if len(r.out.Fields()) == 0 {
		return array.NewRecord(r.out, nil, rows), nil
	}
	var cols []arrow.Array
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	defer guardPanic(r.split.file.path, &err)()
	if r.stored == nil {
		if err := r.open(ctx); err != nil {
			return nil, err
		}
	}
	for i, reader := range r.readers {
		col, err := r.column(reader, rows)
		if failed := r.stored.failure(); failed != nil {
			if col != nil {
				col.Release()
			}
			return nil, failed
		}
		if err != nil {
			return nil, fmt.Errorf("%w (row group %d, column %q)", r.split.file.corrupt(ctx, err), r.split.index, r.out.Field(i).Name)
		}
		if at := r.split.file.typed.FieldIndices(r.out.Field(i).Name); r.split.file.typed.Field(at[0]).Type.ID() == arrow.DURATION {
			number := col
			col = retyped(number, r.split.file.typed.Field(at[0]).Type)
			number.Release()
		}
		cols = append(cols, col)
		if int64(col.Len()) != rows {
			return nil, fmt.Errorf("%s: %w: row group %d, column %q has fewer rows than its group",
				r.split.file.path, ErrCorrupt, r.split.index, r.out.Field(i).Name)
		}
	}
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: r.out.Field(i).Name, Type: c.DataType(), Nullable: true}
	}
	raw := array.NewRecord(arrow.NewSchema(fields, nil), cols, rows)
	defer raw.Release()
	return conform(r.mem, r.split.file.path, raw, r.out)
}

func (r *groupReader) column(reader *pqarrow.ColumnReader, rows int64) (arrow.Array, error) {
	chunks, err := reader.NextBatch(rows)
	if err != nil {
		return nil, err
	}
	defer chunks.Release()
	switch parts := chunks.Chunks(); len(parts) {
	case 0:
		return nil, io.ErrUnexpectedEOF
	case 1:
		parts[0].Retain()
		return parts[0], nil
	default:
		return array.Concatenate(parts, r.mem)
	}
}

func (r *groupReader) close() {
	for _, reader := range r.readers {
		reader.Release()
	}
	if r.stored != nil {
		_ = r.stored.Close()
	}
}

// conform brings a file's record to the canonical types and then to the source's, where another file or the user
// widened them.
func conform(mem memory.Allocator, name string, rec arrow.Record, out *arrow.Schema) (arrow.Record, error) {
	canonical, err := batch.ToCanonical(mem, rec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer canonical.Release()
	cols := make([]arrow.Array, 0, canonical.NumCols())
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	for i, col := range canonical.Columns() {
		to := out.Field(i).Type
		switch {
		case arrow.TypeEqual(col.DataType(), to):
			col.Retain()
		case col.DataType().ID() == arrow.INT64 && to.ID() == arrow.FLOAT64:
			col = intsToFloats(mem, col.(*array.Int64))
		case col.NullN() == col.Len():
			col = array.MakeArrayOfNull(mem, to, col.Len())
		default:
			return nil, fmt.Errorf("%s: %w: column %q is %s, not %s", name, ErrSchema, out.Field(i).Name, col.DataType(), to)
		}
		cols = append(cols, col)
	}
	return array.NewRecord(out, cols, rec.NumRows()), nil
}

func intsToFloats(mem memory.Allocator, a *array.Int64) arrow.Array {
	b := array.NewFloat64Builder(mem)
	defer b.Release()
	b.Reserve(a.Len())
	for i, v := range a.Int64Values() {
		if a.IsNull(i) {
			b.UnsafeAppendBoolToBitmap(false)
		} else {
			b.UnsafeAppend(float64(v))
		}
	}
	return b.NewArray()
}
