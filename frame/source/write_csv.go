package source

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// csvRows writes RFC 4180, or as the options say. Null is an empty field; an empty string is "".
type csvRows struct {
	syntax
	schema *arrow.Schema
	nulls  *nullWords
	null   string
	all    bool // everything but null is quoted
	bare   bool // there is no header
}

func newCSVRows(schema *arrow.Schema, x syntax, o *Options) *csvRows {
	words := o.nullWords()
	c := &csvRows{syntax: x, schema: schema, nulls: newNullWords(words), all: o.QuoteAll, bare: o.NoHeader}
	if len(words) > 0 {
		c.null = words[0]
	}
	if k := slices.IndexFunc(words, func(w string) bool { return w != "" }); c.null == "" && k >= 0 && schema.NumFields() == 1 {
		c.null = words[k] // an empty row would be a blank line
	}
	return c
}

// writeSyntax is the syntax that a CSV file of a format is written in.
func (o *Options) writeSyntax(format string) syntax {
	x := o.syntax()
	switch {
	case x.delim != 0:
	case format == "tsv":
		x.delim = '\t'
	default:
		x.delim = ','
	}
	return x
}

// checkWrite looks for options that can't be written by.
func (o *Options) checkWrite(schema *arrow.Schema) error {
	if err := o.checkSyntax(); err != nil {
		return err
	}
	for _, reading := range []struct {
		name string
		set  bool
	}{
		{"Types", o.Types != nil},
		{"Columns", o.Columns != nil},
		{"SampleRows", o.SampleRows != 0},
		{"Encoding", o.Encoding != ""},
		{"Ragged", o.Ragged},
		{"Rejects", o.Rejects},
		{"Widen", o.Widen},
		{"UnionColumns", o.Union},
	} {
		if reading.set {
			return fmt.Errorf("option %s is for reading", reading.name)
		}
	}
	if o.Overwrite && o.PartitionBy == nil {
		return errors.New("option Overwrite is for folders, which PartitionBy writes; a file is replaced anyway")
	}
	if o.Quote == NoQuote {
		return errors.New("a file without quotes could not hold every text: it can be read, not written")
	}
	x := o.writeSyntax("")
	for _, w := range o.NullWords {
		if strings.ContainsAny(w, string([]byte{x.delim, x.quote})+"\r\n") {
			return fmt.Errorf("the null word %q has a delimiter, quote or line end in it", w)
		}
	}
	if schema.NumFields() == 1 && len(o.NullWords) == 1 && o.NullWords[0] == "" {
		return errors.New("the nulls of a single column would be blank lines: give a word for them in NullWords")
	}
	return nil
}

func (c *csvRows) header(b []byte) []byte {
	if c.bare {
		return b
	}
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
	values, nullable := make([]appendValue, len(cols)), make([]bool, len(cols))
	for k, col := range cols {
		values[k], nullable[k] = c.value(col), col.NullN() > 0
	}
	return func(b []byte, i int) []byte {
		for k, col := range cols {
			if k > 0 {
				b = append(b, c.delim)
			}
			if nullable[k] && col.IsNull(i) {
				b = append(b, c.null...)
			} else {
				b = values[k](b, i)
			}
		}
		return append(b, '\n')
	}
}

func (c *csvRows) value(col arrow.Array) appendValue {
	f := plainValue(col, false)
	if f == nil {
		f = timeValue(col)
	}
	if f != nil {
		if !c.all && strings.IndexByte(valueChars, c.delim) < 0 && strings.IndexByte(valueChars, c.quote) < 0 {
			return f
		}
		return func(b []byte, i int) []byte {
			var buf [64]byte
			return c.text(b, string(f(buf[:0], i)))
		}
	}
	switch a := col.(type) {
	case *array.String:
		return c.strings(a)
	case *array.Binary:
		return func(b []byte, i int) []byte { return c.text(b, a.ValueString(i)) }
	}
	if f := nestedValue(col); f != nil {
		return func(b []byte, i int) []byte { return c.text(b, string(f(nil, i))) }
	}
	return func(b []byte, i int) []byte { return c.text(b, col.ValueStr(i)) }
}

// strings is the text of a column of strings. Where no character in it needs quotes, which is soon seen for all at once,
// only short and empty values are looked at.
func (c *csvRows) strings(a *array.String) appendValue {
	all, offsets := a.ValueBytes(), a.ValueOffsets()
	plain := !c.all && c.comment == "" && len(c.nulls.long) == 0 && !bytes.Contains(all, []byte("\ufeff"))
	for _, special := range []byte{c.delim, c.quote, '\n', '\r'} {
		plain = plain && bytes.IndexByte(all, special) < 0
	}
	if !plain || a.Len() == 0 {
		return func(b []byte, i int) []byte { return c.text(b, a.Value(i)) }
	}
	first := offsets[0]
	return func(b []byte, i int) []byte {
		v := all[offsets[i]-first : offsets[i+1]-first]
		if n := len(v); n < 8 && (n == 0 || c.nulls.lengths>>n&1 != 0) {
			return c.text(b, string(v))
		}
		return append(b, v...)
	}
}

// valueChars are the characters of numbers, dates, times, booleans and the words for NaN and infinity, digits aside.
const valueChars = "+-.:eTZtrufalsiN"

// text quotes what would not read back as the same string.
func (c *csvRows) text(b []byte, s string) []byte {
	if !c.all && !c.needsQuotes(s) {
		return append(b, s...)
	}
	b = append(b, c.quote)
	for i := range len(s) {
		switch ch := s[i]; {
		case c.escape != 0 && (ch == c.quote || ch == c.escape):
			b = append(b, c.escape)
		case ch == c.quote:
			b = append(b, c.quote)
		}
		b = append(b, s[i])
	}
	return append(b, c.quote)
}

func (c *csvRows) needsQuotes(s string) bool {
	if len(s) < 8 && c.nulls.has([]byte(s)) || s == "" || strings.HasPrefix(s, "\ufeff") || c.comment != "" && strings.HasPrefix(s, c.comment) {
		return true
	}
	if len(c.nulls.long) > 0 && c.nulls.long[s] {
		return true
	}
	for i := range len(s) {
		if ch := s[i]; ch == c.delim || ch == c.quote || ch == '\n' || ch == '\r' {
			return true
		}
	}
	return false
}
