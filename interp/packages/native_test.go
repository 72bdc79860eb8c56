package packages

import (
	"cmp"
	"go/token"
	"go/types"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/interp/packages/native"
	"github.com/rivulet-go/rivulet/interp/packages/table"
)

func TestNative(t *testing.T) {
	call := func(path, name, targs string, args ...any) any {
		t.Helper()
		f, ok := Native(path, name, strings.Split(targs, " "))
		if !ok {
			t.Fatalf("%s.%s[%s] is missing", path, name, targs)
		}
		var in []reflect.Value
		for _, a := range args {
			in = append(in, reflect.ValueOf(a))
		}
		call := f.Call
		if f.Type().IsVariadic() {
			call = f.CallSlice
		}
		if out := call(in); len(out) > 0 {
			return out[0].Interface()
		}
		return nil
	}
	x := []int{3, 1, 2}
	call("slices", "Sort", "[]int int", x)
	if !slices.Equal(x, []int{1, 2, 3}) {
		t.Errorf("sorted %v", x)
	}
	call("slices", "SortFunc", "[]string string", []string{"b", "a"}, strings.Compare)
	if got := call("slices", "Contains", "[]byte byte", []byte("abc"), byte('b')); got != true {
		t.Errorf("contains %v", got)
	}
	if got := call("cmp", "Compare", "rune", 'a', 'b'); got != -1 {
		t.Errorf("compare %v", got)
	}
	if got := call("slices", "Insert", "[]float64 float64", []float64{1}, 0, []float64{2}); !reflect.DeepEqual(got, []float64{2, 1}) {
		t.Errorf("insert %v", got)
	}
	keys := call("maps", "Keys", "map[string]int string int", map[string]int{"b": 1, "a": 2}).(iter.Seq[string])
	if got := call("slices", "Sorted", "string", keys); !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("sorted keys %v", got)
	}
	for _, targs := range []string{"[]T T", "[]int", "[]any any"} {
		if _, ok := Native("slices", "Sort", strings.Split(targs, " ")); ok {
			t.Errorf("there is slices.Sort[%s]", targs)
		}
	}
}

// Every instance is found by the names that a checker has for it, and has the type that it says.
func TestNativeTypes(t *testing.T) {
	if !slices.IsSortedFunc(native.Functions[:], func(a, b table.Entry) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Error("instances are not sorted")
	}
	im := NewImporter(token.NewFileSet())
	basics := []types.Type{types.Typ[types.Int], types.Typ[types.String], types.Universe.Lookup("byte").Type()}
	found := 0
	for _, path := range []string{"cmp", "maps", "slices"} {
		p, _ := im.Import(path)
		for _, name := range p.Scope().Names() {
			f, ok := p.Scope().Lookup(name).(*types.Func)
			if !ok || !f.Exported() {
				continue
			}
			for _, e := range basics {
				var args []types.Type
				var texts []string
				for param := range f.Signature().TypeParams().TypeParams() {
					a := e
					switch constraint := param.Constraint().String(); {
					case strings.HasPrefix(constraint, "~[]"):
						a = types.NewSlice(e)
					case strings.HasPrefix(constraint, "~map["):
						a = types.NewMap(e, e)
					}
					args = append(args, a)
					texts = append(texts, types.TypeString(a, nil))
				}
				v, ok := Native(path, name, texts)
				if !ok {
					continue
				}
				found++
				made, err := types.Instantiate(nil, f.Signature(), args, true)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := v.Type().NumIn(), made.(*types.Signature).Params().Len(); got != want {
					t.Errorf("%s.%s: %s for %s", path, name, v.Type(), made)
				}
			}
		}
	}
	if found < 130 {
		t.Errorf("only %d instances were found", found)
	}
	t.Logf("%d of %d instances", found, len(native.Functions))
}
