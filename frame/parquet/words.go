package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// decimal is a number of 128 bits, the lower ones first.
type decimal = [2]uint64

// word is a value of fixed width in an array, whatever it means.
type word interface{ uint32 | uint64 | decimal }

// tileRows is how many codes, or values that are not stored as they are, are decoded at once.
const tileRows = 1024

// errCode says that a number does not stand for a value.
var errCode = errors.New("a number is beyond the dictionary")

// words builds arrays of a fixed width.
type words[W word] struct {
	mem     memory.Allocator
	typ     arrow.DataType
	width   int  // of stored values, in bytes
	narrow  bool // decimals are stored as integers of 64 bits
	convert func(out []W, stored []byte) error

	raw    []byte
	out    []W      // raw
	coding []W      // the dictionary, in memory
	short  []uint64 // the dictionary as it is stored, where its values become words when they are gathered
	memory buffer

	encoding int
	stored   []byte // plain: of the values to come; byte streams: of all
	count    int    // byte streams: values of the page
	at       int    // byte streams: the next value
	codes    hybrid
	delta    delta
	bytes    deltaBytes
	tile     []byte
	numbers  [tileRows]uint32
}

func newWords[W word](mem memory.Allocator, t arrow.DataType, width int, convert func([]W, []byte) error) *words[W] {
	return &words[W]{mem: mem, typ: t, width: width, convert: convert, memory: buffer{mem: mem}}
}

func (w *words[W]) begin(rows int) {
	w.drop()
	w.raw = allocate(w.mem, rows*sizeOf[W]())
	w.out = view[W](w.raw, rows)
}

func (w *words[W]) free() {
	w.drop()
	w.memory.free()
}

func (w *words[W]) drop() {
	if w.raw != nil {
		w.mem.Free(w.raw)
		w.raw, w.out = nil, nil
	}
}

func (w *words[W]) step() int  { return math.MaxInt }
func (w *words[W]) full() bool { return false }

func (w *words[W]) dictionary(stored []byte, n int) error {
	if n > len(stored)/w.width {
		return fmt.Errorf("a dictionary of %d values in %d bytes", n, len(stored))
	}
	switch of := any(w).(type) {
	case *words[uint64]:
		if w.width == 8 { // as they are stored
			of.coding = view[uint64](stored, n)
			return nil
		}
	case *words[decimal]:
		if w.narrow {
			w.short = view[uint64](stored, n)
			return nil
		}
	}
	w.coding = view[W](w.memory.room(n*sizeOf[W](), 0), n)
	return w.convert(w.coding, stored)
}

func (w *words[W]) page(encoding int, stored []byte) (err error) {
	w.encoding, w.stored = encoding, stored
	switch encoding {
	case encodingPlain:
		return nil
	case encodingPlainDictionary, encodingRLEDictionary:
		w.codes, err = codesOf(stored)
		return err
	case encodingByteStreamSplit:
		w.count, w.at = len(stored)/w.width, 0
		return nil
	case encodingDeltaBinaryPacked:
		if w.width == 4 || w.width == 8 {
			w.delta = delta{}
			if len(stored) > 0 {
				w.delta, err = newDelta(stored)
			}
			return err
		}
	case encodingDeltaByteArray:
		w.bytes = deltaBytes{}
		if len(stored) > 0 {
			w.bytes, err = newDeltaBytes(stored)
		}
		return err
	}
	return fmt.Errorf("they have the encoding %d, which is not one of this type", encoding)
}

// codesOf reads numbers of a dictionary's values; before them stands their width.
func codesOf(stored []byte) (hybrid, error) {
	if len(stored) == 0 {
		return hybrid{}, nil // of nulls only
	}
	return newHybrid(stored[1:], int(stored[0]))
}

func (w *words[W]) read(at, n int) error {
	out := w.out[at : at+n]
	switch w.encoding {
	case encodingPlain:
		if n > len(w.stored)/w.width {
			return errShort
		}
		taken := w.stored[:n*w.width]
		w.stored = w.stored[n*w.width:]
		return w.convert(out, taken)
	case encodingPlainDictionary, encodingRLEDictionary:
		return w.gather(out)
	}
	for tile := w.makeTile(); len(out) > 0; {
		k := min(len(out), tileRows)
		if err := w.unfold(k); err != nil {
			return err
		}
		if err := w.convert(out[:k], tile[:k*w.width]); err != nil {
			return err
		}
		out = out[k:]
	}
	return nil
}

