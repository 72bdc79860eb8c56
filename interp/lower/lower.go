package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"reflect"
	"strconv"
	"strings"
)

// Runtime is the import path of the run-time package; lowered code calls it rv.
const Runtime = "rivulet/rt"

const rv = "rv"

// StructPath is the import path of the struct types that the registry makes.
const StructPath = "rivulet/types"

// Function is the declaration of a function or method and what the checker found in it. Its object may be another than
// the one that it was asked for: a method that was redefined keeps its first, and the generic functions of a compiled
// package have those of the source that stands in for it.
type Function struct {
	Decl *ast.FuncDecl
	Info *types.Info
	// GoVersion is that of its file, such as "go1.21"; "": the newest.
	GoVersion string
	// Lacks says why it has no body, where it has none.
	Lacks string
}

// Package is a source package.
type Package struct {
	Info  *types.Info
	Files []*ast.File
	// Embeds are the files, relative to Dir, that a pattern of go:embed means.
	Dir    string
	Embeds map[string][]string
}

// World tells what is declared where.
type World interface {
	// IsSource reports whether a package is interpreted: a cell, or a package whose source is at hand.
	IsSource(p *types.Package) bool
	// Function is the declaration of a function of a source package, or of the source that stands in for a generic function of a
	// compiled one; methods of generic types by their origin.
	Function(f *types.Func) (Function, bool)
	// Twin is the type of source that stands in for a generic type of a compiled package; nil where there is none.
	Twin(o *types.TypeName) *types.TypeName
	// Package is what the checker found in a source package other than that of the cells; nil for all others.
	Package(p *types.Package) *Package
	// Native is a compiled instance of a generic function, type arguments as go/types writes them: the package and the name
	// under which yaegi knows it.
	Native(path, name string, args []string) (pkg, symbol string, ok bool)
	// Calls reports whether compiled code may call a method of that name on a value that it is given as an interface.
	Calls(method string) bool
	// Fset has the positions of all declarations.
	Fset() *token.FileSet
}

// Registry is told the types whose values enter interfaces; see package rt.
type Registry interface {
	Declare(id int, t types.Type, boxed bool, methods []string)
	DeclareInterface(id int, t types.Type)
	// DeclareLiteral says what fills the value of a composite literal that lowered code asks for by its number.
	DeclareLiteral(id int, fill func(reflect.Value))
	// DeclareStruct is told the text of a struct type. A recursive one is not part of the lowered text: the
	// registry makes it, under the path StructPath.
	DeclareStruct(name, text string, recursive bool)
	// DeclareImport is told the names of packages.
	DeclareImport(name, path string)
	// TypeText is a type as Go's run-time names it.
	TypeText(t types.Type) string
}

// Lowering is the state that the cells of a session share: the names that yaegi knows.
type Lowering struct {
	world    World
	registry Registry
	context  *types.Context

	state
	unit *unit

	deedsKnown map[*types.Func]*deeds // of source packages
}

// state is what a cell adds to; it is copied before a cell, so that a cell that fails leaves nothing.
type state struct {
	counter   int
	objects   map[types.Object]int
	globals   map[types.Object]string // variables and plain functions
	instances map[string]string       // functions and methods by key
	results   map[string]bool         // functions whose results have names
	versions  map[types.Object]int    // how often a function has been lowered anew
	labels    map[string]string       // what the user calls a function
	begun     map[*types.Package]bool // source packages that have started
	starters  int
	started   map[*starter]bool
	waiting   map[*types.Var][]*starter // what is to start when a variable is reached
	structs   map[string]string         // struct types by key
	flat      map[string]string         // what other defined types are made of, by key
	cut       map[string]bool           // types that contain themselves without a struct
	open      map[string]bool           // types being looked at
	locals    map[string]*types.Named   // local types of generic functions by instance
	imports   map[string]string         // path → name
	byName    bool                      // methods may be called by their names
	entries   map[string]*entry         // types that entered interfaces, by key
	ifaces    map[string]int            // interface types by key
	dispatch  map[string]*dispatcher    // by method and signature
	helpers   map[string]string         // helper functions by key
	set       map[*types.Var]bool       // variables of compiled packages that are assigned to
	lates     map[string]late           // what literals of cells call, by what stays the same
}

// unit is the text of one cell while it grows.
type unit struct {
	imports []string
	types   strings.Builder
	vars    strings.Builder
	funcs   strings.Builder
	late    strings.Builder // sets the variables of lates
	queue   []func()
	entries []*entry
	starts  []startText
	renewed map[types.Object]bool // methods that have been there and are lowered anew
}

// New starts a session's lowering.
func New(w World, r Registry) *Lowering {
	l := &Lowering{world: w, registry: r, context: types.NewContext(), deedsKnown: map[*types.Func]*deeds{}}
	l.state = state{
		objects: map[types.Object]int{}, globals: map[types.Object]string{}, instances: map[string]string{},
		results: map[string]bool{}, versions: map[types.Object]int{}, labels: map[string]string{}, begun: map[*types.Package]bool{},
		started: map[*starter]bool{}, waiting: map[*types.Var][]*starter{}, structs: map[string]string{}, flat: map[string]string{}, cut: map[string]bool{}, open: map[string]bool{},
		locals: map[string]*types.Named{}, imports: map[string]string{}, entries: map[string]*entry{}, ifaces: map[string]int{},
		dispatch: map[string]*dispatcher{}, helpers: map[string]string{}, set: map[*types.Var]bool{}, lates: map[string]late{},
	}
	return l
}

