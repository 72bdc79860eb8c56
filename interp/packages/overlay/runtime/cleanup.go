package runtime

import (
	"runtime"
	"unsafe"

	"github.com/rivulet-go/rivulet/interp/packages/support"
)

// AddCleanup calls cleanup(arg) in a goroutine some time after ptr can't be reached any more.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) runtime.Cleanup {
	if ptr == nil {
		panic("runtime.AddCleanup: ptr is nil")
	}
	if any(arg) == any(ptr) {
		panic("runtime.AddCleanup: ptr is equal to arg, cleanup will never run")
	}
	return support.AddCleanup(unsafe.Pointer(ptr), func() { cleanup(arg) })
}
