package udf

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Registry is what the cells of a session have declared.
type Registry struct {
	declarations map[types.Object]*Declaration
	assigned     map[types.Object]bool
	latest       map[string]*types.Func // functions by name
	undo         []func()
}

// NewRegistry is a registry without cells.
func NewRegistry() *Registry {
	return &Registry{declarations: map[types.Object]*Declaration{}, assigned: map[types.Object]bool{}, latest: map[string]*types.Func{}}
}

// Add takes in the declarations of a checked cell: those outside functions, in its files. What it gives takes them out
// again, for a cell that did not run; it is to be called before the next Add.
func (r *Registry) Add(c *Cell) (undo func()) {
	r.undo = nil
	for obj := range Assigned(c.Info, c.Files...) {
		if !r.assigned[obj] {
			r.assigned[obj] = true
			r.undo = append(r.undo, func() { delete(r.assigned, obj) })
		}
	}
	for _, file := range c.Files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				r.add(c, d.Name, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						r.add(c, spec.Name, spec)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							r.add(c, name, spec)
						}
					}
				}
			}
		}
	}
	list := r.undo
	return func() {
		for _, f := range slices.Backward(list) {
			f()
		}
	}
}

func (r *Registry) add(c *Cell, id *ast.Ident, node ast.Node) {
	obj := c.Info.Defs[id]
	if obj == nil || id.Name == "_" {
		return
	}
	set(r, r.declarations, obj, &Declaration{Object: obj, Node: node, Cell: c})
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() == nil {
		set(r, r.latest, f.Name(), f)
	}
}

func set[K comparable, V any](r *Registry, m map[K]V, k K, v V) {
	old, ok := m[k]
	m[k] = v
	r.undo = append(r.undo, func() {
		if ok {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
}

// Find is a Declarations. A function that was declared again with the same type is the newest: literals of earlier cells
// call that.
func (r *Registry) Find(obj types.Object) (*Declaration, bool) {
	d, ok := r.declarations[obj]
	if !ok {
		return nil, false
	}
	if f, isFunc := obj.(*types.Func); isFunc && f.Signature().Recv() == nil {
		if newest := r.latest[f.Name()]; newest != nil && types.Identical(newest.Type(), f.Type()) {
			d = r.declarations[newest]
		}
	}
	found := *d
	found.Assigned = r.assigned[obj]
	return &found, true
}

// TextByPlace gives the source between positions that carry the lines and columns of their file; source gives a file's text.
func TextByPlace(fset *token.FileSet, source func(filename string) string) func(from, to token.Pos) string {
	return func(from, to token.Pos) string {
		a, b := fset.Position(from), fset.Position(to)
		text := source(a.Filename)
		i, j := offsetOf(text, a), offsetOf(text, b)
		if a.Filename != b.Filename || i > j {
			return ""
		}
		return text[i:j]
	}
}

// offsetOf is the byte at a line and column, both from 1.
func offsetOf(text string, p token.Position) int {
	at := 0
	for line := 1; line < p.Line; line++ {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		at += n + 1
	}
	return min(at+max(p.Column-1, 0), len(text))
}
