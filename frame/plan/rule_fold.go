package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// foldConstants computes once what reads no column, and takes out of conditions what does not decide them. Names of columns stay.
func foldConstants(n Node) Node {
	n = withInputs(n, foldConstants)
	switch n := n.(type) {
	case *Filter:
		if p, ok := fold(n.Predicate); ok {
			return &Filter{Input: n.Input, Predicate: p}
		}
	case *Join:
		if p, ok := fold(n.Where); ok {
			folded := *n
			folded.Where = p
			return &folded
		}
	case *Project, *Aggregate:
		list := operands(n)
		changed := false
		for i, e := range list {
			folded, ok := fold(e)
			if ok {
				list[i], changed = folded, true
			}
		}
		if changed {
			return withOperands(n, n.Inputs()[0], list)
		}
	}
	return n
}

// fold is e with its constants computed; false where there is nothing to do.
func fold(e expr.Expr) (expr.Expr, bool) {
	if e == nil || !foldable(e) {
		return e, false
	}
	changed := false
	folded := expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		made := foldOne(x)
		if made == nil {
			return x
		}
		changed = true
		return made
	})
	return folded, changed
}

// foldable says whether fold may find something: most expressions it need not copy.
func foldable(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		switch x := x.(type) {
		case expr.Unary:
			_, literal := x.X.(expr.Literal)
			found = found || x.Op == expr.Not || literal
		case expr.Binary:
			_, l := x.Left.(expr.Literal)
			_, r := x.Right.(expr.Literal)
			found = found || l && r || (l || r) && (x.Op == expr.And || x.Op == expr.Or)
		case expr.Call:
			found = found || allLiterals(x.Args)
		}
		return !found
	})
	return found
}

func allLiterals(list []expr.Expr) bool {
	return !slices.ContainsFunc(list, func(e expr.Expr) bool { _, ok := e.(expr.Literal); return !ok })
}

// foldOne is what stands for an expression whose operands are folded; nil for itself.
func foldOne(e expr.Expr) expr.Expr {
	switch x := e.(type) {
	case expr.Unary, expr.Call:
		if allLiterals(x.Children()) {
			return constant(x)
		}
		if u, ok := x.(expr.Unary); ok && u.Op == expr.Not {
			return foldNot(u.X)
		}
	case expr.Binary:
		if allLiterals(x.Children()) {
			return constant(x)
		}
		if x.Op == expr.And || x.Op == expr.Or {
			return foldLogic(x)
		}
	}
	return nil
}

func constant(e expr.Expr) expr.Expr {
	if l, ok := expr.Constant(e); ok {
		return l
	}
	return nil
}

// foldNot is the opposite of x without a Not.
func foldNot(x expr.Expr) expr.Expr {
	if u, ok := x.(expr.Unary); ok && u.Op == expr.Not {
		return truth(u.X)
	}
	if opposite, ok := expr.Opposite(x); ok {
		return opposite
	}
	return nil
}

// foldLogic leaves the operand that decides. What fails, or calls a function, is left out only where it would not be evaluated anyway.
func foldLogic(x expr.Binary) expr.Expr {
	settles := x.Op == expr.Or
	if l, ok := x.Left.(expr.Literal); ok && l.Value != nil {
		if l.Value == settles {
			return l
		}
		return truth(x.Right)
	}
	if r, ok := x.Right.(expr.Literal); ok && r.Value != nil {
		if r.Value != settles {
			return truth(x.Left)
		}
		if steady(x.Left) {
			return r
		}
	}
	return nil
}

// truth is an expression that is a condition wherever it stands; nil for null, which takes its type from what is around it.
func truth(e expr.Expr) expr.Expr {
	if l, ok := e.(expr.Literal); ok && l.Value == nil {
		return nil
	}
	return e
}

// steady says whether an expression can't fail whatever the row, has no effect and costs little: it may be evaluated for rows for which it
// was not, or not for those for which it was.
func steady(e expr.Expr) bool {
	ok := true
	expr.Walk(e, func(x expr.Expr) bool {
		switch x := x.(type) {
		case expr.Column, expr.Literal, expr.Alias:
		case expr.Binary:
			ok = ok && x.Op >= expr.Equal
		case expr.Unary:
			ok = ok && x.Op == expr.Not
		case expr.Call:
			switch x.Func {
			case "is_null", "is_not_null", "is_nan", "between", "is_in", "starts_with", "ends_with", "contains", "like", "length", "year", "month", "day":
			default:
				ok = false
			}
		default:
			ok = false
		}
		return ok
	})
	return ok
}
