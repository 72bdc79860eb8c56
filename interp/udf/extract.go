package udf

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// Extract takes functions of one call, given as expressions of a checked cell, with all that they reach. An error is an
// *Error with the position of what can't be part of a plan.
func Extract(cell *Cell, find Declarations, functions ...ast.Expr) (s *Static, err error) {
	x := &extractor{
		cell: cell, find: find, declared: map[types.Object]*unitDecl{}, captured: map[types.Object]*capture{},
		imports: map[string]*importUse{}, identifiers: map[string]bool{},
	}
	defer func() {
		if r := recover(); r != nil {
			refused, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			s, err = nil, refused
		}
	}()
	for _, f := range functions {
		x.root(f)
	}
	x.name()
	s = &Static{imports: x.importList(), captures: x.captures, used: x.used, typeName: x.typeName, ours: x.ours}
	for i, f := range functions {
		e, err := x.entry(i, f)
		if err != nil {
			return nil, err
		}
		s.entries = append(s.entries, e)
	}
	s.source = x.render(s.entries)
	return s, nil
}

// extractor gathers the declarations that functions reach, then names them, then writes them.
type extractor struct {
	cell *Cell
	find Declarations

	roots       []*unitDecl // the functions themselves
	order       []*unitDecl // declarations, in the order in which they were reached
	declared    map[types.Object]*unitDecl
	captured    map[types.Object]*capture
	captures    []*capture
	imports     map[string]*importUse // by path
	identifiers map[string]bool       // all names in the reached code: no new name may be one of them

	names   map[types.Object]string
	aliases map[string]string // of imports, by path
	used    map[string]bool   // all names of the file

	at token.Pos // in cell: where errors in other cells are reported
}

// importUse is a package and the names under which the code has it; a dot where it names what is in it without.
type importUse struct {
	pkg   *types.Package
	names map[string]bool
}

func (x *extractor) use(pkg *types.Package, name string) {
	if x.imports[pkg.Path()] == nil {
		x.imports[pkg.Path()] = &importUse{pkg, map[string]bool{}}
	}
	if name != "" {
		x.imports[pkg.Path()].names[name] = true
	}
}

// unitDecl is a declaration of the file to be.
type unitDecl struct {
	object types.Object // nil for a root
	decl   *Declaration
	node   ast.Node // what is written: a FuncDecl, a spec, or the expression of a variable
}

// capture is a variable whose value is copied.
type capture struct {
	object types.Object
	name   string
	typ    types.Type
	text   string // the type, as the file writes it
}

func (x *extractor) refuse(pos token.Pos, format string, args ...any) {
	if pos == token.NoPos || x.at != token.NoPos {
		pos = x.at
	}
	panic(&Error{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// root takes in one of the functions.
func (x *extractor) root(f ast.Expr) {
	t := x.cell.Info.TypeOf(f)
	if t == nil {
		x.refuse(f.Pos(), "the function has no type")
	}
	if _, ok := t.Underlying().(*types.Signature); !ok {
		x.refuse(f.Pos(), "want a function, not a %s", t)
	}
	if call, ok := ast.Unparen(f).(*ast.CallExpr); ok && !x.cell.Info.Types[call.Fun].IsType() {
		x.refuse(f.Pos(), "a function that a call gives has no source to send along: write func(…) { … } here, and call %s in it",
			x.cell.Text(call.Fun.Pos(), call.Fun.End()))
	}
	x.types(t.Underlying())
	d := &unitDecl{decl: &Declaration{Node: f, Cell: x.cell}, node: f}
	x.roots = append(x.roots, d)
	x.visit(d)
}

// visit follows what a declaration mentions.
func (x *extractor) visit(d *unitDecl) {
	cell := d.decl.Cell
	before := x.at
	if cell != x.cell && x.at == token.NoPos {
		x.at = x.roots[len(x.roots)-1].node.Pos()
	}
	defer func() { x.at = before }()
	eachIdent(d.node, func(id *ast.Ident, selected bool) {
		x.identifiers[id.Name] = true
		if obj := cell.Info.Uses[id]; obj != nil {
			x.mention(d, id, selected, obj)
		}
	})
	x.checkWrites(d)
}

// eachIdent calls f for the identifiers of a tree; selected says that it stands behind a point.
func eachIdent(n ast.Node, f func(id *ast.Ident, selected bool)) {
	behind := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			behind[n.Sel] = true
		case *ast.Ident:
			f(n, behind[n])
		}
		return true
	})
}

