package interp

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"log"
	"maps"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/lower"
	"github.com/rivulet-go/rivulet/interp/module"
	"github.com/rivulet-go/rivulet/interp/packages"
	"github.com/rivulet-go/rivulet/interp/rt"
	"github.com/rivulet-go/rivulet/kernel"
)

const modulePrefix = "github.com/rivulet-go/rivulet/"

// predeclared are the functions of package frame that cells use without its name.
var predeclared = map[string][]string{
	modulePrefix + "frame": {"Read", "Col", "Lit", "When", "Sum", "Mean", "Min", "Max", "Count", "Desc"},
}

// implicit are the packages that cells use without an import.
var implicit = []string{modulePrefix + "frame", modulePrefix + "display", modulePrefix + "display/widget"}

// language is the Go of one session: what checks, lowers and runs cells.
type language struct {
	s        *session
	i        *interp.Interpreter
	outer    *interp.Program // calls body of the current run
	registry *rt.Registry
	runID    *uint64 // of yaegi
	left     leftovers
	raising  sync.Mutex // held while functions outside of cells are stopped
	modules  modules

	mu    sync.Mutex // of all that follows
	check *check.Session
	lower *lower.Lowering
	// functions are those that cells give to frames.
	functions *functions
	counts    map[uint64]int // run number → execution count
	sources   map[uint64]string
	answers   answers
}

func newLanguage(s *session) (*language, error) {
	l := &language{s: s, registry: rt.New(), counts: map[uint64]int{}, sources: map[uint64]string{}}
	l.registry.Stdout, l.registry.Stderr = s.std.writer("stdout"), s.std.writer("stderr")
	l.registry.Wrapper, l.registry.Symbol = packages.Wrapper, packages.Symbol
	l.registry.Panicked = func(v any) { s.owner().guard(v) }
	l.registry.Join = s.join
	l.registry.Traced = func() int { return s.owner().traced() }
	l.registry.Recovered = func(mark int) { s.owner().forget(mark) }
	l.i = interp.New(interp.Options{
		Stdin: s.std.in, Stdout: s.std.writer("stdout"), Stderr: traceWriter{s},
		Args: []string{"rivulet"}, Unrestricted: true,
	})
	sets := append([]interp.Exports{packages.Symbols(), l.registry.Exports(), s.std.symbols(), l.runtime()}, s.hooks.Symbols...)
	for _, x := range sets {
		if err := l.i.Use(x); err != nil {
			return nil, fmt.Errorf("session: symbols: %w", err)
		}
	}
	var err error
	if l.runID, err = runID(l.i); err != nil {
		return nil, err
	}
	if l.left, err = newLeftovers(l.i); err != nil {
		return nil, err
	}
	l.newChecker()
	l.functions = newFunctions(l)
	expr.SetCompiler(l.functions)
	l.lower = lower.New(world{l.check, l.i, l.functions}, l.registry)
	if _, err := l.compile(0, `import rv "`+lower.Runtime+`"`, true); err != nil {
		return nil, fmt.Errorf("session: prelude: %w", err)
	}
	if l.outer, err = l.compile(0, "rv.Run()", false); err != nil {
		return nil, fmt.Errorf("session: prelude: %w", err)
	}
	return l, nil
}

// newChecker starts the session's types.
func (l *language) newChecker() {
	fset := l.i.FileSet()
	l.modules.found, l.modules.named = map[string]module.Package{}, map[string][]string{}
	importer := packages.NewImporter(fset)
	l.check = check.NewSession(check.Options{
		Importer: importer, Source: packages.Source, Overlay: packages.Overlay, ByName: l.modules.byName,
		Loader:   &l.modules,
		Implicit: implicit, Predeclared: predeclared, Settable: settable, Fset: fset,
		Label: func(n int) string { return fmt.Sprintf("In[%d]", l.counts[uint64(n)]) },
	})
	importer.Source = l.check.FromSource
	l.newCompleter()
}

// settable says which variables of compiled packages cells may set: all but the files that the session itself reads and
// writes.
func settable(v *types.Var) bool {
	return v.Pkg().Path() != "os" || !strings.HasPrefix(v.Name(), "Std")
}

// runtime is what lowered code calls of the session.
func (l *language) runtime() interp.Exports {
	v := reflect.ValueOf
	std, reg, w := l.s.std, l.registry, waits{l.s}
	e := endings{l.s, l.registry}
	own := map[string]reflect.Value{
		"Function":   v(func(id, i int, captures ...any) any { return l.functions.make(id, i, captures...) }),
		"LogFatal":   v(func(to *log.Logger, a ...any) { std.fatal(to, reg.FmtSprint(a...)) }),
		"LogFatalf":  v(func(to *log.Logger, f string, a ...any) { std.fatal(to, reg.Sprintf(f, a...)) }),
		"LogFatalln": v(func(to *log.Logger, a ...any) { std.fatal(to, reg.FmtSprintln(a...)) }),
		"Wait":       v(w.group), "Lock": v(w.lock), "LockWrite": v(w.lockWrite), "LockRead": v(w.lockRead), "WaitSignal": v(w.condition),
		"RunTest": v(runTest), "RunSynctest": v(runSynctest),
		"Run": v(func() {
			r := l.s.current.Load()
			l.s.adopt(r)
			r.body()
		}),
		"At":       v(func(line, column int) { l.s.owner().arrive(line, column) }),
		"Begin":    v(func() { l.s.current.Load().begin() }),
		"Select":   v(l.selects),
		"Show":     v(func(values ...any) { l.s.owner().show(values, false) }),
		"Embedded": v(embedded),
		"ShowCall": v(func(values ...any) { l.s.owner().show(values, true) }),
	}
	maps.Copy(own, e.methods())
	return interp.Exports{
		lower.Runtime + "/rt": own, "net/http/http": e.functions(),
		"time/time": {"Sleep": v(l.sleep)},
	}
}

