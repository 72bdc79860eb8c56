package rt

import (
	"fmt"
	"sync"
	"testing"
)

// TestBindAgain holds that values made before see methods that are bound later.
func TestBindAgain(t *testing.T) {
	c := newCells(t)
	pkg := checked(t, `
type T struct { X int }
func (t T) String() string { return "" }
func (t T) Set(s string) error { return nil }
type I interface { String() string }
type J interface { Missing() }
`)
	c.r.Declare(1, pkg.Scope().Lookup("T").Type(), false, nil)
	c.r.DeclareInterface(2, pkg.Scope().Lookup("I").Type())
	c.r.DeclareInterface(3, pkg.Scope().Lookup("J").Type())
	c.eval(t, `type T_1 struct { X int "rv:\"1\"" }
func one(t T_1) string { return "one" }
func two(t T_1) string { return "two" }
var bound_a = rv.Bind(1, T_1{})
func value() interface{} { return T_1{5} }`)
	x := c.eval(t, "value()").Interface()
	if got := fmt.Sprint(c.r.Out(x)); got != "{5}" {
		t.Errorf("got %s", got)
	}
	for _, name := range []string{"one", "two"} {
		c.r.Declare(1, pkg.Scope().Lookup("T").Type(), false, []string{"String"})
		c.eval(t, "var bound_"+name+" = rv.Bind(1, T_1{}, "+name+")")
		if got := fmt.Sprint(c.r.Out(x)); got != name {
			t.Errorf("got %s, want %s", got, name)
		}
		if got := as[fmt.Stringer](c.r, x).String(); got != name {
			t.Errorf("as a Stringer: got %s, want %s", got, name)
		}
	}
	if !c.r.Implements(x, 2) || c.r.Implements(x, 3) || c.r.Implements(nil, 2) || c.r.Implements(3, 2) || c.r.AssertI(x, 2) != x {
		t.Error("Implements")
	}
	mustPanic(t, "interface conversion: main.T is not main.J: missing method Missing", func() { c.r.AssertI(x, 3) })
	mustPanic(t, "interface conversion: interface is nil, not main.J", func() { c.r.AssertI(nil, 3) })
	mustPanic(t, "interface conversion: int is not main.I: missing method String", func() { c.r.AssertI(3, 2) })
	mustPanic(t, "interface conversion: interface {} is main.T, not int", func() { c.r.NotA(x, "interface {}", "int") })
	mustPanic(t, "interface conversion: error is nil, not main.T", func() { c.r.NotA(nil, "error", "main.T") })
	mustPanic(t, "interface conversion: interface {} is main.T, not main.T (types from different scopes)", func() { c.r.NotA(x, "interface {}", "main.T") })
	mustPanic(t, "rt: main.T has 1 methods, not 0", func() { c.r.Bind(1, x) })
}

// TestBindMeanwhile binds while others look up.
func TestBindMeanwhile(t *testing.T) {
	c, vs := goldenCells(t, "golden_format_test.go", "gValues")
	typ := c.r.Of(vs[7])
	names, b := typ.Methods(), typ.bound.Load()
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if got := fmt.Sprint(c.r.Out(vs[7])); got != "3°C" {
					t.Errorf("got %s", got)
					return
				}
				_ = as[fmt.Stringer](c.r, vs[7])
			}
		})
	}
	for range 200 {
		c.r.Declare(typ.id, typ.typ, true, names)
		c.r.Bind(typ.id, vs[7], b.methods["String"].fn.Interface())
	}
	close(done)
	wg.Wait()
}
