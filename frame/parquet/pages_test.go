package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
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
			got, err := decompress(codec, to, 5, stored, len(want))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("codec %d: %d of %d bytes, %v", codec, len(got), len(want), err)
			} else {
				_ = got[:len(got)+slack]
			}
			for _, size := range []int{len(want) + 1, len(want) - 1} {
				got, err := decompress(codec, to, 0, stored, size)
				if err == nil {
					t.Errorf("codec %d: a page of %d bytes is read as %d, %d", codec, len(want), size, len(got))
				}
			}
			if got, err := decompress(codec, to, 0, stored[:len(stored)/2], len(want)); err == nil {
				t.Errorf("codec %d: %d bytes of half a page", codec, len(got))
			}
			to.free()
		}
	}
	// An lz4 block without the frames of Hadoop, which some writers give the same number.
	to := &buffer{mem: mem}
	defer to.free()
	if got, err := decompress(codecHadoop, to, 0, compressed(t, small)[codecLZ4], len(small)); err != nil || !bytes.Equal(got, small) {
		t.Errorf("a bare block: %v", err)
	}
	if _, err := decompress(3, to, 0, small, len(small)); err == nil {
		t.Error("an unknown codec decompresses")
	}
}

// TestDecompressBelievesLittle claims pages of 2 GiB.
func TestDecompressBelievesLittle(t *testing.T) {
	for codec, stored := range compressed(t, []byte("some bytes that are not 2 GiB")) {
		to := &buffer{mem: limitedBy(t, len(stored))}
		if _, err := decompress(codec, to, 0, stored, 1<<31-1); err == nil {
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
