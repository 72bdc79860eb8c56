package complete

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/frame"
)

const (
	// shortList and longList bound lists of fields and methods at detail 0 and 1.
	shortList = 20
	longList  = 500
	// maxConstant bounds the exact text of a constant.
	maxConstant = 60
)

// object describes an object that an identifier names; false where there is nothing to say.
func (s *sheet) object(obj types.Object, id *ast.Ident) bool {
	switch obj := obj.(type) {
	case *types.PkgName:
		s.pkg(obj.Imported())
		return true
	case *types.Builtin:
		s.decl = "func " + obj.Name() + builtinSignatures[obj.Name()]
	case *types.Nil:
		s.decl = "nil"
	case *types.Func:
		s.fun(obj, id)
	case *types.Const:
		s.decl = "const " + s.qualified(obj) + " " + s.q.typeText(obj.Type()) + " = " + obj.Val().String()
		exact := obj.Val().ExactString()
		if obj.Val().Kind() == constant.Float && exact != obj.Val().String() && len(exact) <= maxConstant {
			s.facts = append(s.facts, "exactly "+exact)
		}
	case *types.TypeName:
		s.typeName(obj)
	case *types.Var:
		s.variable(obj, id)
	default:
		return false
	}
	s.document(obj)
	return true
}

// qualified is a name as cells write it.
func (s *sheet) qualified(obj types.Object) string {
	if obj.Pkg() == nil || obj.Pkg() == s.q.p.Pkg || obj.Parent() != obj.Pkg().Scope() {
		return obj.Name()
	}
	return obj.Pkg().Name() + "." + obj.Name()
}

// fun describes a function or method.
func (s *sheet) fun(f *types.Func, id *ast.Ident) {
	s.decl = s.header(f.Origin())
	if inst, ok := s.q.p.Info.Instances[id]; ok && inst.Type != nil {
		s.facts = append(s.facts, "here: "+s.q.typeText(inst.Type))
	}
}

// header is the first line of a function's declaration.
func (s *sheet) header(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return "func " + s.qualified(f) + s.q.signature(f.Signature())
	}
	r := s.q.typeText(recv.Type())
	if recv.Name() != "" && recv.Name() != "_" {
		r = recv.Name() + " " + r
	}
	return "func (" + r + ") " + f.Name() + s.q.signature(f.Signature())
}

// variable describes a variable, parameter or field.
func (s *sheet) variable(v *types.Var, id *ast.Ident) {
	if v.IsField() {
		s.decl = "field " + v.Name() + " " + s.q.typeText(v.Type())
		if owner := owner(v); owner != nil {
			s.facts = append(s.facts, "of "+s.qualified(owner))
		} else if sel, ok := s.q.up(1).(*ast.SelectorExpr); ok && sel.Sel == id {
			if t := s.q.typeOf(sel.X); t != nil {
				s.facts = append(s.facts, "of "+shorten(s.q.typeText(t)))
			}
		}
		if sel, ok := s.q.up(1).(*ast.SelectorExpr); ok && sel.Sel == id {
			s.value(sel, v.Type())
		}
		return
	}
	s.decl = "var " + s.qualified(v) + " " + s.q.typeText(v.Type())
	s.value(id, v.Type())
}

// value tells what an expression over variables of earlier cells holds.
func (s *sheet) value(x ast.Expr, t types.Type) {
	if s.q.o.Values == nil {
		return
	}
	if id, ok := x.(*ast.Ident); ok && isFrame(t, "Frame") {
		if v, ok := s.q.p.Info.ObjectOf(id).(*types.Var); ok {
			if f := s.q.o.Values.Frame(v); f != nil {
				s.frame(f)
				return
			}
		}
	}
	v, ok := s.q.value(x)
	if !ok || !v.IsValid() {
		if why := s.q.o.Values.Changing(); why != "" && s.earlier(x) {
			s.facts = append(s.facts, "its value is not shown: "+why)
		}
		return
	}
	s.values = append(s.values, s.q.o.Values.Text(v, t))
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		s.facts = append(s.facts, fmt.Sprintf("length %d", v.Len()))
	}
}

// earlier says whether an expression is about a variable of an earlier cell.
func (s *sheet) earlier(x ast.Expr) bool {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.SelectorExpr:
			x = e.X
		case *ast.Ident:
			v, ok := s.q.p.Info.Uses[e].(*types.Var)
			return ok && v.Pkg() == s.q.p.Pkg && s.q.isGlobal(v) && !s.q.ofThisCell(v)
		default:
			return false
		}
	}
}

