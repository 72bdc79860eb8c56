package zstd

import (
	"bytes"
	"slices"
	"testing"

	library "github.com/klauspost/compress/zstd"
)

// FuzzZstd decodes what the library wrote, as it is and changed. What the library decodes has to come out the same. It refuses more: matches from
// further than the window and blocks that are larger than it, windows below a KiB or beyond a limit of its own, and trees of Huffman whose weights end
// in fewer bits than their last state needs.
func FuzzZstd(f *testing.F) {
	for _, data := range pageData() {
		for _, n := range []int{len(data) / 10, min(len(data), 500)} {
			src := libraryFrame(f, data[:n], library.WithEncoderCRC(false))
			f.Add(src, uint(0), byte(0))
			f.Add(src, uint(len(src)/2), byte(3))
			f.Add(src, uint(len(src)-5), byte(0x40))
		}
	}
	f.Add(slices.Concat(head, compressedBlock(true, plainLiteralsOf("abcd"), sameCodes(allRepeated, sequence{2, 3, 4}, sequence{2, 3, 5}))), uint(15), byte(4))
	d, err := library.NewReader(nil, library.WithDecoderConcurrency(1), library.WithDecodeAllCapLimit(true))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(d.Close)
	e, err := library.NewWriter(nil, library.WithEncoderConcurrency(1), library.WithLowerEncoderMem(true))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src []byte, at uint, change byte) {
		const room = 1 << 17
		if got, err := check(t, e.EncodeAll(src, nil), len(src)); err != nil || !bytes.Equal(got, src) {
			t.Fatalf("%d bytes: %v", len(src), err)
		}
		if len(src) > 0 {
			src[at%uint(len(src))] ^= change
		}
		got, err := check(t, src, room)
		want, libraryErr := d.DecodeAll(src, make([]byte, 0, room))
		switch {
		case err != nil && libraryErr == nil:
			t.Fatalf("%v, but the library decodes %d bytes", err, len(want))
		case libraryErr == nil && !bytes.Equal(got, want):
			t.Fatalf("%d bytes, of the library %d others", len(got), len(want))
		}
	})
}
