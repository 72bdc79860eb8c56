package expr

import (
	"go/ast"
	"slices"
	"strings"
	"time"
)

// window is a call of the forms of windows; false where it is another call.
//
//	over(sum(v), by(k), order_by(desc(t)), rows_between(-6, 0))
func (p *exprParser) window(n *ast.CallExpr, name string) (Expr, bool, error) {
	switch name {
	case "over":
		e, err := p.over(n)
		return e, true, err
	case "by", "order_by", "rows_between", "range_between", "desc":
		return nil, true, p.fail(n, "%s stands in over: over(sum(x), by(k), order_by(desc(t)), rows_between(-6, 0))", name)
	case "diff", "shift", "fill_forward", "fill_backward", "cum_sum", "cum_mean", "cum_min", "cum_max", "cum_count":
		e, err := p.sugar(n, name)
		return e, true, err
	}
	plain, ignoreNulls := strings.CutSuffix(name, "_ignore_nulls")
	f := WindowFunc(plain)
	if !slices.Contains(WindowFuncs(), f) || ignoreNulls && f != FirstValue && f != LastValue {
		return nil, false, nil
	}
	e, err := p.windowFunction(n, f, ignoreNulls)
	return e, true, err
}

func (p *exprParser) windowFunction(n *ast.CallExpr, f WindowFunc, ignoreNulls bool) (Expr, error) {
	args, err := p.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	w := Window{Func: f, IgnoreNulls: ignoreNulls}
	kind := windowKinds[f]
	if kind.operand && len(args) > 0 {
		w.X, args = args[0], args[1:]
	}
	if kind.operand && w.X == nil {
		return nil, p.fail(n, "%s needs an operand: %s(x)", f, f)
	}
	if kind.count {
		lags := f == Lag || f == Lead
		if lags {
			w.N = 1
		}
		switch v, ok := intArgument(args); {
		case ok:
			w.N, args = v, args[1:]
		case len(args) > 0 || !lags:
			return nil, p.fail(n, "%s takes a whole number, such as %s", f, map[WindowFunc]string{
				Ntile: "ntile(4)", NthValue: "nth_value(x, 2)", Lag: "lag(x, 1)", Lead: "lead(x, 1)",
			}[f])
		}
		if lags && len(args) > 0 {
			w.Default, args = args[0], args[1:]
		}
	}
	if len(args) > 0 {
		return nil, p.fail(n, "%s has %d arguments too many", f, len(args))
	}
	return w, nil
}

// intArgument is the first of args where it is a whole number.
func intArgument(args []Expr) (int64, bool) {
	if len(args) == 0 {
		return 0, false
	}
	l, ok := args[0].(Literal)
	if !ok {
		return 0, false
	}
	v, ok := l.Value.(int64)
	return v, ok
}

