package check

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// setDefaults gives the values of expression statements types: go/types leaves them untyped, because nothing takes them.
func (a *attempt) setDefaults() {
	for _, it := range a.t.items {
		if x, ok := it.stmt.(*ast.ExprStmt); ok {
			a.setDefault(x.X)
		}
	}
}

func (a *attempt) setDefault(x ast.Expr) {
	tv := a.info.Types[x]
	b, ok := tv.Type.(*types.Basic)
	if !ok || b.Info()&types.IsUntyped == 0 || b.Kind() == types.UntypedNil {
		return
	}
	typ := types.Default(b)
	if tv.Value != nil && !fits(tv.Value, typ) {
		msg := fmt.Sprintf("%s (%s constant %s) overflows %s", types.ExprString(x), b, tv.Value, typ)
		a.clash = append(a.clash, a.t.s.diagnostic(x.Pos(), x.End(), msg))
		return
	}
	a.settle(x, typ)
}

// settle gives an untyped expression, and the operands that determine it, a type.
func (a *attempt) settle(x ast.Expr, typ types.Type) {
	tv, ok := a.info.Types[x]
	if !ok {
		return
	}
	if b, ok := tv.Type.(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
		return
	}
	tv.Type = typ
	a.info.Types[x] = tv
	if tv.Value != nil {
		return // folded
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		a.settle(x.X, typ)
	case *ast.UnaryExpr:
		a.settle(x.X, typ)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		case token.SHL, token.SHR:
			a.settle(x.X, typ)
		default:
			a.settle(x.X, typ)
			a.settle(x.Y, typ)
		}
	}
}

// fits says whether a constant can be a value of the default type of its kind.
func fits(v constant.Value, typ types.Type) bool {
	b, ok := typ.(*types.Basic)
	if !ok {
		return true
	}
	switch b.Kind() {
	case types.Int:
		_, exact := constant.Int64Val(constant.ToInt(v))
		return exact
	case types.Int32:
		n, exact := constant.Int64Val(constant.ToInt(v))
		return exact && int64(int32(n)) == n
	case types.Float64:
		return finite(v)
	case types.Complex128:
		return finite(constant.Real(v)) && finite(constant.Imag(v))
	}
	return true
}

func finite(v constant.Value) bool {
	f, _ := constant.Float64Val(constant.ToFloat(v))
	return f-f == 0
}