// frame lists the columns of a frame.
func (s *sheet) frame(f *frame.Frame) {
	s.values = append(s.values, f.String())
	if f.Err() == nil {
		s.values = append(s.values, f.Schema().String())
	}
}

// owner is the type that declares a field, nil where it is not one of a package's.
func owner(f *types.Var) *types.TypeName {
	if f.Pkg() == nil {
		return nil
	}
	scope := f.Pkg().Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		if st, ok := tn.Type().Underlying().(*types.Struct); ok && slices.Contains(slices.Collect(st.Fields()), f.Origin()) {
			return tn
		}
	}
	return nil
}

// typeName describes a type with its methods.
func (s *sheet) typeName(tn *types.TypeName) {
	params := ""
	if n, ok := tn.Type().(*types.Named); ok && n.TypeParams().Len() > 0 {
		params = s.q.typeParams(n.TypeParams())
	}
	head := "type " + s.qualified(tn) + params
	switch {
	case tn.IsAlias():
		s.decl = head + " = " + s.q.typeText(types.Unalias(tn.Type()))
		return
	case types.IsInterface(tn.Type()):
		s.decl = head + " " + s.iface(tn)
		return
	}
	if st, ok := tn.Type().Underlying().(*types.Struct); ok {
		s.decl = head + " " + s.structure(st)
	} else {
		s.decl = head + " " + s.q.typeText(tn.Type().Underlying())
	}
	var methods []string
	for sel := range types.NewMethodSet(types.NewPointer(tn.Type())).Methods() {
		if f, ok := sel.Obj().(*types.Func); ok && s.q.usable(f) {
			methods = append(methods, s.header(f))
		}
	}
	s.more = s.bounded(methods, "methods")
}

// bounded cuts a list.
func (s *sheet) bounded(list []string, what string) []string {
	limit := shortList
	if s.detail > 0 {
		limit = longList
	}
	if len(list) <= limit+1 {
		return list
	}
	return append(slices.Clip(list[:limit]), fmt.Sprintf("// %d more %s", len(list)-limit, what))
}

// structure is a struct type with a field a line.
func (s *sheet) structure(st *types.Struct) string {
	var lines []string
	hidden := false
	for f := range st.Fields() {
		switch {
		case !s.q.usable(f):
			hidden = true
		case f.Embedded():
			lines = append(lines, s.q.typeText(f.Type()))
		default:
			lines = append(lines, f.Name()+" "+s.q.typeText(f.Type()))
		}
	}
	lines = s.bounded(lines, "fields")
	if hidden {
		lines = append(lines, "// and fields that are not exported")
	}
	return "struct " + block(lines)
}

// iface is an interface type with a method a line.
func (s *sheet) iface(tn *types.TypeName) string {
	it, ok := tn.Type().Underlying().(*types.Interface)
	if !ok {
		return s.q.typeText(tn.Type().Underlying())
	}
	var lines []string
	for t := range it.EmbeddedTypes() {
		lines = append(lines, s.q.typeText(t))
	}
	for m := range it.ExplicitMethods() {
		lines = append(lines, m.Name()+s.q.signature(m.Signature()))
	}
	return "interface " + block(s.bounded(lines, "methods"))
}

func block(lines []string) string {
	if len(lines) == 0 {
		return "{}"
	}
	return "{\n\t" + strings.Join(lines, "\n\t") + "\n}"
}

// pkg describes a package: at detail 1 with all that it exports.
func (s *sheet) pkg(pkg *types.Package) {
	s.decl = "package " + pkg.Name()
	s.facts = append(s.facts, fmt.Sprintf("import %q", pkg.Path()))
	s.doc = s.packageDoc(pkg)
	s.link = link(pkg.Path(), "")
	if s.detail == 0 {
		s.doc = firstParagraph(s.doc)
		return
	}
	scope := pkg.Scope()
	var types1, funcs, others []string
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.TypeName:
			if obj.Exported() {
				types1 = append(types1, "type "+name+" "+s.q.typeKind(obj))
			}
		case *types.Func:
			if obj.Exported() {
				funcs = append(funcs, "func "+name+s.q.signature(obj.Signature()))
			}
		case *types.Const:
			if obj.Exported() {
				others = append(others, "const "+name+" = "+shorten(obj.Val().String()))
			}
		case *types.Var:
			if obj.Exported() {
				others = append(others, "var "+name+" "+s.q.typeText(obj.Type()))
			}
		}
	}
	s.more = s.bounded(slices.Concat(types1, funcs, others), "names")
}
