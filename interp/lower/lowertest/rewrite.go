package lowertest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"math/rand/v2"
	"slices"
	"strings"
)

// Source is a checked Go text.
type Source struct {
	Text  string
	Files []*ast.File
	Info  *types.Info
	Pkg   *types.Package
	// Offset is where in Text a position lies; false where that is elsewhere.
	Offset func(token.Pos) (int, bool)
}

// edit puts text in the place of a part of the source.
type edit struct {
	start, end int
	text       string
}

// rewriter looks for parts of a source that can be written in other ways.
type rewriter struct {
	Source
	r     *rand.Rand
	edits []edit
	kept  map[ast.Node]bool // what has to stay as it is
	names int
}

// Rewrite writes up to n expressions and statements of a source in other ways that mean the same, if nothing in it depends
// on the order in which Go may read variables. Where a name is hidden, or a variable is lost, the result may have errors.
func Rewrite(s Source, r *rand.Rand, n int) string {
	w := &rewriter{Source: s, r: r, kept: map[ast.Node]bool{}}
	for _, f := range s.Files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			w.keep(fn.Body)
			w.visit(fn.Body, w.qualifier(f))
		}
	}
	r.Shuffle(len(w.edits), func(i, k int) { w.edits[i], w.edits[k] = w.edits[k], w.edits[i] })
	var chosen []edit
	for _, e := range w.edits {
		overlaps := func(o edit) bool { return e.start < o.end && o.start < e.end }
		if len(chosen) < n && !slices.ContainsFunc(chosen, overlaps) {
			chosen = append(chosen, e)
		}
	}
	slices.SortFunc(chosen, func(a, b edit) int { return cmp.Compare(b.start, a.start) })
	text := s.Text
	for _, e := range chosen {
		text = text[:e.start] + e.text + text[e.end:]
	}
	if !strings.Contains(text, "type rewritten[") {
		text += rewriteHelpers
	}
	return text
}

// rewriteHelpers are what the other ways use.
const rewriteHelpers = `

type rewritten[T any] struct{ value T }

func (r rewritten[T]) get() T { return r.value }

func (r *rewritten[T]) at() *T { return &r.value }

type rewrittenGetter[T any] interface{ get() T }

func rewrittenSame[T any](x T) T { return x }

func rewrittenOnce(yield func() bool) { yield() }
`

// qualifier names packages as a file does; a package that it does not import gets a name that is none.
func (w *rewriter) qualifier(f *ast.File) types.Qualifier {
	names := map[*types.Package]string{}
	for _, spec := range f.Imports {
		var o types.Object
		if spec.Name != nil {
			o = w.Info.Defs[spec.Name]
		} else {
			o = w.Info.Implicits[spec]
		}
		if p, ok := o.(*types.PkgName); ok && p.Name() != "." && p.Name() != "_" {
			names[p.Imported()] = p.Name()
		}
	}
	return func(p *types.Package) string {
		if p == w.Pkg || p.Path() == w.Pkg.Path() {
			return ""
		}
		if name, ok := names[p]; ok {
			return name
		}
		return "?"
	}
}

// keep notes what must not be written otherwise: what is assigned to or has its address taken, what a statement needs as
// it is, and what calls recover.
func (w *rewriter) keep(body ast.Node) {
	var place func(e ast.Expr)
	place = func(e ast.Expr) {
		w.kept[e] = true
		switch e := e.(type) {
		case *ast.ParenExpr:
			place(e.X)
		case *ast.SelectorExpr:
			place(e.X)
		case *ast.IndexExpr:
			place(e.X)
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				place(e)
			}
		case *ast.IncDecStmt:
			place(n.X)
		case *ast.RangeStmt:
			place(n.Key)
			place(n.Value)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				place(n.X)
			}
		case *ast.ExprStmt:
			w.kept[n.X] = true
		case *ast.DeferStmt:
			w.kept[n.Call] = true
		case *ast.GoStmt:
			w.kept[n.Call] = true
		case *ast.CallExpr:
			w.kept[n.Fun] = true
		case *ast.SelectorExpr:
			if tv := w.Info.Types[n.X]; tv.Addressable() {
				place(n.X)
			}
		case *ast.SliceExpr:
			place(n.X)
		case *ast.KeyValueExpr:
			w.kept[n.Key] = true
		case *ast.CommClause:
			w.keepComm(n.Comm)
		}
		return true
	})
}

