package batch

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// FilterRows keeps the rows of rec where mask is true, not null. Where that is all of them the result shares rec's
// columns.
func FilterRows(mem memory.Allocator, rec arrow.Record, mask *array.Boolean) (arrow.Record, error) {
	if int64(mask.Len()) != rec.NumRows() {
		return nil, fmt.Errorf("filter: %d rows, %d in the mask", rec.NumRows(), mask.Len())
	}
	scratch := selections.Get().(*selection)
	defer selections.Put(scratch)
	kept := scratch.set(mask)
	switch kept {
	case mask.Len():
		rec.Retain()
		return rec, nil
	case 0:
		return rec.NewSlice(0, 0), nil
	}
	if from, to := scratch.ends(); to-from == kept && kept*2 >= mask.Len() { // one run: nothing to copy
		return rec.NewSlice(int64(from), int64(to)), nil
	}
	var t *taker
	c, dense := newCompressor(mem, scratch.words, kept), kept*compressLeast >= mask.Len()
	return MapColumns(rec, rec.Schema(), int64(kept), func(_ int, arr arrow.Array) (arrow.Array, error) {
		if dense && compressible(arr) {
			return c.array(arr), nil
		}
		if t == nil {
			t = newTaker(mem, scratch.rows())
		}
		return t.array(arr)
	})
}

// selection is the rows of a batch that are kept.
type selection struct {
	words []uint64 // a bit for each row
	idx   []int32
}

// selections are kept from one batch to the next.
var selections = sync.Pool{New: func() any { return new(selection) }}

// set takes the rows where mask is true, not null, and says how many they are.
func (s *selection) set(mask *array.Boolean) (kept int) {
	s.words = s.words[:0]
	eachWords(mask, func(words []uint64, _ int) {
		for _, w := range words {
			kept += bits.OnesCount64(w)
		}
		s.words = append(s.words, words...)
	})
	return kept
}

// ends are the first row and the one behind the last; there are some.
func (s *selection) ends() (from, to int) {
	last := len(s.words) - 1
	for s.words[from] == 0 {
		from++
	}
	for s.words[last] == 0 {
		last--
	}
	return 64*from + bits.TrailingZeros64(s.words[from]), 64*last + bits.Len64(s.words[last])
}

// rows lists them.
func (s *selection) rows() []int32 {
	s.idx = appendRows(slices.Grow(s.idx[:0], 64*len(s.words)+8), s.words, 0)
	return s.idx
}

// Selected appends the rows where mask is true, not null, to idx.
func Selected(idx []int32, mask *array.Boolean) []int32 {
	rows := 0
	eachWords(mask, func(words []uint64, _ int) {
		for _, w := range words {
			rows += bits.OnesCount64(w)
		}
	})
	idx = slices.Grow(idx, rows+8) // rowsWide writes eight at once
	eachWords(mask, func(words []uint64, row int) { idx = appendRows(idx, words, row) })
	return idx
}

// appendRows appends the rows whose bits are set, for all of which, and eight more, idx has room; row is that of the first bit.
func appendRows(idx []int32, words []uint64, row int) []int32 {
	if wideRows {
		return rowsWide(idx, words, row)
	}
	return rowsOf(idx, words, row)
}

// eachWords calls f for words whose bits are the rows that are true, not null; row is that of the first bit.
func eachWords(mask *array.Boolean, f func(words []uint64, row int)) {
	data, n := mask.Data(), mask.Len()
	if n == 0 || data.Buffers()[1] == nil {
		return
	}
	truth, offset := data.Buffers()[1].Bytes(), data.Offset()
	var valid []byte
	if mask.NullN() > 0 {
		valid = mask.NullBitmapBytes()
	}
	var words [64]uint64
	for row := 0; row < n; row += 64 * len(words) {
		piece := words[:min(len(words), (n-row+63)/64)]
		for i := range piece {
			at := row + 64*i
			width := min(64, n-at)
			piece[i] = loadBits(truth, offset+at, width)
			if valid != nil {
				piece[i] &= loadBits(valid, offset+at, width)
			}
		}
		f(piece, row)
	}
}

// rowsOf appends the rows whose bits are set; row is that of the first bit.
func rowsOf(idx []int32, words []uint64, row int) []int32 {
	for _, word := range words {
		if word == ^uint64(0) {
			for i := range int32(64) {
				idx = append(idx, int32(row)+i)
			}
		} else {
			for ; word != 0; word &= word - 1 {
				idx = append(idx, int32(row+bits.TrailingZeros64(word)))
			}
		}
		row += 64
	}
	return idx
}

// loadBits reads width bits (at most 64) from bit at on.
func loadBits(b []byte, at, width int) (word uint64) {
	first, shift := at>>3, uint(at&7)
	if shift == 0 && width == 64 {
		return binary.LittleEndian.Uint64(b[first:])
	}
	last := (at + width - 1) >> 3
	for i := min(last, first+7); i >= first; i-- {
		word = word<<8 | uint64(b[i])
	}
	word >>= shift
	if last == first+8 {
		word |= uint64(b[last]) << (64 - shift)
	}
	if width < 64 {
		word &= 1<<uint(width) - 1
	}
	return word
}
