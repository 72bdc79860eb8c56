package complete

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// names adds what can be used at the cursor by its name alone.
func (q *query) names(onlyTypes bool) {
	visible := q.p.Visible()
	for name, obj := range visible {
		if !isName(name) {
			continue
		}
		switch obj.(type) {
		case *types.PkgName, *types.TypeName:
		default:
			if onlyTypes {
				continue
			}
		}
		if name == "main" || obj.Name() != name || name == "iota" && !q.inConstants() {
			continue
		}
		q.add(obj, q.classOf(obj))
	}
	if q.prefix() == "" {
		return // there are too many to be of use
	}
	for name, paths := range q.packages() {
		if visible[name] == nil {
			q.addText(Module, importable, strings.Join(paths, ", "), name)
		}
	}
}

func (q *query) classOf(obj types.Object) class {
	if _, ok := obj.(*types.PkgName); ok {
		return imported
	}
	switch {
	case obj.Parent() == types.Universe:
		return builtin
	case obj.Pkg() != q.p.Pkg || q.isGlobal(obj):
		return global
	}
	return near
}

// isGlobal says whether an object belongs to no function.
func (q *query) isGlobal(obj types.Object) bool { return obj.Parent() == q.p.Pkg.Scope() }

// inConstants says whether the cursor is in a declaration of constants.
func (q *query) inConstants() bool {
	return slices.ContainsFunc(q.p.Path, func(n ast.Node) bool {
		g, ok := n.(*ast.GenDecl)
		return ok && g.Tok == token.CONST
	})
}

// packages are the paths to import by package name.
func (c *Completer) packages() map[string][]string {
	modules := map[string][]string{}
	for _, p := range c.o.Library.Paths() {
		name := c.o.Library.Name(p)
		modules[name] = append(modules[name], p)
	}
	return modules
}

var (
	statementWords = []string{
		"break", "const", "continue", "defer", "fallthrough", "for", "func", "go", "goto", "if", "return", "select", "switch", "type", "var",
		"chan", "interface", "map", "struct",
	}
	topWords        = []string{"import", "package"}
	clauseWords     = []string{"case", "default"}
	expressionWords = []string{"chan", "func", "interface", "map", "struct"}
)

// keywords adds those that can stand at the cursor.
func (q *query) keywords(onlyTypes bool) {
	add := func(list ...string) { q.addText(Keyword, word, "", list...) }
	if onlyTypes || !q.beginsStatement() {
		add(expressionWords...)
		switch q.before[0] {
		case token.DEFINE, token.ASSIGN, token.FOR:
			add("range")
		}
		return
	}
	add(statementWords...)
	if q.before[0] == token.RBRACE {
		add("else")
	}
	if q.clauses {
		add(clauseWords...)
	}
	if !slices.ContainsFunc(q.p.Path, func(n ast.Node) bool { _, ok := n.(*ast.BlockStmt); return ok }) {
		add(topWords...)
	}
}

// beginsStatement says whether a statement or declaration can begin at the cursor.
func (q *query) beginsStatement() bool {
	switch q.up(1).(type) {
	case *ast.CompositeLit, *ast.CallExpr, *ast.KeyValueExpr:
		return false
	}
	switch q.before[0] {
	case token.ILLEGAL, token.SEMICOLON, token.LBRACE, token.RBRACE, token.COLON:
		return true
	}
	return q.ended
}

// labels adds those that break, continue and goto can name.
func (q *query) labels() {
	if q.before[0] != token.GOTO {
		for _, n := range q.p.Path {
			switch n := n.(type) {
			case *ast.FuncLit:
				return
			case *ast.LabeledStmt:
				switch n.Stmt.(type) {
				case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
					if q.before[0] == token.CONTINUE {
						continue
					}
				case *ast.ForStmt, *ast.RangeStmt:
				default:
					continue
				}
				q.addText(Label, near, "", n.Label.Name)
			}
		}
		return
	}
	for _, n := range q.body() {
		ast.Inspect(n, func(n ast.Node) bool {
			if l, ok := n.(*ast.LabeledStmt); ok {
				q.addText(Label, near, "", l.Label.Name)
			}
			_, inner := n.(*ast.FuncLit)
			return !inner
		})
	}
}

// body is the body of the function around the cursor, else all of the cell.
func (q *query) body() []ast.Node {
	for _, n := range q.p.Path {
		switch n := n.(type) {
		case *ast.FuncLit:
			return []ast.Node{n.Body}
		case *ast.FuncDecl:
			if n.Body != nil {
				return []ast.Node{n.Body}
			}
		}
	}
	return q.p.Nodes
}

// wantsType says whether only a type can stand in the place of a node, whose parent is that number in the path.
func (q *query) wantsType(n ast.Expr, parent int) bool {
	switch x := q.up(parent).(type) {
	case *ast.Field:
		return x.Type == n
	case *ast.ValueSpec:
		return x.Type == n
	case *ast.TypeSpec:
		return x.Type == n
	case *ast.ArrayType:
		return x.Elt == n
	case *ast.MapType, *ast.ChanType:
		return true
	case *ast.Ellipsis:
		return x.Elt == n
	case *ast.TypeAssertExpr:
		return x.Type == n
	case *ast.StarExpr:
		return q.wantsType(x, parent+1)
	case *ast.ParenExpr:
		return q.wantsType(x, parent+1)
	case *ast.CaseClause:
		_, ok := q.up(parent + 2).(*ast.TypeSwitchStmt)
		return ok
	case *ast.CallExpr:
		id, ok := ast.Unparen(x.Fun).(*ast.Ident)
		return ok && id.Name == "make" && slices.Index(x.Args, n) == 0 && q.p.Info.Types[x.Fun].IsBuiltin()
	}
	return false
}
