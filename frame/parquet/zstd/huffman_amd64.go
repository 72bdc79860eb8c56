package zstd

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// wide says whether the processor has the instructions that assembly is written with.
var wide = cpu.X86.HasAVX2 && cpu.X86.HasBMI2

// readers are where four streams are read. The assembly knows how they lie in memory.
type readers struct {
	bits  [4]uint64 // what comes next, from the top
	valid [4]uint64 // how many of them count, of 64
	next  [4]int    // where the eight bytes begin whose last one follows on them
}

// decodeMost decodes what is far enough from the ends of all streams, as much of each, and says how much that is.
func (h *huffman) decodeMost(dst, src []byte, s *quarters) (done int) {
	if !wide {
		return 0
	}
	var r readers
	for i := range s {
		at := 8*s[i].begin + s[i].left
		begin := at/8 - 7
		if r.next[i] = begin - 8; r.next[i] < 0 {
			return 0
		}
		r.bits[i] = binary.LittleEndian.Uint64(src[begin:]) << (8 - at%8)
		r.valid[i] = uint64(56 + at%8)
	}
	each := (len(dst) + 3) / 4
	done = decodeFour(unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(src)), &h.codes, &r, 64-h.log, each, len(dst)-3*each)
	for i := range s {
		s[i].left = 8*(r.next[i]+8-s[i].begin) + int(r.valid[i])
	}
	return done
}

// decodeFour decodes from readers to places in dst each bytes apart, room of them at most.
//
//go:noescape
func decodeFour(dst, src unsafe.Pointer, table *codes, r *readers, down, each, room int) (done int)
