package display

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
)

// goTable makes a table of a Go value where that reads better than text: slices of structs, of maps or of slices, and
// maps. note says how large it is where not all of it is drawn.
func goTable(v reflect.Value) (g *grid, note string, ok bool) {
	v = concrete(v)
	if !v.IsValid() {
		return nil, "", false
	}
	switch v.Kind() {
	case reflect.Map:
		return mapTable(v)
	case reflect.Slice, reflect.Array:
		if v.Len() == 0 {
			return nil, "", false
		}
		switch rowKind(v) {
		case reflect.Struct:
			return structTable(v)
		case reflect.Map:
			return recordTable(v)
		case reflect.Slice, reflect.Array:
			return matrixTable(v)
		}
	}
	return nil, "", false
}

// rowKind is the kind that all elements have, Invalid where they differ or speak for themselves.
func rowKind(v reflect.Value) reflect.Kind {
	switch v.Type().Elem().Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer, reflect.Interface:
	default:
		return reflect.Invalid // and there may be a hundred million of them
	}
	kind, first := reflect.Invalid, reflect.Type(nil)
	for i := range v.Len() {
		e := concrete(v.Index(i))
		if !e.IsValid() {
			continue
		}
		if kind == reflect.Invalid {
			kind, first = e.Kind(), e.Type()
			if _, says := saysItself(e); says || kind == reflect.Slice && e.Type().Elem().Kind() == reflect.Uint8 {
				return reflect.Invalid
			}
		}
		if e.Kind() != kind || kind == reflect.Struct && e.Type() != first {
			return reflect.Invalid
		}
	}
	return kind
}

// drawnRows is how many of n rows a table shows.
func drawnRows(n int) int {
	if int64(n) > watchRows() {
		return int(headRows())
	}
	return n
}

func sizeNote(rows, columns, shown int) string {
	note := fmt.Sprintf("%s %s × %d %s", grouped(int64(rows)), plural(int64(rows), "row"), columns, plural(int64(columns), "column"))
	if shown < rows {
		note += fmt.Sprintf(" · the first %d shown", shown)
	}
	return note
}

func structTable(v reflect.Value) (*grid, string, bool) {
	var t reflect.Type
	for i := 0; t == nil; i++ {
		if e := concrete(v.Index(i)); e.IsValid() {
			t = e.Type()
		}
	}
	var fields []reflect.StructField
	for field := range t.Fields() {
		fields = append(fields, field)
	}
	if len(fields) == 0 {
		return nil, "", false
	}
	rows := drawnRows(v.Len())
	g := &grid{rows: rows}
	chosen, gap, hidden := middleOut(len(fields))
	g.gap, g.hidden = gap, hidden
	for _, i := range chosen {
		g.columns = append(g.columns, goColumn(fields[i].Name, goType(fields[i].Type), rows, func(row int) reflect.Value {
			e := concrete(v.Index(row))
			if !e.IsValid() {
				return e
			}
			return e.Field(i)
		}))
	}
	return g, sizeNote(v.Len(), len(fields), rows), true
}

// recordTable has a column for each key that a row has, in order.
func recordTable(v reflect.Value) (*grid, string, bool) {
	rows := drawnRows(v.Len())
	union := reflect.MakeMap(reflect.TypeFor[map[string]bool]())
	for i := range rows {
		m := concrete(v.Index(i))
		if !m.IsValid() {
			continue
		}
		if m.Type().Key().Kind() != reflect.String {
			return nil, "", false
		}
		for _, k := range m.MapKeys() {
			union.SetMapIndex(reflect.ValueOf(k.String()), reflect.ValueOf(true))
		}
	}
	keys := sortedMapKeys(union)
	if len(keys) == 0 {
		return nil, "", false
	}
	g := &grid{rows: rows}
	chosen, gap, hidden := middleOut(len(keys))
	g.gap, g.hidden = gap, hidden
	for _, i := range chosen {
		name := keys[i].String()
		g.columns = append(g.columns, goColumn(name, "", rows, func(row int) reflect.Value {
			m := concrete(v.Index(row))
			if !m.IsValid() {
				return m
			}
			return m.MapIndex(reflect.ValueOf(name).Convert(m.Type().Key()))
		}))
	}
	return g, sizeNote(v.Len(), len(keys), rows), true
}