// mention is the use of an object by an identifier of d.
func (x *extractor) mention(d *unitDecl, id *ast.Ident, selected bool, obj types.Object) {
	obj = origin(obj)
	switch o := obj.(type) {
	case *types.PkgName:
		x.use(o.Imported(), o.Name())
		return
	case *types.Builtin, *types.Nil, *types.Label:
		return
	case *types.Var:
		if o.IsField() {
			return
		}
	}
	if obj.Pkg() == nil { // the universe
		return
	}
	if inside(d, obj) {
		return
	}
	if decl, ok := x.find(obj); ok {
		x.reach(id, decl)
		return
	}
	switch {
	case isBare(obj, selected):
		x.use(obj.Pkg(), ".")
		return
	case obj.Parent() == nil || obj.Parent() == obj.Pkg().Scope():
		return // a method, or what a selector names in another package
	}
	x.reachLocal(d, id, obj)
}

// origin is the generic object of which obj is an instance.
func origin(obj types.Object) types.Object {
	switch o := obj.(type) {
	case *types.Func:
		return o.Origin()
	case *types.Var:
		return o.Origin()
	}
	return obj
}

// inside says whether an object is declared within d, but is not what d declares.
func inside(d *unitDecl, obj types.Object) bool {
	if d.decl.Object == obj || obj.Parent() != nil && obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
		return false
	}
	return obj.Pos() >= d.node.Pos() && obj.Pos() < d.node.End()
}

// isBare says whether obj is of another package, and named without it: by a dot import, or because cells need no name for it.
func isBare(obj types.Object, selected bool) bool {
	return !selected && obj.Parent() != nil && obj.Parent() == obj.Pkg().Scope()
}

// reach takes in a declaration that cells share.
func (x *extractor) reach(id *ast.Ident, decl *Declaration) {
	switch obj := decl.Object.(type) {
	case *types.Var:
		x.reachVariable(id, decl)
	case *types.Func:
		if obj.Signature().Recv() != nil {
			return // comes with its type
		}
		x.add(decl, decl.Node)
	case *types.TypeName:
		x.reachType(decl)
	case *types.Const:
		x.types(obj.Type())
		x.add(decl, nil)
	}
}

func (x *extractor) reachType(decl *Declaration) {
	if !x.add(decl, decl.Node) {
		return
	}
	named, ok := types.Unalias(decl.Object.Type()).(*types.Named)
	if !ok || named.Obj() != decl.Object {
		return
	}
	for m := range named.Methods() {
		method, ok := x.find(m.Origin())
		if !ok {
			x.refuse(token.NoPos, "method %s.%s has no source to send along", decl.Object.Name(), m.Name())
		}
		x.add(method, method.Node)
	}
}

// add takes in a declaration, once, and what it mentions.
func (x *extractor) add(decl *Declaration, node ast.Node) bool {
	if x.declared[decl.Object] != nil {
		return false
	}
	d := &unitDecl{object: decl.Object, decl: decl, node: node}
	x.declared[decl.Object] = d
	x.identifiers[decl.Object.Name()] = true
	if node != nil {
		x.visit(d)
	}
	x.order = append(x.order, d) // behind what it mentions
	return true
}

