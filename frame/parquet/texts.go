package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	// textBytes is how much text an array aims at: once it has more, it ends.
	textBytes = 8 << 20
	// short is the longest text that is copied by one load and one store, whatever its length.
	short = 16
)

var errNotUTF8 = errors.New("a text is not UTF-8 (a binary column may have any bytes)")

// entry is a text of a dictionary.
type entry struct {
	head   [short]byte // the text's first bytes, and whatever stands behind it
	at     uint32
	length uint32
}

// texts builds arrays of texts and of binary values.
type texts struct {
	mem    memory.Allocator
	typ    arrow.DataType
	utf8   bool
	length int // of values that all have the same, which is not stored, in bytes; otherwise 0

	rawOffsets []byte
	offsets    []int32 // rawOffsets
	data       []byte
	used       int
	perRow     float64 // bytes, so far

	words   []byte // of the dictionary; slack bytes can be read behind it
	entries []entry
	memory  buffer // of entries
	longest int    // of the dictionary's texts, in bytes

	encoding int
	stored   []byte // of the values to come
	count    int    // byte streams: values of the page
	at       int    // byte streams: the next value
	codes    hybrid
	lengths  lengths
	bytes    deltaBytes
	most     int // bytes that a value of the page may have
	numbers  [tileRows]uint32
	spans    [tileRows]textSpan
}

func newTexts(mem memory.Allocator, t arrow.DataType, length int) *texts {
	return &texts{mem: mem, typ: t, utf8: t.ID() == arrow.STRING, length: length, perRow: short, memory: buffer{mem: mem}}
}

func (t *texts) begin(rows int) {
	t.drop()
	t.rawOffsets = allocate(t.mem, 4*(rows+1))
	t.offsets = view[int32](t.rawOffsets, rows+1)
	t.offsets[0] = 0
	t.used = 0
	t.data = allocate(t.mem, min(int(float64(rows)*t.perRow*1.04), textBytes+textBytes/4)+4*slack)
}

func (t *texts) free() {
	t.drop()
	t.memory.free()
}

func (t *texts) drop() {
	for _, b := range [][]byte{t.rawOffsets, t.data} {
		if b != nil {
			t.mem.Free(b)
		}
	}
	t.rawOffsets, t.offsets, t.data = nil, nil, nil
}

// room makes room for n more bytes and a store behind them.
func (t *texts) room(n int) {
	if need := t.used + n + slack; need > len(t.data) {
		grown := allocate(t.mem, max(need, len(t.data)+len(t.data)/2))
		copy(grown, t.data[:t.used])
		t.mem.Free(t.data)
		t.data = grown
	}
}

func (t *texts) full() bool { return t.used > textBytes }

// step is so few values that they do not take much more than an array should have.
func (t *texts) step() int { return min(tileRows, max(textBytes/max(t.most, 1), 1)) }

func (t *texts) dictionary(stored []byte, n int) error {
	perValue := t.length
	if perValue == 0 {
		perValue = 4 // its length
	}
	if n > len(stored)/perValue {
		return fmt.Errorf("a dictionary of %d values in %d bytes", n, len(stored))
	}
	if err := t.check(stored, n); err != nil {
		return err
	}
	t.words, t.entries, t.longest = stored, view[entry](t.memory.room(n*sizeOf[entry](), 0), n), 0
	readable := stored[:len(stored)+slack]
	at := 0
	for i := range t.entries {
		length := t.length
		if length == 0 {
			if len(stored)-at < 4 {
				return errShort
			}
			length = int(binary.LittleEndian.Uint32(stored[at:]))
			at += 4
		}
		if length > len(stored)-at {
			return errShort
		}
		t.entries[i] = entry{head: [short]byte(readable[at:]), at: uint32(at), length: uint32(length)}
		t.longest = max(t.longest, length)
		at += length
	}
	return nil
}

// check says whether n texts, stored plain, are UTF-8.
func (t *texts) check(stored []byte, n int) error {
	if !t.utf8 || isASCII(stored) {
		return nil
	}
	for range n {
		length := t.length
		if length == 0 {
			if len(stored) < 4 {
				return nil // whoever reads them tells
			}
			length = int(binary.LittleEndian.Uint32(stored))
			stored = stored[4:]
		}
		if length > len(stored) {
			return nil
		}
		if !utf8.Valid(stored[:length]) {
			return errNotUTF8
		}
		stored = stored[length:]
	}
	return nil
}

// longestOf is the bytes of the longest text stored plain.
func longestOf(stored []byte) (longest int) {
	for len(stored) >= 4 {
		length := int(binary.LittleEndian.Uint32(stored))
		if stored = stored[4:]; length > len(stored) {
			return max(longest, len(stored)) // whoever reads them tells
		}
		longest, stored = max(longest, length), stored[length:]
	}
	return longest
}

