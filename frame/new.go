package frame

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"sort"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// New is a frame over Go values, which it copies:
//
//   - a slice of structs or of pointers to them: a column for each exported field, named by the tag
//     `frame:"name"`, the tag `json:"name"`, or the field (`frame:"-"` leaves it out);
//   - a map from names to slices: a column each, in the order of their names;
//   - a slice of maps: a column for each key, in the order of their names; what is missing is null;
//   - any other slice: one column, called value.
//
// nil, nil pointers and nil interfaces are nulls; integers, floats, strings, bools, []byte, time.Time, time.Duration
// and slices of those become columns.
//
//	df := New(map[string]any{"city": []string{"Oslo", "Rome"}, "temp": []*float64{nil, &t}})
func New(data any) (out *Frame) {
	defer func() {
		if p := recover(); p != nil {
			out = failedFrame("New", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if f, ok := data.(*Frame); ok && f != nil {
		return f
	}
	sources, rows, err := tableOf(data)
	if err != nil {
		return failedFrame("New", err)
	}
	f, err := build(sources, rows)
	if err != nil {
		return failedFrame("New", err)
	}
	return f
}

// goColumn is a column of Go values to come.
type goColumn struct {
	name string
	kind reflect.Type              // what Go says of its values; nil where that is nothing
	at   func(i int) reflect.Value // invalid for null
}

func build(sources []goColumn, rows int) (*Frame, error) {
	fields := make([]arrow.Field, len(sources))
	columns := make([]arrow.Array, 0, len(sources))
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	for i, c := range sources {
		t, err := inferColumn(c, rows)
		if err != nil {
			return nil, err
		}
		b := array.NewBuilder(memory.Allocator(), t)
		b.Reserve(rows)
		for row := range rows {
			if err := appendValue(b, c.at(row)); err != nil {
				b.Release()
				return nil, fmt.Errorf("column %q, row %d: %w", c.name, row+1, err)
			}
		}
		columns = append(columns, b.NewArray())
		b.Release()
		fields[i] = arrow.Field{Name: c.name, Type: t, Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	h := newHolding("New")
	if err := h.add(array.NewRecord(schema, columns, int64(rows))); err != nil {
		return nil, err
	}
	return hold(cellContext(), "memory", schema, h)
}

// tableOf finds the columns of Go data.
func tableOf(data any) ([]goColumn, int, error) {
	r := reflect.ValueOf(data)
	for r.IsValid() && (r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface) {
		r = r.Elem()
	}
	if !r.IsValid() {
		return nil, 0, errors.New("the data is nil")
	}
	switch r.Kind() {
	case reflect.Map:
		return tableOfMap(r)
	case reflect.Slice, reflect.Array:
		elem := r.Type().Elem()
		for elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		switch {
		case elem.Kind() == reflect.Struct && elem != timeType:
			return tableOfStructs(r, elem)
		case elem.Kind() == reflect.Map:
			return tableOfMaps(r)
		case elem.Kind() == reflect.Interface:
			return tableOfAny(r)
		}
		return []goColumn{{"value", r.Type().Elem(), func(i int) reflect.Value { return concrete(r.Index(i)) }}}, r.Len(), nil
	}
	return nil, 0, fmt.Errorf("a %T is no table; want a slice of structs or maps, or a map from names to slices", data)
}

// tableOfAny looks at the elements of a []any: all maps, all structs of one type, or plain values.
func tableOfAny(r reflect.Value) ([]goColumn, int, error) {
	var first reflect.Value
	for i := range r.Len() {
		if v := concrete(r.Index(i)); v.IsValid() {
			first = v
			break
		}
	}
	if first.IsValid() {
		switch {
		case first.Kind() == reflect.Map:
			return tableOfMaps(r)
		case first.Kind() == reflect.Struct && first.Type() != timeType:
			return tableOfStructs(r, first.Type())
		}
	}
	return []goColumn{{"value", nil, func(i int) reflect.Value { return concrete(r.Index(i)) }}}, r.Len(), nil
}

func tableOfMap(r reflect.Value) ([]goColumn, int, error) {
	if r.Type().Key().Kind() != reflect.String {
		return nil, 0, fmt.Errorf("the keys of the map are %s; want column names", r.Type().Key())
	}
	keys := r.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	var out []goColumn
	rows, longest := -1, ""
	for _, k := range keys {
		v := concrete(r.MapIndex(k))
		if !v.IsValid() || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
			return nil, 0, fmt.Errorf("column %q is no slice", k.String())
		}
		if rows >= 0 && v.Len() != rows {
			return nil, 0, fmt.Errorf("column %q has %d values, column %q has %d", longest, rows, k.String(), v.Len())
		}
		rows, longest = v.Len(), k.String()
		out = append(out, goColumn{k.String(), v.Type().Elem(), func(i int) reflect.Value { return concrete(v.Index(i)) }})
	}
	if len(out) == 0 {
		return nil, 0, errors.New("the map has no columns")
	}
	return out, rows, nil
}

func tableOfMaps(r reflect.Value) ([]goColumn, int, error) {
	seen := map[string]bool{}
	for i := range r.Len() {
		m := concrete(r.Index(i))
		if !m.IsValid() {
			continue
		}
		if m.Kind() != reflect.Map || m.Type().Key().Kind() != reflect.String {
			return nil, 0, fmt.Errorf("row %d is a %s; want a map from names to values", i+1, m.Type())
		}
		for _, k := range m.MapKeys() {
			seen[k.String()] = true
		}
	}
	if len(seen) == 0 {
		return nil, 0, errors.New("no maps with keys: there are no columns")
	}
	var out []goColumn
	for _, name := range sortedKeys(seen) {
		out = append(out, goColumn{name, nil, func(i int) reflect.Value {
			m := concrete(r.Index(i))
			if !m.IsValid() {
				return m
			}
			return concrete(m.MapIndex(reflect.ValueOf(name).Convert(m.Type().Key())))
		}})
	}
	return out, r.Len(), nil
}

func tableOfStructs(r reflect.Value, t reflect.Type) ([]goColumn, int, error) {
	for i := range r.Len() {
		if v := concrete(r.Index(i)); v.IsValid() && v.Type() != t {
			return nil, 0, fmt.Errorf("row %d is a %s, the first one a %s", i+1, v.Type(), t)
		}
	}
	var out []goColumn
	taken := map[string]bool{}
	for _, f := range reflect.VisibleFields(t) {
		name := fieldName(f)
		if name == "" {
			continue
		}
		if taken[name] {
			return nil, 0, fmt.Errorf("two fields are called %q", name)
		}
		taken[name] = true
		out = append(out, goColumn{name, f.Type, func(i int) reflect.Value {
			v := concrete(r.Index(i))
			if !v.IsValid() {
				return v
			}
			field, err := v.FieldByIndexErr(f.Index)
			if err != nil {
				return reflect.Value{} // an embedded pointer is nil
			}
			return concrete(field)
		}})
	}
	if len(out) == 0 {
		return nil, 0, fmt.Errorf("%s has no exported fields", t)
	}
	return out, r.Len(), nil
}

// fieldName is the column's name of a struct field, "" to leave it out.
func fieldName(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	if f.Anonymous {
		t := f.Type
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() == reflect.Struct && t != timeType {
			return "" // its fields are visible themselves
		}
	}
	for _, key := range []string{"frame", "json"} {
		tag, ok := f.Tag.Lookup(key)
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(tag, ",")
		switch name {
		case "-":
			return ""
		case "":
			continue
		}
		return name
	}
	return f.Name
}
