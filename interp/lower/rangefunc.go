package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// rangeBody is the body of a range over a function: a function literal that yields. Leaving it sets state and
// returns false; what follows the call of the iterator does the rest.
type rangeBody struct {
	state   string
	label   string
	nesting []nest // the statements inside the body that break and continue can mean
	exits   []exit // branches to statements around the loop; state is their index + 1
	returns bool   // state is -1
}

type nest struct {
	label string
	loop  bool
}

type exit struct {
	tok   token.Token
	label string
}

// loopBody lowers the body of a loop, which break and continue inside it mean.
func (f *function) loopBody(label string, emit func()) string {
	f.scope.loops++
	defer func() { f.scope.loops-- }()
	return f.nested(nest{label, true}, emit)
}

func (f *function) switchBody(label string, emit func()) string {
	return f.nested(nest{label, false}, emit)
}

func (f *function) nested(n nest, emit func()) string {
	b := f.scope.body
	if b == nil {
		return f.capture(emit)
	}
	b.nesting = append(b.nesting, n)
	defer func() { b.nesting = b.nesting[:len(b.nesting)-1] }()
	return f.capture(emit)
}

// leaves lowers a break or continue that leaves the body of a range over a function.
func (f *function) leaves(tok token.Token, label string) bool {
	b := f.scope.body
	for _, n := range b.nesting {
		if label == "" && (n.loop || tok == token.BREAK) || label != "" && n.label == label {
			return false
		}
	}
	if label == "" || b.label == label {
		f.printf("return %v", tok == token.CONTINUE)
		return true
	}
	// The loop that is meant lies further out: each range over a function on the way ends.
	for s := f.scope; s.body != nil; s = s.parent {
		e := exit{tok, label}
		if s.body.label == label {
			break
		}
		index := -1
		for i, x := range s.body.exits {
			if x == e {
				index = i
			}
		}
		if index < 0 {
			index = len(s.body.exits)
			s.body.exits = append(s.body.exits, e)
		}
		f.printf("%s = %d", s.body.state, index+1)
		if s.parent.body != nil && s.parent.body.inside(label) {
			break
		}
	}
	f.printf("return false")
	return true
}

func (b *rangeBody) inside(label string) bool {
	for _, n := range b.nesting {
		if n.label == label {
			return true
		}
	}
	return false
}

// rangeFunc calls the iterator with the body.
func (f *function) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	yield := sig.Params().At(0).Type().Underlying().(*types.Signature)
	b := &rangeBody{state: f.local("state_"), label: label}
	f.printf("{\nvar %s int", b.state)
	over := f.local("over_")
	f.printf("var %s bool", over)
	t := f.typeOf(s.X)
	seq := f.open(s.X)
	seq = f.temporary(f.nameAsValue(seq, sig), "")
	text := f.yieldFunc(s, b, yield, over)
	if f.isExternal(t) && f.differs(yield) {
		text = f.toExternal(text, yield)
	}
	f.printf("%s(%s)\n%s = true", seq, text, over)
	f.afterRange(b)
	f.printf("}")
}

func (f *function) yieldFunc(s *ast.RangeStmt, b *rangeBody, yield *types.Signature, over string) string {
	var params []string
	var begin []func()
	for i, e := range []ast.Expr{s.Key, s.Value} {
		if i >= yield.Params().Len() {
			break
		}
		t := yield.Params().At(i).Type()
		n := f.local("y_")
		params = append(params, n+" "+f.typ(t))
		if e == nil || isBlank(e) {
			continue
		}
		begin = append(begin, func() {
			if o := f.defined(e); s.Tok == token.DEFINE && o != nil {
				f.declare(o, n)
			} else {
				f.store(e, f.convert(n, t, f.typeOf(e)))
			}
		})
	}
	f.scope = &scope{parent: f.scope, sig: f.scope.sig, body: b, deferred: f.scope.deferred}
	body := f.capture(func() {
		for _, g := range begin {
			g()
		}
		f.stmts(s.Body.List)
	})
	f.scope = f.scope.parent
	again := f.local("again_")
	// over holds while the body runs too: one that is called again after it panicked or ended is an error.
	return fmt.Sprintf("func(%s) bool {\nif %s {\n%s()\n}\n%s = true\n%s := func() bool {\n%sreturn true\n}()\n%s = !%s\nreturn %s\n}",
		strings.Join(params, ", "), over, rt("Exhausted"), over, again, body, over, again, again)
}

// afterRange goes where the body has asked to.
func (f *function) afterRange(b *rangeBody) {
	if b.returns {
		fn := f.scope
		for fn.body != nil {
			fn = fn.parent
		}
		switch {
		case f.scope.body != nil:
			f.printf("if %s == -1 {\nreturn false\n}", b.state)
		case fn.defers != "" || len(fn.results) == 0:
			f.printf("if %s == -1 {\nreturn\n}", b.state)
		default:
			f.printf("if %s == -1 {\nreturn %s\n}", b.state, strings.Join(fn.results, ", "))
		}
	}
	for i, e := range b.exits {
		f.printf("if %s == %d {", b.state, i+1)
		if f.scope.body == nil || !f.leaves(e.tok, e.label) {
			f.printf("%s %s", e.tok, e.label)
		}
		f.printf("}")
	}
}
