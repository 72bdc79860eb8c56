package weak

import (
	"unsafe"

	"github.com/rivulet-go/rivulet/interp/packages/support"
)

// Pointer is a pointer that does not keep its object: equal for pointers to the same object.
type Pointer[T any] struct {
	u unsafe.Pointer
}

// Make makes a weak pointer.
func Make[T any](ptr *T) Pointer[T] { return Pointer[T]{support.MakeWeak(unsafe.Pointer(ptr))} }

// Value is what Make got, nil when it has been collected.
func (p Pointer[T]) Value() *T { return (*T)(support.WeakValue(p.u)) }
