package source

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// encoder writes the batches of one file.
type encoder interface {
	write(rec arrow.Record) error
	// close completes the file, unless the context has ended.
	close(ctx context.Context) error
	// drop gives back what is held; nothing does after close.
	drop()
}

// Write writes a stream to a file, in the format of its extension or of the options: .csv, .tsv, .ndjson (each also .gz or
// .zst), .parquet, .arrow; or to a folder of Parquet files where the options have PartitionBy. Of the options those count that say how a CSV file is written, so that one reads back what was
// written with the same. The file appears under its name when it is whole; an error or a cancelled context leaves what was
// there before. It gives the number of rows.
func Write(ctx context.Context, path string, schema *arrow.Schema, s batch.Stream, o Options) (rows int64, err error) {
	if err := o.checkWrite(schema); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	format, packed := writtenAs(path, &o)
	if format == "" || packed != "" && packed != ".gz" && packed != ".zst" && packed != ".zstd" || packed != "" && (format == "parquet" || format == "arrow") {
		return 0, fmt.Errorf("%s: can't write this kind of file: want .csv, .tsv, .ndjson (or these with .gz or .zst), .parquet or .arrow", path)
	}
	if format != "parquet" {
		if option := o.ofParquet(); option != "" {
			return 0, fmt.Errorf("%s: option %s is for Parquet files", path, option)
		}
	}
	if o.PartitionBy != nil {
		return writePartitions(ctx, path, schema, s, &o)
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
	if rows, err = writeRows(ctx, f, format, packed, schema, s, &o); err != nil {
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

// writtenAs is the format in which a path is written, and the suffix that says how a text is compressed.
func writtenAs(path string, o *Options) (format, packed string) {
	format, packed = formatOf(path)
	if o.Format != "" {
		format = canonicalFormat(o.Format)
	}
	if format == "" && o.PartitionBy != nil {
		format, packed = "parquet", "" // it is the name of a folder
	}
	return format, packed
}

// WritesParquet says whether Write writes Parquet files.
func WritesParquet(path string, o *Options) bool {
	format, _ := writtenAs(path, o)
	return format == "parquet"
}

// newFileMode is what other programs' new files usually have; the temporary file is private.
func newFileMode() os.FileMode { return 0o644 }

func writeRows(ctx context.Context, f *os.File, format, packed string, schema *arrow.Schema, s batch.Stream, o *Options) (rows int64, err error) {
	defer guardPanic("write", &err)()
	if format != "parquet" {
		s = batch.PlainStream(currentAllocator(), s)
	}
	switch format {
	case "parquet", "arrow":
	case "ndjson":
		return writeText(ctx, f, newJSONRows(schema), packed, s)
	default:
		return writeText(ctx, f, newCSVRows(schema, o.writeSyntax(format), o), packed, s)
	}
	e, err := newEncoder(ctx, format, f, schema, o)
	if err != nil {
		return 0, err
	}
	defer e.drop()
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
	return rows, e.close(ctx)
}

func newEncoder(ctx context.Context, format string, f *os.File, schema *arrow.Schema, o *Options) (encoder, error) {
	if format == "parquet" {
		return newParquetEncoder(ctx, f, schema, o)
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema), ipc.WithAllocator(currentAllocator()))
	if err != nil {
		return nil, err
	}
	return &arrowEncoder{w: w}, nil
}

type arrowEncoder struct {
	w      *ipc.FileWriter
	closed bool
}

func (e *arrowEncoder) write(rec arrow.Record) error { return e.w.Write(rec) }

func (e *arrowEncoder) close(context.Context) error {
	e.closed = true
	return e.w.Close()
}

func (e *arrowEncoder) drop() {
	if !e.closed { // frees what the writer holds
		_ = e.w.Close()
	}
}
