package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// hybrid reads runs of numbers, each repeated or bit-packed: https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
type hybrid struct {
	data  []byte // slack bytes can be read behind it
	at    int    // of the next run
	width int    // bits of a number

	left   int  // numbers left in the run
	packed bool // whether they are bit-packed, from bit on
	bit    int
	value  uint32 // what is repeated otherwise
}

// newHybrid reads numbers of width bits. Behind data slack bytes can be read.
func newHybrid(data []byte, width int) (hybrid, error) {
	if width > 32 {
		return hybrid{}, fmt.Errorf("its numbers have %d bits", width)
	}
	return hybrid{data: data, width: width}, nil
}

// run reads the head of the next run.
func (h *hybrid) run() error {
	if h.width == 0 && h.at == len(h.data) { // some writers leave out runs of numbers that take no bits
		h.left, h.packed, h.value = 1<<31, false, 0
		return nil
	}
	head, n := binary.Uvarint(h.data[h.at:])
	if n <= 0 {
		return errShort
	}
	h.at += n
	if head>>1 == 0 || head>>1 > 1<<31 {
		return errors.New("a run has an impossible length")
	}
	h.packed = head&1 != 0
	if h.packed {
		h.bit = 8 * h.at
		h.left = 8 * int(head>>1)
		bytes := int(head>>1) * h.width
		if rest := len(h.data) - h.at; bytes > rest { // the last run may be cut after the last number
			h.left, bytes = 8*rest/h.width, rest
		}
		h.at += bytes
		if h.left == 0 {
			return errShort
		}
		return nil
	}
	h.left = int(head >> 1)
	bytes := (h.width + 7) / 8
	if bytes > len(h.data)-h.at {
		return errShort
	}
	h.value = 0
	for i := range bytes {
		h.value |= uint32(h.data[h.at+i]) << (8 * i)
	}
	if h.width < 32 && h.value>>h.width != 0 {
		return fmt.Errorf("a run repeats %d, which has more than %d bits", h.value, h.width)
	}
	h.at += bytes
	return nil
}

// next fills out.
func (h *hybrid) next(out []uint32) error {
	for len(out) > 0 {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		n := min(len(out), h.left)
		if h.packed {
			unpack(out[:n], h.data[:len(h.data)+slack], h.bit, h.width)
			h.bit += n * h.width
		} else {
			for i := range out[:n] {
				out[i] = h.value
			}
		}
		h.left -= n
		out = out[n:]
	}
	return nil
}

// skip passes over n numbers.
func (h *hybrid) skip(n int) error {
	for n > 0 {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		k := min(n, h.left)
		if h.packed {
			h.bit += k * h.width
		}
		h.left -= k
		n -= k
	}
	return nil
}

// bits sets n bits of out, from the bit at on, to numbers of one bit; those bits are zero.
func (h *hybrid) bits(out []byte, at, n int) error {
	for n > 0 {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		k := min(n, h.left)
		if h.packed {
			bitutil.CopyBitmap(h.data, h.bit, k, out, at)
			h.bit += k
		} else if h.value != 0 {
			bitutil.SetBitsTo(out, int64(at), int64(k), true)
		}
		h.left -= k
		n, at = n-k, at+k
	}
	return nil
}

// allOnes says that the numbers, of one bit, begin with a run of n ones.
func (h *hybrid) allOnes(n int) bool {
	first := *h
	return first.run() == nil && !first.packed && first.value == 1 && first.left >= n
}
