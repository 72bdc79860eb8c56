package interp

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"path"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/packages"
	"github.com/rivulet-go/rivulet/kernel"
)

// Paths of the packages that exist only for cells.
const (
	runtimePath  = "rivulet/cell"    // what lowered code calls
	predeclPath  = "rivulet/predecl" // names that need no import
	modulePrefix = "github.com/rivulet-go/rivulet/"
)

// predeclared are the functions of package frame that cells use without its name.
var predeclared = []string{"Read", "Col", "Lit", "When", "Sum", "Mean", "Min", "Max", "Count", "Desc"}

// implicit are the packages that cells use without an import.
var implicit = []string{modulePrefix + "frame", modulePrefix + "display"}

// language is yaegi with what it needs to run cells.
type language struct {
	s     *session
	i     *interp.Interpreter
	outer *interp.Program // calls body of the current run
	scope scope

	mu       sync.Mutex        // held while compiling, and while reading scopes
	imports  map[string]string // names to paths of the packages that cells have imported
	counts   map[uint64]int    // run number → execution count
	sources  map[uint64]string
	declared map[string]string // text of functions and types
}

// step is a compiled item.
type step struct {
	program *interp.Program
	item    cell.Item
}

func newLanguage(s *session) (*language, error) {
	l := &language{
		s: s, imports: map[string]string{}, counts: map[uint64]int{}, sources: map[uint64]string{}, declared: map[string]string{},
	}
	l.i = interp.New(interp.Options{
		Stdin: s.std.in, Stdout: s.std.writer("stdout"), Stderr: traceWriter{s},
		Args: []string{"rivulet"}, Unrestricted: true,
	})
	sets := []interp.Exports{
		packages.Symbols(), s.std.symbols(), l.runtime(),
	}
	sets = append(sets, s.hooks.Symbols...)
	sets = append(sets, predeclarations(sets))
	for _, x := range sets {
		if err := l.i.Use(x); err != nil {
			return nil, fmt.Errorf("session: symbols: %w", err)
		}
	}
	prelude := []string{`import ` + cell.Runtime + ` "` + runtimePath + `"`, `import . "` + predeclPath + `"`}
	for _, p := range implicit {
		prelude = append(prelude, `import "`+p+`"`)
		l.imports[path.Base(p)] = p
	}
	if _, err := l.compile(0, strings.Join(prelude, "\n"), true); err != nil {
		return nil, fmt.Errorf("session: prelude: %w", err)
	}
	var err error
	if l.outer, err = l.compile(0, cell.Runtime+".Run()", false); err != nil {
		return nil, fmt.Errorf("session: prelude: %w", err)
	}
	if l.scope, err = newScope(l.i); err != nil {
		return nil, err
	}
	return l, nil
}

// predeclarations collects the predeclared functions from the symbols of package frame.
func predeclarations(sets []interp.Exports) interp.Exports {
	names := map[string]reflect.Value{}
	for _, set := range sets {
		for _, n := range predeclared {
			if v, ok := set[modulePrefix+"frame/frame"][n]; ok {
				names[n] = v
			}
		}
	}
	return interp.Exports{predeclPath + "/predecl": names}
}

// runtime is the package that lowered code calls.
func (l *language) runtime() interp.Exports {
	v := reflect.ValueOf
	show := v(func(values ...any) { l.s.owner().show(values, false) })
	call := v(func(values ...any) { l.s.owner().show(values, true) })
	wrappers := []reflect.Type{reflect.TypeFor[error](), reflect.TypeFor[fmt.Stringer]()}
	return interp.Exports{
		runtimePath + "/cell": {
			"Run": v(func() {
				r := l.s.current.Load()
				l.s.adopt(r)
				r.body()
			}),
			"Begin": v(func() { l.s.current.Load().begin() }),
			"Show":  show, "Call": call,
			"Defer": v(func(f func()) { l.s.owner().later(f) }),
			"Guard": v(func(p any, number, off int) { l.s.owner().guard(p, uint64(number), off) }),
		},
		".":         {"MapTypes": v(map[reflect.Value][]reflect.Type{show: wrappers, call: wrappers})},
		"time/time": {"Sleep": v(l.sleep)},
	}
}

// sleep is time.Sleep that an interrupt ends.
func (l *language) sleep(d time.Duration) {
	r := l.s.owner()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.halt.Done():
		if !r.over() {
			<-r.stopped
			return
		}
		<-t.C // a goroutine that outlived its cell
	}
}

