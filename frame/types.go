package frame

import (
	"fmt"
	"sort"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// typeNames are the types a cell can name, in Types and Cast.
var typeNames = map[string]arrow.DataType{
	"bool":      arrow.FixedWidthTypes.Boolean,
	"boolean":   arrow.FixedWidthTypes.Boolean,
	"int":       arrow.PrimitiveTypes.Int64,
	"int64":     arrow.PrimitiveTypes.Int64,
	"integer":   arrow.PrimitiveTypes.Int64,
	"uint":      arrow.PrimitiveTypes.Uint64,
	"uint64":    arrow.PrimitiveTypes.Uint64,
	"float":     arrow.PrimitiveTypes.Float64,
	"float64":   arrow.PrimitiveTypes.Float64,
	"double":    arrow.PrimitiveTypes.Float64,
	"string":    arrow.BinaryTypes.String,
	"str":       arrow.BinaryTypes.String,
	"text":      arrow.BinaryTypes.String,
	"binary":    arrow.BinaryTypes.Binary,
	"bytes":     arrow.BinaryTypes.Binary,
	"date":      arrow.FixedWidthTypes.Date32,
	"time":      &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"},
	"timestamp": &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"},
	"datetime":  &arrow.TimestampType{Unit: arrow.Microsecond},
	"duration":  &arrow.DurationType{Unit: arrow.Nanosecond},
}

// parseType reads the name of a type as cells write it.
func parseType(name string) (arrow.DataType, error) {
	if t, ok := typeNames[strings.ToLower(strings.TrimSpace(name))]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("unknown type %q; types: bool, int, uint, float, string, binary, date, time, datetime, duration", name)
}

// sortedKeys is the keys of a map in order: nothing that a cell sees depends on the order of a map.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
