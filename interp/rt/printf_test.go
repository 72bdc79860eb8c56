package rt

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestPrintfAsCompiled(t *testing.T) {
	c, vs := goldenCells(t, "golden_format_test.go", "gValues")
	ws := gValues()
	for _, format := range []string{
		"%T", "%[1]T %[1]v", "%v %T %v", "%T %T", "%v", "%%%T%%", "%d %T", "%[3]T %[1]T", "%!", "%T %", "%[5]T", "%[x]T",
		"%p", "%v%v%v%v%v", "no verbs", "%d", "%T extra", "%+v %#v %T",
	} {
		for _, args := range [][]int{{3}, {3, 7, 15}, {0, 6}, {}, {1, 3}, {10, 26, 8, 9}, {43, 44, 48}} {
			var a, b []any
			for _, i := range args {
				a, b = append(a, vs[i]), append(b, ws[i])
			}
			got, want := plainAddresses(c.r.Sprintf(format, a...)), native(fmt.Sprintf(format, b...))
			if got != want {
				t.Errorf("%q %v: got\n%s\nwant\n%s", format, args, got, want)
			}
			if got := plainAddresses(fmt.Sprint(c.r.Errorf(format, a...))); got != want {
				t.Errorf("Errorf %q %v: got\n%s\nwant\n%s", format, args, got, want)
			}
		}
	}
	for _, args := range [][]int{{3, 6, 7}, {6, 6}, {1, 2, 3, 6, 1}, {7, 3, 1, 1}, {}} {
		var a, b []any
		for _, i := range args {
			a, b = append(a, vs[i]), append(b, ws[i])
		}
		if got, want := c.r.FmtSprint(a...), native(fmt.Sprint(b...)); got != want {
			t.Errorf("Sprint %v: got %q, want %q", args, got, want)
		}
		if got, want := c.r.FmtSprintln(a...), native(fmt.Sprintln(b...)); got != want {
			t.Errorf("Sprintln %v: got %q, want %q", args, got, want)
		}
	}
	c.r.Printf("%v %T\n", vs[3], vs[7])
	c.r.FmtPrintln(vs[7])
	c.r.Fprintf(&c.out, "%s", vs[15])
	if got := c.out.String(); got != "{1 2} main.gCelsius\n3°C\ncode 4" {
		t.Errorf("got %q", got)
	}
}

func TestErrorsAsCompiled(t *testing.T) {
	r, vs := asCells(t)
	wrapped := r.Errorf("c: %w", vs[3])
	if got := fmt.Sprint(wrapped); got != "c: w: a 7" {
		t.Errorf("got %q", got)
	}
	joined := r.In(errors.Join(as[error](r, vs[2]), io.ErrNoProgress))
	for _, tc := range []struct {
		err, target any
		want        bool
	}{
		{wrapped, vs[2], true},
		{wrapped, vs[3], true},
		{wrapped, io.EOF, true},
		{wrapped, io.ErrNoProgress, false},
		{joined, io.ErrNoProgress, true},
		{joined, vs[2], true},
		{vs[4], io.EOF, true},
		{vs[4], vs[4], false},
		{vs[2], io.EOF, true},
		{nil, nil, true},
		{nil, io.EOF, false},
		{io.EOF, nil, false},
		{vs[3], &struct{}{}, false},
	} {
		if got := r.ErrorsIs(tc.err, tc.target); got != tc.want {
			t.Errorf("Is(%v, %v) = %v", r.Out(tc.err), r.Out(tc.target), got)
		}
	}
	var found any
	find := func(name string) func(any) bool {
		return func(err any) bool {
			found = err
			return r.TypeString(err) == name
		}
	}
	if !r.ErrorsAs(wrapped, find("main.aError")) || found != vs[2] {
		t.Errorf("As finds %v", found)
	}
	if !r.ErrorsAs(joined, find("main.aError")) || r.ErrorsAs(wrapped, find("main.aManyError")) || r.ErrorsAs(nil, find("main.aError")) {
		t.Error("As")
	}
	if r.ErrorsUnwrap(wrapped) != vs[3] || r.ErrorsUnwrap(vs[3]) != vs[2] || r.ErrorsUnwrap(vs[2]) != nil || r.ErrorsUnwrap(joined) != nil {
		t.Error("Unwrap")
	}
}

func TestEqAsCompiled(t *testing.T) {
	c, vs := goldenCells(t, "golden_format_test.go", "gValues")
	ws := gValues()
	eq := func(f func() bool) (s string) {
		defer func() {
			if v := recover(); v != nil {
				s = native(fmt.Sprint(c.r.Normalize(v)))
			}
		}()
		return fmt.Sprint(f())
	}
	for i := range vs {
		for j := range vs {
			got, want := eq(func() bool { return c.r.Eq(vs[i], vs[j]) }), eq(func() bool { return ws[i] == ws[j] })
			if got != want {
				t.Errorf("%v == %v: got %s, want %s", ws[i], ws[j], got, want)
			}
		}
	}
}
