package generator

import (
	"bytes"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/rivulet-go/rivulet/interp/packages"
	"github.com/rivulet-go/rivulet/interp/packages/std"
)

// What is embedded of the module's own packages is what their sources say now.
func TestOwnIsUpToDate(t *testing.T) {
	files, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	sameOnDisk(t, files)
}

// What is embedded of the standard library is what the generator makes. Another release of Go may have other comments: then only
// TestStandardLibraryIsComplete decides.
func TestStdIsUpToDate(t *testing.T) {
	files, err := Std()
	if err != nil {
		t.Fatal(err)
	}
	if runtime.Version() != std.GoVersion {
		t.Logf("not compared: the files are those of %s, this is %s", std.GoVersion, runtime.Version())
		return
	}
	sameOnDisk(t, files)
}

func sameOnDisk(t *testing.T, files Files) {
	t.Helper()
	if len(files) < 4 {
		t.Errorf("only %d files", len(files))
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("interp/packages/%s is not what the sources say: run make generate", name)
		}
	}
}

// The tables cover the standard library of the toolchain that builds them.
func TestStandardLibraryIsComplete(t *testing.T) {
	list, err := load(runtime.GOARCH, "std")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 170 {
		t.Fatalf("go list finds %d packages", len(list))
	}
	var paths []string
	symbols := 0
	for _, p := range list {
		paths = append(paths, p.ImportPath)
		if p.ImportPath == "unsafe" {
			continue
		}
		for _, o := range exported(p.types, nil) {
			symbols++
			if problem := compare(p.ImportPath, o); problem != "" {
				t.Errorf("%s.%s: %s: run make generate", p.ImportPath, o.Name(), problem)
			}
		}
	}
	known := slices.DeleteFunc(packages.Paths(), func(p string) bool { return slices.Contains(OwnPackages, p) })
	if !slices.Equal(paths, known) {
		t.Errorf("go list: %v\nknown: %v", paths, known)
	}
	t.Logf("%d packages, %d symbols", len(list), symbols)
}

// compare says what is wrong with the symbol of an object.
func compare(path string, o types.Object) string {
	v, ok := packages.Symbol(path, o.Name())
	generic := packages.Generic(path, o.Name())
	switch o := o.(type) {
	case *types.Func:
		if want := o.Signature().TypeParams().Len() > 0; want != generic || ok == want {
			return "generic and compiled are mixed up"
		}
		if ok && (v.Kind() != reflect.Func || v.IsNil() || v.Type().NumIn() != o.Signature().Params().Len()) {
			return "not the function"
		}
		return ""
	case *types.TypeName:
		constraint := types.IsInterface(o.Type()) && !o.Type().Underlying().(*types.Interface).IsMethodSet()
		if want := parameters(o.Type()) > 0; want != generic || ok == (want || constraint) {
			return "generic and compiled are mixed up"
		}
		if ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
			return "not a type"
		}
		return ""
	case *types.Var:
		if !ok || !v.CanSet() {
			return "not a variable"
		}
	case *types.Const:
		if !ok {
			return "missing"
		}
		c, untyped := reflect.TypeAssert[constant.Value](v)
		if untyped && c.Kind() != o.Val().Kind() && o.Type() != types.Typ[types.UntypedFloat] {
			return "another kind: " + c.Kind().String()
		}
		if untyped && !constant.Compare(c, token.EQL, o.Val()) {
			return "another value: " + c.ExactString()
		}
		basic, ok := o.Type().(*types.Basic)
		if want := ok && basic.Info()&types.IsUntyped != 0; want != (untyped || v.Type() == reflect.TypeFor[bool]()) {
			return "typed and untyped are mixed up"
		}
	}
	return ""
}
