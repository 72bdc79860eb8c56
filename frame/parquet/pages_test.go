package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// compressed is data as each codec has it.
func compressed(t *testing.T, data []byte) map[int][]byte {
	t.Helper()
	out := map[int][]byte{codecNone: data, codecSnappy: s2.EncodeSnappy(nil, data)}
	var err error
	through := func(codec int, open func(io.Writer) io.WriteCloser) {
		var b bytes.Buffer
		w := open(&b)
		_, writeErr := w.Write(data)
		err = errors.Join(err, writeErr, w.Close())
		out[codec] = b.Bytes()
	}
	through(codecGzip, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	through(codecBrotli, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
	through(codecZstd, func(w io.Writer) io.WriteCloser {
		z, zErr := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		err = errors.Join(err, zErr)
		return z
	})
	block := make([]byte, lz4.CompressBlockBound(len(data)))
	n, lz4Err := lz4.CompressBlock(data, block, nil)
	if err = errors.Join(err, lz4Err); err != nil {
		t.Fatal(err)
	}
	out[codecLZ4] = block[:n]
	return out
}

// hadoopBlock is a block of lz4 with its lengths before it.
func hadoopBlock(block []byte, size int) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(size))
	return append(binary.BigEndian.AppendUint32(out, uint32(len(block))), block...)
}

func TestDecompress(t *testing.T) {
	mem := checked(t)
	small := []byte(strings.Repeat("a page of values, ", 1000))
	large := slices.Repeat([]byte{7, 0, 0, 0}, 12<<20) // more than its compressed bytes make likely
	for _, data := range [][]byte{small, large} {
		all := compressed(t, data)
		all[codecHadoop] = slices.Concat(hadoopBlock(all[codecLZ4], len(data)), hadoopBlock(all[codecLZ4], len(data)))
		for codec, stored := range all {
			want := data
			if codec == codecHadoop {
				want = slices.Concat(data, data)
			}
			to := &buffer{mem: mem}
			got, err := decompress(codec, to, stored, len(want))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("codec %d: %d of %d bytes, %v", codec, len(got), len(want), err)
			} else {
				_ = got[:len(got)+slack]
			}
			for _, size := range []int{len(want) + 1, len(want) - 1} {
				got, err := decompress(codec, to, stored, size)
				if err == nil {
					t.Errorf("codec %d: a page of %d bytes is read as %d, %d", codec, len(want), size, len(got))
				}
			}
			if got, err := decompress(codec, to, stored[:len(stored)/2], len(want)); err == nil {
				t.Errorf("codec %d: %d bytes of half a page", codec, len(got))
			}
			to.free()
		}
	}
	// An lz4 block without the frames of Hadoop, which some writers give the same number.
	to := &buffer{mem: mem}
	defer to.free()
	if got, err := decompress(codecHadoop, to, compressed(t, small)[codecLZ4], len(small)); err != nil || !bytes.Equal(got, small) {
		t.Errorf("a bare block: %v", err)
	}
	if _, err := decompress(3, to, small, len(small)); err == nil {
		t.Error("an unknown codec decompresses")
	}
}

// TestVerbatim takes blocks of one literal of every length of head where they lie, and no others.
func TestVerbatim(t *testing.T) {
	mem := checked(t)
	random := make([]byte, 60<<10)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(random)
	for _, n := range []int{1, 59, 60, 61, 255, 256, 257, len(random)} {
		data := random[:n]
		stored := s2.EncodeSnappy(nil, data)
		got := verbatim(codecSnappy, stored, n)
		if !bytes.Equal(got, data) || &got[0] != &stored[len(stored)-n] {
			t.Errorf("%d bytes: %d are taken", n, len(got))
		}
		if got := verbatim(codecNone, data, n); &got[0] != &data[0] {
			t.Errorf("%d bytes that are not compressed are not taken", n)
		}
		for i := range min(len(stored)-n, 8) {
			for bit := range 8 {
				bad := bytes.Clone(stored)
				bad[i] ^= 1 << bit
				checkVerbatim(t, mem, bad, n)
			}
		}
		for end := range min(len(stored), 80) {
			checkVerbatim(t, mem, stored[:end], n)
			checkVerbatim(t, mem, stored[:end], end)
		}
	}
	if verbatim(codecSnappy, s2.EncodeSnappy(nil, bytes.Repeat(random[:100], 20)), 2000) != nil || verbatim(codecNone, random, 1) != nil {
		t.Error("what is not literals alone is taken")
	}
}

