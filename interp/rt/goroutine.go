//go:build amd64 || arm64

package rt

// goroutine tells the goroutines that are alive apart: it is the address of the runtime's record of the calling one.
// The label set of package interp won't do here, for goroutines inherit it.
func goroutine() uintptr
