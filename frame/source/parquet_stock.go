package source

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// Arrow's reader of Parquet files knows every type, and serves for the schema and for columns that package parquet does not read: of types without
// values, and encrypted ones.

// reader opens the file. Arrow's reader panics on some corrupt files: callers guard.
func (p *parquetFile) reader(ctx context.Context, mem memory.Allocator) (*pqarrow.FileReader, *storedFile, error) {
	f, err := p.file(ctx)
	if err != nil {
		return nil, nil, err
	}
	r, err := p.stockReader(ctx, f, mem)
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return r, f, nil
}

// stockReader is Arrow's reader of the file, which is open.
func (p *parquetFile) stockReader(ctx context.Context, f *storedFile, mem memory.Allocator) (*pqarrow.FileReader, error) {
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
			return fr, nil
		}
	}
	return nil, cmp.Or(f.failure(), p.corrupt(ctx, err))
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

// stockColumn opens a column of a row group by Arrow's reader.
func stockColumn(ctx context.Context, fr *pqarrow.FileReader, field, group int) (*pqarrow.ColumnReader, error) {
	leaves := map[int]bool{}
	addLeaves(&fr.Manifest.Fields[field], leaves)
	return fr.GetFieldReader(ctx, field, leaves, []int{group})
}

func addLeaves(f *pqarrow.SchemaField, leaves map[int]bool) {
	if f.IsLeaf() {
		leaves[f.ColIndex] = true
	}
	for i := range f.Children {
		addLeaves(&f.Children[i], leaves)
	}
}

// nextStock reads rows of a column.
func nextStock(reader *pqarrow.ColumnReader, mem memory.Allocator, rows int64) (arrow.Array, error) {
	before := damagedPages.Load()
	chunks, err := reader.NextBatch(rows)
	if err != nil {
		return nil, err
	}
	defer chunks.Release()
	if damagedPages.Load() != before { // at worst of another file that is read at the same time, whose error comes as well
		return nil, errDamagedPage
	}
	for _, part := range chunks.Chunks() { // of damaged levels come offsets beyond the values
		if err := validate(part.Data()); err != nil {
			return nil, err
		}
	}
	switch parts := chunks.Chunks(); len(parts) {
	case 0:
		return nil, io.ErrUnexpectedEOF
	case 1:
		parts[0].Retain()
		return parts[0], nil
	default:
		return array.Concatenate(parts, mem)
	}
}
