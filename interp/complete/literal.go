package complete

import (
	"go/ast"
	"go/types"
)

// fieldNames adds the fields that a struct literal around the cursor does not have yet. It says whether nothing else can
// stand there.
func (q *query) fieldNames(id *ast.Ident) bool {
	var item ast.Expr = id
	parent := 1
	if pair, ok := q.up(1).(*ast.KeyValueExpr); ok && id != nil && pair.Key == ast.Expr(id) {
		item, parent = pair, 2
	}
	lit, ok := q.up(parent).(*ast.CompositeLit)
	if id == nil {
		lit, ok = q.up(0).(*ast.CompositeLit)
		ok = ok && lit.Lbrace < q.p.Pos && (!lit.Rbrace.IsValid() || q.p.Pos <= lit.Rbrace)
	}
	if !ok || lit.Type == item {
		return false
	}
	st, ok := pointed(q.typeOf(lit)).(*types.Struct)
	if !ok {
		return false
	}
	used := map[string]bool{}
	keyed := item != ast.Expr(id)
	for _, e := range lit.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		switch {
		case e == item:
		case !ok:
			return false // by position
		default:
			keyed = true
			if key, ok := pair.Key.(*ast.Ident); ok {
				used[key.Name] = true
			}
		}
	}
	for f := range st.Fields() {
		if q.usable(f) && isName(f.Name()) && !used[f.Name()] {
			q.add(f, near)
			q.found[len(q.found)-1].rank = fitsField
		}
	}
	return keyed
}