func (w *words[W]) skip(n int) error {
	switch w.encoding {
	case encodingPlain:
		if n > len(w.stored)/w.width {
			return errShort
		}
		w.stored = w.stored[n*w.width:]
		return nil
	case encodingPlainDictionary, encodingRLEDictionary:
		return w.codes.skip(n)
	case encodingDeltaBinaryPacked:
		return w.delta.skip(n)
	case encodingDeltaByteArray:
		return w.bytes.skip(n)
	}
	if n > w.count-w.at {
		return errShort
	}
	w.at += n
	return nil
}

func (w *words[W]) gather(out []W) error {
	for len(out) > 0 {
		codes := w.numbers[:min(len(out), tileRows)]
		if err := w.codes.next(codes); err != nil {
			return err
		}
		if err := w.look(out[:len(codes)], codes); err != nil {
			return err
		}
		out = out[len(codes):]
	}
	return nil
}

// look gives the values of the dictionary that codes stand for.
func (w *words[W]) look(out []W, codes []uint32) error {
	if wide, ok := any(out).([]decimal); ok && w.short != nil {
		return widenDecimals(wide, w.short, codes)
	}
	return lookUp(out, w.coding, codes)
}

func widenDecimals(out []decimal, short []uint64, codes []uint32) error {
	for i, c := range codes {
		if uint(c) >= uint(len(short)) {
			return errCode
		}
		v := short[c]
		out[i] = decimal{v, uint64(int64(v) >> 63)}
	}
	return nil
}

// makeTile gives the tile, which has room for tileRows values as they would be stored plain.
func (w *words[W]) makeTile() []byte {
	if w.tile == nil {
		w.tile = make([]byte, tileRows*w.width)
	}
	return w.tile
}

// unfold puts the next n values into the tile as they would be stored plain.
func (w *words[W]) unfold(n int) error {
	switch w.encoding {
	case encodingDeltaBinaryPacked:
		var numbers [tileRows]int64
		if err := w.delta.next(numbers[:n]); err != nil {
			return err
		}
		if w.width == 8 {
			copy(w.tile, bytesOf(numbers[:n]))
			return nil
		}
		for i, v := range numbers[:n] {
			binary.LittleEndian.PutUint32(w.tile[4*i:], uint32(v))
		}
	case encodingDeltaByteArray:
		for i := range n {
			v, err := w.bytes.next()
			if err != nil {
				return err
			}
			if len(v) != w.width {
				return fmt.Errorf("a value has %d bytes, not %d", len(v), w.width)
			}
			copy(w.tile[i*w.width:], v)
		}
	case encodingByteStreamSplit:
		if n > w.count-w.at {
			return errShort
		}
		joinStreams(w.tile, w.stored, w.width, w.count, w.at, n)
		w.at += n
	}
	return nil
}

// joinStreams makes n values, from the one at on, of the streams of their first, second and further bytes, each of count bytes.
func joinStreams(out, streams []byte, width, count, at, n int) {
	for s := range width {
		for i, b := range streams[s*count+at : s*count+at+n] {
			out[i*width+s] = b
		}
	}
}

func (w *words[W]) spread(at, n, set int, bits []byte) {
	switch out := any(w.out[at : at+n]).(type) {
	case []uint32:
		spreadWords(out, set, bits)
	case []uint64:
		spreadWords(out, set, bits)
	case []decimal:
		for i, from := n-1, set-1; i >= 0; i-- {
			if bits[i>>3]>>(i&7)&1 != 0 {
				out[i] = out[from]
				from--
			} else {
				out[i] = decimal{}
			}
		}
	}
}

// spreadWords moves the first set words to the places whose bits are set, from the last to the first, without a branch that could be
// guessed wrong; the other places become zero.
func spreadWords[W uint32 | uint64](out []W, set int, bits []byte) {
	i, from := len(out)-1, set-1
	for ; from >= 0 && i > from; i-- {
		bit := bits[i>>3] >> (i & 7) & 1
		out[i] = out[from] & -W(bit)
		from -= int(bit)
	}
	if from < 0 {
		clear(out[:i+1])
	}
}

func (w *words[W]) finish(rows, nulls int, validity *memory.Buffer) (arrow.Array, error) {
	values := memory.NewBufferWithAllocator(w.raw, w.mem)
	w.raw, w.out = nil, nil
	defer values.Release()
	d := array.NewData(w.typ, rows, []*memory.Buffer{validity, values}, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}
