//go:build unix && !linux

package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func adviseHuge([]byte) {}

func populate([]byte) {}

func mapSmall(n int) []byte {
	b, err := unix.MmapPtr(-1, 0, nil, uintptr(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	return unsafe.Slice((*byte)(b), n)
}

func unmapSmall(b []byte) { _ = unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b))) }
