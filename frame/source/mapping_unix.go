//go:build unix

package source

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapFile maps a file for reading, with a page of zeros behind its end, so that eight bytes can be read at its last.
// Mapped pages are the system's file cache: they are not the process's own memory.
func mapFile(f *os.File, size int) (data []byte, unmap func(), err error) {
	page := os.Getpagesize()
	total := (size+page-1)/page*page + page
	base, err := unix.MmapPtr(-1, 0, nil, uintptr(total), unix.PROT_READ, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, nil, err
	}
	unmap = func() { _ = unix.MunmapPtr(base, uintptr(total)) }
	if _, err := unix.MmapPtr(int(f.Fd()), 0, base, uintptr(size), unix.PROT_READ, unix.MAP_SHARED|unix.MAP_FIXED); err != nil {
		unmap()
		return nil, nil, err
	}
	return unsafe.Slice((*byte)(base), size), unmap, nil
}
