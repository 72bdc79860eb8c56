package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// jsonKind is what a JSON value is.
type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// jsonScanner reads one line of newline JSON: an object. It is strict about the syntax (RFC 8259).
type jsonScanner struct {
	b []byte
	i int
}

var (
	errNotObject = errors.New("not a JSON object (one object per line is wanted)")
	errSyntax    = errors.New("not valid JSON")
)

func (s *jsonScanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\r') {
		s.i++
	}
}

func (s *jsonScanner) next(c byte) bool {
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// object calls member with each key (unescaped) and raw value.
func (s *jsonScanner) object(member func(key, value []byte, kind jsonKind) error) error {
	s.space()
	if !s.next('{') {
		return errNotObject
	}
	s.space()
	if !s.next('}') {
		for {
			s.space()
			raw, ok := s.str()
			if !ok {
				return errSyntax
			}
			key, ok := unquoteJSON(raw)
			if !ok {
				return errSyntax
			}
			s.space()
			if !s.next(':') {
				return errSyntax
			}
			s.space()
			value, kind, ok := s.value()
			if !ok {
				return errSyntax
			}
			if err := member(key, value, kind); err != nil {
				return err
			}
			s.space()
			if s.next(',') {
				continue
			}
			if s.next('}') {
				break
			}
			return errSyntax
		}
	}
	if s.space(); s.i < len(s.b) {
		return errSyntax
	}
	return nil
}

// str reads a string and gives it with its quotes.
func (s *jsonScanner) str() ([]byte, bool) {
	from := s.i
	if !s.next('"') {
		return nil, false
	}
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[from:s.i], true
		case c == '\\':
			s.i++
		case c < ' ':
			return nil, false
		}
	}
	return nil, false
}

// value reads a value and gives its text.
func (s *jsonScanner) value() (raw []byte, kind jsonKind, ok bool) {
	if s.i >= len(s.b) {
		return nil, 0, false
	}
	from := s.i
	switch c := s.b[s.i]; c {
	case '"':
		raw, ok = s.str()
		return raw, jsonString, ok
	case '{', '[':
		kind = jsonArray
		if c == '{' {
			kind = jsonObject
		}
		if !s.nested() {
			return nil, 0, false
		}
		raw = s.b[from:s.i]
		return raw, kind, json.Valid(raw)
	}
	for s.i < len(s.b) && s.b[s.i] != ',' && s.b[s.i] != '}' && s.b[s.i] > ' ' {
		s.i++
	}
	switch raw = s.b[from:s.i]; string(raw) {
	case "null":
		return raw, jsonNull, true
	case "true", "false":
		return raw, jsonBool, true
	}
	return raw, jsonNumber, validNumber(raw)
}

// nested passes over an array or object by its brackets; its text is checked afterwards.
func (s *jsonScanner) nested() bool {
	for depth := 0; s.i < len(s.b); s.i++ {
		switch s.b[s.i] {
		case '"':
			if _, ok := s.str(); !ok {
				return false
			}
			s.i--
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.i++
				return true
			}
		}
	}
	return false
}

// validNumber checks JSON's grammar of numbers.
func validNumber(b []byte) bool {
	digits := func() int {
		n := 0
		for n < len(b) && isDigit(b[n]) {
			n++
		}
		b = b[n:]
		return n
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	zero := len(b) > 0 && b[0] == '0'
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		b = b[1:]
		if digits() == 0 {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
			b = b[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return len(b) == 0
}

// unquoteJSON is the text of a string that str gave.
func unquoteJSON(raw []byte) ([]byte, bool) {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner, true
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return nil, false
	}
	return []byte(text), true
}

// typeOfJSON is the type that a value has by itself.
func typeOfJSON(raw []byte, kind jsonKind) arrow.DataType {
	switch kind {
	case jsonNull:
		return arrow.Null
	case jsonBool:
		return arrow.FixedWidthTypes.Boolean
	case jsonNumber:
		if _, ok := parseInt(raw); ok {
			return arrow.PrimitiveTypes.Int64
		}
		return arrow.PrimitiveTypes.Float64
	case jsonArray, jsonObject:
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) == nil {
			return typeOfValue(v)
		}
	}
	return arrow.BinaryTypes.String
}

func typeOfValue(v any) arrow.DataType {
	switch v := v.(type) {
	case nil:
		return arrow.Null
	case bool:
		return arrow.FixedWidthTypes.Boolean
	case json.Number:
		return typeOfJSON([]byte(v), jsonNumber)
	case []any:
		elem := arrow.DataType(arrow.Null) //nolint:unconvert // it is reassigned to other types
		for _, e := range v {
			elem = unifyJSON(elem, typeOfValue(e))
		}
		return arrow.ListOf(elem)
	case map[string]any:
		var fields []arrow.Field
		for _, k := range sortedKeys(v) {
			fields = append(fields, arrow.Field{Name: k, Type: typeOfValue(v[k]), Nullable: true})
		}
		return arrow.StructOf(fields...)
	}
	return arrow.BinaryTypes.String
}

// unifyJSON is the type that holds values of both; what nothing else holds is text.
func unifyJSON(a, b arrow.DataType) arrow.DataType {
	if t, ok := unify(a, b); ok {
		return t
	}
	la, lb := a.ID() == arrow.LIST, b.ID() == arrow.LIST
	if la && lb {
		return arrow.ListOf(unifyJSON(a.(*arrow.ListType).Elem(), b.(*arrow.ListType).Elem()))
	}
	if a.ID() != arrow.STRUCT || b.ID() != arrow.STRUCT {
		return arrow.BinaryTypes.String
	}
	types := map[string]arrow.DataType{}
	for _, f := range append(slices.Clone(a.(*arrow.StructType).Fields()), b.(*arrow.StructType).Fields()...) {
		if old, ok := types[f.Name]; ok {
			types[f.Name] = unifyJSON(old, f.Type)
		} else {
			types[f.Name] = f.Type
		}
	}
	var fields []arrow.Field
	for _, k := range sortedKeys(types) {
		fields = append(fields, arrow.Field{Name: k, Type: types[k], Nullable: true})
	}
	return arrow.StructOf(fields...)
}

// settle replaces types that only nulls were seen of by strings.
func settle(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.NullType:
		return arrow.BinaryTypes.String
	case *arrow.ListType:
		return arrow.ListOf(settle(t.Elem()))
	case *arrow.StructType:
		fields := slices.Clone(t.Fields())
		for i := range fields {
			fields[i].Type = settle(fields[i].Type)
		}
		return arrow.StructOf(fields...)
	}
	return t
}