// sleep is time.Sleep that an interrupt ends.
func (l *language) sleep(d time.Duration) {
	r := l.s.owner()
	r.mayGoOn()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.halting().Done():
		r.leave()
	}
}

// execute checks, lowers and compiles a cell as a whole, runs it and shows its result.
func (l *language) execute(r *run) *kernel.CellError {
	defer r.cancel()
	watch := newStopwatch()
	if err := l.prepare(r); err != nil {
		r.finish()
		if e := r.failed(); e != nil {
			return e
		}
		return err
	}
	r.start()
	if r.timed {
		r.print("stderr", []byte(watch.String()))
	}
	l.mu.Lock()
	l.answers.end()
	l.left.ran(bodyName(r))
	l.functions.ran(r.checked)
	l.mu.Unlock()
	r.checked = nil
	return r.failed()
}

// prepare makes the programs of a cell. Where that fails, all is as it was before.
func (l *language) prepare(r *run) *kernel.CellError {
	l.mu.Lock()
	l.counts[r.number], l.sources[r.number] = r.info.Count, r.code
	l.mu.Unlock()
	code, e := l.runMagics(r)
	if e != nil {
		return e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.modules.run.Store(r)
	defer l.modules.run.Store(nil)
	held := l.heldFrames() // the cell's own variables will have names, but no place yet
	c, err := l.check.Check(code, int(r.number))
	if err != nil {
		return l.compileError(err)
	}
	forget := l.functions.add(c)
	restore := l.lower.Checkpoint()
	r.steps, err = l.programs(r, c)
	if err != nil {
		restore()
		forget()
		l.check.Discard()
		return l.compileError(err)
	}
	l.check.Commit(c)
	r.checked = c
	l.answers.begin(held)
	for _, n := range c.Notes {
		r.print("stderr", []byte(n+"\n"))
	}
	return nil
}

// bodyName is the function that the statements of a cell become.
func bodyName(r *run) string { return fmt.Sprintf("cell_%d", r.number) }

// programs lowers a checked cell and compiles the result: the declarations, the function that is its body, and its call.
func (l *language) programs(r *run, c *check.Cell) ([]*interp.Program, error) {
	text, err := l.lower.Cell(lowerable(c))
	if err != nil {
		return nil, err
	}
	structs, err := l.registry.Structs()
	if err != nil {
		return nil, err
	}
	if err := l.i.Use(structs); err != nil {
		return nil, err
	}
	body := bodyName(r)
	imports := strings.Join(text.Imports, "\n") + "\n"
	function := "func " + body + "() {\n" + text.Body + "}\n"
	parts := []part{{imports + function, true}, {"rv.Begin()\n" + body + "()", false}}
	if text.Decls != "" {
		// By themselves: yaegi keeps the whole tree of what later cells can name. Imports are known by the file's name.
		parts = []part{{imports + text.Decls, true}, {function, true}, parts[1]}
	}
	var programs []*interp.Program
	for _, p := range parts {
		compiled, err := l.compile(int(r.number), p.text, p.file)
		if err != nil {
			return nil, err
		}
		programs = append(programs, compiled)
	}
	return programs, nil
}

// part is text that is compiled at once: a file, or the statements of a body.
type part struct {
	text string
	file bool
}

// compile compiles a file, or the statements of a body. yaegi panics on code that it can't handle.
func (l *language) compile(number int, text string, file bool) (p *interp.Program, err error) {
	restore := quietLog()
	defer restore()
	defer func() {
		if v := recover(); v != nil {
			err = unsupported{fmt.Sprint(v)}
		}
	}()
	var node ast.Node
	name := check.FileName(number)
	if file {
		node, err = parser.ParseFile(l.i.FileSet(), name, "package main\n"+text, parser.SkipObjectResolution)
	} else {
		var f *ast.File
		f, err = parser.ParseFile(l.i.FileSet(), name, "package main\nfunc _() {\n"+text+"\n}", parser.SkipObjectResolution)
		if err == nil {
			node = f.Decls[0].(*ast.FuncDecl).Body
		}
	}
	if err != nil {
		return nil, unsupported{err.Error()}
	}
	defer l.left.compiled()
	if p, err = l.i.CompileAST(node); err != nil {
		return nil, unsupported{err.Error()}
	}
	return p, nil
}
