package packages

import (
	"reflect"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/interp/packages/native"
	"github.com/rivulet-go/rivulet/interp/packages/table"
)

// Native is a compiled instance of a generic function: those of cmp, maps and slices for the types that are most used. Type arguments are
// as go/types writes them, all of them, in the order of the type parameters: Native("slices", "Sort", []string{"[]int", "int"}).
//
// An instance runs at the speed of compiled code, but each call of a function that it was given costs a microsecond where that is
// interpreted.
func Native(path, name string, targs []string) (reflect.Value, bool) {
	key := path + "." + name + " " + basicNames.Replace(strings.Join(targs, ","))
	i, ok := slices.BinarySearchFunc(native.Functions[:], key, func(e table.Entry, key string) int {
		return strings.Compare(e.Name, key)
	})
	if !ok {
		return reflect.Value{}, false
	}
	return reflect.ValueOf(native.Functions[i].Value), true
}

// basicNames undoes aliases; no other type that there are instances for contains these letters.
var basicNames = strings.NewReplacer("byte", "uint8", "rune", "int32", " ", "")
