package batch

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

var wideRows = cpu.X86.HasAVX2 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT

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
	if len(words) == 0 {
		return idx
	}
	end := idx[len(idx):cap(idx)]
	n := rowsAVX2(first(end), first(words), unsafe.Pointer(&setBits), 8*len(words), int32(row))
	return idx[:len(idx)+n]
}

//go:noescape
func rowsAVX2(dst, bitmap, table unsafe.Pointer, n int, row int32) (count int)

// setPairs are, for each four bits, the places of those that are set, as the pairs of 32-bit numbers that a permutation takes.
var setPairs = func() (table [16][8]uint32) {
	for b := range table {
		at := 0
		for bit := range 4 {
			if b>>bit&1 != 0 {
				table[b][at], table[b][at+1] = uint32(2*bit), uint32(2*bit+1)
				at += 2
			}
		}
	}
	return table
}()

// compress32 puts the values of in whose bits are set in mask at the front of out, which must have room for eight more, and
// says how many they are.
func compress32(out, in []uint32, mask []uint64) int {
	if len(mask) == 0 {
		return 0
	}
	return compress32AVX2(first(out), first(in), first(mask), unsafe.Pointer(&setBits), len(mask))
}

// compress64 is compress32 for wider values.
func compress64(out, in []uint64, mask []uint64) int {
	if len(mask) == 0 {
		return 0
	}
	return compress64AVX2(first(out), first(in), first(mask), unsafe.Pointer(&setPairs), len(mask))
}

func first[T any](s []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s)) }

//go:noescape
func compress32AVX2(dst, src, mask, table unsafe.Pointer, n int) (count int)

//go:noescape
func compress64AVX2(dst, src, mask, table unsafe.Pointer, n int) (count int)

// extract is extractBits where there is no instruction for it.
func extract(out, in, mask []uint64) {
	if !wideRows || len(mask) == 0 {
		extractBits(out, in, mask)
		return
	}
	extractBMI2(first(out), first(in), first(mask), len(mask))
}

//go:noescape
func extractBMI2(dst, src, mask unsafe.Pointer, n int)