func (w *rewriter) keepComm(s ast.Stmt) {
	if s == nil {
		return
	}
	w.kept[s] = true
	ast.Inspect(s, func(n ast.Node) bool {
		if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			w.kept[u] = true
		}
		return true
	})
}

// visit proposes edits in a body.
func (w *rewriter) visit(body ast.Node, q types.Qualifier) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			w.statements(n.List)
		case *ast.CaseClause:
			w.statements(n.Body)
		case *ast.CommClause:
			w.statements(n.Body)
		case ast.Expr:
			w.expression(n, q)
		}
		return true
	})
}

// propose proposes to write a node in another way, in which ¤ is its text and § a new name.
func (w *rewriter) propose(n ast.Node, way string) {
	start, ok := w.Offset(n.Pos())
	end, fine := w.Offset(n.End())
	if !ok || !fine || start >= end || end > len(w.Text) {
		return
	}
	w.names++
	text := strings.NewReplacer("§", fmt.Sprint("v", w.names), "¤", w.Text[start:end]).Replace(way)
	w.edits = append(w.edits, edit{start, end, text})
}

func (w *rewriter) expression(e ast.Expr, q types.Qualifier) {
	tv, ok := w.Info.Types[e]
	if !ok || !tv.IsValue() || tv.IsNil() || w.kept[e] || w.calls(e, "recover") {
		return
	}
	switch t := tv.Type.(type) {
	case *types.Tuple:
		return
	case *types.Signature:
		if t.TypeParams() != nil {
			return
		}
	case *types.Basic:
		if t.Info()&types.IsUntyped != 0 {
			return
		}
	}
	text := types.TypeString(tv.Type, q)
	if strings.Contains(text, "?") || huge(tv.Type) {
		return
	}
	ways := append([]string(nil), anyWays...)
	switch u := tv.Type.Underlying().(type) {
	case *types.Interface:
	case *types.Basic:
		ways = append(append(ways, concreteWays...), basicWays(u)...)
	default:
		ways = append(ways, concreteWays...)
	}
	way := pickOne(w.r, ways)
	if tv.Value != nil {
		way = strings.ReplaceAll(way, "¤", "T(¤)") // or it has another type where any will do
	}
	w.propose(e, "("+strings.ReplaceAll(way, "T", text)+")")
}

// huge reports whether a type may be too large for the elements of a channel.
func huge(t types.Type) bool {
	a, ok := t.Underlying().(*types.Array)
	return ok && (a.Len() > 1000 || huge(a.Elem()))
}

func pickOne(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// calls reports whether a call of a builtin is part of a node.
func (w *rewriter) calls(n ast.Node, builtin string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == builtin {
			found = true
		}
		return !found
	})
	return found
}

func (w *rewriter) statements(list []ast.Stmt) {
	for i, s := range list {
		if w.kept[s] {
			continue
		}
		switch s := s.(type) {
		case *ast.DeclStmt, *ast.LabeledStmt, *ast.EmptyStmt, *ast.CaseClause, *ast.CommClause:
			continue
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		}
		var ways []string
		switch branches, returns := leaves(s); {
		case branches:
			ways = plainWays
		case i == len(list)-1:
			ways = append(append(ways, plainWays...), lastWays...)
		case returns || w.calls(s, "recover"):
			ways = append(append(ways, plainWays...), blockWays...)
		default:
			ways = append(append(ways, blockWays...), callWays...)
		}
		w.propose(s, pickOne(w.r, ways))
	}
}

// leaves reports whether a statement may jump to somewhere, and whether it may leave its function, or defers.
func leaves(s ast.Stmt) (branches, returns bool) {
	ast.Inspect(s, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BranchStmt, *ast.LabeledStmt:
			branches = true
		case *ast.ReturnStmt, *ast.DeferStmt:
			returns = true
		}
		return true
	})
	return branches, returns
}
