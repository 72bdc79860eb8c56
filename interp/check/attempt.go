package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

const (
	goVersion = "go1.26"
	hookPath  = "rivulet/hook"
)

func sizes() types.Sizes { return types.SizesFor("gc", runtime.GOARCH) }

// attempt is one run of go/types over a cell and what it replays.
type attempt struct {
	t       *task
	info    *types.Info
	pkg     *types.Package
	scope   *types.Scope
	main    *ast.File
	replays []*decl
	lone    []*loneMethod
	files   []unit
	errs    []typeError
	touched []saved
	early   map[string]types.Object // stand-ins by name
	clash   []Diagnostic
	ends    map[token.Pos]token.Pos // of renamed identifiers: where they end in the text
	failure error                   // go/types panicked
}

// unit is a file, and what names mean in it whatever they mean in the cell: paths of packages, or predeclared.
type unit struct {
	file *ast.File
	env  map[string]string
}

// predeclared says that a name means what the language predeclares.
const predeclared = "universe"

// loneMethod is a method on a type of an earlier cell.
type loneMethod struct {
	decl  *ast.FuncDecl
	named *types.Named
	obj   *types.Func
	old   *types.Func // which it replaces, nil for an additional method
}

// typeError is an error of go/types with its extent.
type typeError struct {
	pos, start, end token.Pos
	msg             string
	code            int
	soft            bool
	more            []typeError // other declarations and the like
}

// saved is a copy of a type that a check may change.
type saved struct{ at, copy reflect.Value }

// save copies a named type. Method lists can't be shortened otherwise.
func save(n *types.Named) saved {
	at := reflect.ValueOf(n).Elem()
	c := reflect.New(at.Type()).Elem()
	c.Set(at)
	return saved{at, c}
}

func restore(list []saved) {
	for _, s := range slices.Backward(list) {
		s.at.Set(s.copy)
	}
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
}

// run type-checks the cell as far as earlier attempts have taught.
func (t *task) run() *attempt {
	a := &attempt{t: t, info: newInfo(), pkg: t.s.pkg, early: map[string]types.Object{}, ends: map[token.Pos]token.Pos{}}
	// Objects of earlier cells have this scope as their parent: go/types wants it to be that of the package.
	a.scope = a.pkg.Scope()
	*a.scope = *types.NewScope(types.Universe, token.NoPos, token.NoPos, "cell")
	a.replays = t.replaySet()
	for id := range t.early {
		a.rename(id, id.Name+earlyMark)
	}
	names := make(map[*ast.Ident]string, len(t.renamed))
	for id, name := range t.renamed {
		names[id] = id.Name
		a.rename(id, name)
	}
	a.build()
	conf := types.Config{Importer: hook{a}, Error: a.add, Sizes: t.s.sizes, GoVersion: goVersion, DisableUnusedImportCheck: true}
	files := make([]*ast.File, len(a.files), len(a.files)+1)
	for i, u := range a.files {
		files[i] = u.file
	}
	spec := &ast.ImportSpec{Name: ast.NewIdent("_"), Path: &ast.BasicLit{Kind: token.STRING, Value: `"` + hookPath + `"`}}
	files = append(files, &ast.File{Name: ast.NewIdent("main"), Decls: []ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}}}})
	func() {
		defer func() {
			if v := recover(); v != nil {
				a.failure = fmt.Errorf("check: the type checker gave up: %v", v)
			}
		}()
		// The errors have gone to a.add.
		_ = types.NewChecker(&conf, t.s.fset, a.pkg, a.info).Files(files)
	}()
	for id := range t.early {
		id.Name = id.Name[:len(id.Name)-len(earlyMark)]
		if obj := a.early[id.Name]; obj != nil {
			a.info.Uses[id] = obj
		}
	}
	for id, name := range names {
		id.Name = name
	}
	if len(names) > 0 {
		a.nameVariables()
	}
	return a
}

// rename gives an identifier the name that it has during the run. Its end is then not that of the text.
func (a *attempt) rename(id *ast.Ident, name string) {
	end := id.End()
	id.Name = name
	a.ends[id.End()] = end
}

// nameVariables gives variables that were renamed for the check objects with their true names.
func (a *attempt) nameVariables() {
	others := types.NewScope(types.Universe, token.NoPos, token.NoPos, "variables defined again")
	twins := map[types.Object]types.Object{}
	for _, name := range a.scope.Names() {
		base, _, ok := strings.Cut(name, againMark)
		v, isVar := a.scope.Lookup(name).(*types.Var)
		if !ok || !isVar {
			continue
		}
		twin := types.NewVar(v.Pos(), v.Pkg(), base, v.Type())
		twins[v] = twin
		if a.scope.Insert(twin) != nil {
			others.Insert(twin)
		}
	}
	for id, obj := range a.info.Defs {
		if twin := twins[obj]; twin != nil {
			a.info.Defs[id] = twin
		}
	}
	for id, obj := range a.info.Uses {
		if twin := twins[obj]; twin != nil {
			a.info.Uses[id] = twin
		}
	}
}

