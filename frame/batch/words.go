package batch

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	// mostWords is how many words a column has at most that is encoded by them, wordBytes how long they are.
	mostWords = 256
	wordBytes = 16
	wordSlots = 4 * mostWords // at most a quarter is full
)

// wordSet is the words of a column, in the order in which they come.
type wordSet struct {
	slots [wordSlots]wordSlot
	count int
	ends  [mostWords + 1]int32
	text  []byte
	codes []byte // the word of each row
}

type wordSlot struct {
	x, y   uint64
	length int32 // and one; 0 is empty
	code   uint8
}

// of finds the words of texts that end there; false where they are many or long.
func (w *wordSet) of(ends []int32, text []byte) bool {
	rows := len(ends) - 1
	clear(w.slots[:])
	w.count, w.text = 0, w.text[:0]
	if cap(w.codes) < rows {
		w.codes = make([]byte, rows)
	}
	w.codes = w.codes[:rows]
	for i := range w.codes {
		from, length := int(ends[i]), ends[i+1]-ends[i]
		if length > wordBytes {
			return false
		}
		var x, y uint64
		if length < 8 && from+8 <= len(text) {
			x = binary.LittleEndian.Uint64(text[from:]) & (1<<(8*uint(length)) - 1)
			if s := &w.slots[slotOf(x, 0, length)]; s.x == x && s.length == length+1 {
				w.codes[i] = s.code
				continue
			}
		} else {
			x, y = wordOf(text, from, int(length))
		}
		at := slotOf(x, y, length)
		s := &w.slots[at]
		for s.length != 0 && (s.x != x || s.y != y || s.length != length+1) {
			at = (at + 1) % wordSlots
			s = &w.slots[at]
		}
		if s.length == 0 {
			if w.count == mostWords {
				return false
			}
			*s = wordSlot{x, y, length + 1, uint8(w.count)}
			w.text = append(w.text, text[from:from+int(length)]...)
			w.count++
			w.ends[w.count] = int32(len(w.text))
		}
		w.codes[i] = s.code
	}
	return true
}

// slotOf is where to look for a word.
func slotOf(x, y uint64, length int32) uint64 {
	return ((x+uint64(length))*0x9E3779B97F4A7C15 ^ y*0xC2B2AE3D27D4EB4F) >> 32 % wordSlots
}

// wordOf is the bytes of a short text as two numbers.
func wordOf(text []byte, from, length int) (x, y uint64) {
	if from+wordBytes <= len(text) {
		x, y = binary.LittleEndian.Uint64(text[from:]), binary.LittleEndian.Uint64(text[from+8:])
		if length < 8 {
			return x & (1<<(8*uint(length)) - 1), 0
		}
		if length < 16 {
			y &= 1<<(8*uint(length-8)) - 1
		}
		return x, y
	}
	var b [wordBytes]byte
	copy(b[:], text[from:from+length])
	return binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
}

// words is the texts of rows that are encoded by words: where they end, and their bytes.
func (d *decoder) words(rows int) (ends, text *memory.Buffer) {
	count := int(d.number())
	if d.bad || count < 1 || count > mostWords {
		d.bad = true
		return nil, nil
	}
	from := d.ends(count)
	defer release(from)
	bytes, codes := d.bytes(), d.next(rows)
	if d.bad {
		return nil, nil
	}
	bounds := view[int32](from.Bytes(), count+1)
	if int(bounds[count]) != len(bytes) {
		d.bad = true
		return nil, nil
	}
	var words [mostWords][2]uint64
	var lengths [mostWords]int32
	for i := range count {
		lengths[i] = bounds[i+1] - bounds[i]
		d.bad = d.bad || lengths[i] > wordBytes
		words[i][0], words[i][1] = wordOf(bytes, int(bounds[i]), int(min(lengths[i], wordBytes)))
	}
	ends, raw := newBuffer(d.mem, 4*(rows+1))
	out := view[int32](raw, rows+1)
	out[0] = 0
	total := int64(0)
	for i, code := range codes {
		total += int64(lengths[code])
		out[i+1] = int32(total)
		d.bad = d.bad || int(code) >= count
	}
	if d.bad || total > math.MaxInt32 {
		d.bad = true
		return ends, nil
	}
	text, all := newBuffer(d.mem, int(total))
	spell(all, out, codes, &words)
	return ends, text
}

// spell writes the words of rows that end there.
func spell(out []byte, ends []int32, codes []byte, words *[mostWords][2]uint64) {
	for i, code := range codes {
		from := int(ends[i])
		w := &words[code]
		if from+wordBytes <= len(out) { // what is too much the next word overwrites
			binary.LittleEndian.PutUint64(out[from:], w[0])
			binary.LittleEndian.PutUint64(out[from+8:], w[1])
			continue
		}
		var b [wordBytes]byte
		binary.LittleEndian.PutUint64(b[:], w[0])
		binary.LittleEndian.PutUint64(b[8:], w[1])
		copy(out[from:ends[i+1]], b[:])
	}
}

// copyBits copies n bits of b from one on.
func copyBits(out, b []byte, from, n int) {
	if len(out) > 0 {
		out[len(out)-1] = 0
		bitutil.CopyBitmap(b, from, n, out, 0)
	}
}
