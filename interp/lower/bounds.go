package lower

import (
	"go/ast"
	"go/types"
	"strconv"
)

// direct reports whether what is being lowered is a statement of the cell itself that no loop repeats. There an index may
// cost what it takes to tell the numbers when it is out of range.
func (f *function) direct() bool {
	return f.ofCell && f.scope.parent == nil && f.scope.loops == 0
}

// fixedText reports whether the text of an expression may be evaluated twice.
func (f *function) fixedText(e ast.Expr) bool {
	if tv := f.info.Types[e]; tv.Value != nil {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		s := f.info.Selections[e]
		return s != nil && s.Kind() == types.FieldVal && f.fixedText(e.X)
	case *ast.StarExpr:
		return f.fixedText(e.X)
	case *ast.BinaryExpr:
		return f.fixedText(e.X) && f.fixedText(e.Y)
	}
	return false
}

// checkedIndex is the text of an index into x.
func (f *function) checkedIndex(e *ast.IndexExpr, x string) string {
	i := f.integer(e.Index)
	t := f.core(f.info.TypeOf(e.X))
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	if a, ok := t.(*types.Array); ok && f.direct() && f.info.Types[e.Index].Value == nil {
		return rt("Bound") + "(" + i + ", " + strconv.FormatInt(a.Len(), 10) + ")"
	}
	if f.direct() && f.fixedText(e.X) {
		return rt("Bound") + "(" + i + ", len(" + x + "))"
	}
	return i
}

// checkedLow is the lower index of a slice expression whose upper one is high; both are checked.
func (f *function) checkedLow(e *ast.SliceExpr, x, low, high string) string {
	if !f.direct() || e.Slice3 || !f.fixedText(e.X) || e.High != nil && !f.fixedText(e.High) {
		return low
	}
	name, limit := "SliceBound", "cap"
	switch f.core(f.info.TypeOf(e.X)).(type) {
	case *types.Basic:
		name, limit = "StringBound", "len"
	case *types.Array, *types.Pointer:
		name, limit = "StringBound", "len"
	}
	if low == "" {
		low = "0"
	}
	if high == "" {
		high = "len(" + x + ")"
	}
	return rt(name) + "(" + low + ", " + high + ", " + limit + "(" + x + "))"
}
