package rt

import (
	"reflect"
	"unsafe"
)

// The interpreter makes its functions with reflect.MakeFunc. To call such a function through reflect.Value.Call goes
// through memory twice: the arguments are laid out as for a compiled function, and taken apart again at once. direct
// finds the function that MakeFunc was given instead, which halves the time of a method call from compiled code. Where
// that is lies in two words that are found by looking into a function made here; if they are not found, Call is used.
var makeFuncCode, makeFuncOffset = findMakeFunc()

func findMakeFunc() (code unsafe.Pointer, offset uintptr) {
	const words = 8
	inner := func([]reflect.Value) []reflect.Value { return nil }
	made := closure(reflect.MakeFunc(reflect.TypeFor[func()](), inner))
	want := *(*unsafe.Pointer)(unsafe.Pointer(&inner))
	for i := uintptr(1); i < words; i++ {
		if at := i * unsafe.Sizeof(i); *(*unsafe.Pointer)(unsafe.Add(made, at)) == want {
			return *(*unsafe.Pointer)(made), at
		}
	}
	return nil, 0
}

// closure is the function value itself: a pointer to a block that begins with the address of its code.
func closure(f reflect.Value) unsafe.Pointer {
	x := f.Interface()
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&x))[1]
}

// direct is a function to call f with. A variadic f takes its last arguments as a slice.
func direct(f reflect.Value) func([]reflect.Value) []reflect.Value {
	if c := closure(f); c != nil && makeFuncCode != nil && *(*unsafe.Pointer)(c) == makeFuncCode {
		return *(*func([]reflect.Value) []reflect.Value)(unsafe.Add(c, makeFuncOffset))
	}
	if f.Type().IsVariadic() {
		return f.CallSlice
	}
	return f.Call
}
