package exec

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// intCoder codes whole numbers, dates, times and truth values by their distance from the least.
type intCoder struct {
	dt    arrow.DataType
	flip  uint64 // makes the order of signed words that of unsigned ones
	now   intRange
	next  intRange
	words []uint64       // of the batch
	days  []arrow.Date32 // of a batch of dates, or of codes of text, instead of words
	some  []uint64       // what words alias where values are not stored as words
}

// wordValue is how whole numbers are stored: each is the word that it is extended to.
type wordValue interface{ uint64 | arrow.Date32 }

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
	if dates, ok := arr.(*array.Date32); ok {
		c.days = dates.Date32Values()
		return prepareCodes(c, c.days, validityOf(arr))
	}
	c.words, c.some = keyWords(arr, c.some)
	return prepareCodes(c, c.words, validityOf(arr))
}

func prepareCodes[T wordValue](c *intCoder, words []T, valid validity) (uint, bool) {
	c.next = c.now
	if c.now.bits > 0 && valid.all() && farthest(words, c.flip, c.now.least) <= c.now.last() {
		return c.now.bits, true
	}
	low, high := spanOf(words, c.flip, valid)
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
func farthest[T wordValue](words []T, flip, least uint64) uint64 {
	var a, b uint64
	for len(words) >= 2 {
		a, b = max(a, uint64(words[0])^flip-least), max(b, uint64(words[1])^flip-least)
		words = words[2:]
	}
	if len(words) == 1 {
		a = max(a, uint64(words[0])^flip-least)
	}
	return max(a, b)
}

// spanOf is the least and greatest value of the batch; low > high where there is none.
func spanOf[T wordValue](words []T, flip uint64, valid validity) (low, high uint64) {
	low = math.MaxUint64
	for i, w := range words {
		if valid.all() || !valid.null(i) {
			low, high = min(low, uint64(w)^flip), max(high, uint64(w)^flip)
		}
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
	valid, less := validityOf(arr), c.now.least-1
	if c.days != nil {
		putCodes(c.days, c.flip, less, valid, keys, shift)
	} else {
		putCodes(c.words, c.flip, less, valid, keys, shift)
	}
}

func putCodes[T wordValue](words []T, flip, less uint64, valid validity, keys []uint32, shift uint) {
	keys = keys[:len(words)]
	if !valid.all() {
		for i, w := range words {
			if !valid.null(i) {
				keys[i] |= uint32(uint64(w)^flip-less) << shift
			}
		}
		return
	}
	for i, w := range words {
		keys[i] |= uint32(uint64(w)^flip-less) << shift
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
func (c *intCoder) reset()       { c.now, c.words, c.days = intRange{}, nil, nil }
