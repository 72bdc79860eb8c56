package exec

import (
	"fmt"
	"math"
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

// gatherAhead is how many strings are looked up before they are copied, so that the cache misses of a block overlap.
const gatherAhead = 256

// touchText is how many bytes of strings a column has where they are looked up: fewer are in the cache anyway.
const touchText = 1 << 20

// beginnings are places in the chunks' bytes, kept from when the lengths are summed to when strings are copied.
var beginnings = sync.Pool{New: func() any { return new([]int32) }}

// longest is the length of the longest string.
func longest(offsets []int32) int {
	most := int32(0)
	for i := 1; i < len(offsets); i++ {
		most = max(most, offsets[i]-offsets[i-1])
	}
	return int(most)
}

func (c *gatherColumn) takeBytes(mem arrowmemory.Allocator, ids []rowID, bitmap *arrowmemory.Buffer, nulls int) (arrow.Array, error) {
	offsets := unfilled(mem, 4*(len(ids)+1))
	defer offsets.Release()
	starts := arrow.Int32Traits.CastFromBytes(offsets.Bytes())
	scratch := beginnings.Get().(*[]int32)
	defer beginnings.Put(scratch)
	*scratch = sized(*scratch, len(ids))
	begins := *scratch
	total := int64(0)
	for i, id := range ids {
		starts[i] = int32(total)
		if id != noRow {
			off := c.offsets[id>>chunkBits]
			row := id & (chunkRows - 1)
			begins[i] = off[row]
			total += int64(off[row+1] - off[row])
		}
	}
	if total > math.MaxInt32 {
		return nil, fmt.Errorf("gather: a batch of %d rows would hold %d bytes of strings, more than 2 GiB", len(ids), total)
	}
	starts[len(ids)] = int32(total)
	values := unfilled(mem, int(total))
	defer values.Release()
	for from := 0; from < len(ids); from += gatherAhead {
		to := min(from+gatherAhead, len(ids))
		if c.text > touchText {
			c.touch(ids[from:to], begins[from:to])
		}
		c.copyBytes(values.Bytes(), ids[from:to], begins[from:to], starts[from:to+1])
	}
	return makeArray(c.dt, len(ids), nulls, bitmap, offsets, values), nil
}

// touch reads the first byte of each string: see touchWords.
//
//go:noinline
func (c *gatherColumn) touch(ids []rowID, begins []int32) (sum byte) {
	for i, id := range ids {
		if id == noRow {
			continue
		}
		if data := c.data[id>>chunkBits]; int(begins[i]) < len(data) {
			sum += data[begins[i]]
		}
	}
	return sum
}

// copyBytes copies the strings of ids, which begin in their chunks where begins says, to where starts says. Most strings are short: sixteen
// bytes are copied whatever the length, where both sides have so many, and the next string covers what is too much.
func (c *gatherColumn) copyBytes(dst []byte, ids []rowID, begins, starts []int32) {
	for i, id := range ids {
		if id == noRow || starts[i] == starts[i+1] {
			continue
		}
		src := c.data[id>>chunkBits]
		from, at := int(begins[i]), int(starts[i])
		size := int(starts[i+1]) - at
		if size <= 16 && from+16 <= len(src) && at+16 <= len(dst) {
			*(*[16]byte)(unsafe.Pointer(&dst[at])) = *(*[16]byte)(unsafe.Pointer(&src[from]))
			continue
		}
		copy(dst[at:], src[from:from+size])
	}
}