func matrixTable(v reflect.Value) (*grid, string, bool) {
	rows, columns := drawnRows(v.Len()), 0
	for i := range v.Len() {
		if e := concrete(v.Index(i)); e.IsValid() {
			columns = max(columns, e.Len())
		}
	}
	if columns == 0 {
		return nil, "", false
	}
	g := &grid{rows: rows}
	chosen, gap, hidden := middleOut(columns)
	g.gap, g.hidden = gap, hidden
	for _, i := range chosen {
		c := goColumn(fmt.Sprint(i), "", rows, func(row int) reflect.Value {
			e := concrete(v.Index(row))
			if !e.IsValid() || i >= e.Len() {
				return reflect.Value{}
			}
			return e.Index(i)
		})
		for row := range rows {
			if e := concrete(v.Index(row)); e.IsValid() && i >= e.Len() {
				c.cells[row] = cell{} // a ragged row has nothing here, not a null
			}
		}
		g.columns = append(g.columns, c)
	}
	return g, sizeNote(v.Len(), columns, rows), true
}

func mapTable(v reflect.Value) (*grid, string, bool) {
	if v.Len() == 0 {
		return nil, "", false
	}
	keys := sortedMapKeys(v)
	rows := drawnRows(len(keys))
	g := &grid{rows: rows, gap: 2}
	g.columns = []column{
		goColumn("key", goType(v.Type().Key()), rows, func(i int) reflect.Value { return keys[i] }),
		goColumn("value", goType(v.Type().Elem()), rows, func(i int) reflect.Value { return v.MapIndex(keys[i]) }),
	}
	note := fmt.Sprintf("map of %s %s", grouped(int64(len(keys))), plural(int64(len(keys)), "key"))
	if rows < len(keys) {
		note += fmt.Sprintf(" · the first %d shown", rows)
	}
	return g, note, true
}

func goType(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Interface && t.Name() == "":
		return "any"
	case t.Kind() == reflect.Struct && t.Name() == "":
		return cmp.Or(typeName(t), "struct")
	case t.Kind() == reflect.Pointer && t.Elem().Name() == "":
		return "*" + goType(t.Elem())
	case t.Kind() == reflect.Slice && t.Name() == "":
		return shorten("[]"+goType(t.Elem()), textCellWidth)
	}
	s := strings.ReplaceAll(t.String(), "interface {}", "any")
	return shorten(s, textCellWidth)
}

// goColumn draws a column of Go values; numbers get one format where all are floats.
func goColumn(name, kind string, rows int, at func(int) reflect.Value) column {
	c := column{name: nameText(name), kind: clean(kind), right: true, cells: make([]cell, rows)}
	var floats []float64
	values := make([]reflect.Value, rows)
	for i := range rows {
		v := concrete(at(i))
		values[i] = v
		if v.IsValid() && v.CanFloat() {
			floats = append(floats, v.Float())
		}
	}
	draw := floatFormat(floats)
	some := false
	for i, v := range values {
		switch {
		case !v.IsValid():
			c.cells[i] = cell{text: "nil", null: true}
			continue
		case v.CanFloat():
			c.cells[i] = draw(v.Float())
		case v.Kind() == reflect.String && !speaks(v):
			c.cells[i] = textCell(v.String())
			c.right = false
		default:
			c.cells[i] = oneLine(v)
			c.right = c.right && (v.CanInt() || v.CanUint() || v.CanComplex())
		}
		some = true
	}
	c.right = c.right && some
	return c
}

func speaks(v reflect.Value) bool {
	_, ok := saysItself(v)
	return ok
}

// oneLine is any value in one line.
func oneLine(v reflect.Value) cell {
	p := &printer{visiting: map[uintptr]bool{}}
	text := p.value(v, 0, false)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	whole := clean(strings.Join(lines, " "))
	c := cell{text: shorten(whole, cellWidth)}
	if c.text != whole {
		c.full = whole
	}
	return c
}

func gridBundle(g *grid, note string) Bundle {
	return Bundle{Data: map[string]any{
		"text/html":  "<div>" + g.html() + "\n" + `<div style="` + statusStyle + `">` + escapeHTML(note) + "</div></div>",
		"text/plain": valid(g.text() + note),
	}}
}
