package exec

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// codeWords is the most words of a column that is coded.
	codeWords = 1 << 17

	// codeText is the most bytes of its words.
	codeText = 64 << 20

	// A column of more than fewWords words stays coded only if so many rows share one, on average. That shows at the end alone: while
	// rows are few against the words that there are, most are new.
	fewWords   = 1 << 14
	codeRepeat = 4

	// longText marks the second word of texts that do not fit two.
	longText = uint64(0xFF) << 56
)

// TextCodes codes the text columns of batches that are kept in memory (batch.IsCoded), where their values repeat. It is for one goroutine.
type TextCodes struct {
	mem     allocator
	rows    int64
	columns []*wordTable // nil where a column is no text
	none    arrow.Array  // the words of columns whose own are not known yet
}

// NewTextCodes is for batches of a schema. Close it.
func NewTextCodes(mem allocator, schema *arrow.Schema) *TextCodes {
	t := &TextCodes{mem: mem, columns: make([]*wordTable, schema.NumFields())}
	for i, f := range schema.Fields() {
		if f.Type.ID() == arrow.STRING {
			t.columns[i] = newWordTable(mem)
		}
	}
	t.none = wordsTextColumn(mem, arrow.BinaryTypes.String, 0, nil)
	return t
}

// Code takes rec over and gives it with codes. It can't be used before Finish.
func (t *TextCodes) Code(rec arrow.Record) (arrow.Record, error) {
	defer rec.Release()
	t.rows += rec.NumRows()
	columns, err := makeArrays(int(rec.NumCols()), func(i int) (arrow.Array, error) { return t.column(i, rec.Column(i)), nil })
	if err != nil {
		return nil, err
	}
	return newRecord(rec.Schema(), columns, int(rec.NumRows())), nil
}

func (t *TextCodes) column(i int, arr arrow.Array) arrow.Array {
	w := t.columns[i]
	if w == nil || w.given || batch.IsCoded(arr) {
		arr.Retain()
		return arr
	}
	codes := unfilled(t.mem, 4*arr.Len())
	defer codes.Release()
	if !w.code(arr, arrow.Uint32Traits.CastFromBytes(codes.Bytes())) {
		w.given = true
		arr.Retain()
		return arr
	}
	return codedBy(t.mem, arr, codes, t.none.Data())
}

// tooMany says whether coding does not pay: the values hardly repeat.
func (t *TextCodes) tooMany(w *wordTable) bool {
	return int64(w.len()) > max(fewWords, t.rows/codeRepeat)
}

// Finish takes over all records that Code gave and gives what they are for good.
func (t *TextCodes) Finish(records []arrow.Record) (out []arrow.Record, err error) {
	defer releaseRecords(records)
	words := make([]arrow.ArrayData, len(t.columns))
	for i, w := range t.columns {
		if w == nil {
			continue
		}
		w.given = w.given || w.len() == 0 || t.tooMany(w)
		own := w.words(t.mem)
		defer own.Release()
		words[i] = own.Data()
	}
	defer func() {
		if err != nil {
			releaseRecords(out)
			out = nil
		}
	}()
	for _, rec := range records {
		columns, err := makeArrays(int(rec.NumCols()), func(i int) (arrow.Array, error) { return t.final(i, rec.Column(i), words[i]) })
		if err != nil {
			return out, err
		}
		out = append(out, newRecord(rec.Schema(), columns, int(rec.NumRows())))
	}
	return out, nil
}

func (t *TextCodes) final(i int, arr arrow.Array, words arrow.ArrayData) (arrow.Array, error) {
	if !batch.IsCoded(arr) || batch.Words(arr) != t.none.Data() {
		arr.Retain()
		return arr, nil
	}
	codes := batch.CodeArray(arr)
	defer codes.Release()
	coded := batch.CodedWith(codes, words)
	if !t.columns[i].given {
		return coded, nil
	}
	defer coded.Release()
	return batch.PlainArray(t.mem, coded)
}

// Close gives the memory back.
func (t *TextCodes) Close() {
	for _, w := range t.columns {
		if w != nil {
			w.free()
		}
	}
	t.none.Release()
}

// wordTable gives texts numbers from 1 on, in order of first appearance; 0 is for null.
type wordTable struct {
	given bool // up: there are too many words
	slots slab[textSlot]
	text  slab[byte]
	ends  slab[int32] // of word 0, which is empty, and of those after it

	block textBlock
}

// textBlock is the keys of a block of texts and where to look for them.
type textBlock struct {
	keys [probeBlock][2]uint64
	at   [probeBlock]uint64
}

