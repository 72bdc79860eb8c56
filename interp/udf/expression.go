package udf

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// plain is the program's value of an expression of a basic type.
func (t *translator) plain(s *scope, e ast.Expr, guard int) int {
	v := t.use(s, e, t.expression(s, e, guard))
	if v.form != plainForm {
		t.no(s, e, "it has %s", kindText(s.typeOf(e)))
	}
	return v.v
}

// expression is the value of an expression, in the rows of guard.
func (t *translator) expression(s *scope, e ast.Expr, guard int) value {
	tv := s.cell.Info.Types[e]
	if tv.Value != nil {
		return t.constant(s, e, s.resolve(tv.Type), tv.Value)
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return t.expression(s, e.X, guard)
	case *ast.Ident:
		return t.variable(s, e)
	case *ast.UnaryExpr:
		return t.unary(s, e, guard)
	case *ast.BinaryExpr:
		return t.binaryExpression(s, e, guard)
	case *ast.StarExpr:
		return t.deref(s, e, t.expression(s, e.X, guard), guard)
	case *ast.SelectorExpr:
		return t.selector(s, e, guard)
	case *ast.CallExpr:
		return t.callExpression(s, e, guard)
	case *ast.CompositeLit:
		return t.composite(s, e, guard)
	case *ast.IndexExpr:
		if k, ok := computedKind(s.typeOf(e.X)); !ok || k != program.String {
			t.no(s, e, "it has %s", kindText(s.typeOf(e.X)))
		}
		at := t.index(s, e.Index, guard)
		return plain(t.b.Op(program.Index, program.Uint8, guard, t.plain(s, e.X, guard), at))
	case *ast.SliceExpr:
		return t.slice(s, e, guard)
	case *ast.FuncLit:
		t.no(s, e, "it has a function literal")
	case *ast.TypeAssertExpr:
		t.no(s, e, "it has a type assertion")
	}
	t.no(s, e, "it has an expression that is not followed")
	return value{}
}

// index is an index as an Int; a negative or huge one stays out of range.
func (t *translator) index(s *scope, e ast.Expr, guard int) int {
	v := t.plain(s, e, guard)
	if !t.b.KindOf(v).Integer() {
		t.no(s, e, "it has an index that is no integer")
	}
	if k := t.b.KindOf(v); k == program.Uint || k == program.Uint64 {
		// From 1<<63 on it would be negative, which is out of range just as well.
		return t.b.Convert(v, program.Int)
	}
	return t.b.Convert(v, program.Int)
}

func (t *translator) slice(s *scope, e *ast.SliceExpr, guard int) value {
	if k, ok := computedKind(s.typeOf(e.X)); !ok || k != program.String {
		t.no(s, e, "it has %s", kindText(s.typeOf(e.X)))
	}
	x := t.plain(s, e.X, guard)
	low := t.b.Const(program.Const{Kind: program.Int})
	if e.Low != nil {
		low = t.index(s, e.Low, guard)
	}
	high := t.b.Op(program.Len, program.Int, program.None, x)
	if e.High != nil {
		high = t.index(s, e.High, guard)
	}
	return plain(t.b.Op(program.Slice, program.String, guard, x, low, high))
}

func (t *translator) variable(s *scope, id *ast.Ident) value {
	obj := s.cell.Info.Uses[id]
	if obj == nil {
		obj = s.cell.Info.Defs[id]
	}
	if v, ok := s.vars[obj]; ok {
		return v
	}
	if _, ok := obj.(*types.Nil); ok {
		t.no(s, id, "it has a nil that is not followed")
	}
	v, ok := obj.(*types.Var)
	if !ok {
		t.no(s, id, "it has a function value, %s", id.Name)
	}
	var target types.Object = v.Origin()
	if decl, ok := t.x.find(target); ok {
		target = decl.Object
	}
	if c := t.x.captured[target]; c != nil {
		return t.captured(c.name, c.typ)
	}
	if d := t.x.declared[target]; d != nil && isError(target.Type()) {
		return value{form: errorForm, null: t.b.Bool(false)} // made by errors.New, and never assigned to
	}
	t.no(s, id, "it uses %s, %s", id.Name, kindText(v.Type()))
	return value{}
}

