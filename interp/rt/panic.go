package rt

import "runtime"

// runtimeError is a run-time error with the text that Go has for it.
type runtimeError string

func (e runtimeError) Error() string { return "runtime error: " + string(e) }

// RuntimeError marks the errors of the runtime.
func (e runtimeError) RuntimeError() {}

// assertionError is the run-time error of a failed type assertion.
type assertionError string

func (e assertionError) Error() string { return string(e) }

// RuntimeError marks the errors of the runtime.
func (e assertionError) RuntimeError() {}

var (
	_ runtime.Error = runtimeError("")
	_ runtime.Error = assertionError("")
)

func nilDereference() error { return runtimeError("invalid memory address or nil pointer dereference") }

// Panic is the builtin.
func (r *Registry) Panic(v any) {
	if v == nil {
		panic(new(runtime.PanicNilError))
	}
	panic(r.Out(v))
}

// NilDeref panics as the use of a nil pointer does.
func (r *Registry) NilDeref() { panic(nilDereference()) }

// Exhausted panics as a range function does that goes on after its loop has ended.
func (r *Registry) Exhausted() {
	panic(runtimeError("range function continued iteration after function for loop body returned false"))
}
