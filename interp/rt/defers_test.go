package rt

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// deferCases are functions that note what happens, natively and lowered.
var deferCases = []struct {
	name    string
	native  func(note func(...any))
	lowered string
}{
	{"order", func(note func(...any)) {
		defer note("a")
		defer note("b")
		note("body")
	}, `rv.Push(d, func() { note("a") }); rv.Push(d, func() { note("b") }); note("body")`},

	{"recover", func(note func(...any)) {
		defer note("after")
		defer func() { note(recover()); note(recover()) }()
		panic("p")
	}, `rv.Push(d, func() { note("after") })
		rv.Push(d, func() { note(rv.Recovered(d)); note(rv.Recovered(d)) })
		rv.Panic("p")`},

	{"replace", func(note func(...any)) {
		defer func() { note(recover()) }()
		defer func() { panic("second") }()
		panic("first")
	}, `rv.Push(d, func() { note(rv.Recovered(d)) })
		rv.Push(d, func() { rv.Panic("second") })
		rv.Panic("first")`},

	{"repanic", func(note func(...any)) {
		defer func() { note(recover()) }()
		defer func() { panic(fmt.Sprint("again ", recover())) }()
		panic("first")
	}, `rv.Push(d, func() { note(rv.Recovered(d)) })
		rv.Push(d, func() { rv.Panic(fmt.Sprint("again ", rv.Recovered(d))) })
		rv.Panic("first")`},

	{"nil", func(note func(...any)) {
		defer func() { note(recover()) }()
		panic(nil) //nolint:govet // what it makes is tested
	}, `rv.Push(d, func() { note(rv.Recovered(d)) }); rv.Panic(nil)`},

	{"none", func(note func(...any)) {
		defer func() { note(recover()) }()
	}, `rv.Push(d, func() { note(rv.Recovered(d)) })`},

	{"nested", func(note func(...any)) {
		defer func() { note(recover()) }()
		defer func() {
			defer func() { note("inner", recover()) }()
			panic("in")
		}()
		panic("out")
	}, `rv.Push(d, func() { note(rv.Recovered(d)) })
		rv.Push(d, func() {
			e := rv.NewDefers()
			rv.Protect(e, func() {
				rv.Push(e, func() { note("inner", rv.Recovered(e)) })
				rv.Panic("in")
			})
		})
		rv.Panic("out")`},

	{"call in a deferred call", func(note func(...any)) {
		help := func() any { return recover() }
		defer func() { note(recover()) }()
		defer func() { note(help()) }()
		panic("p")
	}, `help := func() interface{} { return rv.Recover() }
		rv.Push(d, func() { note(rv.Recovered(d)) })
		rv.Push(d, func() { note(help()) })
		rv.Panic("p")`},

	{"value", func(note func(...any)) {
		help := func() { note(recover()) }
		f := help
		defer f()
		panic("p")
	}, `help := func() { note(rv.Recover()) }
		f := help
		rv.PushValue(d, func() { f() })
		rv.Panic("p")`},

	{"value that calls", func(note func(...any)) {
		help := func() { note(recover()) }
		f := func() { help(); note(recover()) }
		defer f()
		panic("p")
	}, `help := func() { note(rv.Recover()) }
		f := func() { help(); note(rv.Recover()) }
		rv.PushValue(d, func() { f() })
		rv.Panic("p")`},

	{"call with arguments", func(note func(...any)) {
		f := func(s string, err error) { note(s, err, recover()) }
		s := "now"
		defer f(s, nil)
		s = "later"
		panic(s)
	}, `f := func(s string, err interface{}) { note(s, err, rv.Recover()) }
		s := "now"
		d.PushCall(f, s, nil)
		s = "later"
		rv.Panic(s)`},

	{"value deferred in a value", func(note func(...any)) {
		help := func() { note("help", recover()) }
		f := func() {
			defer help()
			note(recover())
		}
		defer f()
		panic("p")
	}, `help := func() { note("help", rv.Recover()) }
		f := func() {
			e := rv.NewDefers()
			rv.Protect(e, func() {
				rv.PushValue(e, func() { help() })
				note(rv.Recover())
			})
		}
		rv.PushValue(d, func() { f() })
		rv.Panic("p")`},

	{"out of range", func(note func(...any)) {
		defer func() { note(errors.As(recover().(error), new(runtime.Error))) }()
		var s []int
		i := 3
		note(s[i])
	}, `rv.Push(d, func() { e := rv.Recovered(d).(error); note(isRuntime(e)) })
		var s []int
		i := 3
		note(s[i])`},

	{"goexit", func(note func(...any)) {
		defer func() { note(recover()) }()
		defer note("b")
		runtime.Goexit()
	}, `rv.Push(d, func() { note(rv.Recovered(d)) }); rv.Push(d, func() { note("b") }); goexit()`},

	{"goexit ends a panic", func(note func(...any)) {
		defer func() { note(recover()) }()
		defer runtime.Goexit()
		panic("p")
	}, `rv.Push(d, func() { note(rv.Recovered(d)) }); rv.Push(d, func() { goexit() }); rv.Panic("p")`},

	{"panic in goexit", func(note func(...any)) {
		defer note("end")
		defer func() { note(recover()) }()
		defer func() { panic("p") }()
		runtime.Goexit()
	}, `rv.Push(d, func() { note("end") }); rv.Push(d, func() { note(rv.Recovered(d)) })
		rv.Push(d, func() { rv.Panic("p") }); goexit()`},

	{"a panic goes on", func(note func(...any)) {
		defer note("a")
		panic("through")
	}, `rv.Push(d, func() { note("a") }); rv.Panic("through")`},

	{"a chain goes on", func(note func(...any)) {
		defer func() { panic("third") }()
		defer func() { recover(); panic("second") }()
		panic("first")
	}, `rv.Push(d, func() { rv.Panic("third") }); rv.Push(d, func() { rv.Recovered(d); rv.Panic("second") }); rv.Panic("first")`},

	{"deferred in a deferred call", func(note func(...any)) {
		defer func() {
			defer note("x")
			note(recover())
		}()
		defer func() { note("y") }()
		panic("p")
	}, `rv.Push(d, func() {
			e := rv.NewDefers()
			rv.Protect(e, func() { rv.Push(e, func() { note("x") }); note(rv.Recovered(d)) })
		})
		rv.Push(d, func() { note("y") })
		rv.Panic("p")`},
}

