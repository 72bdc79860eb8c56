package encode

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
)

// dictionary numbers the different values of a column chunk in the order in which they come.
type dictionary struct {
	width  int      // bytes of a value: 4, 8, another one, 0 of texts
	count  int      // of values
	slots  []uint32 // by hash, one more than the number of a value; at most half of them are taken
	words  []uint64 // of values of four and eight bytes
	stored []byte   // the values, plain
	ends   []int    // of texts and others: where each ends in stored

	coded   *words   // the words that codes was made for
	codes   []uint32 // of the words of coded, one more than the number; 0 is not known
	scratch []byte
}

const (
	hashFactor = 0x9e3779b97f4a7c15
	firstSlots = 1 << 6
)

func (k *dictionary) reset() {
	k.count, k.words, k.stored, k.ends = 0, k.words[:0], k.stored[:0], k.ends[:0]
	k.coded = nil
	if len(k.slots) > 1<<16 {
		k.slots = nil
	}
	clear(k.slots)
	if k.slots == nil {
		k.slots = make([]uint32, firstSlots)
	}
}

// bytes is how large the dictionary is.
func (k *dictionary) bytes() int { return max(len(k.stored), k.width*k.count) }

// add appends the numbers of values to codes.
func (k *dictionary) add(codes []uint32, d *dense) []uint32 {
	switch {
	case d.words != nil:
		return k.addCoded(codes, d)
	case d.words64 != nil:
		for _, v := range d.words64 {
			codes = append(codes, k.word(v))
		}
	case d.words32 != nil:
		for _, v := range d.words32 {
			codes = append(codes, k.word(uint64(v)))
		}
	case d.from != nil:
		for i := range d.n {
			codes = append(codes, k.text(d.at(i)))
		}
	default:
		for i := range d.n {
			codes = append(codes, k.text(d.fixed[i*k.width:(i+1)*k.width]))
		}
	}
	return codes
}

// word is the number of a value of four or eight bytes.
func (k *dictionary) word(v uint64) uint32 {
	mask := uint64(len(k.slots) - 1)
	for at := bits.RotateLeft64(v*hashFactor, 32) & mask; ; at = (at + 1) & mask {
		switch code := k.slots[at]; {
		case code == 0:
			k.words = append(k.words, v)
			return k.taken(at)
		case k.words[code-1] == v:
			return code - 1
		}
	}
}

// text is the number of a value of other bytes.
func (k *dictionary) text(v []byte) uint32 {
	mask := uint64(len(k.slots) - 1)
	for at := hashOf(v) & mask; ; at = (at + 1) & mask {
		switch code := k.slots[at]; {
		case code == 0:
			if k.width == 0 {
				k.stored = binary.LittleEndian.AppendUint32(k.stored, uint32(len(v)))
			}
			k.stored = append(k.stored, v...)
			k.ends = append(k.ends, len(k.stored))
			return k.taken(at)
		case bytes.Equal(k.value(int(code-1)), v):
			return code - 1
		}
	}
}

// taken puts a value that is new in a slot, and gives its number.
func (k *dictionary) taken(at uint64) uint32 {
	k.count++
	k.slots[at] = uint32(k.count)
	if 2*k.count > len(k.slots) {
		k.grow()
	}
	return uint32(k.count - 1)
}

func (k *dictionary) grow() {
	k.slots = make([]uint32, 4*len(k.slots))
	mask := uint64(len(k.slots) - 1)
	for i := range k.count {
		var at uint64
		if len(k.words) > 0 {
			at = bits.RotateLeft64(k.words[i]*hashFactor, 32) & mask
		} else {
			at = hashOf(k.value(i)) & mask
		}
		for k.slots[at] != 0 {
			at = (at + 1) & mask
		}
		k.slots[at] = uint32(i + 1)
	}
}

// value is the bytes of the value i, which is none of four or eight bytes.
func (k *dictionary) value(i int) []byte {
	from := 0
	if i > 0 {
		from = k.ends[i-1]
	}
	if k.width == 0 {
		from += 4
	}
	return k.stored[from:k.ends[i]]
}

// addCoded looks each word up once.
func (k *dictionary) addCoded(codes []uint32, d *dense) []uint32 {
	if k.coded != d.words {
		k.coded = d.words
		k.codes = grow(&k.codes, len(d.words.from))
		clear(k.codes)
	}
	for _, c := range d.codes {
		if k.codes[c] == 0 {
			k.codes[c] = k.text(d.words.at(c)) + 1
		}
		codes = append(codes, k.codes[c]-1)
	}
	return codes
}

// plain is the values as a page of the format has them.
func (k *dictionary) plain() []byte {
	switch k.width {
	case 8:
		return bytesOf(k.words)
	case 4:
		k.scratch = k.scratch[:0]
		for _, v := range k.words {
			k.scratch = binary.LittleEndian.AppendUint32(k.scratch, uint32(v))
		}
		return k.scratch
	}
	return k.stored
}

// appendPlain appends the values that codes stand for.
func (k *dictionary) appendPlain(b []byte, codes []uint32) []byte {
	for _, c := range codes {
		switch k.width {
		case 8:
			b = binary.LittleEndian.AppendUint64(b, k.words[c])
		case 4:
			b = binary.LittleEndian.AppendUint32(b, uint32(k.words[c]))
		case 0:
			v := k.value(int(c))
			b = append(binary.LittleEndian.AppendUint32(b, uint32(len(v))), v...)
		default:
			b = append(b, k.value(int(c))...)
		}
	}
	return b
}

// hashOf is a hash of bytes, eight at a time.
func hashOf(v []byte) uint64 {
	h := uint64(len(v)) * hashFactor
	for len(v) >= 8 {
		h = mixed(h ^ binary.LittleEndian.Uint64(v))
		v = v[8:]
	}
	if len(v) > 0 {
		var rest uint64
		for i, c := range v {
			rest |= uint64(c) << (8 * i)
		}
		h = mixed(h ^ rest)
	}
	return h
}

func mixed(v uint64) uint64 {
	high, low := bits.Mul64(v^0x2d358dccaa6c78a5, hashFactor)
	return high ^ low
}

// worthwhile says whether numbers of values take less room than the values, in rows of which as many come as a row group has. Of the first n,
// count were different: if values come by chance, they are draws of so many kinds that this many were drawn.
func worthwhile(n, count int, size float64, rows int64) bool {
	if count < 256 {
		return true
	}
	kinds := math.Inf(1)
	if share := float64(count) / float64(n); share < 0.999 {
		// Of kinds k, n draws bring k (1 - e^(-n/k)): x = n/k solves 1 - e^(-x) = share x.
		low, high := 0.0, 1/share
		for range 50 {
			if x := (low + high) / 2; 1-math.Exp(-x) > share*x {
				low = x
			} else {
				high = x
			}
		}
		kinds = float64(n) / high
	}
	expected := kinds * (1 - math.Exp(-float64(rows)/kinds))
	return expected < float64(rows)/2 && expected*size < dictionaryBytes
}
