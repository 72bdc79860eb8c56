package source

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// wideBytes is what scanWide looks at in one step.
const wideBytes = 32

var wideLines = cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT

// scanWide is plainLines for a text of some times wideBytes, in AVX2.
func scanWide(text []byte, quote byte) lineScan {
	ends, empty, quoted, returning := linesAVX2(unsafe.Pointer(unsafe.SliceData(text)), len(text), quote)
	return lineScan{ends, empty != 0, quoted != 0, returning != 0}
}

//go:noescape
func linesAVX2(text unsafe.Pointer, n int, quote byte) (ends int, empty, quoted, returning uint64)