// noted runs f in a goroutine and gives what it noted, and the panic that came out of it.
func noted(f func(note func(...any)), text func(any) string) string {
	var b strings.Builder
	var wg sync.WaitGroup
	wg.Go(func() {
		returned := false
		defer func() {
			if v := recover(); v != nil {
				fmt.Fprintf(&b, "panic: %s\n", text(v))
			} else if !returned {
				b.WriteString("exited\n")
			}
		}()
		f(func(a ...any) { fmt.Fprintln(&b, a...) })
		returned = true
	})
	wg.Wait()
	return b.String()
}

func TestDefersAsCompiled(t *testing.T) {
	c := newCells(t)
	c.use(t, "h/h", map[string]any{
		"IsRuntime": func(err error) bool { return errors.As(err, new(runtime.Error)) }, "Goexit": runtime.Goexit,
	})
	c.eval(t, "import \"h\"\nimport \"fmt\"\nfunc isRuntime(e error) bool { return h.IsRuntime(e) }\nfunc goexit() { h.Goexit() }\n")
	for i, dc := range deferCases {
		name := fmt.Sprintf("f%d", i)
		c.eval(t, fmt.Sprintf("func %s(note func(a ...interface{})) {\n\td := rv.NewDefers()\n\trv.Protect(d, func() {\n%s\n\t})\n}\n", name, dc.lowered))
		f := c.eval(t, name).Interface().(func(func(...any)))
		want := noted(dc.native, func(v any) string { return fmt.Sprint(v) })
		got := noted(f, func(v any) string { return fmt.Sprint(c.r.Normalize(v)) })
		if got != want {
			t.Errorf("%s: got\n%swant\n%s", dc.name, got, want)
		}
	}
	n := 0
	valueCalls.Range(func(any, any) bool { n++; return true })
	if n != 0 || valuesCount.Load() != 0 {
		t.Errorf("%d deferred values are left", n)
	}
}