// execute compiles a cell as a whole, runs it and shows its result.
func (l *language) execute(r *run) (failure *kernel.CellError) {
	defer r.cancel()
	err := l.prepare(r)
	if err != nil {
		close(r.finished)
		if e := r.failed(); e != nil {
			return e
		}
		return err
	}
	r.start()
	return r.failed()
}

// prepare lowers and compiles a cell. Where that fails, names are as they were before.
func (l *language) prepare(r *run) (failure *kernel.CellError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[r.number], l.sources[r.number] = r.info.Count, r.code
	lowered, err := cell.Lower(r.code, int(r.number), cell.Env{Integer: l.integer})
	if err != nil {
		return l.compileError(r, err)
	}
	saved := l.scope.save()
	added := map[string]string{}
	defer func() {
		if failure != nil {
			l.scope.restore(saved)
			for name := range added {
				delete(l.imports, name)
			}
		}
	}()
	for _, spec := range lowered.Imports {
		if err := l.importSpec(r, spec, added); err != nil {
			return l.compileError(r, err)
		}
	}
	for _, it := range lowered.Items {
		st, err := l.compileItem(r, it)
		if err != nil {
			return l.compileError(r, err)
		}
		if st.program != nil && !it.Skip {
			r.steps = append(r.steps, st)
		}
	}
	l.remember(r.code)
	return nil
}

// importSpec makes a package known to all later cells. Importing it again is nothing; another package under the same
// name replaces the first.
func (l *language) importSpec(r *run, spec cell.Spec, added map[string]string) error {
	name := spec.Name
	if name == "" {
		name = path.Base(spec.Path)
		if v := strings.TrimPrefix(name, "v"); v != name && strings.Trim(v, "0123456789") == "" && v != "" {
			name = path.Base(path.Dir(spec.Path))
		}
	}
	switch {
	case spec.Path == "C":
		return positioned(spec.Pos, "cgo is not available in cells")
	case name == "_":
		return nil
	case l.imports[name] == spec.Path && name != ".":
		return nil
	}
	l.scope.remove(name + "/_.go")
	text := "import " + `"` + spec.Path + `"`
	if spec.Name != "" {
		text = "import " + spec.Name + ` "` + spec.Path + `"`
	}
	if _, err := l.compile(int(r.number), text, true); err != nil {
		msg := trimPosition(err.Error())
		if strings.Contains(msg, "unable to find source") {
			msg = fmt.Sprintf("package %q is not available in cells: the standard library, frame and display are", spec.Path)
		}
		return positioned(spec.Pos, msg)
	}
	if name != "." {
		l.imports[name] = spec.Path
		added[name] = spec.Path
	}
	return nil
}

// compileItem compiles one item, in the plain form where the rewritten one is not accepted.
func (l *language) compileItem(r *run, it cell.Item) (step, error) {
	if it.Decl || it.Fresh {
		for _, n := range it.Names {
			l.scope.forget(n)
		}
	}
	before := l.scope.save()
	p, err := l.compile(int(r.number), it.Text, it.Decl)
	if err != nil && it.Plain != "" {
		l.scope.restore(before)
		p, err = l.compile(int(r.number), it.Plain, it.Decl)
	}
	if err != nil && it.Error != "" {
		l.scope.restore(before)
		if _, better := l.compile(int(r.number), it.Error, false); better != nil {
			err = better
		}
	}
	if err != nil {
		return step{}, itemError{err, it}
	}
	return step{p, it}, nil
}

// compile compiles a file or the statements of a body. yaegi panics on some code that it can't handle.
func (l *language) compile(number int, text string, file bool) (p *interp.Program, err error) {
	restore := quietLog()
	defer restore()
	defer func() {
		if v := recover(); v != nil {
			err = unsupported{fmt.Sprint(v)}
		}
	}()
	var node ast.Node
	name := cell.FileName(number)
	if file {
		node, err = parser.ParseFile(l.i.FileSet(), name, "package main\n"+text, 0)
	} else {
		var f *ast.File
		if number != 0 {
			text = cell.Runtime + ".Begin()\n" + text
		}
		f, err = parser.ParseFile(l.i.FileSet(), name, "package main\nfunc _() {\n"+text+"\n}", 0)
		if err == nil {
			node = f.Decls[0].(*ast.FuncDecl).Body
		}
	}
	if err != nil {
		return nil, err
	}
	return l.i.CompileAST(node)
}

// integer names the type of a global variable where that is an integer type.
func (l *language) integer(name string) string {
	v, ok := l.global(name)
	if !ok {
		return ""
	}
	if c, ok := reflect.TypeAssert[constant.Value](v); ok {
		if c.Kind() == constant.Int {
			return "int"
		}
		return ""
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Kind().String()
	}
	return ""
}
