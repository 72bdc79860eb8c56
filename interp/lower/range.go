package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
)

func (f *function) rangeStmt(s *ast.RangeStmt, label string) {
	if f.shared && s.Tok == token.DEFINE && f.rangeEscapes(s) {
		s = f.rangeShared(s)
		defer f.printf("}")
	}
	t := f.typeOf(s.X)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			f.rangeInt(s, label)
			return
		}
		f.rangeIndexed(s, label, types.Typ[types.Int], types.Typ[types.Rune])
	case *types.Signature:
		f.rangeFunc(s, label, u)
	case *types.Slice:
		f.rangeIndexed(s, label, types.Typ[types.Int], u.Elem())
	case *types.Array:
		f.rangeIndexed(s, label, types.Typ[types.Int], u.Elem())
	case *types.Pointer:
		f.rangeIndexed(s, label, types.Typ[types.Int], u.Elem().Underlying().(*types.Array).Elem())
	case *types.Map:
		f.rangeIndexed(s, label, u.Key(), u.Elem())
	case *types.Chan:
		f.rangeChan(s, label, u.Elem())
	default:
		panic(&UnsupportedError{s.Pos(), fmt.Sprintf("range over %v", t)})
	}
}

// sharesLoopVariables reports whether a language version has one variable for all iterations of a loop.
func sharesLoopVariables(goVersion string) bool {
	return goVersion != "" && version.Compare(goVersion, "go1.22") < 0
}

// rangeEscapes reports whether a variable that the statement declares lives on after the iteration.
func (f *function) rangeEscapes(s *ast.RangeStmt) bool {
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil && !isBlank(e) && f.escapes(f.defined(e), s.Body) {
			return true
		}
	}
	return false
}

// rangeShared declares the variables of a range statement before it. It opens a block.
func (f *function) rangeShared(s *ast.RangeStmt) *ast.RangeStmt {
	f.printf("{")
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil && !isBlank(e) {
			o := f.defined(e)
			f.printf("var %s %s", f.name(o), f.typeText(o.Type()))
		}
	}
	before := *s
	before.Tok = token.ASSIGN
	return &before
}

// rangeInt counts. Where the body captures or sets the variable, it gets a copy.
func (f *function) rangeInt(s *ast.RangeStmt, label string) {
	t := f.typeOf(s.X)
	if s.Key != nil && !isBlank(s.Key) {
		t = f.typeOf(s.Key)
	}
	t = plainDefault(t)
	kind := f.typ(t)
	f.printf("{")
	defer f.printf("}")
	limit := f.local("n_")
	f.printf("var %s %s = %s", limit, kind, f.conv(s.X, t))
	counter := f.local("i_")
	body := f.loopBody(label, func() {
		if s.Key != nil && !isBlank(s.Key) {
			o := f.defined(s.Key)
			switch {
			case s.Tok == token.DEFINE && o != nil && !f.escapes(o, s.Body) && !f.assigned(o, s.Body):
				f.names[o] = counter
			case s.Tok == token.DEFINE:
				f.declare(o, counter)
			default:
				f.store(s.Key, counter)
			}
		}
		f.stmts(s.Body.List)
	})
	f.label(label)
	zero := "0"
	if kind != "int" {
		zero = kind + "(0)"
	}
	next := counter + "++"
	if isUintptr(t) {
		next = counter + " = " + counter + " + " + kind + "(1)"
	}
	f.printf("for %s := %s; %s < %s; %s {\n%s}", counter, zero, counter, limit, next, body)
}

// assigned reports whether a variable is set in a body.
func (f *function) assigned(o types.Object, body ast.Node) bool {
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && f.info.Uses[id] == o
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				found = found || is(l)
			}
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		}
		return !found
	})
	return found
}

// rangeVar gives the name that yaegi's range sets for key or value, and writes what the body begins with.
func (f *function) rangeVar(s *ast.RangeStmt, e ast.Expr, from types.Type, container types.Type) (name string, begin func()) {
	if e == nil || isBlank(e) {
		return "_", func() {}
	}
	o := f.defined(e)
	n := f.local("v_")
	if s.Tok == token.DEFINE && !f.isExternal(container) && !f.escapes(o, s.Body) && !f.assigned(o, s.Body) {
		f.names[o] = n
		return n, func() {}
	}
	return n, func() {
		v := f.fromContainer(container, n, from)
		if s.Tok == token.DEFINE {
			f.declare(o, v)
			return
		}
		f.store(e, f.convert(v, from, f.typeOf(e)))
	}
}

