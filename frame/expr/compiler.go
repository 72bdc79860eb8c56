package expr

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// ErrNoCompiler says that a function has to be called and that the process can't compile Go source: it did not call
// SetCompiler.
var ErrNoCompiler = errors.New("no compiler for functions: SetCompiler was not called")

// Compiler makes the functions of a Go file callable. It is used by several goroutines; each file is given to it once.
type Compiler interface {
	// Compile checks and compiles a file of package udf, given as text, and runs the initialisers of its variables. lookup
	// gives a function of it by its name; functions are called by several goroutines at once.
	Compile(ctx context.Context, file string) (lookup func(entry string) (any, error), err error)
}

// PanicReader is a Compiler that knows what it means when its functions panic: the value as Go has it, and the place in
// the user's source, "" where that is not known.
type PanicReader interface {
	Panicked(v any) (value any, where string)
}

var compiler atomic.Pointer[Compiler]

// SetCompiler sets what compiles functions in this process, and forgets what was compiled before; nil for nothing.
func SetCompiler(c Compiler) {
	if c == nil {
		compiler.Store(nil)
	} else {
		compiler.Store(&c)
	}
	compiled.Clear()
}

// compiled holds a *compilation for each file, by hash.
var compiled sync.Map

// compilation is a file on its way: done is closed when it has arrived.
type compilation struct {
	done   chan struct{}
	lookup func(entry string) (any, error)
	err    error
	found  sync.Map // functions by name
}

// function is a function of the file, looked up once.
func (c *compilation) function(name string) (any, error) {
	if fn, ok := c.found.Load(name); ok {
		return fn, nil
	}
	fn, err := c.lookup(name)
	if err != nil {
		return nil, err
	}
	c.found.Store(name, fn)
	return fn, nil
}

// Callable gives the function as a Go value, compiled where it was not before.
func (f *Function) Callable(ctx context.Context) (any, error) {
	c := compiler.Load()
	if f.Source == "" || c == nil && f.live != nil {
		if f.live == nil {
			return nil, fmt.Errorf("function %s: it has no source", f.Name)
		}
		return f.live.fn, nil
	}
	if c == nil {
		return nil, fmt.Errorf("function %s: %w", f.Name, ErrNoCompiler)
	}
	file := f.unit()
	mine := &compilation{done: make(chan struct{})}
	if other, loaded := compiled.LoadOrStore(file, mine); loaded {
		mine = other.(*compilation)
		select {
		case <-mine.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	} else {
		mine.lookup, mine.err = compile(ctx, *c, f.File())
		if mine.err != nil { // a cancel should not stay
			compiled.CompareAndDelete(file, mine)
		}
		close(mine.done)
	}
	if mine.err != nil {
		return nil, fmt.Errorf("function %s: %w", f.Name, mine.err)
	}
	fn, err := mine.function(f.Entry)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", f.Name, err)
	}
	return fn, nil
}

// Prepare compiles the function, so that it can be called later without the compiler.
func (f *Function) Prepare(ctx context.Context) error {
	if _, err := f.Callable(ctx); err != nil {
		return err
	}
	f.beside(f.Rows)
	f.beside(f.Folds)
	return nil
}

// beside gives a function of the same file that has been compiled; nil where there is none.
func (f *Function) beside(name string) any {
	if name == "" {
		return nil
	}
	c, ok := compiled.Load(f.unit())
	if !ok {
		return nil
	}
	fn, err := c.(*compilation).function(name)
	if err != nil {
		return nil
	}
	return fn
}

func compile(ctx context.Context, c Compiler, file string) (lookup func(string) (any, error), err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the compiler panicked: %v", r)
		}
	}()
	return c.Compile(ctx, file)
}
