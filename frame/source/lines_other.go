//go:build !amd64

package source

const (
	wideBytes = 32
	wideLines = false
)

func scanWide(text []byte, quote byte) lineScan { return plainLines(text, quote) }