func (f *function) rangeIndexed(s *ast.RangeStmt, label string, key, value types.Type) {
	t := f.typeOf(s.X)
	f.printf("{")
	defer f.printf("}")
	x := ""
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if s.Value == nil || isBlank(s.Value) {
			f.rangeLength(s, label, fmt.Sprint(u.Elem().Underlying().(*types.Array).Len()))
			return
		}
		x = f.temporary(f.open(s.X), "")
		x = "(*" + x + ")[:]"
	case *types.Array:
		if s.Value == nil || isBlank(s.Value) {
			f.rangeLength(s, label, fmt.Sprint(u.Len()))
			return
		}
		x = f.temporary(f.expr(s.X), f.typ(t))
	case *types.Basic:
		x = f.temporary(f.conv(s.X, t), "string")
	default:
		x = f.temporary(f.open(s.X), "")
	}
	if _, isString := t.Underlying().(*types.Basic); isString && s.Key != nil && !isBlank(s.Key) {
		f.rangeString(s, label, x)
		return
	}
	if s.Tok == token.ASSIGN && s.Key != nil && s.Value != nil && !isBlank(s.Key) && !isBlank(s.Value) {
		f.rangeBoth(s, label, x, key, value)
		return
	}
	k, beginKey := f.rangeVar(s, s.Key, key, t)
	v, beginValue := f.rangeVar(s, s.Value, value, t)
	ofChannels := false
	if _, ok := value.Underlying().(*types.Chan); ok && v != "_" {
		// yaegi would receive from the value.
		ofChannels = true
		if k == "_" {
			k = f.local("i_")
		}
	}
	body := f.loopBody(label, func() {
		if ofChannels {
			f.printf("%s := %s[%s]", v, x, k)
		}
		beginKey()
		beginValue()
		f.stmts(s.Body.List)
	})
	if ofChannels {
		v = "_"
	}
	f.label(label)
	switch {
	case k == "_" && v == "_":
		f.printf("for range %s {\n%s}", x, body)
	case v == "_":
		f.printf("for %s := range %s {\n%s}", k, x, body)
	default:
		f.printf("for %s, %s := range %s {\n%s}", k, v, x, body)
	}
}

// rangeString counts the bytes itself: yaegi takes a byte that is no UTF-8 for the three of the replacement character.
func (f *function) rangeString(s *ast.RangeStmt, label, x string) {
	next, position, v := f.temporary("0", ""), f.local("i_"), f.local("v_")
	set := func(e ast.Expr, text string) {
		if e == nil || isBlank(e) {
			return
		}
		if o := f.defined(e); s.Tok == token.DEFINE && o != nil {
			f.declare(o, text)
		} else {
			f.store(e, text)
		}
	}
	body := f.loopBody(label, func() {
		f.printf("%s := %s\nif %s < 128 {\n%s++\n} else {\n%s = %s(%s, %s)\n}", position, next, v, next, next, rt("AfterRune"), x, next)
		if s.Tok == token.ASSIGN && s.Value != nil {
			setKey, setValue := f.fixedPlace(s.Key), f.fixedPlace(s.Value)
			setKey(position)
			setValue(v)
		} else {
			set(s.Key, position)
			set(s.Value, v)
		}
		f.stmts(s.Body.List)
	})
	f.label(label)
	f.printf("for _, %s := range %s {\n%s}", v, x, body)
}

// rangeBoth assigns key and value in parallel to places that exist.
func (f *function) rangeBoth(s *ast.RangeStmt, label, x string, key, value types.Type) {
	t := f.typeOf(s.X)
	k, v := f.local("v_"), f.local("v_")
	body := f.loopBody(label, func() {
		setKey, setValue := f.fixedPlace(s.Key), f.fixedPlace(s.Value)
		setKey(f.convert(f.fromContainer(t, k, key), key, f.typeOf(s.Key)))
		setValue(f.convert(f.fromContainer(t, v, value), value, f.typeOf(s.Value)))
		f.stmts(s.Body.List)
	})
	f.label(label)
	f.printf("for %s, %s := range %s {\n%s}", k, v, x, body)
}

// rangeLength counts up to the length of an array that is not looked into.
func (f *function) rangeLength(s *ast.RangeStmt, label, length string) {
	if f.acts(s.X) {
		f.discard(s.X)
	}
	counter := f.local("i_")
	body := f.loopBody(label, func() {
		if s.Key != nil && !isBlank(s.Key) {
			if o := f.defined(s.Key); s.Tok == token.DEFINE && o != nil {
				f.declare(o, counter)
			} else {
				f.store(s.Key, counter)
			}
		}
		f.stmts(s.Body.List)
	})
	f.label(label)
	f.printf("for %s := 0; %s < %s; %s++ {\n%s}", counter, counter, length, counter, body)
}

func (f *function) rangeChan(s *ast.RangeStmt, label string, elem types.Type) {
	t := f.typeOf(s.X)
	f.printf("{")
	defer f.printf("}")
	c := f.channel(s.X)
	v, ok := f.local("v_"), f.local("ok_")
	body := f.loopBody(label, func() {
		f.printf("%s, %s := <-%s\nif !%s {\nbreak\n}", v, ok, c, ok)
		if s.Key != nil && !isBlank(s.Key) {
			text := f.fromContainer(t, v, elem)
			if o := f.defined(s.Key); s.Tok == token.DEFINE && o != nil {
				f.declare(o, text)
			} else {
				f.store(s.Key, f.convert(text, elem, f.typeOf(s.Key)))
			}
		}
		f.stmts(s.Body.List)
	})
	f.label(label)
	f.printf("for {\n%s}", body)
}
