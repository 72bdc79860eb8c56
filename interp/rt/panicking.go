//go:build amd64 || arm64

package rt

// panicking is the value of the panic that the calling goroutine is in, also after recover in the function that it runs for
// it. The runtime's record of a goroutine has a pointer to that of its innermost panic, after the bounds of the stack, and
// that begins with the value.
func panicking() any
