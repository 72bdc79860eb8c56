package rt

import "testing"

func TestBind(t *testing.T) {
	c := newCells(t)
	pkg := checked(t, `
type T struct { X int; name string }
func (t T) String() string { return "" }
type C float64
func (c C) String() string { return "" }
`)
	typ := pkg.Scope().Lookup("T").Type()
	c.r.Declare(7, typ, false, []string{"String"})
	c.r.Declare(8, pkg.Scope().Lookup("C").Type(), true, []string{"String"})
	c.eval(t, `import "fmt"
type T_7 struct { X int "rv:\"7\""; name string }
func T_7_String(t T_7) string { return "<" + t.name + ">" }
type B_8 struct { V float64 "rv:\"8\"" }
func C_8_String(c float64) string { return "C" }
func init() {
	rv.Bind(7, T_7{}, T_7_String)
	rv.Bind(8, B_8{}, C_8_String)
}
`)
	c.eval(t, `fmt.Println(rv.Out(T_7{1, "a"}), rv.Out(B_8{3}))`)
	if got := c.out.String(); got != "<a> C\n" {
		t.Errorf("got %q", got)
	}
	if got := c.eval(t, `rv.TypeString(B_8{3})`).String(); got != "main.C" {
		t.Errorf("got %q", got)
	}
	c.out.Reset()
	c.eval(t, `
func f() (s string) {
	d := rv.NewDefers()
	rv.Protect(d, func() {
		d.Push(func() { s = fmt.Sprint(d.Recover()) })
		var p []int
		_ = p[3]
	})
	return
}
`)
	if got := c.eval(t, `f()`).String(); got != "runtime error: index out of range" {
		t.Errorf("got %q", got)
	}
	t.Log(c.err.String())
}
