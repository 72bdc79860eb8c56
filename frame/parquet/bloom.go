package parquet

import (
	"encoding/binary"
	"io"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// bloomBlock is the bytes of a block of a filter, eight words of which each has a bit for a value.
const bloomBlock = 32

// Bloom is the filter of a column of a row group, which tells of values that they are not there:
// https://parquet.apache.org/docs/file-format/bloomfilter
type Bloom struct {
	r      io.ReaderAt
	at     int64 // of the file, where the blocks begin
	blocks int64
}

// Bloom finds the filter of a column; nil where there is none that can be read.
func (f *File) Bloom(r io.ReaderAt, group, field int) *Bloom {
	c := &f.Groups[group].chunks[f.Fields[field].leaf]
	if c.about == nil || c.about.bloom.at < int64(len(magic)) || c.about.bloom.at >= f.body {
		return nil
	}
	at := c.about.bloom.at
	head := f.part(r, span{at, min(1<<8, f.body-at)})
	t := &thrift{data: head}
	size, usual := int64(0), 0
	t.fields(func(id int, kind byte) {
		switch {
		case id == 1 && kind == thriftI32:
			size = int64(t.int32())
		case id >= 2 && id <= 4 && kind == thriftStruct: // block filters by XXH64 that are not compressed
			t.fields(func(choice int, kind byte) {
				if choice == 1 {
					usual++
				}
				t.skip(kind)
			})
		default:
			t.skip(kind)
		}
	})
	b := &Bloom{r: r, at: at + int64(t.at), blocks: size / bloomBlock}
	if t.err != nil || usual != 3 || size < bloomBlock || size%bloomBlock != 0 || size > f.body-b.at {
		return nil
	}
	return b
}

// saltsOfBloom choose a bit in each word of a block.
var saltsOfBloom = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}

// May says whether a value may be there, which is given as it is stored plain, without the length of a byte array.
func (b *Bloom) May(value []byte) bool {
	hash := xxhash.Sum64(value)
	block, _ := bits.Mul64(hash>>32<<32, uint64(b.blocks))
	var words [bloomBlock]byte
	if _, err := b.r.ReadAt(words[:], b.at+int64(block)*bloomBlock); err != nil {
		return true
	}
	for i, salt := range saltsOfBloom {
		if binary.LittleEndian.Uint32(words[4*i:])>>(uint32(hash)*salt>>27)&1 == 0 {
			return false
		}
	}
	return true
}
