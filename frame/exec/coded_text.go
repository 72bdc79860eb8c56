package exec

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

const (
	// codedTexts is how many texts a textCoder takes: its slots stay in the cache.
	codedTexts = 1 << 12

	// wordsText is the longest text that textWords packs.
	wordsText = 15
)

// textCoder codes texts in the order in which they come.
type textCoder struct {
	dt    arrow.DataType
	slots slab[textSlot]  // open addressing, at most a quarter full
	words slab[[2]uint64] // of the texts
	codes []uint32        // of the batch
}

type textSlot struct {
	text [2]uint64
	code uint32 // 0 is empty
	_    uint32
}

// textWords packs a text of at most 15 bytes: equal texts have equal words. The length is the highest byte of the first word
// where that has room for the text too, and else of the second.
func textWords(data []byte, from, n int) (a, b uint64) {
	if a, b = shortText(data, from, n); n < 8 {
		return a | uint64(n)<<56, 0
	}
	return a, b | uint64(n)<<56
}

func (c *textCoder) prepare(arr arrow.Array) (uint, bool) {
	data, offsets := bytesOf(arr)
	valid := validityOf(arr)
	rows := arr.Len()
	c.codes = sized(c.codes, rows)
	codes, ends := c.codes[:rows], offsets[1:]
	ends = ends[:rows]
	c.grow()
	slots, mask := c.slots.vals, uint64(len(c.slots.vals)-1)
	end := int(offsets[0])
	for i := range codes {
		from := end
		end = int(ends[i])
		n := end - from
		var a, b uint64
		switch {
		case uint(n) < 8 && from+8 <= len(data):
			a = binary.LittleEndian.Uint64(data[from:])&(1<<(8*uint(n))-1) | uint64(n)<<56
		case n <= wordsText:
			a, b = textWords(data, from, n)
		case !valid.null(i):
			return 0, false
		}
		at := hashWords(a, b) & mask
		for s := &slots[at]; s.code != 0 && (s.text[0] != a || s.text[1] != b); s = &slots[at] {
			at = (at + 1) & mask
		}
		if slots[at].code == 0 {
			if valid.null(i) {
				continue
			}
			if len(c.words.vals) == codedTexts {
				return 0, false
			}
			c.words.push([2]uint64{a, b})
			slots[at] = textSlot{text: [2]uint64{a, b}, code: uint32(len(c.words.vals))}
			codes[i] = slots[at].code
			c.grow()
			slots, mask = c.slots.vals, uint64(len(c.slots.vals)-1)
			continue
		}
		codes[i] = slots[at].code
	}
	if !valid.all() {
		for i := range codes {
			if valid.null(i) {
				codes[i] = 0
			}
		}
	}
	return uint(bits.Len(uint(len(c.words.vals)))), true
}

// grow makes slots where there are none, or too few for the texts.
func (c *textCoder) grow() {
	size := len(c.slots.vals)
	if size > 0 && 4*len(c.words.vals) <= size {
		return
	}
	size = max(256, 2*size)
	c.slots.free()
	c.slots.resize(size)
	clear(c.slots.vals)
	for i, text := range c.words.vals {
		placeText(c.slots.vals, textSlot{text: text, code: uint32(i + 1)})
	}
}

// placeText puts a text that is not there into slots of which some are empty.
func placeText(slots []textSlot, s textSlot) {
	mask := uint64(len(slots) - 1)
	at := hashWords(s.text[0], s.text[1]) & mask
	for slots[at].code != 0 {
		at = (at + 1) & mask
	}
	slots[at] = s
}

func (c *textCoder) moved(code uint32) uint32 { return code }
func (c *textCoder) settle()                  {}

func (c *textCoder) put(_ arrow.Array, keys []uint32, shift uint) {
	keys = keys[:len(c.codes)]
	for i, code := range c.codes {
		keys[i] |= code << shift
	}
}

func (c *textCoder) column(mem allocator, keys []uint32, f codedField) (arrow.Array, error) {
	return wordsTextColumn(mem, c.dt, len(keys), func(i int) (text [2]uint64, ok bool) {
		code := f.of(keys[i])
		if code == 0 {
			return text, false
		}
		return c.words.vals[code-1], true
	}), nil
}

// wordsTextColumn makes a column of what textWords packed.
func wordsTextColumn(mem allocator, dt arrow.DataType, rows int, at func(int) ([2]uint64, bool)) arrow.Array {
	offsets := unfilled(mem, 4*(rows+1))
	defer offsets.Release()
	ends := arrow.Int32Traits.CastFromBytes(offsets.Bytes())
	ends[0] = 0
	var bitmap *buffer
	nulls := 0
	for i := range rows {
		text, ok := at(i)
		if !ok {
			if bitmap == nil {
				bitmap = newBuffer(mem, (rows+7)/8)
				defer bitmap.Release()
				fill(bitmap.Bytes(), 0xFF)
			}
			bitutil.ClearBit(bitmap.Bytes(), i)
			nulls++
		}
		ends[i+1] = ends[i] + int32(lengthOf(text))
	}
	values := unfilled(mem, int(ends[rows]))
	defer values.Release()
	dst := values.Bytes()
	var whole [16]byte
	for i := range rows {
		text, _ := at(i)
		binary.LittleEndian.PutUint64(whole[:], text[0])
		binary.LittleEndian.PutUint64(whole[8:], text[1])
		copy(dst[ends[i]:ends[i+1]], whole[:])
	}
	return makeArray(dt, rows, nulls, bitmap, offsets, values)
}

func lengthOf(text [2]uint64) uint64 {
	if text[1] != 0 {
		return text[1] >> 56
	}
	return text[0] >> 56
}

func (c *textCoder) bytes() int64 { return c.slots.bytes() + c.words.bytes() }

func (c *textCoder) reset() {
	c.slots.free()
	c.words.free()
}
