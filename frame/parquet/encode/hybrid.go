package encode

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// repeats is from how many equal numbers on they are a run: shorter ones read slower than they save.
const repeats = 32

// widthOf is the bits of numbers up to most.
func widthOf(most int) int { return bits.Len(uint(most)) }

// appendHybrid appends numbers of width bits as runs, each repeated or bit-packed:
// https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
func appendHybrid(b []byte, v []uint32, width int) []byte {
	begun := 0 // of what is to be packed; so many are packed that a run begins at a multiple of eight
	for i := 0; i < len(v); {
		n := 1
		for i+n < len(v) && v[i+n] == v[i] {
			n++
		}
		if rest := (8 - (i-begun)%8) % 8; n-rest >= repeats || n-rest > 0 && i+n == len(v) && n-rest >= 8 {
			b = appendPacked(b, v[begun:i+rest], width)
			b = appendRun(b, v[i], n-rest, width)
			begun = i + n
		}
		i += n
	}
	return appendPacked(b, v[begun:], width)
}

func appendRun(b []byte, v uint32, n, width int) []byte {
	b = binary.AppendUvarint(b, uint64(n)<<1)
	for range (width + 7) / 8 {
		b = append(b, byte(v))
		v >>= 8
	}
	return b
}

// appendPacked packs numbers, of which the last group of eight is filled with zeros.
func appendPacked(b []byte, v []uint32, width int) []byte {
	if len(v) == 0 {
		return b
	}
	groups := (len(v) + 7) / 8
	b = binary.AppendUvarint(b, uint64(groups)<<1|1)
	end := len(b) + groups*width
	var acc uint64
	held := 0
	for _, x := range v {
		acc |= uint64(x) << held
		if held += width; held >= 32 {
			b = binary.LittleEndian.AppendUint32(b, uint32(acc))
			acc >>= 32
			held -= 32
		}
	}
	for ; held > 0; held -= 8 {
		b = append(b, byte(acc))
		acc >>= 8
	}
	for len(b) < end {
		b = append(b, 0)
	}
	return b
}

// appendBits appends n bits of a bitmap as numbers of one bit.
func appendBits(b, bitmap []byte, n, set int) []byte {
	switch set {
	case n:
		return appendRun(b, 1, n, 1)
	case 0:
		return appendRun(b, 0, n, 1)
	}
	b = binary.AppendUvarint(b, uint64((n+7)/8)<<1|1)
	return append(b, bitmap[:(n+7)/8]...)
}

// bitmap is bits that grow.
type bitmap struct {
	bits []byte
	n    int
}

func (m *bitmap) reset() {
	clear(m.bits)
	m.bits, m.n = m.bits[:0], 0
}

// room makes n bits more, zeros.
func (m *bitmap) room(n int) {
	for len(m.bits) < (m.n+n+7)/8 {
		m.bits = append(m.bits, 0)
	}
}

// ones appends n ones.
func (m *bitmap) ones(n int) {
	m.room(n)
	bitutil.SetBitsTo(m.bits, int64(m.n), int64(n), true)
	m.n += n
}

// copy appends n bits of another bitmap from at on.
func (m *bitmap) copy(from []byte, at, n int) {
	m.room(n)
	bitutil.CopyBitmap(from, at, n, m.bits, m.n)
	m.n += n
}
