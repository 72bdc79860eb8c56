package batch

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Texts are encoded without what all begin with, where that is so many bytes at least; at most it is a word of them.
const (
	leastPrefix = 2
	mostPrefix  = 8
)

// prefixOf is how many bytes, up to mostPrefix, all texts that end there begin with alike; 0 where they are too few.
func prefixOf(ends []int32, text []byte) int {
	first := wordAt(text, int(ends[0]))
	least, differ := ends[len(ends)-1]-ends[0], uint64(0)
	for i := range len(ends) - 1 {
		if least = min(least, ends[i+1]-ends[i]); least < leastPrefix {
			return 0
		}
		differ |= wordAt(text, int(ends[i])) ^ first
	}
	prefix := min(bits.TrailingZeros64(differ)/8, int(least)) // what wordAt has beyond the shortest text does not matter
	if prefix < leastPrefix {
		return 0
	}
	return prefix
}

// wordAt is eight bytes from one on, zeros where there are not as many.
func wordAt(text []byte, from int) uint64 {
	if from+mostPrefix <= len(text) {
		return binary.LittleEndian.Uint64(text[from:])
	}
	var b [mostPrefix]byte
	copy(b[:], text[from:])
	return binary.LittleEndian.Uint64(b[:])
}

// shortened writes texts that end there without their first bytes, and those once.
func (e *encoder) shortened(ends []int32, text []byte, prefix int) {
	rows := len(ends) - 1
	e.bytes(text[ends[0]:][:prefix])
	lengths := make([]int32, rows)
	for i := range lengths {
		lengths[i] = ends[i+1] - ends[i] - int32(prefix)
	}
	encodeInts(e, lengths)
	size := int(ends[rows]-ends[0]) - rows*prefix
	e.number(uint64(size))
	out := e.room(size)
	if e.short {
		return
	}
	at := 0
	for i := range rows {
		from, to := int(ends[i])+prefix, int(ends[i+1])
		copyShort(out[at:], text[from:], to-from)
		at += to - from
	}
}

// copyShort copies the first n bytes of in; more of out may be written, which the next copy covers.
func copyShort(out, in []byte, n int) {
	if n <= 16 && len(out) >= 16 && len(in) >= 16 {
		*(*[16]byte)(out) = *(*[16]byte)(in)
		return
	}
	copy(out[:n], in)
}

// lengthened reads what shortened wrote: where the texts of rows end, and their bytes.
func (d *decoder) lengthened(rows int) (ends, text *memory.Buffer) {
	prefix := d.bytes()
	ends = d.ends(rows)
	b := d.bytes()
	if d.bad || len(prefix) == 0 || len(prefix) > mostPrefix {
		d.bad = true
		return ends, nil
	}
	bounds := view[int32](ends.Bytes(), rows+1)
	total := int64(len(b)) + int64(rows)*int64(len(prefix))
	if int(bounds[rows]) != len(b) || total > math.MaxInt32 {
		d.bad = true
		return ends, nil
	}
	word := wordAt(prefix, 0)
	text, out := newBuffer(d.mem, int(total))
	from, at := 0, 0
	for i := range rows {
		to := int(bounds[i+1])
		if at+mostPrefix <= len(out) {
			binary.LittleEndian.PutUint64(out[at:], word)
		} else {
			copy(out[at:], prefix)
		}
		at += len(prefix)
		copyShort(out[at:], b[from:], to-from)
		at += to - from
		from = to
		bounds[i+1] = int32(at)
	}
	return ends, text
}
