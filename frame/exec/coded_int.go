package exec

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
)

// intCoder codes whole numbers, dates, times and truth values by their distance from the least.
type intCoder struct {
	dt    arrow.DataType
	flip  uint64 // makes the order of signed words that of unsigned ones
	now   intRange
	next  intRange
	words []uint64 // of the batch
	some  []uint64 // what words alias where values are not stored as words
}

// intRange is the values from least on whose codes, 1 for the least, take so many bits.
type intRange struct {
	least uint64
	bits  uint
}

// last is how far the last value lies from the least.
func (r intRange) last() uint64 { return 1<<r.bits - 2 }

func newIntCoder(dt arrow.DataType) *intCoder {
	c := &intCoder{dt: dt}
	if zigzag(dt) {
		c.flip = signBit
	}
	return c
}

func (c *intCoder) prepare(arr arrow.Array) (uint, bool) {
	c.words, c.some = keyWords(arr, c.some)
	valid := validityOf(arr)
	c.next = c.now
	if c.now.bits > 0 && valid.all() && c.farthest() <= c.now.last() {
		return c.now.bits, true
	}
	low, high := c.span(valid)
	if low > high { // nothing but nulls
		return c.next.bits, true
	}
	if c.now.bits > 0 {
		low, high = min(low, c.now.least), max(high, c.now.least+c.now.last())
	}
	if high-low >= 1<<codedBits {
		return 0, false
	}
	c.next.bits = uint(bits.Len64(high - low + 1))
	// The room that is left lies half below, so that values that creep down do not move the groups each time.
	room := c.next.last() - (high - low)
	c.next.least = low - min(low, room/2)
	if c.next.least > math.MaxUint64-1<<codedBits {
		return 0, false
	}
	return c.next.bits, true
}

// farthest is how far the values lie from the least one of the range, at most; those before it lie farthest.
func (c *intCoder) farthest() uint64 {
	var a, b uint64
	words, flip, least := c.words, c.flip, c.now.least
	for len(words) >= 2 {
		a, b = max(a, words[0]^flip-least), max(b, words[1]^flip-least)
		words = words[2:]
	}
	if len(words) == 1 {
		a = max(a, words[0]^flip-least)
	}
	return max(a, b)
}

// span is the least and greatest value of the batch; low > high where there is none.
func (c *intCoder) span(valid validity) (low, high uint64) {
	low = math.MaxUint64
	if !valid.all() {
		for i, w := range c.words {
			if !valid.null(i) {
				low, high = min(low, w^c.flip), max(high, w^c.flip)
			}
		}
		return low, high
	}
	for _, w := range c.words {
		low, high = min(low, w^c.flip), max(high, w^c.flip)
	}
	return low, high
}

func (c *intCoder) moved(code uint32) uint32 {
	if code == 0 {
		return 0
	}
	return code + uint32(c.now.least-c.next.least)
}

func (c *intCoder) settle() { c.now = c.next }

func (c *intCoder) put(arr arrow.Array, keys []uint32, shift uint) {
	valid, flip, less := validityOf(arr), c.flip, c.now.least-1
	if !valid.all() {
		for i, w := range c.words {
			if !valid.null(i) {
				keys[i] |= uint32(w^flip-less) << shift
			}
		}
		return
	}
	keys = keys[:len(c.words)]
	for i, w := range c.words {
		keys[i] |= uint32(w^flip-less) << shift
	}
}

func (c *intCoder) column(mem allocator, keys []uint32, f codedField) (arrow.Array, error) {
	return wordsColumn(mem, c.dt, len(keys), func(out []uint64) (nulls []int) {
		less, flip := c.now.least-1, c.flip
		for i, key := range keys {
			code := f.of(key)
			if code == 0 {
				nulls = append(nulls, i)
			}
			out[i] = (uint64(code) + less) ^ flip
		}
		return nulls
	})
}

func (c *intCoder) bytes() int64 { return 0 }
func (c *intCoder) reset()       { c.now, c.words = intRange{}, nil }
