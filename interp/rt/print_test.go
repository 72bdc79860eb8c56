package rt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// builtinOutput is what f prints with the builtins.
func builtinOutput(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	saved, err := syscall.Dup(2)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(saved)
	if err := syscall.Dup3(int(file.Fd()), 2, 0); err != nil {
		t.Fatal(err)
	}
	f()
	if err := syscall.Dup3(saved, 2, 0); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPrintAsCompiled(t *testing.T) {
	c := newCells(t)
	f, f32, z := 1.5, float32(0.1), complex(1, -2)
	p, s, m := &f, make([]int, 1, 2), map[int]int{}
	want := builtinOutput(t, func() {
		println(1, "a", true, 'x', f, f32, z, 1e100, -0.25, uint8(3), int64(-4))
		println(p, s, m, []int(nil), (*int)(nil))
		print("a", 1, 2.5, "\n")
		println()
	})
	c.r.Println(1, "a", true, 'x', f, f32, z, 1e100, -0.25, uint8(3), int64(-4))
	c.r.Println(p, s, m, []int(nil), (*int)(nil))
	c.r.Print("a", 1, 2.5, "\n")
	c.r.Println()
	if got := c.err.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMethodsAfterCancel holds what a cancelled cell must not do: end the methods of types that earlier cells bound.
func TestMethodsAfterCancel(t *testing.T) {
	c, vs := goldenCells(t, "golden_format_test.go", "gValues")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.EvalWithContext(ctx, `func forever() { for { } }
func init() { forever() }`); err == nil {
		t.Fatal("the cell is not cancelled")
	}
	c.eval(t, `1 + 1`)
	if got, want := fmt.Sprint(c.r.Out(vs[7])), fmt.Sprint(gValues()[7]); got != want {
		t.Errorf("in the next cell: got %q, want %q", got, want)
	}
}
