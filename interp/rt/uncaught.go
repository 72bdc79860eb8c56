package rt

import (
	"errors"
	"runtime"
	"strings"
)

// errUnknownPanic stands for a value that can't be had.
var errUnknownPanic = errors.New("panic in a goroutine of compiled code")

// readsPanics tells whether panicking finds what it looks for.
var readsPanics = func() (ok bool) {
	defer func() {
		v := recover()
		ok = v != nil && panicking() == v
	}()
	panic(&errUnknownPanic)
}()

const interpreted = "github.com/traefik/yaegi/interp."

// catchers are the compiled functions that recover what the functions of cells panic with, by the beginnings of their names.
// All others that run functions of cells in goroutines of their own let a panic end the process.
var catchers = []string{
	"github.com/rivulet-go/rivulet/frame", "github.com/rivulet-go/rivulet/distrib", "github.com/rivulet-go/rivulet/interp.(*session).reply",
	interpreted + "(*Interpreter).Execute",
	"net/http.(*conn).serve", "net/http.(*http2serverConn).runHandler", "net/http/internal/http2.(*serverConn).runHandler", "net/http.(*timeoutHandler)",
	"iter.Pull", "fmt.(*pp).handleMethods", "text/template.safeCall",
	"testing.tRunner", // ends the process where its goroutine ends otherwise
}

// Own marks the calling goroutine as one in which a panic is taken care of, until what it gives is called.
func (r *Registry) Own() (disown func()) {
	g := goroutine()
	r.owned.Store(g, nil)
	return func() {
		r.owned.Delete(g)
		r.unwinding.Delete(g)
	}
}

// Uncaught is called while a panic leaves an interpreted function, by what that function has deferred. It reports whether
// nothing further out takes care of the panic, so that it would end the process, and the value.
func (r *Registry) Uncaught() (v any, uncaught bool) {
	if _, ok := r.owned.Load(goroutine()); ok {
		return nil, false
	}
	pcs := make([]uintptr, 256)
	n := runtime.Callers(2, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 4*n)
		n = runtime.Callers(2, pcs)
	}
	left := 0 // interpreted functions that the panic has not reached
	frames := runtime.CallersFrames(pcs[:n])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch f.Function {
		case interpreted + "runCfg":
			left++
		case interpreted + "runCfg.func1":
			left--
		default:
			for _, c := range catchers {
				if strings.HasPrefix(f.Function, c) {
					return nil, false
				}
			}
		}
	}
	if left > 0 {
		return nil, false
	}
	if !readsPanics {
		return errUnknownPanic, true
	}
	return panicking(), true
}
