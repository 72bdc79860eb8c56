package source

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// encoder writes the batches of one file.
type encoder interface {
	write(rec arrow.Record) error
	close() error
}

// Write writes a stream to a file, in the format of its extension or of the options: .csv, .tsv, .ndjson (each also .gz or
// .zst), .parquet, .arrow. Of the options those count that say how a CSV file is written, so that one reads back what was
// written with the same. The file appears under its name when it is whole; an error or a cancelled context leaves what was
// there before. It gives the number of rows.
func Write(ctx context.Context, path string, schema *arrow.Schema, s batch.Stream, o Options) (rows int64, err error) {
	if err := o.checkWrite(schema); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	format, packed := formatOf(path)
	if o.Format != "" {
		format = canonicalFormat(o.Format)
	}
	if format == "" || packed != "" && packed != ".gz" && packed != ".zst" && packed != ".zstd" || packed != "" && (format == "parquet" || format == "arrow") {
		return 0, fmt.Errorf("%s: can't write this kind of file: want .csv, .tsv, .ndjson (or these with .gz or .zst), .parquet or .arrow", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return 0, pathError(path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if rows, err = encode(ctx, f, format, packed, schema, s, &o); err != nil {
		if ctx.Err() == nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return 0, err
	}
	if err := f.Chmod(newFileMode()); err != nil {
		return 0, pathError(path, err)
	}
	if err := f.Close(); err != nil {
		return 0, pathError(path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return 0, pathError(path, err)
	}
	return rows, nil
}

// newFileMode is what other programs' new files usually have; the temporary file is private.
func newFileMode() os.FileMode { return 0o644 }

func encode(ctx context.Context, f *os.File, format, packed string, schema *arrow.Schema, s batch.Stream, o *Options) (rows int64, err error) {
	defer guardPanic("write", &err)()
	switch format {
	case "parquet", "arrow":
	case "ndjson":
		return writeText(ctx, f, newJSONRows(schema), packed, s)
	default:
		return writeText(ctx, f, newCSVRows(schema, o.writeSyntax(format), o), packed, s)
	}
	e, err := newEncoder(format, f, schema)
	if err != nil {
		return 0, err
	}
	closed := false
	defer func() {
		if !closed { // frees what the encoders hold; the file is dropped
			_ = e.close()
		}
	}()
	for rec, err := range s {
		if err != nil {
			return 0, err
		}
		rows += rec.NumRows()
		err = e.write(rec)
		rec.Release()
		if err != nil {
			return 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	closed = true
	return rows, e.close()
}

func newEncoder(format string, f *os.File, schema *arrow.Schema) (encoder, error) {
	if format == "parquet" {
		return newParquetEncoder(f, schema)
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema), ipc.WithAllocator(currentAllocator()))
	if err != nil {
		return nil, err
	}
	return arrowEncoder{w}, nil
}

type arrowEncoder struct{ w *ipc.FileWriter }

func (e arrowEncoder) write(rec arrow.Record) error { return e.w.Write(rec) }

func (e arrowEncoder) close() error { return e.w.Close() }

// rowGroupRows is the rows of a row group that is written: a split for who reads it.
const rowGroupRows = 512 << 10

type parquetEncoder struct {
	w      *pqarrow.FileWriter
	schema *arrow.Schema // as it is written
}

func newParquetEncoder(f *os.File, schema *arrow.Schema) (encoder, error) {
	mem := currentAllocator()
	settings := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Snappy),
		parquet.WithMaxRowGroupLength(rowGroupRows),
		parquet.WithAllocator(mem),
		parquet.WithVersion(parquet.V2_LATEST),
	}
	for _, f := range schema.Fields() {
		// The writer's minimum and maximum of bytes point into batches that were released since.
		switch f.Type.ID() {
		case arrow.STRING, arrow.BINARY, arrow.DECIMAL128:
			settings = append(settings, parquet.WithStatsPath(parquet.ColumnPath{f.Name}, false))
		case arrow.LIST, arrow.STRUCT: // with leaves of any type
			settings = append(settings, parquet.WithStats(false))
		}
	}
	stored, err := parquetSchema(mem, schema)
	if err != nil {
		return nil, err
	}
	props := parquet.NewWriterProperties(settings...)
	w, err := pqarrow.NewFileWriter(stored, struct{ io.Writer }{f}, props, pqarrow.NewArrowWriterProperties(pqarrow.WithAllocator(mem)))
	if err != nil {
		return nil, err
	}
	return &parquetEncoder{w: w, schema: stored}, nil
}

func (e *parquetEncoder) write(rec arrow.Record) error {
	if rec.NumRows() == 0 {
		return nil
	}
	stored := toStored(rec, e.schema)
	defer stored.Release()
	return e.w.WriteBuffered(stored)
}

func (e *parquetEncoder) close() error { return e.w.Close() }