func (t *translator) unary(s *scope, e *ast.UnaryExpr, guard int) value {
	switch e.Op {
	case token.AND:
		t.no(s, e, "it takes an address")
	case token.ARROW:
		t.no(s, e, "it uses channels")
	}
	x := t.plain(s, e.X, guard)
	k := t.b.KindOf(x)
	switch e.Op {
	case token.SUB:
		return plain(t.b.Op(program.Neg, k, program.None, x))
	case token.NOT, token.XOR:
		return plain(t.b.Op(program.Not, k, program.None, x))
	}
	return plain(x)
}

func (t *translator) binaryExpression(s *scope, e *ast.BinaryExpr, guard int) value {
	switch e.Op {
	case token.LAND:
		x := t.plain(s, e.X, guard)
		return plain(t.b.And(x, t.plain(s, e.Y, t.b.And(guard, x))))
	case token.LOR:
		x := t.plain(s, e.X, guard)
		return plain(t.either(x, t.plain(s, e.Y, t.b.And(guard, t.b.Not(x)))))
	case token.EQL, token.NEQ:
		return t.equality(s, e, guard)
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		x, y := t.operands(s, e.X, e.Y, guard)
		switch e.Op {
		case token.LSS:
			return plain(t.b.Op(program.Lt, program.Bool, program.None, x, y))
		case token.LEQ:
			return plain(t.b.Op(program.Le, program.Bool, program.None, x, y))
		case token.GTR:
			return plain(t.b.Op(program.Lt, program.Bool, program.None, y, x))
		}
		return plain(t.b.Op(program.Le, program.Bool, program.None, y, x))
	}
	return t.binary(s, e, e.Op, e.X, e.Y, s.typeOf(e), guard)
}

var arithmetic = map[token.Token]program.Op{
	token.ADD: program.Add, token.SUB: program.Sub, token.MUL: program.Mul, token.QUO: program.Div, token.REM: program.Rem,
	token.AND: program.BitAnd, token.OR: program.BitOr, token.XOR: program.BitXor, token.AND_NOT: program.AndNot,
	token.SHL: program.Shl, token.SHR: program.Shr,
}

// binary is arithmetic of type typ; it serves x += y too.
func (t *translator) binary(s *scope, n ast.Node, op token.Token, left, right ast.Expr, typ types.Type, guard int) value {
	k := t.kind(s, n, typ)
	if op == token.SHL || op == token.SHR {
		x := t.b.Convert(t.plain(s, left, guard), k)
		count := t.plain(s, right, guard)
		if !t.b.KindOf(count).Integer() {
			count = t.b.Convert(count, program.Uint)
		}
		return plain(t.b.Op(arithmetic[op], k, guard, x, count))
	}
	x, y := t.plain(s, left, guard), t.plain(s, right, guard)
	return plain(t.b.Op(arithmetic[op], k, guard, t.same(x, k), t.same(y, k)))
}

// same is a value in the kind of an operation: constants may come in the default of their own.
func (t *translator) same(v int, k program.Kind) int {
	if t.b.KindOf(v) == k || k == program.String || k == program.Bool {
		return v
	}
	return t.b.Convert(v, k)
}

// operands are those of a comparison, in one kind.
func (t *translator) operands(s *scope, left, right ast.Expr, guard int) (x, y int) {
	x, y = t.plain(s, left, guard), t.plain(s, right, guard)
	if t.b.KindOf(x) != t.b.KindOf(y) {
		if s.cell.Info.Types[left].Value != nil {
			x = t.same(x, t.b.KindOf(y))
		} else {
			y = t.same(y, t.b.KindOf(x))
		}
	}
	return x, y
}

