package packages

import (
	"fmt"
	"go/constant"
	"go/token"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"
)

func TestOwnSymbols(t *testing.T) {
	im := NewImporter(token.NewFileSet())
	for _, path := range []string{"github.com/rivulet-go/rivulet/frame", "github.com/rivulet-go/rivulet/display", supportPath} {
		p, err := im.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		var missing []string
		for _, name := range p.Scope().Names() {
			if _, ok := Symbol(path, name); token.IsExported(name) && !ok {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 || len(p.Scope().Names()) < 10 {
			t.Errorf("%s: the checker knows %v, the interpreter does not", path, missing)
		}
		for _, name := range []string{"SetRunner", "SetContext", "SetSurface"} {
			if p.Scope().Lookup(name) != nil {
				t.Errorf("%s.%s can be called from a cell", path, name)
			}
		}
	}
	if Known(supportPath) || slices.Contains(Paths(), supportPath) || len(ByName("support")) > 0 {
		t.Error("cells can import package support")
	}
}

func TestSymbols(t *testing.T) {
	all := Symbols()
	for _, path := range Paths() {
		if _, ok := all[path+"/"+Name(path)]; !ok {
			t.Errorf("%s has no symbols", path)
		}
	}
	if _, ok := all["github.com/traefik/yaegi/yaegi"]["convert"]; !ok {
		t.Error("no conversions of unsafe pointers")
	}
	fmts := all["fmt/fmt"]
	for _, name := range []string{"Println", "Stringer", "_Stringer"} {
		if one, ok := Symbol("fmt", name); !ok || one.Type() != fmts[name].Type() {
			t.Errorf("fmt.%s: Symbol and Symbols differ", name)
		}
	}
	if _, ok := Symbol("fmt", "Nothing"); ok {
		t.Error("fmt.Nothing is a symbol")
	}
}

func TestConstants(t *testing.T) {
	for _, c := range []struct{ path, name, want string }{
		{"math", "MaxInt64", "9223372036854775807"},
		{"math", "MaxUint64", "18446744073709551615"},
		{"math", "Pi", "3.14159"},
		{"math", "SmallestNonzeroFloat64", "4.94066e-324"},
		{"math", "MaxFloat64", "1.79769e+308"},
		{"math", "MaxFloat32", "3.40282e+38"},
		{"time", "RFC3339", `"2006-01-02T15:04:05Z07:00"`},
		{"unicode/utf8", "RuneError", "65533"},
	} {
		v, ok := Symbol(c.path, c.name)
		if !ok {
			t.Errorf("%s.%s is missing", c.path, c.name)
		} else if got, ok := reflect.TypeAssert[constant.Value](v); !ok || got.String() != c.want {
			t.Errorf("%s.%s is %v, want %s", c.path, c.name, v, c.want)
		}
	}
	if v, _ := Symbol("time", "Second"); v.Type().String() != "time.Duration" || v.Int() != 1e9 {
		t.Errorf("time.Second is %v", v)
	}
}

func TestWrapper(t *testing.T) {
	w, ok := Wrapper("io", "Reader")
	if !ok {
		t.Fatal("io.Reader has no wrapper")
	}
	v := reflect.New(w).Elem()
	v.FieldByName("WRead").Set(reflect.ValueOf(strings.NewReader("abc").Read))
	text, err := io.ReadAll(v.Interface().(io.Reader))
	if string(text) != "abc" || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
	info, _ := Wrapper("os", "FileInfo")
	if other, _ := Wrapper("io/fs", "FileInfo"); info == nil || info != other {
		t.Error("an alias has a wrapper of its own")
	}
	for _, name := range []string{"Type", "Value", "Nothing"} {
		if _, ok := Wrapper("reflect", name); ok {
			t.Errorf("reflect.%s has a wrapper", name)
		}
	}
}

// Every wrapper has the methods of its interface.
func TestWrappersImplement(t *testing.T) {
	count := 0
	for path, p := range tables() {
		for _, e := range p.Wrappers {
			count++
			kind, ok := Symbol(path, e.Name)
			if !ok || !reflect.TypeOf(e.Value).Elem().Implements(kind.Type().Elem()) {
				t.Errorf("%s.%s is not implemented by its wrapper", path, e.Name)
			}
		}
	}
	if count < 150 {
		t.Errorf("only %d wrappers", count)
	}
	t.Logf("%d wrappers", count)
}

func BenchmarkSymbols(b *testing.B) {
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Symbols()
		}
	})
	b.Run("net/http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			SymbolsOf("net/http")
		}
	})
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Symbol("net/http", "StatusOK")
		}
	})
}

// The interpreter can import every package.
func TestInterpreterImports(t *testing.T) {
	i := interp.New(interp.Options{Unrestricted: true})
	if err := i.Use(Symbols()); err != nil {
		t.Fatal(err)
	}
	for n, path := range Paths() {
		if _, err := i.Eval(fmt.Sprintf("import p%d %q", n, path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	v, err := i.Eval(`package main
import ("math/rand/v2"; "go/version"; "sync/atomic"; "syscall")
var n atomic.Int64
var got = rand.New(rand.NewPCG(1, 2)).IntN(1) == 0 && version.Lang("go1.26.8") == "go1.26" && n.Add(2) == 2 && syscall.Getpid() > 1
func main() {}
`)
	if err == nil {
		v, err = i.Eval("got")
	}
	if err != nil || !v.Bool() {
		t.Errorf("got %v, %v", v, err)
	}
}
