package exec

import (
	"encoding/binary"
	"iter"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// validity is the null bitmap of an array; the zero value says that no row is null.
type validity struct {
	bits   []byte
	offset int
}

func validityOf(arr arrow.Array) validity {
	if arr.NullN() == 0 {
		return validity{}
	}
	return validity{bits: arr.NullBitmapBytes(), offset: arr.Data().Offset()}
}

func (v validity) all() bool           { return v.bits == nil }
func (v validity) null(i int) bool     { return v.bits != nil && !bitutil.BitIsSet(v.bits, v.offset+i) }
func (v validity) from(i int) validity { return validity{v.bits, v.offset + i} }

// nulls gives the rows below rows that are null: where few are, a word of 64 at a time.
func (v validity) nulls(rows int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for from := 0; from < rows && v.bits != nil; from += 64 {
			for w := ^v.word(from) & lowBits(rows-from); w != 0; w &= w - 1 {
				if !yield(from + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// word is the bits of 64 rows from one on; those behind the bitmap's end are zero.
func (v validity) word(from int) uint64 {
	at := v.offset + from
	shift, rest := uint(at&7), v.bits[at>>3:]
	if len(rest) > 8 {
		return binary.LittleEndian.Uint64(rest)>>shift | uint64(rest[8])<<(64-shift)
	}
	var padded [8]byte
	copy(padded[:], rest)
	return binary.LittleEndian.Uint64(padded[:]) >> shift
}

// lowBits is a word of which so many bits are set, at most all.
func lowBits(count int) uint64 {
	if count >= 64 {
		return ^uint64(0)
	}
	return 1<<count - 1
}

// presence says in which rows of a batch all of some columns have a value. It keeps the bitmap for the next batch.
type presence struct{ bits []byte }

// of gives what is valid until it is asked of other columns.
func (p *presence) of(columns []arrow.Array, rows int) validity {
	all := validity{}
	for _, c := range columns {
		switch v := validityOf(c); {
		case c.DataType().ID() == arrow.NULL: // it has no bitmap
			p.bits = sized(p.bits, (rows+63)/64*8)
			clear(p.bits)
			return validity{bits: p.bits}
		case v.all():
		case all.all():
			all = v
		default:
			p.bits = sized(p.bits, (rows+63)/64*8)
			for from := 0; from < rows; from += 64 {
				binary.LittleEndian.PutUint64(p.bits[from/8:], all.word(from)&v.word(from))
			}
			all = validity{bits: p.bits}
		}
	}
	return all
}

// count is how many rows below rows are not null.
func (v validity) count(rows int) int {
	if v.all() {
		return rows
	}
	return bitutil.CountSetBits(v.bits, v.offset, rows)
}