// reachLocal takes in what a function around d declares.
func (x *extractor) reachLocal(d *unitDecl, id *ast.Ident, obj types.Object) {
	switch obj := obj.(type) {
	case *types.Var:
		decl := d.decl.Cell.local(obj)
		if decl == nil {
			decl = &Declaration{Object: obj, Cell: d.decl.Cell, Assigned: d.decl.Cell.assignedIn(obj)}
		}
		x.reachVariable(id, decl)
	case *types.Const:
		x.types(obj.Type())
		x.add(&Declaration{Object: obj, Cell: d.decl.Cell}, nil)
	case *types.TypeName:
		if _, ok := obj.Type().(*types.TypeParam); ok {
			x.refuse(id.Pos(), "%s is a type parameter of the function around: a function for a frame needs types that are known", obj.Name())
		}
		decl := d.decl.Cell.local(obj)
		if decl == nil {
			x.refuse(id.Pos(), "type %s has no source to send along", obj.Name())
		}
		x.add(decl, decl.Node)
	}
}

// reachVariable takes a variable's declaration in where that makes it anew, such as a function's; of others the value is
// captured.
func (x *extractor) reachVariable(id *ast.Ident, decl *Declaration) {
	obj := decl.Object
	if x.declared[obj] != nil || x.captured[obj] != nil {
		return
	}
	if init := decl.initialiser(); init != nil && !decl.Assigned {
		if lit, ok := ast.Unparen(init).(*ast.FuncLit); ok {
			init = lit
		} else if !constructed(decl.Cell.Info, init) {
			init = nil
		}
		if init != nil {
			x.types(obj.Type())
			x.add(decl, init)
			return
		}
	}
	if _, ok := obj.Type().Underlying().(*types.Signature); ok && obj.(*types.Var).Kind() == types.ParamVar {
		x.refuse(id.Pos(), "%s is passed in: what it holds has no source here. Make the parameter a frame.Func, then the function that is passed becomes part of the plan", obj.Name())
	}
	if why := x.uncopyable(obj.Type(), nil); why != "" {
		x.refuse(id.Pos(), "%s can't be captured: %s", obj.Name(), why)
	}
	c := &capture{object: obj, typ: obj.Type()}
	x.captured[obj] = c
	x.captures = append(x.captures, c)
	x.identifiers[obj.Name()] = true
	x.types(obj.Type())
}

// types takes in the types that a type mentions.
func (x *extractor) types(t types.Type) {
	eachNamed(t, func(obj *types.TypeName) {
		if obj.Pkg() == nil {
			return
		}
		if decl, ok := x.find(obj); ok {
			x.reachType(decl)
			return
		}
		if obj.Parent() != nil && obj.Parent() != obj.Pkg().Scope() {
			if decl := x.cell.local(obj); decl != nil {
				x.add(decl, decl.Node)
				return
			}
		}
		x.use(obj.Pkg(), "")
	})
}

// constructors make the same value wherever they run, and of nothing but constants.
var constructors = map[string]bool{
	"errors.New": true, "regexp.MustCompile": true, "regexp.MustCompilePOSIX": true, "strings.NewReplacer": true,
	"fmt.Errorf": true, "math/big.NewInt": true, "math/big.NewFloat": true, "math/big.NewRat": true,
	"time.Date": true, "time.Unix": true, "time.UnixMilli": true, "time.FixedZone": true,
}

// constructed says whether an initialiser can run again in place of copying its value.
func constructed(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := callee(info, call)
	if fn == nil || fn.Pkg() == nil || !constructors[fn.Pkg().Path()+"."+fn.Name()] {
		return false
	}
	for _, arg := range call.Args {
		if info.Types[arg].Value == nil && !standardVariable(info, arg) && !constructed(info, arg) {
			return false
		}
	}
	return true
}

// standardVariable says whether e is time.UTC or time.Local.
func standardVariable(info *types.Info, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := info.Uses[sel.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "time" && !v.IsField()
}

// callee is the function that a call names; nil where it names none.
func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	var id *ast.Ident
	switch f := fun.(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	f, _ := info.Uses[id].(*types.Func)
	return f
}