func (t *translator) equality(s *scope, e *ast.BinaryExpr, guard int) value {
	var eq int
	switch {
	case isNil(s, e.Y):
		eq = t.isNull(s, e, t.expression(s, e.X, guard))
	case isNil(s, e.X):
		eq = t.isNull(s, e, t.expression(s, e.Y, guard))
	default:
		if _, ok := computedKind(s.typeOf(e.X)); ok {
			x, y := t.operands(s, e.X, e.Y, guard)
			op := program.Eq
			if e.Op == token.NEQ {
				op = program.Ne
			}
			return plain(t.b.Op(op, program.Bool, program.None, x, y))
		}
		eq = t.equal(s, e, t.expression(s, e.X, guard), t.expression(s, e.Y, guard))
	}
	if e.Op == token.NEQ {
		eq = t.b.Not(eq)
	}
	return plain(eq)
}

func (t *translator) isNull(s *scope, n ast.Node, v value) int {
	if v.form != pointer && v.form != errorForm {
		t.no(s, n, "it compares with nil in a way that is not followed")
	}
	return v.null
}

// equal says where two values are equal.
func (t *translator) equal(s *scope, n ast.Node, x, y value) int {
	switch {
	case x.form == plainForm && y.form == plainForm:
		if t.b.KindOf(x.v) != t.b.KindOf(y.v) {
			y.v = t.same(y.v, t.b.KindOf(x.v))
		}
		return t.b.Op(program.Eq, program.Bool, program.None, x.v, y.v)
	case x.form == structure && y.form == structure:
		eq := t.b.Bool(true)
		for i := range x.fields {
			eq = t.b.And(eq, t.equal(s, n, x.fields[i], y.fields[i]))
		}
		return eq
	}
	t.no(s, n, "it compares what is not followed")
	return 0
}

// deref is what a pointer points to.
func (t *translator) deref(s *scope, n ast.Node, v value, guard int) value {
	if t.use(s, n, v).form != pointer {
		t.no(s, n, "it follows a pointer")
	}
	t.b.Fail(t.b.And(guard, v.null), "runtime error: invalid memory address or nil pointer dereference")
	return *v.elem
}

func (t *translator) selector(s *scope, e *ast.SelectorExpr, guard int) value {
	sel := s.cell.Info.Selections[e]
	if sel == nil { // a variable of a package
		t.no(s, e, "it uses %s.%s", s.cell.Text(e.X.Pos(), e.X.End()), e.Sel.Name)
	}
	if sel.Kind() != types.FieldVal {
		t.no(s, e, "it has a method value")
	}
	v := t.expression(s, e.X, guard)
	typ := s.typeOf(e.X)
	for _, i := range sel.Index() {
		if v.form == pointer {
			v = t.deref(s, e, v, guard)
			typ = typ.Underlying().(*types.Pointer).Elem()
		}
		if t.use(s, e, v).form != structure {
			t.no(s, e, "it has %s", kindText(typ))
		}
		typ = typ.Underlying().(*types.Struct).Field(i).Type()
		v = v.fields[i]
	}
	return t.use(s, e, v)
}

func (t *translator) composite(s *scope, e *ast.CompositeLit, guard int) value {
	typ := s.typeOf(e)
	st, ok := typ.Underlying().(*types.Struct)
	if !ok {
		t.no(s, e, "it has %s", kindText(typ))
	}
	out := t.zero(s, e, typ)
	for i, item := range e.Elts {
		at, valueExpr := i, item
		if kv, ok := item.(*ast.KeyValueExpr); ok {
			at, valueExpr = fieldIndex(out, kv.Key.(*ast.Ident).Name), kv.Value
		}
		out.fields[at] = t.as(s, valueExpr, st.Field(at).Type(), guard)
	}
	return out
}