func (p *exprParser) exprs(list []ast.Expr) ([]Expr, error) {
	out := make([]Expr, len(list))
	for i, a := range list {
		var err error
		if out[i], err = p.expr(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sugar is what is written shorter than as a window.
func (p *exprParser) sugar(n *ast.CallExpr, name string) (Expr, error) {
	args, err := p.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return nil, p.fail(n, "%s needs an operand: %s(x)", name, name)
	}
	x, rows := args[0], int64(1)
	if v, ok := intArgument(args[1:]); ok && (name == "diff" || name == "shift") {
		rows, args = v, args[1:]
	}
	if len(args) > 1 {
		return nil, p.fail(n, "%s has %d arguments too many", name, len(args)-1)
	}
	switch name {
	case "diff":
		return Diff(x, rows), nil
	case "shift":
		return Shift(x, rows), nil
	case "fill_forward":
		return FillForward(x), nil
	case "fill_backward":
		return FillBackward(x), nil
	}
	return Window{Func: WindowFunc(strings.TrimPrefix(name, "cum_")), X: x, Frame: Cumulative()}, nil
}

// Shift is the value so many rows before, or after where rows is negative.
func Shift(x Expr, rows int64) Expr {
	if rows < 0 {
		return Window{Func: Lead, X: x, N: -rows}
	}
	return Window{Func: Lag, X: x, N: rows}
}

// Diff is what x has gained since so many rows before.
func Diff(x Expr, rows int64) Expr { return Binary{Subtract, x, Shift(x, rows)} }

// FillForward is x, in place of nulls the last value before that is not null.
func FillForward(x Expr) Expr {
	return Window{Func: LastValue, X: x, IgnoreNulls: true, Frame: Cumulative()}
}

// FillBackward is x, in place of nulls the next value that is not null.
func FillBackward(x Expr) Expr {
	return Window{Func: FirstValue, X: x, IgnoreNulls: true, Frame: &WindowFrame{
		Unit: RowsFrame, From: FrameBound{Offset: Literal{int64(0)}}, To: FrameBound{Unbounded: true},
	}}
}

func (p *exprParser) over(n *ast.CallExpr) (Expr, error) {
	if len(n.Args) == 0 {
		return nil, p.fail(n, "over takes a function and its window: over(sum(x), by(k), order_by(t))")
	}
	x, err := p.expr(n.Args[0])
	if err != nil {
		return nil, err
	}
	var by []Expr
	var order []OrderKey
	var frame *WindowFrame
	for _, a := range n.Args[1:] {
		call, name := calls(a)
		switch name {
		case "by":
			keys, err := p.exprs(call.Args)
			if err != nil {
				return nil, err
			}
			by = append(by, keys...)
		case "order_by":
			keys, err := p.orderKeys(call.Args)
			if err != nil {
				return nil, err
			}
			order = append(order, keys...)
		case "rows_between", "range_between":
			if frame != nil {
				return nil, p.fail(a, "over takes one frame")
			}
			if frame, err = p.frame(call, name); err != nil {
				return nil, err
			}
		default:
			key, err := p.expr(a)
			if err != nil {
				return nil, err
			}
			by = append(by, key)
		}
	}
	e, err := Over(x, by, order, frame)
	if err != nil {
		return nil, p.fail(n, "%v", err)
	}
	return e, nil
}

// calls is a call of a function by its name, "" for anything else.
func calls(n ast.Expr) (*ast.CallExpr, string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil, ""
	}
	id, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil, ""
	}
	return call, id.Name
}

func (p *exprParser) orderKeys(list []ast.Expr) ([]OrderKey, error) {
	var out []OrderKey
	for _, a := range list {
		call, name := calls(a)
		descending := name == "desc" && len(call.Args) == 1
		if descending {
			a = call.Args[0]
		}
		x, err := p.expr(a)
		if err != nil {
			return nil, err
		}
		out = append(out, OrderKey{x, descending})
	}
	return out, nil
}

func (p *exprParser) frame(n *ast.CallExpr, name string) (*WindowFrame, error) {
	if len(n.Args) != 2 {
		return nil, p.fail(n, "%s takes two ends: %s(-6, 0), %s(unbounded, 0)", name, name, name)
	}
	f := &WindowFrame{}
	if name == "range_between" {
		f.Unit = RangeFrame
	}
	for i, to := range []*FrameBound{&f.From, &f.To} {
		if id, ok := n.Args[i].(*ast.Ident); ok && id.Name == "unbounded" {
			to.Unbounded = true
			continue
		}
		x, err := p.expr(n.Args[i])
		if err != nil {
			return nil, err
		}
		offset, ok := offsetLiteral(x)
		if !ok {
			return nil, p.fail(n.Args[i], "an end of a frame is a number, a duration(\"24h\") or unbounded")
		}
		to.Offset = offset
	}
	return f, nil
}

// offsetLiteral is a number, or a duration that is written as a cast of text.
func offsetLiteral(x Expr) (Literal, bool) {
	switch x := x.(type) {
	case Literal:
		switch x.Value.(type) {
		case int64, float64:
			return x, true
		}
	case Cast:
		l, ok := x.X.(Literal)
		if !ok {
			break
		}
		s, ok := l.Value.(string)
		if !ok {
			break
		}
		d, err := time.ParseDuration(s)
		return Literal{d}, err == nil
	}
	return Literal{}, false
}
