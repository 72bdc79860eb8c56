package zstd

import (
	"bytes"
	"os"
	"syscall"
	"testing"

	"github.com/klauspost/compress/huff0"
)

// guarded copies bytes to where they are between pages that can't be read: at the start of what can, or at its end.
func guarded(t *testing.T, data []byte, atEnd bool) []byte {
	t.Helper()
	page := os.Getpagesize()
	size := (len(data) + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, page+size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	begin := page
	if atEnd {
		begin += size - len(data)
	}
	copy(all[begin:], data)
	for _, guard := range [][]byte{all[:page], all[page+size:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return all[begin:][:len(data):len(data)]
}

// TestHuffmanStaysInside reads streams, as they are and damaged, which lie at the edge of what can be read.
func TestHuffmanStaysInside(t *testing.T) {
	for name, data := range literalsData() {
		for n := len(data) / 3; n > 200; n -= 1 + n/2 {
			var s huff0.Scratch
			tree, streams, err := huffmanEncode(&s, data[:n], huff0.Compress4X)
			if err != nil {
				continue // they are too few for a tree
			}
			var h huffman
			if _, err := h.read(tree); err != nil {
				t.Fatal(err)
			}
			for _, atEnd := range []bool{false, true} {
				src, dst := guarded(t, streams, atEnd), guarded(t, data[:n], atEnd)
				clear(dst)
				if err := h.decode4(dst, src); err != nil || !bytes.Equal(dst, data[:n]) {
					t.Errorf("%s: %d literals: %v", name, n, err)
				}
				for i := range min(len(src), 200) {
					src[i] ^= 0x55
					_ = h.decode4(dst, src)
					_ = h.decode4(dst[n*i/len(src):], src)
					src[i] ^= 0x55
				}
			}
		}
	}
}
