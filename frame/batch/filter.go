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
	scratch := selections.Get().(*[]int32)
	defer selections.Put(scratch)
	*scratch = Selected((*scratch)[:0], mask)
	idx := *scratch
	switch len(idx) {
	case mask.Len():
		rec.Retain()
		return rec, nil
	case 0:
		return rec.NewSlice(0, 0), nil
	}
	if n := len(idx); int(idx[n-1]-idx[0]) == n-1 { // one run: nothing to copy
		if n*2 >= mask.Len() {
			return rec.NewSlice(int64(idx[0]), int64(idx[0])+int64(n)), nil
		}
	}
	return Take(mem, rec, idx)
}

// selections are lists of rows, kept from one batch to the next.
var selections = sync.Pool{New: func() any { return new([]int32) }}

// Selected appends the rows where mask is true, not null, to idx.
func Selected(idx []int32, mask *array.Boolean) []int32 {
	idx = slices.Grow(idx, mask.Len()+8) // rowsWide writes eight at once
	eachWords(mask, func(words []uint64, row int) {
		if wideRows {
			idx = rowsWide(idx, words, row)
		} else {
			idx = rowsOf(idx, words, row)
		}
	})
	return idx
}

// CountSelected is how many rows of mask are true, not null.
func CountSelected(mask *array.Boolean) int {
	count := 0
	eachWords(mask, func(words []uint64, _ int) {
		for _, w := range words {
			count += bits.OnesCount64(w)
		}
	})
	return count
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
