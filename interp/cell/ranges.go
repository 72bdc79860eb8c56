package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// Env is what a cell may know of the cells before it.
type Env struct {
	// Integer names the type of a global variable or constant where that is an integer type, else "". It may be nil.
	Integer func(name string) string
}

var integerTypes = map[string]bool{
	"int": true, "int8": true, "int16": true, "int32": true, "int64": true, "uint": true, "uint8": true, "uint16": true,
	"uint32": true, "uint64": true, "uintptr": true, "byte": true, "rune": true,
}

// ranges are the edits that turn loops over integers, which yaegi does not know, into counting loops. Only what is an
// integer for certain is turned: there are no types here.
func (l *lowering) ranges(p piece) []edit {
	var root ast.Node
	switch {
	case p.decl != nil:
		root = p.decl
	case p.spec != nil:
		root = p.spec
	default:
		root = p.stmt
	}
	var edits []edit
	ast.Inspect(root, func(n ast.Node) bool {
		r, ok := n.(*ast.RangeStmt)
		if !ok || r.Value != nil || r.Tok == token.ASSIGN {
			return true
		}
		typ := l.integer(r.X, new(int))
		if typ == "" {
			return true
		}
		key := Runtime + "i"
		if id, ok := r.Key.(*ast.Ident); ok && id.Name != "_" {
			key = id.Name
		}
		start, end := l.offset(r.For)+p.shift, l.offset(r.X.End())+p.shift
		from := l.offset(r.X.Pos()) + p.shift
		zero := "0"
		if typ != "int" {
			zero = typ + "(0)"
		}
		bound := fmt.Sprintf("%sn%d", Runtime, start)
		edits = append(edits, edit{start, end, fmt.Sprintf("for %s, %s := %s, %s(%s%s); %s < %s; %s++",
			key, bound, zero, typ, l.mark(from), l.src[from:end], key, bound, key)})
		return true
	})
	return edits
}

// maxSteps bounds the search for what an expression is.
const maxSteps = 200

// integer is the integer type of an expression, or "" where it is none or is not known.
func (l *lowering) integer(x ast.Expr, steps *int) string {
	if *steps++; *steps > maxSteps {
		return ""
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.BasicLit:
		if x.Kind == token.INT {
			return "int"
		}
	case *ast.CallExpr:
		if f, ok := x.Fun.(*ast.Ident); ok && f.Obj == nil {
			switch {
			case f.Name == "len" || f.Name == "cap":
				return "int"
			case integerTypes[f.Name]:
				return f.Name
			}
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.ADD, token.SUB, token.MUL, token.QUO, token.REM, token.AND, token.OR, token.XOR:
			a, b := l.integer(x.X, steps), l.integer(x.Y, steps)
			if a == "" || b == "" || a == b || isInt(x.Y) {
				if b == "" {
					return ""
				}
				return a
			}
			return b
		case token.SHL, token.SHR:
			return l.integer(x.X, steps)
		}
	case *ast.Ident:
		return l.integerName(x, steps)
	}
	return ""
}

func isInt(x ast.Expr) bool {
	lit, ok := ast.Unparen(x).(*ast.BasicLit)
	return ok && lit.Kind == token.INT
}

// integerName follows a name to its declaration.
func (l *lowering) integerName(id *ast.Ident, steps *int) string {
	if id.Obj != nil {
		switch d := id.Obj.Decl.(type) {
		case *ast.Field:
			return integerType(d.Type)
		case *ast.ValueSpec:
			return l.assigned(id.Name, d.Names, d.Type, d.Values, steps)
		case *ast.AssignStmt:
			return l.assigned(id.Name, idents(d.Lhs), nil, d.Rhs, steps)
		}
		return ""
	}
	for _, p := range slices.Backward(l.pieces) {
		for _, n := range p.names {
			if n != id.Name {
				continue
			}
			if p.spec != nil {
				return l.assigned(n, p.spec.Names, p.spec.Type, p.spec.Values, steps)
			}
			if a, ok := p.stmt.(*ast.AssignStmt); ok {
				return l.assigned(n, idents(a.Lhs), nil, a.Rhs, steps)
			}
			if g, ok := p.decl.(*ast.GenDecl); ok {
				for _, s := range g.Specs {
					if v, ok := s.(*ast.ValueSpec); ok {
						if t := l.assigned(n, v.Names, v.Type, v.Values, steps); t != "" {
							return t
						}
					}
				}
			}
			return ""
		}
	}
	if l.env.Integer != nil {
		return l.env.Integer(id.Name)
	}
	return ""
}

// assigned is the integer type that a declaration gives to a name.
func (l *lowering) assigned(name string, names []*ast.Ident, typ ast.Expr, values []ast.Expr, steps *int) string {
	if typ != nil {
		return integerType(typ)
	}
	if len(names) != len(values) {
		return ""
	}
	for i, n := range names {
		if n.Name == name {
			return l.integer(values[i], steps)
		}
	}
	return ""
}

func integerType(x ast.Expr) string {
	if id, ok := x.(*ast.Ident); ok && id.Obj == nil && integerTypes[id.Name] {
		return id.Name
	}
	return ""
}
