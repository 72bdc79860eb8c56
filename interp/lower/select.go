package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// selectStmt lets the run-time select and runs the clause afterwards: yaegi shares the cases of a select between
// goroutines, and loses its way when a clause leaves the select.
func (f *function) selectStmt(s *ast.SelectStmt, label string) {
	f.printf("{")
	defer f.printf("}")
	chosen, got, ok := f.local("t_"), f.local("t_"), f.local("ok_")
	kinds, args := "", ""
	var clauses strings.Builder
	body := f.switchBody(label, func() {
		for i, c := range s.Body.List {
			cc := c.(*ast.CommClause)
			kind, operands, first := f.commClause(cc.Comm, got, ok)
			kinds += kind
			for _, o := range operands {
				args += ", " + o
			}
			text := f.capture(func() {
				f.out.WriteString(first)
				f.clause(cc.Body)
			})
			fmt.Fprintf(&clauses, "case %d:\n%s", i, text)
		}
	})
	f.out.WriteString(body)
	f.printf("%s, %s, %s := %s(%q%s)", chosen, got, ok, rt("Select"), kinds, args)
	f.printf("_, _ = %s, %s", got, ok)
	f.label(label)
	f.printf("switch %s {\n%s}", chosen, clauses.String())
}

// commClause is the kind of a clause of a select as the run-time has it, what it works on, and what its body begins with: what
// came is in got, and ok tells whether the channel was open.
func (f *function) commClause(s ast.Stmt, got, ok string) (kind string, operands []string, first string) {
	switch s := s.(type) {
	case nil:
		return "d", nil, ""
	case *ast.SendStmt:
		t := f.typeOf(s.Chan)
		elem := t.Underlying().(*types.Chan).Elem()
		c := f.channel(s.Chan)
		kind := f.typ(elem)
		if f.isExternal(t) {
			kind = f.externalType(elem)
		}
		v := f.temporary(f.toContainer(t, f.conv(s.Value, elem), elem), kind)
		return "s", []string{c, v}, ""
	case *ast.ExprStmt:
		return "r", []string{f.channel(ast.Unparen(s.X).(*ast.UnaryExpr).X)}, ""
	}
	a := s.(*ast.AssignStmt)
	x := ast.Unparen(a.Rhs[0]).(*ast.UnaryExpr).X
	c := f.channel(x)
	return "r", []string{c}, f.capture(func() { f.received(a, f.typeOf(x), got, ok) })
}

// received assigns what came from a channel of type t.
func (f *function) received(a *ast.AssignStmt, t types.Type, got, ok string) {
	elem := t.Underlying().(*types.Chan).Elem()
	for i, l := range a.Lhs {
		if isBlank(l) {
			continue
		}
		from, v := types.Type(types.Typ[types.Bool]), ok
		if i == 0 {
			kind := f.typ(elem)
			if f.isExternal(t) {
				kind = f.externalType(elem)
			}
			from, v = elem, got
			if kind != "interface{}" {
				v = f.local("v_")
				f.printf("var %s %s\n%s, _ = %s.(%s)", v, kind, v, got, kind)
			}
			v = f.fromContainer(t, v, elem)
		}
		if o := f.defined(l); o != nil {
			f.declare(o, f.convert(v, from, f.subst(f.env, o.Type())))
		} else {
			f.store(l, f.convert(v, from, f.typeOf(l)))
		}
	}
}
