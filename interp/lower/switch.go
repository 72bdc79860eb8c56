package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

func (f *function) switchStmt(s *ast.SwitchStmt, label string) {
	f.printf("{")
	defer f.printf("}")
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	tag := ""
	var t types.Type
	if s.Tag != nil {
		t = plainDefault(f.typeOf(s.Tag))
		tag = f.local("tag_")
		f.printf("var %s %s = %s", tag, f.typ(t), f.nameAsValue(f.conv(s.Tag, t), t))
	}
	// yaegi wants the default clause at the end; where others fall through, the order stays and all have conditions.
	chosen, last := "", ""
	if defaultInside(s.Body.List) {
		chosen = f.local("case_")
	}
	var clauses, conditions []string
	f.out.WriteString(f.switchBody(label, func() {
		for i, c := range s.Body.List {
			cc := c.(*ast.CaseClause)
			head := "default"
			if cc.List != nil {
				var conds []string
				for _, e := range cc.List {
					conds = append(conds, f.caseCondition(tag, t, e))
				}
				head = "case " + f.anyTrue(conds)
			}
			if chosen != "" {
				if cc.List != nil {
					conditions = append(conditions, fmt.Sprintf("%s:\n%s = %d\n", head, chosen, i))
				}
				head = fmt.Sprintf("case %s == %d", chosen, i)
			}
			text := head + ":\n" + f.capture(func() { f.clause(cc.Body) })
			if head == "default" {
				last = text
				continue
			}
			clauses = append(clauses, text)
		}
	}))
	clauses = append(clauses, last)
	if chosen != "" {
		f.printf("var %s int = %d\nswitch {\n%s}", chosen, f.defaultClause(s.Body.List), strings.Join(conditions, ""))
	}
	f.label(label)
	f.printf("switch {\n%s}", strings.Join(clauses, ""))
}

// defaultInside reports whether a default clause that is not the last has to do with a fallthrough.
func defaultInside(list []ast.Stmt) bool {
	falls, inside := false, false
	for i, c := range list {
		cc := c.(*ast.CaseClause)
		inside = inside || cc.List == nil && i < len(list)-1
		falls = falls || fallsThrough(cc.Body)
	}
	return falls && inside
}

func fallsThrough(body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	b, ok := body[len(body)-1].(*ast.BranchStmt)
	return ok && b.Tok == token.FALLTHROUGH
}

// clause is the body of a clause. yaegi finds labels in blocks alone, and can't fall into an empty body.
func (f *function) clause(list []ast.Stmt) {
	if len(list) == 0 {
		f.printf("{\n}")
		return
	}
	labeled := slices.ContainsFunc(list, func(s ast.Stmt) bool {
		_, ok := s.(*ast.LabeledStmt)
		return ok
	})
	if !labeled {
		f.stmts(list)
		return
	}
	last := len(list)
	if fallsThrough(list) {
		last--
	}
	f.printf("{")
	f.stmts(list[:last])
	f.printf("}")
	f.stmts(list[last:])
}

// anyTrue is whether one of several conditions holds.
func (f *function) anyTrue(conditions []string) string {
	text := strings.Join(conditions, " || ")
	if len(conditions) > 1 && beginsIdle(strings.Join(conditions[:len(conditions)-1], "")) {
		return f.begins(false) + " || " + text
	}
	return text
}

func (f *function) caseCondition(tag string, t types.Type, e ast.Expr) string {
	switch {
	case tag == "" && isInterface(f.typeOf(e)):
		return f.equalText("true", f.expr(e), types.Typ[types.Bool], f.typeOf(e), false)
	case tag == "":
		return f.expr(e)
	case f.isNil(e):
		return f.uncut(tag, t) + " == nil"
	}
	et := f.typeOf(e)
	text := f.side(e, t, token.EQL, true)
	if isInterface(t) && f.info.Types[e].Value != nil {
		et = plainDefault(et)
		text = f.constant(f.info.Types[e].Value, et)
	}
	return f.equalText(tag, text, t, et, false)
}

// typeSwitch tests one type after the other.
func (f *function) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	f.printf("{")
	defer f.printf("}")
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	var x ast.Expr
	bind := false
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = ast.Unparen(a.X).(*ast.TypeAssertExpr).X
	case *ast.AssignStmt:
		x, bind = ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr).X, true
	}
	v := f.temporary(f.expr(x), "interface{}")
	clause := f.local("case_")
	f.printf("var %s int = %d", clause, f.defaultClause(s.Body.List))
	f.chooseClause(s.Body.List, v, clause)
	var clauses []string
	f.switchBody(label, func() {
		for i, c := range s.Body.List {
			cc := c.(*ast.CaseClause)
			text := f.capture(func() {
				if o := f.info.Implicits[cc]; bind && o != nil && f.usesObject(o, cc) {
					f.bindClause(o, cc, v)
				}
				f.clause(cc.Body)
			})
			clauses = append(clauses, "case "+clause+" == "+itoa(i)+":\n"+text)
		}
	})
	f.label(label)
	f.printf("switch {\n%s}", strings.Join(clauses, ""))
}

func (f *function) defaultClause(list []ast.Stmt) int {
	for i, c := range list {
		if c.(*ast.CaseClause).List == nil {
			return i
		}
	}
	return -1
}

// chooseClause finds the first clause whose types match, as nested ifs: what comes later is not evaluated.
func (f *function) chooseClause(list []ast.Stmt, v, clause string) {
	closing := 0
	for i, c := range list {
		for _, e := range c.(*ast.CaseClause).List {
			cond := ""
			if f.isNil(e) {
				cond = v + " == nil"
			} else {
				cond = f.matches(v, f.typeOf(e))
			}
			f.printf("if %s {\n%s = %d\n} else {", cond, clause, i)
			closing++
		}
	}
	f.printf("%s", strings.Repeat("}", closing))
}

func (f *function) usesObject(o types.Object, cc *ast.CaseClause) bool {
	used := false
	for _, s := range cc.Body {
		ast.Inspect(s, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && f.info.Uses[id] == o {
				used = true
			}
			return !used
		})
	}
	return used
}

// bindClause declares the clause's variable.
func (f *function) bindClause(o types.Object, cc *ast.CaseClause, v string) {
	t := f.subst(f.env, o.Type())
	if len(cc.List) == 1 && !f.isNil(cc.List[0]) {
		f.printf("var %s %s = %s", f.name(o), f.typ(t), f.held(v, t))
		return
	}
	f.printf("var %s %s = %s", f.name(o), f.typ(t), v)
}
