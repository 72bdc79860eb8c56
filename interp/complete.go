package interp

import (
	"fmt"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/interp/complete"
	"github.com/rivulet-go/rivulet/interp/module"
	"github.com/rivulet-go/rivulet/interp/packages"
	"github.com/rivulet-go/rivulet/kernel"
)

// maxValue bounds the text of a value that inspect shows.
const maxValue = 2000

// lockTries are a millisecond apart.
const lockTries = 500

// answers is what completes and describes names.
type answers struct {
	completer *complete.Completer
	busy      bool // a cell runs
	// frames are those that variables held when the running cell began.
	frames map[*types.Var]*frame.Frame
	// places are those of the variables, while a question is answered.
	places map[string]reflect.Value
}

func (a *answers) begin(frames map[*types.Var]*frame.Frame) { a.busy, a.frames = true, frames }

func (a *answers) end() { a.busy, a.frames = false, nil }

func (l *language) newCompleter() {
	l.answers.completer = complete.New(complete.Options{
		Checker: l.check, Library: library{&l.modules}, Values: values{l},
		Label:  func(n int) string { return fmt.Sprintf("In[%d]", l.counts[uint64(n)]) },
		Source: func(n int) string { return l.sources[uint64(n)] },
	})
}

// lockSoon takes mu, unless a cell that is being prepared holds it for long: one that downloads a module.
func (l *language) lockSoon() bool {
	for range lockTries {
		if l.mu.TryLock() {
			l.answers.places = nil
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// complete finds what can stand at the cursor.
func (l *language) complete(code string, cursor int) *kernel.Completion {
	if c := l.s.completeMagic(code, cursor); c != nil {
		return c
	}
	if !l.lockSoon() {
		return &kernel.Completion{Start: cursor, End: cursor}
	}
	defer l.mu.Unlock()
	code = goOf(code)
	found := l.answers.completer.Complete(code, cursor)
	c := &kernel.Completion{Start: found.Start, End: found.End}
	for _, i := range found.Items {
		c.Matches = append(c.Matches, i.Text)
		c.Types = append(c.Types, string(i.Kind))
		c.Signatures = append(c.Signatures, i.Detail)
	}
	return c
}

// inspect describes the name at the cursor, or the call around it; nil where nothing is known.
func (l *language) inspect(code string, cursor, detail int) *kernel.Bundle {
	if !l.lockSoon() {
		return nil
	}
	defer l.mu.Unlock()
	code = goOf(code)
	d, ok := l.answers.completer.Inspect(code, cursor, detail)
	if !ok {
		return nil
	}
	return &kernel.Bundle{Data: map[string]any{"text/plain": d.Plain, "text/markdown": d.Markdown}}
}

// library is what is compiled in, and the packages of modules that have been loaded.
type library struct{ modules *modules }

var _ complete.Library = library{}

func (x library) Paths() []string {
	paths := packages.Paths()
	for _, p := range slices.Sorted(maps.Keys(x.modules.found)) {
		if _, internal := module.Internal(p); !internal {
			paths = append(paths, p)
		}
	}
	return paths
}

func (x library) Name(path string) string {
	if p, ok := x.modules.found[path]; ok {
		return p.Name
	}
	return packages.Name(path)
}

func (library) Doc(path, symbol string) string { return packages.Doc(path, symbol) }

// values are those of the session's variables, looked at while nothing of the user's runs: to read a map that a goroutine
// writes to ends the process.
type values struct{ l *language }

var _ complete.Values = values{}

func (x values) Value(v *types.Var) (reflect.Value, bool) {
	if x.Changing() != "" {
		return reflect.Value{}, false
	}
	return x.l.global(v)
}

func (x values) Changing() string {
	switch {
	case x.l.answers.busy:
		return "a cell runs"
	case x.l.registry.Goroutines() > 0:
		return "a goroutine of an earlier cell runs"
	}
	return ""
}

// Frame needs no such care: a frame never changes, and one word refers to it.
func (x values) Frame(v *types.Var) *frame.Frame {
	if x.l.answers.busy {
		return x.l.answers.frames[v]
	}
	return x.l.frameIn(v)
}

func (x values) Text(v reflect.Value, t types.Type) string {
	text := x.l.registry.Summary(v, t, maxValue)
	if v.Kind() != reflect.Interface || v.IsNil() || t == types.Universe.Lookup("error").Type() {
		return text
	}
	return x.l.registry.TypeString(v.Interface()) + ": " + text
}

// locate finds the places of the variables in the interpreter, by their names there.
func (l *language) locate() (places map[string]reflect.Value) {
	defer func() {
		if recover() != nil { // one is compiled, but has no place yet
			places = nil
		}
	}()
	return l.i.Globals()
}

func (l *language) global(v *types.Var) (place reflect.Value, ok bool) {
	name := l.lower.Global(v)
	if name == "" {
		return place, false
	}
	if l.answers.places == nil {
		l.answers.places = l.locate()
	}
	place, ok = l.answers.places[name]
	return place, ok && place.IsValid()
}

func (l *language) frameIn(v *types.Var) *frame.Frame {
	place, ok := l.global(v)
	if !ok || !place.CanInterface() {
		return nil
	}
	f, _ := reflect.TypeAssert[*frame.Frame](place)
	return f
}

// heldFrames are the frames of all variables.
func (l *language) heldFrames() map[*types.Var]*frame.Frame {
	held := map[*types.Var]*frame.Frame{}
	l.answers.places = nil
	for _, name := range l.check.Names() {
		d := l.check.Declaration(name)
		if d == nil {
			continue // a package, which need not be loaded for this
		}
		v, ok := d.Obj.(*types.Var)
		if !ok || v.Type().String() != "*"+modulePrefix+"frame.Frame" {
			continue
		}
		if f := l.frameIn(v); f != nil {
			held[v] = f
		}
	}
	return held
}
