package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// truths builds arrays of truth values.
type truths struct {
	mem memory.Allocator
	raw []byte
	run hybrid
}

func (t *truths) begin(rows int) {
	t.free()
	t.raw = allocate(t.mem, (rows+7)/8)
	clear(t.raw)
}

func (t *truths) free() {
	if t.raw != nil {
		t.mem.Free(t.raw)
		t.raw = nil
	}
}

func (t *truths) step() int  { return math.MaxInt }
func (t *truths) full() bool { return false }

func (t *truths) dictionary([]byte, int) error {
	return errors.New("truth values have no dictionary")
}

func (t *truths) page(encoding int, stored []byte) error {
	switch encoding {
	case encodingPlain:
		t.run = hybrid{data: stored, at: len(stored), width: 1, packed: true, left: 8 * len(stored)}
		return nil
	case encodingRLE:
		t.run = hybrid{width: 1}
		if len(stored) == 0 {
			return nil
		}
		if len(stored) < 4 || int64(binary.LittleEndian.Uint32(stored)) > int64(len(stored)-4) {
			return errShort
		}
		t.run.data = stored[4 : 4+binary.LittleEndian.Uint32(stored)]
		return nil
	}
	return fmt.Errorf("they have the encoding %d, which is not one of truth values", encoding)
}

func (t *truths) read(at, n int) error { return t.run.bits(t.raw, at, n) }

func (t *truths) pick(at int, picks []int32, base int32, n int) error {
	var tile [tileRows]uint32
	return t.run.pickTiles(tile[:], picks, base, n, func(done int, truths []uint32) error {
		for i, truth := range truths {
			row := at + done + i
			t.raw[row>>3] |= byte(truth << (row & 7))
		}
		return nil
	})
}

func (t *truths) skip(n int) error { return t.run.skip(n) }

func (t *truths) spread(at, n, set int, bits []byte) {
	for i, from := n-1, set-1; i >= 0; i-- {
		value := false
		if bitutil.BitIsSet(bits, i) {
			value = bitutil.BitIsSet(t.raw, at+from)
			from--
		}
		bitutil.SetBitTo(t.raw, at+i, value)
	}
}

func (t *truths) finish(rows, nulls int, validity *memory.Buffer) (arrow.Array, error) {
	values := memory.NewBufferWithAllocator(t.raw, t.mem)
	t.raw = nil
	defer values.Release()
	d := array.NewData(arrow.FixedWidthTypes.Boolean, rows, []*memory.Buffer{validity, values}, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}
