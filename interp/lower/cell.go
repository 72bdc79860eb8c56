package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Item is a step of a cell's body: a statement, or values for variables of the session.
type Item struct {
	Stmt ast.Stmt
	LHS  []*types.Var // nil entries are blank
	RHS  []ast.Expr
}

// Cell is what Cell lowers.
type Cell struct {
	Info    *types.Info
	Funcs   []*types.Func
	Vars    []*types.Var
	Inits   []*types.Func
	Body    []Item
	Show    ast.Expr // the expression statement whose value is shown
	Aliases map[types.Object]types.Object
	// Main is the function that a program runs.
	Main *types.Func
	// Imports are the packages that the cell uses.
	Imports []*types.Package
}

// Cell lowers a cell. Its errors are *Unsupported; a panic is a mistake of this package.
func (l *Lowering) Cell(c *Cell) (text Text, err error) {
	l.unit = &unit{renewed: map[types.Object]bool{}}
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *UnsupportedError:
			err = v
		case *Refused:
			err = v
		case bug:
			err = &UnsupportedError{Msg: string(v)}
		default:
			panic(v)
		}
	}()
	l.renew(c.Funcs)
	for _, v := range c.Vars {
		fmt.Fprintf(&l.unit.vars, "var %s %s\n", l.object(v), l.typ(v.Type()))
	}
	for _, o := range c.Funcs {
		if sig := o.Signature(); sig.TypeParams() == nil && sig.RecvTypeParams() == nil {
			l.instantiate(o, nil, false)
		}
	}
	l.rebind(c.Funcs)
	l.begin(c.Imports)
	f := l.newFunction(c.Info, nil)
	f.alias, f.ofCell = c.Aliases, true
	f.scope = &scope{sig: types.NewSignatureType(nil, nil, nil, nil, nil, false)}
	body := f.cellBody(c)
	if c.Main != nil {
		body += l.instantiate(c.Main, nil, false) + "()\n"
	}
	l.drain()
	var binds strings.Builder
	for {
		binds.WriteString(l.declareEntries())
		before := len(l.unit.entries)
		binds.WriteString(l.writeDispatchers())
		if before == 0 && len(l.unit.entries) == 0 && len(l.unit.queue) == 0 && !l.openDispatch() {
			break
		}
	}
	return Text{Imports: l.unit.imports, Decls: l.unit.types.String() + l.unit.vars.String() + l.unit.funcs.String(), Body: binds.String() + l.unit.late.String() + l.startTexts() + body}, nil
}

// renew makes functions that have been lowered be lowered anew, and binds the types again whose methods they are.
func (l *Lowering) renew(funcs []*types.Func) {
	added := false
	for _, o := range funcs {
		if _, ok := l.objects[o]; !ok {
			added = added || o.Signature().Recv() != nil
			continue
		}
		l.versions[o]++
		l.unit.renewed[o] = true
	}
	if len(l.unit.renewed) == 0 && !added {
		return
	}
	for _, key := range sortedKeys(l.entries) {
		e := l.entries[key]
		if methods := methodsOf(e.typ); e.id != 0 && len(methods) > len(e.methods) {
			more := *e
			more.methods = methods
			l.entries[key] = &more
			l.unit.entries = append(l.unit.entries, &more)
			continue
		}
		for _, m := range e.methods {
			if l.unit.renewed[m.sel.Obj()] {
				l.unit.entries = append(l.unit.entries, e)
				break
			}
		}
	}
}

func (l *Lowering) openDispatch() bool {
	for _, d := range l.dispatch {
		if d.last == "" || l.anyImplementer(d) {
			return true
		}
	}
	return false
}

func (f *function) cellBody(c *Cell) string {
	var list []ast.Stmt
	for _, it := range c.Body {
		if it.Stmt != nil {
			list = append(list, it.Stmt)
		}
	}
	whole := &ast.BlockStmt{List: list}
	f.gotos = jumps(whole)
	protected := hasDefer(whole)
	if protected {
		f.scope.defers = f.local("defers_")
	}
	text := f.capture(func() {
		inits := c.Inits
		begin := func() {
			for _, o := range inits {
				f.printf("%s()", f.instantiate(o, nil, false))
			}
			inits = nil
		}
		for _, it := range c.Body {
			if it.Stmt != nil {
				begin()
			}
			f.item(it, c.Show)
		}
		begin()
	})
	if protected {
		return fmt.Sprintf("%s := %s()\n%s(%s, func() {\n%s})\n", f.scope.defers, rt("NewDefers"), rt("Protect"), f.scope.defers, text)
	}
	return text
}

