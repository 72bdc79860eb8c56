package source

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// rowText turns rows into text.
type rowText interface {
	header(b []byte) []byte
	// bind prepares for a record and gives what appends its row i.
	bind(rec arrow.Record) func(b []byte, i int) []byte
}

// appendValue appends value i of a column.
type appendValue func(b []byte, i int) []byte

// plainValue is the text of values that need no quotes in any format, nil for other types. JSON has no NaN: null.
func plainValue(col arrow.Array, inJSON bool) appendValue {
	switch a := col.(type) {
	case *array.Int64:
		return func(b []byte, i int) []byte { return strconv.AppendInt(b, a.Value(i), 10) }
	case *array.Uint64:
		return func(b []byte, i int) []byte { return strconv.AppendUint(b, a.Value(i), 10) }
	case *array.Boolean:
		return func(b []byte, i int) []byte { return strconv.AppendBool(b, a.Value(i)) }
	case *array.Float64:
		return func(b []byte, i int) []byte { return appendFloat(b, a.Value(i), inJSON) }
	}
	return nil
}

// jsonRows writes one object per line.
type jsonRows struct{ keys [][]byte }

func newJSONRows(schema *arrow.Schema) *jsonRows {
	j := &jsonRows{}
	for i, name := range fieldNames(schema) {
		key := []byte{','}
		if i == 0 {
			key = []byte{'{'}
		}
		j.keys = append(j.keys, append(appendJSONString(key, name), ':'))
	}
	return j
}

func (j *jsonRows) header(b []byte) []byte { return b }

func (j *jsonRows) bind(rec arrow.Record) func(b []byte, i int) []byte {
	cols := rec.Columns()
	values := make([]appendValue, len(cols))
	for k, col := range cols {
		values[k] = jsonValue(col)
	}
	return func(b []byte, i int) []byte {
		if len(cols) == 0 {
			b = append(b, '{')
		}
		for k, col := range cols {
			b = append(b, j.keys[k]...)
			if col.IsNull(i) {
				b = append(b, "null"...)
			} else {
				b = values[k](b, i)
			}
		}
		return append(b, '}', '\n')
	}
}

func jsonValue(col arrow.Array) appendValue {
	if f := plainValue(col, true); f != nil {
		return f
	}
	if f := timeValue(col); f != nil {
		return func(b []byte, i int) []byte { return append(f(append(b, '"'), i), '"') }
	}
	if a, ok := col.(*array.String); ok {
		return func(b []byte, i int) []byte { return appendJSONString(b, a.Value(i)) }
	}
	if f := nestedValue(col); f != nil {
		return f
	}
	return func(b []byte, i int) []byte {
		text, err := json.Marshal(col.GetOneForMarshal(i))
		if err != nil {
			return appendJSONString(b, col.ValueStr(i))
		}
		return append(b, text...)
	}
}

func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r) // what is not UTF-8 becomes U+FFFD
			i += size
			continue
		}
		i++
	}
	return append(b, '"')
}
