package source

import (
	"bytes"
	"encoding/base64"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Parquet has no durations: Arrow's implementations write integers, and the type into the Arrow schema of the footer.

// schemaKey is where a footer has the Arrow schema, as an IPC stream without batches in base64.
const schemaKey = "ARROW:schema"

// storedSchemaText is schema as a footer has it under schemaKey.
func storedSchemaText(mem memory.Allocator, schema *arrow.Schema) (string, error) {
	var b bytes.Buffer
	if err := ipc.NewWriter(&b, ipc.WithSchema(schema), ipc.WithAllocator(mem)).Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// retyped is a column with other type of the same layout.
func retyped(c arrow.Array, to arrow.DataType) arrow.Array {
	if arrow.TypeEqual(c.DataType(), to) {
		c.Retain()
		return c
	}
	d := c.Data()
	data := array.NewData(to, d.Len(), d.Buffers(), nil, d.NullN(), d.Offset())
	defer data.Release()
	return array.MakeFromData(data)
}

// withDurations is the schema of a file with the durations that stored, which may be nil, has for its integers.
func withDurations(schema, stored *arrow.Schema) *arrow.Schema {
	if stored == nil {
		return schema
	}
	fields := schema.Fields()
	for i, f := range fields {
		if at := stored.FieldIndices(f.Name); f.Type.ID() == arrow.INT64 && len(at) == 1 && stored.Field(at[0]).Type.ID() == arrow.DURATION {
			fields[i].Type = stored.Field(at[0]).Type
		}
	}
	return arrow.NewSchema(fields, nil)
}
