//go:build !amd64 && !arm64

package rt

func panicking() any { return nil }
