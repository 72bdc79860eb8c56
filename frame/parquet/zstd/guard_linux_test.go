package zstd

import (
	"bytes"
	"os"
	"syscall"
	"testing"

	"github.com/klauspost/compress/huff0"
	library "github.com/klauspost/compress/zstd"
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

// TestDecodeStaysInside decodes frames, as they are and damaged, which lie at the edge of what can be read, to what lies at the edge of what can be
// written.
func TestDecodeStaysInside(t *testing.T) {
	for name, data := range pageData() {
		data = data[:min(len(data), 3000)]
		if len(data) == 0 {
			continue
		}
		frame := libraryFrame(t, data, library.WithEncoderCRC(false))
		for _, atEnd := range []bool{false, true} {
			src, dst := guarded(t, frame, atEnd), guarded(t, make([]byte, len(data)), atEnd)
			var d Decoder
			if n, err := d.Decode(dst, src); n != len(data) || err != nil || !bytes.Equal(dst, data) {
				t.Errorf("%s: %v", name, err)
			}
			for i := range src {
				src[i] ^= 0x55
				_, _ = d.Decode(dst, src)
				src[i] ^= 0x55
				n := len(src) - i
				_, _ = d.Decode(dst[:len(dst)*n/len(src)], src)
			}
		}
	}
}