func TestText(t *testing.T) {
	c, vs := goldenCells(t, "golden_format_test.go", "gValues")
	find := func(name string) any {
		i := slices.IndexFunc(vs, func(x any) bool { return c.r.TypeString(x) == name })
		return vs[i]
	}
	for _, tc := range []struct {
		v    any
		want string
	}{
		{"a\nb", "a\n\tb"},
		{1, "1"},
		{2.5, "2.5"},
		{errors.New("e"), "e"},
		{find("main.gPoint"), "(main.gPoint) {X:1 Y:2}"},
		{find("main.gName"), `main.gName("n")`},
		{find("main.gCelsius"), "3°C"},
		{find("main.gError"), "code 4"},
		{find("main.gBool"), "main.gBool(true)"},
		{find("main.gUint8"), "main.gUint8(200)"},
		{find("*main.gBad"), "(*main.gBad) panicked while it was printed"},
		{runtimeError("x"), "runtime error: x"},
		{&PanicError{Value: "b", Earlier: &PanicError{Value: 1, Recovered: true}}, "1 [recovered]\n\tpanic: b"},
		{&PanicError{Value: 1, Earlier: &PanicError{Value: 1, Recovered: true}}, "1 [recovered, repanicked]"},
	} {
		if got := c.r.Text(tc.v); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

func TestGo(t *testing.T) {
	c := newCells(t)
	got := make(chan any)
	c.r.Panicked = func(v any) { got <- v }
	c.eval(t, `rv.Go(func() { rv.Panic("lost") })`)
	if v := <-got; v != "lost" {
		t.Errorf("got %v", v)
	}
}

func TestRecoveredHook(t *testing.T) {
	c := newCells(t)
	marks := []int{}
	c.r.Traced = func() int { return strings.Count(c.err.String(), "\n") }
	c.r.Recovered = func(mark int) { marks = append(marks, mark); c.err.Truncate(0) }
	c.eval(t, `func f() {
	d := rv.NewDefers()
	rv.Protect(d, func() {
		rv.Push(d, func() { rv.Recovered(d) })
		rv.Panic("p")
	})
}
func g() { f() }`)
	c.eval(t, `g()`)
	if fmt.Sprint(marks) != "[0]" || c.err.Len() > 0 {
		t.Errorf("got %v, %q", marks, c.err.String())
	}
}

func TestNormalize(t *testing.T) {
	c, _ := goldenCells(t, "golden_format_test.go", "gValues")
	c.eval(t, `var probes = map[string]func(){
	"index": func() { s := []int{1}; i := 5; _ = s[i] },
	"string": func() { s := "abc"; i := 5; _ = s[i] },
	"slice": func() { s := []int{1}; i := 5; _ = s[:i] },
	"nil pointer": func() { var s *T_11; _ = s.X },
	"nil function": func() { var f func(); f() },
	"nil map": func() { var m map[string]int; m["a"] = 1 },
	"divide": func() { a, b := 1, 0; _ = a / b },
	"assert": func() { var x interface{} = T_11{}; _ = x.(int) },
	"assert other": func() { var x interface{} = 1; _ = x.([]T_11) },
	"hash": func() { m := map[interface{}]int{}; m[T_12{}] = 2 },
	"make": func() { n := -1; _ = make([]int, n) },
	"panic": func() { panic(T_11{1, 2}) },
}
func probe(n string) func() { return probes[n] }`)
	probe := c.eval(t, "probe").Interface().(func(string) func())
	for name, want := range map[string]string{
		"index": "runtime error: index out of range", "string": "runtime error: index out of range",
		"slice":       "runtime error: slice bounds out of range",
		"nil pointer": "runtime error: invalid memory address or nil pointer dereference", "divide": "runtime error: integer divide by zero",
		"nil function": "runtime error: invalid memory address or nil pointer dereference", "nil map": "assignment to entry in nil map",
		"assert":       "interface conversion: interface {} is main.gPoint, not int",
		"assert other": "interface conversion: interface {} is int, not []main.gPoint",
		"hash":         "runtime error: hash of unhashable type main.gSecret", "make": "runtime error: makeslice: len out of range", "panic": "{1 2}",
	} {
		func() {
			defer func() {
				v := c.r.Normalize(recover())
				if got := fmt.Sprint(c.r.Out(v)); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
				if _, ok := v.(runtime.Error); !ok && name != "panic" {
					t.Errorf("%s: %T is no runtime error", name, v)
				}
			}()
			probe(name)()
		}()
	}
}