// at tells the session which statement of the cell runs.
func (f *function) at(p token.Pos) {
	f.mark(p)
	if at := f.world.Fset().Position(p); strings.HasPrefix(at.Filename, "/cell/") {
		f.printf("%s(%d, %d)", rt("At"), at.Line, at.Column)
		f.mark(p)
	}
}

func (f *function) item(it Item, show ast.Expr) {
	if it.Stmt != nil {
		f.at(it.Stmt.Pos())
		if x, ok := it.Stmt.(*ast.ExprStmt); ok && x.X == show && show != nil {
			f.show(x.X)
			return
		}
		f.stmt(it.Stmt, "")
		return
	}
	if len(it.RHS) == 0 {
		return
	}
	f.at(it.RHS[0].Pos())
	set := func(v *types.Var, text string) {
		if v == nil {
			f.printf("_ = %s", text)
			return
		}
		f.printf("%s = %s", f.object(v), text)
	}
	if len(it.RHS) == len(it.LHS) {
		values := make([]string, len(it.RHS))
		for i, r := range it.RHS {
			t := plainDefault(f.typeOf(r))
			if v := it.LHS[i]; v != nil {
				t = v.Type()
			} else if f.isNil(r) {
				continue
			}
			values[i] = f.local("t_")
			f.printf("var %s %s = %s", values[i], f.typ(t), f.nameAsValue(f.conv(r, t), t))
		}
		for i, v := range it.LHS {
			if values[i] != "" {
				set(v, values[i])
			}
		}
		return
	}
	lhs := make([]ast.Expr, len(it.LHS))
	for i := range lhs {
		lhs[i] = ast.NewIdent("x")
	}
	names, kinds := f.several(lhs, it.RHS[0], false)
	for i, v := range it.LHS {
		if v != nil {
			set(v, f.convert(names[i], kinds[i], v.Type()))
		}
	}
}

// prints reports whether a call is one of a printing function, whose results nobody wants to see.
func (f *function) prints(call *ast.CallExpr) bool {
	x, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	o, ok := f.info.Uses[x.Sel].(*types.Func)
	return ok && o.Pkg() != nil && o.Pkg().Path() == "fmt" && (strings.HasPrefix(o.Name(), "Print") || strings.HasPrefix(o.Name(), "Fprint"))
}

// show hands the value of the last expression to the session: what a call gives may end in an error.
func (f *function) show(e ast.Expr) {
	call, isCall := ast.Unparen(e).(*ast.CallExpr)
	name := "Show"
	t := f.typeOf(e)
	if isCall && !f.info.Types[call.Fun].IsType() && endsInError(t) {
		name = "ShowCall"
	}
	if tuple, ok := t.(*types.Tuple); ok && isCall {
		if tuple.Len() == 0 || f.prints(call) {
			f.exprStmt(e)
			return
		}
		var args []string
		for i, n := range f.temporaries(call, tuple, nil) {
			args = append(args, f.convert(n, tuple.At(i).Type(), emptyInterface))
		}
		f.printf("%s(%s)", rt(name), strings.Join(args, ", "))
		return
	}
	if isCall && t == nil || f.info.Types[e].IsVoid() {
		f.exprStmt(e)
		return
	}
	if name == "Show" && endsInError(t) {
		err := f.temporary(f.conv(e, emptyInterface), "interface{}")
		f.printf("if %s != nil {\n%s(%s)\n}", err, rt(name), err)
		return
	}
	f.printf("%s(%s)", rt(name), f.conv(e, emptyInterface))
}

// endsInError reports whether the type of an expression is error, or a tuple that ends in it.
func endsInError(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(tuple.Len() - 1).Type()
	}
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}
