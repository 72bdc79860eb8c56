package interp

import (
	"context"
	"sync"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// UseCompiler makes functions of plans callable in a process that has no session: the first that is called starts the
// language. What they print is dropped.
func UseCompiler() { expr.SetCompiler(&lateCompiler{}) }

type lateCompiler struct {
	once sync.Once
	l    *language
	err  error
}

// Compile implements expr.Compiler.
func (c *lateCompiler) Compile(ctx context.Context, file string) (func(entry string) (any, error), error) {
	c.once.Do(func() { c.l, _, c.err = localLanguage() })
	if c.err != nil {
		return nil, c.err
	}
	return c.l.functions.Compile(ctx, file)
}

// Panicked implements expr.PanicReader.
func (c *lateCompiler) Panicked(v any) (value any, where string) {
	if c.l == nil {
		return v, ""
	}
	return c.l.functions.Panicked(v)
}

// localLanguage is a language in this process that compiles, and runs no cells.
func localLanguage() (l *language, end func(), err error) {
	s := &session{hooks: Hooks{}.withDefaults(), owners: map[labels]*run{}}
	if s.std, err = newStdio(s); err != nil {
		return nil, nil, err
	}
	end = func() {
		for _, p := range []*stdPipe{s.std.out, s.std.err} {
			p.w.Close()
			p.r.Close()
		}
		s.std.in.Close()
	}
	if s.lang, err = newLanguage(s); err != nil {
		end()
		return nil, nil, err
	}
	return s.lang, end, nil
}
