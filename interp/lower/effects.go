package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// effects are what an expression or a function does besides having a value, all that it calls included. It may change the
// variables that it touches, and what they lead to.
type effects struct {
	impure  bool                // it may change what others see, or depend on when it is evaluated
	touches map[*types.Var]bool // variables of source packages that it uses or sets
}

// deeds are what a function body or an expression does itself.
type deeds struct {
	impure  bool
	touches []*types.Var
	calls   []*types.Func
}

// effectsOf looks at an expression and at all that it calls. What it can't be sure of is impure.
func (l *Lowering) effectsOf(info *types.Info, e ast.Expr) effects {
	found := effects{touches: map[*types.Var]bool{}}
	if _, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return found // it is not called here
	}
	l.addEffects(&found, l.deeds(info, e), map[*types.Func]bool{})
	return found
}

// effectsOfBody looks at a function init.
func (l *Lowering) effectsOfBody(info *types.Info, body *ast.BlockStmt) effects {
	found := effects{touches: map[*types.Var]bool{}}
	l.addEffects(&found, l.deeds(info, body), map[*types.Func]bool{})
	return found
}

func (l *Lowering) addEffects(found *effects, d *deeds, seen map[*types.Func]bool) {
	found.impure = found.impure || d.impure
	for _, v := range d.touches {
		found.touches[v] = true
	}
	for _, o := range d.calls {
		if !seen[o] && !found.impure {
			seen[o] = true
			l.addEffects(found, l.deedsOf(o), seen)
		}
	}
}

// deedsOf are those of a function of a source package.
func (l *Lowering) deedsOf(o *types.Func) *deeds {
	if d, ok := l.deedsKnown[o]; ok {
		return d
	}
	d := &deeds{impure: true}
	if fn, ok := l.world.Function(o); ok && fn.Decl.Body != nil {
		d = l.deeds(fn.Info, fn.Decl.Body)
	}
	l.deedsKnown[o] = d
	return d
}

// deeds walks a tree. A function literal does nothing, unless it is called where it stands or given to compiled code: lowered
// code that calls the value of a variable is impure.
func (l *Lowering) deeds(info *types.Info, n ast.Node) *deeds {
	w := &deedWalker{l: l, info: info, d: &deeds{}, run: map[*ast.FuncLit]bool{}}
	ast.Inspect(n, w.visit)
	return w.d
}

type deedWalker struct {
	l    *Lowering
	info *types.Info
	d    *deeds
	run  map[*ast.FuncLit]bool
}

func (w *deedWalker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SendStmt, *ast.GoStmt, *ast.SelectStmt:
		w.d.impure = true
	case *ast.UnaryExpr:
		w.d.impure = w.d.impure || n.Op == token.ARROW
	case *ast.RangeStmt:
		switch w.info.TypeOf(n.X).Underlying().(type) {
		case *types.Signature, *types.Chan, *types.Interface: // the last is a type parameter
			w.d.impure = true
		}
	case *ast.FuncLit:
		return w.run[n] && !w.d.impure
	case *ast.CallExpr:
		w.call(n)
	case *ast.Ident:
		if v, ok := w.info.Uses[n].(*types.Var); ok {
			w.variable(v)
		}
	}
	return !w.d.impure
}

func (w *deedWalker) variable(v *types.Var) {
	switch {
	case v.Pkg() == nil || v.Parent() != v.Pkg().Scope():
	case w.l.world.IsSource(v.Pkg()):
		w.d.touches = append(w.d.touches, v)
	case !constantVariable(v):
		w.d.impure = true
	}
}

func (w *deedWalker) call(e *ast.CallExpr) {
	if w.info.Types[e.Fun].IsType() {
		return
	}
	if lit, ok := ast.Unparen(e.Fun).(*ast.FuncLit); ok {
		w.run[lit] = true
		return
	}
	switch o := w.object(e.Fun).(type) {
	case *types.Builtin:
		if o.Name() == "close" || o.Name() == "print" || o.Name() == "println" {
			w.d.impure = true
		}
	case *types.Func:
		if w.writesToMemory(o, e) {
			return
		}
		w.calls(o)
		if w.l.interpreted(o) {
			return
		}
		for _, a := range e.Args {
			if lit, ok := ast.Unparen(a).(*ast.FuncLit); ok {
				w.run[lit] = true
			} else if given, ok := w.object(a).(*types.Func); ok {
				w.calls(given)
			}
		}
	default:
		w.d.impure = true // whatever the variable holds
	}
}

// writesToMemory reports whether a call is one of fmt.Fprint and the like to a buffer.
func (w *deedWalker) writesToMemory(o *types.Func, e *ast.CallExpr) bool {
	if len(e.Args) == 0 || !strings.HasPrefix(o.FullName(), "fmt.Fprint") {
		return false
	}
	t := types.TypeString(w.info.TypeOf(e.Args[0]), nil)
	return t == "*bytes.Buffer" || t == "*strings.Builder"
}

// object is what a name or a selector denotes.
func (w *deedWalker) object(e ast.Expr) types.Object {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return w.info.Uses[x]
	case *ast.SelectorExpr:
		return w.info.Uses[x.Sel]
	case *ast.IndexExpr:
		return w.object(x.X)
	case *ast.IndexListExpr:
		return w.object(x.X)
	}
	return nil
}

// calls notes that a function may be called.
func (w *deedWalker) calls(o *types.Func) {
	switch r := o.Signature().Recv(); {
	case r != nil && isInterface(r.Type()):
		w.d.impure = true
	case w.l.interpreted(o):
		w.d.calls = append(w.d.calls, o.Origin())
	default:
		w.d.impure = w.d.impure || o.Pkg() == nil || !slices.Contains(harmless, o.Pkg().Path()) || harmful[o.FullName()]
	}
}

// harmless are compiled packages whose functions depend on their arguments alone, and change nothing but what they are given.
var harmless = []string{
	"bytes", "cmp", "container/list", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/hex", "errors", "fmt", "hash/crc32", "hash/crc64",
	"html", "math", "math/big", "math/bits", "math/cmplx", "net/url", "path", "reflect", "regexp", "regexp/syntax", "slices", "sort", "strconv",
	"strings", "sync", "time", "unicode", "unicode/utf16", "unicode/utf8",
}

// harmful are functions of harmless packages that are not.
var harmful = map[string]bool{
	"fmt.Print": true, "fmt.Printf": true, "fmt.Println": true, "fmt.Fprint": true, "fmt.Fprintf": true, "fmt.Fprintln": true,
	"fmt.Scan": true, "fmt.Scanf": true, "fmt.Scanln": true, "fmt.Fscan": true, "fmt.Fscanf": true, "fmt.Fscanln": true,
	"time.Now": true, "time.Since": true, "time.Until": true, "time.After": true, "time.AfterFunc": true, "time.Tick": true, "time.Sleep": true,
	"time.NewTimer": true, "time.NewTicker": true, "time.LoadLocation": true,
}

// constantVariable reports whether nobody sets a variable of a compiled package, nor what it leads to.
func constantVariable(v *types.Var) bool {
	return isInterface(v.Type()) && strings.HasPrefix(v.Name(), "Err") || v.Name() == "EOF" || v.Pkg().Path() == "unicode" || strings.HasPrefix(v.Pkg().Path(), "encoding/")
}
