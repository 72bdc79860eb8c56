package source

import (
	"context"
	"io"
	"maps"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/parquet/encode"
)

// parquetEncoder writes a Parquet file. Texts may come coded.
type parquetEncoder struct {
	w    *encode.Writer
	stop func() bool // of what halts it when the context ends
}

func newParquetEncoder(ctx context.Context, out io.Writer, schema *arrow.Schema, o *Options) (encoder, error) {
	w, err := parquetWriter(out, schema, o)
	if err != nil {
		return nil, err
	}
	return &parquetEncoder{w, context.AfterFunc(ctx, w.Halt)}, nil
}

func parquetWriter(out io.Writer, schema *arrow.Schema, o *Options) (*encode.Writer, error) {
	stored, err := storedSchemaText(currentAllocator(), schema)
	if err != nil {
		return nil, err
	}
	how := o.Parquet
	how.Metadata = maps.Clone(how.Metadata)
	if how.Metadata == nil {
		how.Metadata = map[string]string{}
	}
	how.Metadata[schemaKey] = stored
	return encode.NewWriter(out, schema, how)
}

// ofParquet is an option that is set and that other formats have not, "" where there is none.
func (o *Options) ofParquet() string {
	switch {
	case o.PartitionBy != nil:
		return "PartitionBy"
	case o.Parquet.Codec != "":
		return "Compression"
	case o.Parquet.Bloom != nil:
		return "BloomFilter"
	case o.Parquet.GroupBytes != 0:
		return "RowGroupBytes"
	}
	return ""
}

func (e *parquetEncoder) write(rec arrow.Record) error { return e.w.Write(rec) }

func (e *parquetEncoder) close(ctx context.Context) error { return e.w.Close(ctx) }

func (e *parquetEncoder) drop() {
	e.stop()
	e.w.Drop()
}