func isASCII(b []byte) bool {
	for ; len(b) >= 32; b = b[32:] {
		if (binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:])|
			binary.LittleEndian.Uint64(b[16:])|binary.LittleEndian.Uint64(b[24:]))&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (t *texts) page(encoding int, stored []byte) (err error) {
	t.encoding, t.stored, t.most = encoding, stored, t.length
	switch {
	case encoding == encodingPlain:
		if t.length == 0 && len(stored) > textBytes {
			t.most = longestOf(stored)
		}
		return nil
	case encoding == encodingPlainDictionary, encoding == encodingRLEDictionary:
		t.codes, err = codesOf(stored)
		t.most = t.longest
		return err
	case encoding == encodingByteStreamSplit && t.length > 0:
		t.count, t.at = len(stored)/t.length, 0
		return nil
	case encoding == encodingDeltaLength && t.length == 0:
		if t.lengths = (lengths{}); len(stored) > 0 {
			t.lengths, t.stored, err = newLengths(stored)
		}
		t.most = t.lengths.longest
		return err
	case encoding == encodingDeltaByteArray:
		if t.bytes = (deltaBytes{}); len(stored) > 0 {
			t.bytes, err = newDeltaBytes(stored)
		}
		t.most = max(t.most, t.bytes.longest)
		return err
	}
	return fmt.Errorf("they have the encoding %d, which is not one of this type", encoding)
}

func (t *texts) read(at, n int) error {
	ends := t.offsets[at+1 : at+1+n]
	from := t.used
	var err error
	switch t.encoding {
	case encodingPlain:
		if t.length > 0 {
			err = t.readFixed(ends)
		} else {
			err = t.readPlain(ends)
		}
	case encodingPlainDictionary, encodingRLEDictionary:
		return t.gather(ends)
	case encodingByteStreamSplit:
		err = t.readStreams(ends)
	case encodingDeltaLength:
		err = t.readSpans(ends)
	default:
		err = t.readShared(ends)
	}
	if err == nil && t.utf8 {
		err = t.checkEach(from, ends)
	}
	return err
}

// checkEach says whether the texts that end at ends, from the byte from on, are UTF-8.
func (t *texts) checkEach(from int, ends []int32) error {
	if isASCII(t.data[from:t.used]) {
		return nil
	}
	for _, end := range ends {
		if !utf8.Valid(t.data[from:end]) {
			return errNotUTF8
		}
		from = int(end)
	}
	return nil
}

// spread gives the texts of rows that are null no bytes, and the others theirs.
func (t *texts) spread(at, n, set int, bits []byte) {
	ends := t.offsets[at : at+n+1]
	for i, from := n-1, set; i >= from; i-- {
		ends[i+1] = ends[from]
		from -= int(bits[i>>3] >> (i & 7) & 1)
	}
}

func (t *texts) finish(rows, nulls int, validity *memory.Buffer) (arrow.Array, error) {
	t.perRow = float64(t.used)/float64(rows) + 0.5
	// What was too much room is given back, so that who holds the array holds little more than its bytes.
	if len(t.data) > 64<<10 && t.used < len(t.data)/4*3 {
		t.data = t.mem.Reallocate(max(t.used, 64), t.data)
	}
	offsets, data := memory.NewBufferWithAllocator(t.rawOffsets, t.mem), memory.NewBufferWithAllocator(t.data, t.mem)
	t.rawOffsets, t.offsets, t.data = nil, nil, nil
	defer offsets.Release()
	defer data.Release()
	d := array.NewData(t.typ, rows, []*memory.Buffer{validity, offsets, data}, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}

// byteDecimals builds arrays of decimals that are stored as bytes of any number.
type byteDecimals struct {
	*texts
	mem memory.Allocator
	typ arrow.DataType
}

func (b *byteDecimals) finish(rows, nulls int, validity *memory.Buffer) (arrow.Array, error) {
	raw := allocate(b.mem, rows*len(decimal{})*8)
	values := memory.NewBufferWithAllocator(raw, b.mem)
	defer values.Release()
	out := view[decimal](raw, rows)
	clear(out)
	for i := range out {
		if validity != nil && validity.Bytes()[i>>3]>>(i&7)&1 == 0 {
			continue
		}
		var err error
		if out[i], err = bigEndian(b.data[b.offsets[i]:b.offsets[i+1]]); err != nil {
			return nil, err
		}
	}
	d := array.NewData(b.typ, rows, []*memory.Buffer{validity, values}, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}