// add takes an error of go/types.
func (a *attempt) add(err error) {
	e, ok := errors.AsType[types.Error](err)
	if !ok {
		a.failure = err
		return
	}
	v := reflect.ValueOf(e)
	te := typeError{
		pos: e.Pos, msg: e.Msg, soft: e.Soft, code: int(v.FieldByName("go116code").Int()),
		start: token.Pos(v.FieldByName("go116start").Int()), end: token.Pos(v.FieldByName("go116end").Int()),
	}
	if end, ok := a.ends[te.end]; ok {
		te.end = end
	}
	if len(te.msg) > 0 && te.msg[0] == '\t' && len(a.errs) > 0 {
		te.msg = te.msg[1:]
		last := &a.errs[len(a.errs)-1]
		last.more = append(last.more, te)
		return
	}
	a.errs = append(a.errs, te)
}

// build makes the files of the package.
func (a *attempt) build() {
	a.main = &ast.File{Name: ast.NewIdent("main")}
	a.files = []unit{{file: a.main}}
	made := map[string]bool{} // types that this attempt makes
	for name := range a.t.types {
		made[name] = true
	}
	for _, d := range a.replays {
		if d.typ != nil {
			made[d.typ.Name.Name] = true
		}
	}
	// Methods on earlier types come first, so that their signatures are known before anything uses them.
	var rest []ast.Decl
	for _, fn := range a.t.funcs {
		if a.isLone(fn, made) {
			a.main.Decls = append(a.main.Decls, fn)
			continue
		}
		rest = append(rest, fn)
	}
	for _, g := range a.t.gens {
		rest = append(rest, g)
	}
	body := &ast.BlockStmt{}
	for _, it := range a.t.items {
		if it.spec != nil {
			rest = append(rest, &ast.GenDecl{TokPos: it.pos, Tok: token.VAR, Specs: []ast.Spec{it.spec}})
			continue
		}
		body.List = append(body.List, it.stmt)
	}
	if n := len(body.List); n > 0 {
		body.Lbrace, body.Rbrace = body.List[0].Pos(), body.List[n-1].End()
	}
	rest = append(rest, &ast.FuncDecl{
		Name: &ast.Ident{NamePos: body.Lbrace, Name: "_"}, Body: body,
		Type: &ast.FuncType{Func: body.Lbrace, Params: &ast.FieldList{}},
	})
	a.buildReplays(made)
	a.main.Decls = append(a.main.Decls, rest...)
}

// buildReplays puts replayed declarations into files: several, where names mean different things to them.
func (a *attempt) buildReplays(made map[string]bool) {
	for _, d := range a.replays {
		u := a.unitFor(a.t.s.environment(d))
		switch {
		case d.fn != nil && a.isLone(d.fn, made):
			u.file.Decls = append([]ast.Decl{d.fn}, u.file.Decls...)
		case d.fn != nil:
			u.file.Decls = append(u.file.Decls, d.fn)
		case d.typ != nil:
			u.file.Decls = append(u.file.Decls, &ast.GenDecl{TokPos: d.typ.Pos(), Tok: token.TYPE, Specs: []ast.Spec{d.typ}})
		default:
			u.file.Decls = append(u.file.Decls, without(d.con, a.t.declares))
		}
	}
}

// environment is what the names that a declaration uses mean, where the next cell could see something else.
func (s *Session) environment(d *decl) map[string]string {
	env := maps.Clone(d.env)
	for name := range d.uses {
		if types.Universe.Lookup(name) != nil {
			env[name] = "session"
		}
	}
	return env
}

// unitFor finds or makes a file of replays in which names mean this.
func (a *attempt) unitFor(env map[string]string) *unit {
	for i := range a.files[1:] {
		u := &a.files[i+1]
		fits := true
		for n, p := range env {
			if q, ok := u.env[n]; ok && q != p {
				fits = false
			}
		}
		if fits {
			maps.Copy(u.env, env)
			return u
		}
	}
	u := unit{&ast.File{Name: ast.NewIdent("main")}, map[string]string{}}
	maps.Copy(u.env, env)
	a.files = append(a.files, u)
	return &a.files[len(a.files)-1]
}