func (s state) clone() state {
	c := s
	c.objects, c.globals, c.instances = maps.Clone(s.objects), maps.Clone(s.globals), maps.Clone(s.instances)
	c.versions, c.labels, c.begun = maps.Clone(s.versions), maps.Clone(s.labels), maps.Clone(s.begun)
	c.started, c.waiting = maps.Clone(s.started), maps.Clone(s.waiting)
	c.results, c.structs, c.flat, c.cut, c.open = maps.Clone(s.results), maps.Clone(s.structs), maps.Clone(s.flat), maps.Clone(s.cut), map[string]bool{}
	c.locals, c.imports, c.ifaces, c.helpers = maps.Clone(s.locals), maps.Clone(s.imports), maps.Clone(s.ifaces), maps.Clone(s.helpers)
	c.set, c.lates = maps.Clone(s.set), maps.Clone(s.lates)
	c.entries, c.dispatch = maps.Clone(s.entries), make(map[string]*dispatcher, len(s.dispatch))
	for k, d := range s.dispatch {
		copied := *d
		copied.covered = maps.Clone(d.covered)
		c.dispatch[k] = &copied
	}
	return c
}

// Checkpoint remembers the state; the function that it returns brings it back. Numbers are not given again: yaegi may know
// names with them.
func (l *Lowering) Checkpoint() (restore func()) {
	saved := l.state
	l.state = saved.clone()
	return func() {
		saved.counter = l.counter
		l.state = saved
	}
}

// Label is what the user calls a function of the lowered text; "" for one of ours.
func (l *Lowering) Label(name string) string { return l.labels[name] }

// Text is a lowered cell: declarations for yaegi, and the body to run after them.
type Text struct {
	Imports []string // lines
	Decls   string
	Body    string
}

// interpreted reports whether a function is lowered from source, and not compiled.
func (l *Lowering) interpreted(o *types.Func) bool {
	if l.world.IsSource(o.Pkg()) {
		return true
	}
	if o.Signature().TypeParams() == nil && o.Signature().RecvTypeParams() == nil && o.Origin() == o {
		return false
	}
	_, ok := l.world.Function(o.Origin())
	return ok
}

// bug is a panic about code that the checker accepts and the lowering does not know.
type bug string

// UnsupportedError is the error of code that can't be lowered.
type UnsupportedError struct {
	Pos token.Pos
	Msg string
}

func (e *UnsupportedError) Error() string { return e.Msg }

func (l *Lowering) next() int { l.counter++; return l.counter }

// global reserves a global name like base. It ends in an underscore and a number, as no local name does.
func (l *Lowering) global(base string) string {
	return identifier(base) + "_" + strconv.Itoa(l.next())
}

// identifier keeps to ASCII letters and digits.
func identifier(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		case r >= 0x80:
			fmt.Fprintf(&b, "U%x", r)
		}
	}
	if b.Len() == 0 {
		return "x"
	}
	return b.String()
}

// use is the name under which lowered code knows a compiled package.
func (l *Lowering) use(p string) string {
	if name, ok := l.imports[p]; ok {
		return name
	}
	name := l.global("p_" + path.Base(p))
	l.imports[p] = name
	if p == "text/template" || p == "html/template" {
		l.bindAll()
	}
	l.unit.imports = append(l.unit.imports, fmt.Sprintf("import %s %q", name, p))
	l.registry.DeclareImport(name, p)
	return name
}

// helper is the name of a declaration that lowered code shares: one of each kind and of what it is for, which write writes.
func (l *Lowering) helper(kind, of string, write func(name string)) string {
	key := kind + " " + of
	name, ok := l.helpers[key]
	if !ok {
		name = l.global(kind)
		l.helpers[key] = name
		write(name)
	}
	return name
}

// rt is a name of the run-time package.
func rt(name string) string { return rv + "." + name }

// object is the global name of a variable or function of a source package.
func (l *Lowering) object(o types.Object) string {
	if name, ok := l.globals[o]; ok {
		return name
	}
	base := o.Name()
	if o.Pkg() != nil && o.Pkg().Path() != "main" {
		base = path.Base(o.Pkg().Path()) + "_" + base
	}
	name := l.global(base)
	l.globals[o] = name
	if v, ok := o.(*types.Var); ok && base != o.Name() {
		fmt.Fprintf(&l.unit.vars, "var %s %s\n", name, l.typ(v.Type()))
		l.reached(v)
	}
	return name
}

// Global is the name of a variable of a cell in the lowered text, "" where it has none.
func (l *Lowering) Global(v *types.Var) string { return l.globals[v] }

// drain lowers what has been reached, until nothing new is.
func (l *Lowering) drain() {
	for len(l.unit.queue) > 0 {
		next := l.unit.queue[0]
		l.unit.queue = l.unit.queue[1:]
		next()
	}
}
