package source

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
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

// textEncoder writes rows through one buffer.
type textEncoder struct {
	out     io.Writer
	rows    rowText
	buf     []byte
	started bool
}

func newTextEncoder(out io.Writer, rows rowText) *textEncoder {
	return &textEncoder{out: out, rows: rows, buf: make([]byte, 0, textBuffer+64<<10)}
}

const textBuffer = 1 << 20

func (e *textEncoder) start() {
	if !e.started {
		e.started = true
		e.buf = e.rows.header(e.buf)
	}
}

func (e *textEncoder) write(rec arrow.Record) error {
	e.start()
	appendRow := e.rows.bind(rec)
	for i := range int(rec.NumRows()) {
		e.buf = appendRow(e.buf, i)
		if len(e.buf) >= textBuffer {
			if err := e.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *textEncoder) flush() error {
	_, err := e.out.Write(e.buf)
	e.buf = e.buf[:0]
	return err
}

func (e *textEncoder) close() error {
	e.start()
	return e.flush()
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

// appendFloat writes the shortest text that reads back as the same float, and as a float: 3 is 3.0.
func appendFloat(b []byte, v float64, inJSON bool) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		if inJSON {
			return append(b, "null"...)
		}
		switch {
		case v > 0:
			return append(b, "inf"...)
		case v < 0:
			return append(b, "-inf"...)
		}
		return append(b, "NaN"...)
	}
	from := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, 64)
	for _, c := range b[from:] {
		if c == '.' || c == 'e' {
			return b
		}
	}
	return append(b, ".0"...)
}

// timeValue is the text of dates and times, nil for other types.
func timeValue(col arrow.Array) appendValue {
	switch a := col.(type) {
	case *array.Date32:
		return func(b []byte, i int) []byte {
			return time.Unix(int64(a.Value(i))*86400, 0).UTC().AppendFormat(b, "2006-01-02")
		}
	case *array.Timestamp:
		t := a.DataType().(*arrow.TimestampType)
		layout := "2006-01-02T15:04:05.999999999"
		if t.TimeZone != "" {
			layout += "Z"
		}
		return func(b []byte, i int) []byte { return a.Value(i).ToTime(t.Unit).UTC().AppendFormat(b, layout) }
	}
	return nil
}

// csvRows writes RFC 4180. Null is an empty field; an empty string is "".
type csvRows struct {
	schema *arrow.Schema
	delim  byte
	nulls  *nullWords
	null   string
}

func newCSVRows(schema *arrow.Schema, delim byte) *csvRows {
	o := Options{}
	c := &csvRows{schema: schema, delim: delim, nulls: newNullWords(o.nullWords())}
	if schema.NumFields() == 1 {
		c.null = "NA" // an empty row would be a blank line
	}
	return c
}

func (c *csvRows) header(b []byte) []byte {
	for i, name := range fieldNames(c.schema) {
		if i > 0 {
			b = append(b, c.delim)
		}
		b = c.text(b, name)
	}
	return append(b, '\n')
}

func (c *csvRows) bind(rec arrow.Record) func(b []byte, i int) []byte {
	cols := rec.Columns()
	values := make([]appendValue, len(cols))
	for k, col := range cols {
		values[k] = c.value(col)
	}
	return func(b []byte, i int) []byte {
		for k, col := range cols {
			if k > 0 {
				b = append(b, c.delim)
			}
			if col.IsNull(i) {
				b = append(b, c.null...)
			} else {
				b = values[k](b, i)
			}
		}
		return append(b, '\n')
	}
}

func (c *csvRows) value(col arrow.Array) appendValue {
	if f := plainValue(col, false); f != nil {
		return f
	}
	if f := timeValue(col); f != nil {
		return f
	}
	switch a := col.(type) {
	case *array.String:
		return func(b []byte, i int) []byte { return c.text(b, a.Value(i)) }
	case *array.Binary:
		return func(b []byte, i int) []byte { return c.text(b, a.ValueString(i)) }
	}
	return func(b []byte, i int) []byte { return c.text(b, col.ValueStr(i)) }
}

// text quotes what would not read back as the same string.
func (c *csvRows) text(b []byte, s string) []byte {
	if !c.needsQuotes(s) {
		return append(b, s...)
	}
	b = append(b, '"')
	for {
		q := strings.IndexByte(s, '"')
		if q < 0 {
			b = append(b, s...)
			return append(b, '"')
		}
		b = append(b, s[:q+1]...)
		b = append(b, '"')
		s = s[q+1:]
	}
}

func (c *csvRows) needsQuotes(s string) bool {
	if len(s) < 8 && c.nulls.has([]byte(s)) || s == "" || strings.HasPrefix(s, "\ufeff") {
		return true
	}
	for i := range len(s) {
		if ch := s[i]; ch == c.delim || ch == '"' || ch == '\n' || ch == '\r' {
			return true
		}
	}
	return false
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
