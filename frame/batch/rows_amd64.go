package batch

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

var wideRows = cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT

// setBits are, for each byte, the places of the bits that are set, a byte each.
var setBits = func() (table [256]uint64) {
	for b := range table {
		at := 0
		for bit := range 8 {
			if b>>bit&1 != 0 {
				table[b] |= uint64(bit) << at
				at += 8
			}
		}
	}
	return table
}()

// rowsWide is rowsOf in AVX2. It writes up to eight numbers behind those that it appends, for which there must be room.
func rowsWide(idx []int32, words []uint64, row int) []int32 {
	end := idx[len(idx):cap(idx)]
	n := rowsAVX2(unsafe.Pointer(unsafe.SliceData(end)), unsafe.Pointer(unsafe.SliceData(words)), unsafe.Pointer(&setBits), 8*len(words), int32(row))
	return idx[:len(idx)+n]
}

//go:noescape
func rowsAVX2(dst, bitmap, table unsafe.Pointer, n int, row int32) (count int)
