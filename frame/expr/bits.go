package expr

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

func byteCount(n int) int { return int(bitutil.BytesForBits(int64(n))) }

// word reads up to 64 bits from bit off, of which n remain; bits beyond them are zero.
func word(b []byte, off, n int) uint64 {
	i, shift := off>>3, uint(off&7)
	var w uint64
	if len(b)-i >= 9 {
		w = binary.LittleEndian.Uint64(b[i:]) >> shift
		if shift != 0 {
			w |= uint64(b[i+8]) << (64 - shift)
		}
	} else {
		var tail [9]byte
		copy(tail[:], b[i:])
		w = binary.LittleEndian.Uint64(tail[:]) >> shift
		if shift != 0 {
			w |= uint64(tail[8]) << (64 - shift)
		}
	}
	if n < 64 {
		w &= 1<<uint(n) - 1
	}
	return w
}

// putWord writes the word of rows i..i+63 (i a multiple of 64), as many of its bytes as n rows need.
func putWord(b []byte, i, n int, w uint64) {
	if n-i >= 64 {
		binary.LittleEndian.PutUint64(b[i>>3:], w)
		return
	}
	var tail [8]byte
	binary.LittleEndian.PutUint64(tail[:], w&(1<<uint(n-i)-1))
	copy(b[i>>3:byteCount(n)], tail[:])
}

func copyBits(out, in []byte, off, n int) {
	for i := 0; i < n; i += 64 {
		putWord(out, i, n, word(in, off+i, n-i))
	}
}

func andBits(out, a []byte, aOff int, b []byte, bOff, n int) {
	for i := 0; i < n; i += 64 {
		putWord(out, i, n, word(a, aOff+i, n-i)&word(b, bOff+i, n-i))
	}
}

func fillBits(out []byte, n int, set bool) {
	w := uint64(0)
	if set {
		w = ^w
	}
	for i := 0; i < n; i += 64 {
		putWord(out, i, n, w)
	}
}

// validWord is word of a validity bitmap, where nil means all valid.
func validWord(b []byte, off, n int) uint64 {
	if b != nil {
		return word(b, off, n)
	}
	if n >= 64 {
		return ^uint64(0)
	}
	return 1<<uint(n) - 1
}

func bitAt(b []byte, i int) bool { return b[i>>3]>>(uint(i)&7)&1 != 0 }

// eachSet calls f for the rows whose bit is set (all rows where b is nil), in order, until f returns false.
func eachSet(b []byte, off, n int, f func(i int) bool) {
	for i := 0; i < n; i += 64 {
		for w := validWord(b, off+i, n-i); w != 0; w &= w - 1 {
			if !f(i + bits.TrailingZeros64(w)) {
				return
			}
		}
	}
}
