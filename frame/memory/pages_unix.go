//go:build unix

package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	hugePage = 2 << 20
	// hugeFrom is the block size from which huge pages pay: below, rounding to them wastes too much.
	hugeFrom = 4 << 20
)

// mapPages maps n zeroed bytes (a multiple of the page size), nil where the system refuses. Large blocks are aligned
// to huge pages, and only whole huge pages inside the block are asked for, so that none of them reaches past its end.
func mapPages(n int) []byte {
	if n < hugeFrom {
		return mapSmall(n)
	}
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(n+hugePage), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	head := int(-uintptr(p) & (hugePage - 1))
	if head > 0 {
		_ = unix.MunmapPtr(p, uintptr(head))
	}
	if tail := hugePage - head; tail > 0 {
		_ = unix.MunmapPtr(unsafe.Add(p, head+n), uintptr(tail))
	}
	b := unsafe.Slice((*byte)(unsafe.Add(p, head)), n)
	adviseHuge(b[:n&^(hugePage-1)])
	return b
}

func unmapPages(b []byte) {
	if len(b) < hugeFrom {
		unmapSmall(b)
		return
	}
	_ = unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b)))
}
