package rt

import (
	"fmt"
	"io"
	"sort"
	"testing"
)

func BenchmarkOf(b *testing.B) {
	c, vs := goldenCells(b, "golden_format_test.go", "gValues")
	for name, x := range map[string]any{"user": vs[3], "box": vs[7], "plain": []int{1}, "int": 1, "pointer": vs[4]} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.r.Of(x)
			}
		})
	}
}

func BenchmarkOut(b *testing.B) {
	c, vs := goldenCells(b, "golden_format_test.go", "gValues")
	for name, x := range map[string]any{"user": vs[3], "box": vs[7], "plain": []int{1}, "string": "a", "error": io.EOF, "any": []any{1, "a"}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.r.Out(x)
			}
		})
	}
}

func BenchmarkIn(b *testing.B) {
	c, vs := goldenCells(b, "golden_format_test.go", "gValues")
	for name, x := range map[string]any{"adapter": c.r.Out(vs[3]), "plain": []int{1}, "string": "a", "error": io.EOF} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.r.In(x)
			}
		})
	}
}

func BenchmarkAs(b *testing.B) {
	r, vs := asCells(b)
	b.Run("error", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.As(vs[2], (*error)(nil))
		}
	})
	b.Run("reader", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.As(vs[0], (*io.Reader)(nil))
		}
	})
	b.Run("function", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.As(vs[10], (*func(error) bool)(nil))
		}
	})
	f := as[func(error) bool](r, vs[10])
	b.Run("call", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f(io.EOF)
		}
	})
}

func BenchmarkEq(b *testing.B) {
	c, vs := goldenCells(b, "golden_format_test.go", "gValues")
	for name, x := range map[string]any{"struct": vs[3], "box": vs[7], "int": 1, "pointer": vs[4]} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.r.Eq(x, x)
			}
		})
	}
}

func BenchmarkFormat(b *testing.B) {
	c, vs := goldenCells(b, "golden_format_test.go", "gValues")
	c.eval(b, `func thousand() []T_11 { return make([]T_11, 1000) }`)
	points := c.eval(b, `thousand()`).Interface()
	b.Run("struct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = fmt.Sprint(c.r.Out(vs[3]))
		}
	})
	b.Run("stringer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = fmt.Sprint(c.r.Out(vs[7]))
		}
	})
	b.Run("thousand structs", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = fmt.Sprint(c.r.Out(points))
		}
	})
}

func BenchmarkProtect(b *testing.B) {
	c := newCells(b)
	c.eval(b, `
func bare(n int) { for i := 0; i < n; i++ { body() } }
func body() { }
func deferred() {
	d := rv.NewDefers()
	rv.Protect(d, func() {
		rv.Push(d, func() {})
	})
}
func withDefer(n int) { for i := 0; i < n; i++ { deferred() } }
func own() { defer func() {}() }
func withOwn(n int) { for i := 0; i < n; i++ { own() } }
func recovers() {
	d := rv.NewDefers()
	rv.Protect(d, func() {
		rv.Push(d, func() { rv.Recovered(d) })
		rv.Panic("p")
	})
}
func withRecover(n int) { for i := 0; i < n; i++ { recovers() } }
`)
	for _, name := range []string{"bare", "withDefer", "withOwn", "withRecover"} {
		f := c.eval(b, name).Interface().(func(int))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			f(b.N)
		})
	}
}

func BenchmarkSort(b *testing.B) {
	r, vs := asCells(b)
	s := as[sort.Interface](r, vs[5])
	b.ReportAllocs()
	for b.Loop() {
		s.Less(0, 1)
	}
}