func newWordTable(mem allocator) *wordTable {
	w := &wordTable{slots: newSlab[textSlot](mem), text: newSlab[byte](mem), ends: newSlab[int32](mem)}
	w.ends.push(0)
	return w
}

// len is the number of words but for word 0.
func (w *wordTable) len() int { return len(w.ends.vals) - 1 }

// code puts the number of each text into out; false where there are too many words.
func (w *wordTable) code(arr arrow.Array, out []uint32) bool {
	data, offsets := bytesOf(arr)
	valid := validityOf(arr)
	for from := 0; from < len(out); from += probeBlock {
		to := min(from+probeBlock, len(out))
		ends := offsets[from : to+1]
		if w.len() > codeWords || len(w.text.vals)+int(ends[to-from]-ends[0]) > codeText {
			return false
		}
		w.grow(to - from)
		slots, mask := w.slots.vals, uint64(len(w.slots.vals)-1)
		w.block.prepare(data, ends, mask)
		if len(slots) > touchSlots {
			w.touch(to - from)
		}
		codes := out[from:to]
		for i := range codes {
			key, at := w.block.keys[i], w.block.at[i]
			s := &slots[at]
			if s.text == key && key[1]&longText != longText && s.code != 0 {
				codes[i] = s.code
				continue
			}
			if valid.null(from + i) {
				continue
			}
			codes[i] = w.find(key, at, mask, data[ends[i]:ends[i+1]])
		}
		if !valid.all() {
			for i := range codes {
				if valid.null(from + i) {
					codes[i] = 0
				}
			}
		}
	}
	return true
}

// prepare makes the keys of the texts that end there, and where in slots to look for them.
func (b *textBlock) prepare(data []byte, ends []int32, mask uint64) {
	end := int(ends[0])
	for i, next := range ends[1:] {
		from := end
		end = int(next)
		n := end - from
		var x, y uint64
		switch {
		case uint(n) < 8 && from+8 <= len(data):
			x = binary.LittleEndian.Uint64(data[from:])&(1<<(8*uint(n))-1) | uint64(n)<<56
		case n <= wordsText:
			x, y = textWords(data, from, n)
		default:
			x, y = hashBytes(data[from:end]), longText|uint64(n)
		}
		b.keys[i], b.at[i] = [2]uint64{x, y}, hashWords(x, y)&mask
	}
}

// touch reads the slots of a block: see touchWords.
//
//go:noinline
func (w *wordTable) touch(n int) (sum uint32) {
	slots := w.slots.vals
	for _, at := range w.block.at[:n] {
		sum += slots[at].code
	}
	return sum
}

// find gives the number of a text, a new one where there is none.
func (w *wordTable) find(key [2]uint64, at, mask uint64, text []byte) uint32 {
	slots := w.slots.vals
	for ; slots[at].code != 0; at = (at + 1) & mask {
		if code := slots[at].code; slots[at].text == key &&
			(key[1]&longText != longText || string(w.text.vals[w.ends.vals[code-1]:w.ends.vals[code]]) == string(text)) {
			return code
		}
	}
	from := len(w.text.vals)
	w.text.resize(from + len(text))
	copy(w.text.vals[from:], text)
	w.ends.push(int32(len(w.text.vals)))
	slots[at] = textSlot{text: key, code: uint32(w.len())}
	return uint32(w.len())
}

// grow makes room for more words: slots are at most half full.
func (w *wordTable) grow(more int) {
	size := len(w.slots.vals)
	if 2*(w.len()+more) <= size {
		return
	}
	old := w.slots
	w.slots = newSlab[textSlot](old.mem)
	w.slots.resize(max(1<<12, 2*size))
	clear(w.slots.vals)
	for _, s := range old.vals {
		if s.code != 0 {
			placeText(w.slots.vals, s)
		}
	}
	old.free()
}

// words are the texts in the order of their numbers, word 0 first.
func (w *wordTable) words(mem allocator) arrow.Array {
	n := w.len() + 1
	offsets := unfilled(mem, 4*(n+1))
	defer offsets.Release()
	out := arrow.Int32Traits.CastFromBytes(offsets.Bytes())
	out[0] = 0
	copy(out[1:], w.ends.vals)
	text := unfilled(mem, len(w.text.vals))
	defer text.Release()
	copy(text.Bytes(), w.text.vals)
	return makeArray(arrow.BinaryTypes.String, n, 0, nil, offsets, text)
}

func (w *wordTable) free() {
	w.slots.free()
	w.text.free()
	w.ends.free()
}