// TestLiteralsAreJoined takes blocks of several literals, but leaves those with copies as they are.
func TestLiteralsAreJoined(t *testing.T) {
	mem := checked(t)
	random := make([]byte, 200<<10)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(random)
	for _, n := range []int{64<<10 + 1, 128 << 10, len(random)} {
		stored, last := s2.EncodeSnappy(nil, random[:n]), (n-1)%(64<<10)+1
		for i := range 8 {
			for bit := range 8 {
				bad := bytes.Clone(stored)
				bad[i] ^= 1 << bit
				checkVerbatim(t, mem, bad, n)
				bad = bytes.Clone(stored)
				bad[len(bad)-last-1-i%4] ^= 1 << bit // of the head of the last literal
				checkVerbatim(t, mem, bad, n)
			}
		}
		for _, end := range []int{n - 1, 64 << 10, 64<<10 + 5, 64<<10 + 7} {
			checkVerbatim(t, mem, bytes.Clone(stored[:end]), n)
		}
		if got := verbatim(codecSnappy, bytes.Clone(stored), n); !bytes.Equal(got, random[:n]) {
			t.Errorf("of %d bytes %d are taken", n, len(got))
		}
		copied := binary.AppendUvarint(nil, uint64(n+8))
		copied = append(append(copied, stored[len(binary.AppendUvarint(nil, uint64(n))):]...), 7<<2|snappyMiddle, 8, 0)
		before := bytes.Clone(copied)
		if verbatim(codecSnappy, copied, n+8) != nil || !bytes.Equal(copied, before) {
			t.Error("a block with a copy is taken, or not as it was")
		}
	}
}

// checkVerbatim takes only what decompressing gives as well.
func checkVerbatim(t *testing.T, mem memory.Allocator, stored []byte, size int) {
	t.Helper()
	to := &buffer{mem: mem}
	defer to.free()
	want, err := decompress(codecSnappy, to, stored, size)
	if got := verbatim(codecSnappy, stored, size); got != nil && (err != nil || !bytes.Equal(got, want)) {
		t.Errorf("%x... of %d bytes: %d are taken, %v", stored[:min(len(stored), 8)], size, len(got), err)
	}
}

// TestDecompressBelievesLittle claims pages of 2 GiB.
func TestDecompressBelievesLittle(t *testing.T) {
	for codec, stored := range compressed(t, []byte("some bytes that are not 2 GiB")) {
		to := &buffer{mem: limitedBy(t, len(stored))}
		if _, err := decompress(codec, to, stored, 1<<31-1); err == nil {
			t.Errorf("codec %d: no error", codec)
		}
		to.free()
	}
}

func TestBitPackedLevels(t *testing.T) {
	mem := checked(t)
	p := &pages{codec: codecNone, body: buffer{mem: mem}}
	body := withSlack([]byte{0b10110000, 0b01000000, 'v'})
	h := header{kind: pageData, size: 3, values: 10, levelEncoding: encodingBitPacked}
	l, values, err := p.data(h, body, true)
	if err != nil || string(values) != "v" || l.none {
		t.Fatalf("%q, %t, %v", values, l.none, err)
	}
	bits := make([]byte, 2)
	if err := l.bits(bits, 0, 10); err != nil || bits[0] != 0b00001101 || bits[1] != 0b10 {
		t.Errorf("levels %08b, %v", bits, err)
	}
	h.values = 100
	if _, _, err := p.data(h, body, true); !errors.Is(err, errShort) {
		t.Errorf("levels beyond the page: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := corpus(t)[0]
	for name, change := range map[string]func([]byte) []byte{
		"nothing":         func([]byte) []byte { return nil },
		"another file":    func([]byte) []byte { return []byte("a text that is long enough") },
		"cut":             func(b []byte) []byte { return b[:len(b)-1] },
		"encrypted":       func(b []byte) []byte { return append(b[:len(b)-4], encryptedMagic...) },
		"a longer footer": func(b []byte) []byte { binary.LittleEndian.PutUint32(b[len(b)-8:], 1<<31-1); return b },
		"a shorter footer": func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[len(b)-8:], binary.LittleEndian.Uint32(b[len(b)-8:])-9)
			return b
		},
		"deep metadata": func(b []byte) []byte {
			footer := slices.Repeat([]byte{0x1c}, 100_000) // structures in structures
			return append(binary.LittleEndian.AppendUint32(append([]byte(magic), footer...), uint32(len(footer))), magic...)
		},
	} {
		data := change(bytes.Clone(good))
		if f, err := Open(bytes.NewReader(data), int64(len(data))); err == nil {
			t.Errorf("%s: %d fields", name, len(f.Fields))
		}
	}
}

// TestPageBehindTheEnd: a page index may point to where no page can be.
func TestPageBehindTheEnd(t *testing.T) {
	p, err := newPages(bytes.NewReader(make([]byte, 1000)), checked(t), &chunk{dictionary: 10, data: 700, stored: 200}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer p.free()
	p.seek(850, 3)
	if _, err := p.header(); err == nil || !strings.Contains(err.Error(), "ends before its rows do") {
		t.Errorf("error %v", err)
	}
}
