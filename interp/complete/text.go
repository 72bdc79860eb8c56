package complete

import (
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// maxKeys bounds the keys of a map that are looked at.
const maxKeys = 1000

// inString completes what a string says: an import path, the key of a map, the column of a frame.
func (q *query) inString() Result {
	start, end := q.str.start+1, q.cursor
	if q.str.closed {
		end = q.str.end - 1
	}
	if q.imports {
		return q.result(q.importPaths(), start, end)
	}
	q.check()
	id, ok := q.up(0).(*ast.Ident)
	if !ok {
		return q.result("", q.cursor, q.cursor)
	}
	if x, ok := q.up(1).(*ast.IndexExpr); ok && x.Index == ast.Expr(id) {
		q.keys(x.X)
		return q.result(q.head(), start, end)
	}
	c, ok := q.columnCall()
	switch {
	case ok:
		return q.columnNames(c, start, end)
	case c.fun != nil && q.words(c):
		return q.result(q.head(), start, end)
	case c.fun != nil && takesPath(c):
		from := q.paths(c)
		return q.result(q.head()[from:], start+from, end)
	}
	return q.result("", q.cursor, q.cursor)
}

// check finds the types around a string: it is left out, because one that has not been closed hides what follows.
func (q *query) check() {
	q.p = q.o.Checker.CheckPartial(q.text[:q.str.start]+q.text[q.str.end:], q.str.start)
}

// importPaths adds what can be imported: paths that begin with what has been typed, else those of packages whose names do.
// What they begin with is returned.
func (q *query) importPaths() string {
	head := q.head()
	paths := q.o.Library.Paths()
	if !slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(p, head) }) {
		paths = slices.DeleteFunc(paths, func(p string) bool { return !strings.HasPrefix(q.o.Library.Name(p), head) })
		head = ""
	}
	for _, p := range paths {
		q.addText(Module, importable, q.o.Library.Name(p), p)
	}
	return head
}

// keys adds the keys of a map with string keys.
func (q *query) keys(x ast.Expr) {
	m, ok := q.under(x).(*types.Map)
	if !ok {
		return
	}
	if b, ok := m.Key().Underlying().(*types.Basic); !ok || b.Kind() != types.String {
		return
	}
	found := map[string]bool{}
	if v, ok := q.value(x); ok && v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String {
		for it := v.MapRange(); len(found) < maxKeys && it.Next(); {
			found[it.Key().String()] = true
		}
	}
	if lit, ok := q.defined(x).(*ast.CompositeLit); ok {
		for _, e := range lit.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				if s, ok := q.constant(pair.Key); ok {
					found[s] = true
				}
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(found)) {
		if text, ok := q.escape(k); ok {
			q.addText(Key, near, q.typeText(m.Elem()), text)
		}
	}
}

// escape writes a text as it stands in the string around the cursor; false where it can't.
func (q *query) escape(s string) (string, bool) {
	if q.str.raw {
		return s, strconv.CanBackquote(s)
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1], true
}

// constant is the value of a constant string.
func (q *query) constant(x ast.Expr) (string, bool) {
	tv, ok := q.p.Info.Types[x]
	if ok && tv.Value != nil && tv.Value.Kind() == constant.String {
		return constant.StringVal(tv.Value), true
	}
	if lit, ok := ast.Unparen(x).(*ast.BasicLit); ok {
		s, err := strconv.Unquote(lit.Value)
		return s, err == nil
	}
	return "", false
}

// value is what an expression over variables of earlier cells holds, as far as fields and pointers lead there.
func (q *query) value(x ast.Expr) (reflect.Value, bool) {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		if v, ok := q.p.Info.Uses[x].(*types.Var); ok && q.o.Values != nil && !v.IsField() {
			return q.o.Values.Value(v)
		}
	case *ast.SelectorExpr:
		sel := q.p.Info.Selections[x]
		if sel == nil || sel.Kind() != types.FieldVal {
			return reflect.Value{}, false
		}
		v, ok := q.value(x.X)
		for _, i := range sel.Index() {
			if ok && v.Kind() == reflect.Pointer {
				v = v.Elem() // of nil: not valid
			}
			if !ok || v.Kind() != reflect.Struct || i >= v.NumField() {
				return reflect.Value{}, false
			}
			v = v.Field(i)
		}
		return v, ok
	}
	return reflect.Value{}, false
}
