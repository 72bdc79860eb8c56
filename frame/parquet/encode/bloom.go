package encode

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// bloomMost is how large a bloom filter may become, in bytes.
const bloomMost = 4 << 20

// bloomFilter is a split block bloom filter of hashes, of which about one in a hundred others passes:
// https://parquet.apache.org/docs/file-format/bloomfilter
func bloomFilter(hashes []uint64) []byte {
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	// Eight bits are set of each value, in a block of its own hash: m = -8 n / ln(1 - p^(1/8)) bits.
	size := -8 * float64(len(hashes)) / math.Log(1-math.Pow(0.01, 1.0/8)) / 8
	blocks := uint64(1)
	for blocks*32 < uint64(size) && blocks*32 < bloomMost {
		blocks *= 2
	}
	filter := make([]uint32, 8*blocks)
	salts := [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}
	for _, h := range hashes {
		block := filter[8*((h>>32)*blocks>>32):]
		for i, salt := range salts {
			block[i] |= 1 << (uint32(h) * salt >> 27)
		}
	}
	t := newThrift(nil)
	t.int32(1, 4*len(filter))
	for id := 2; id <= 4; id++ { // of blocks, by xxHash, not compressed
		t.begin(id)
		t.empty(1)
		t.end()
	}
	t.end()
	for _, w := range filter {
		t.b = binary.LittleEndian.AppendUint32(t.b, w)
	}
	return t.b
}

// appendHashes appends the hashes of values as they are stored plain, of texts without their length.
func (d *dense) appendHashes(to []uint64) []uint64 {
	var b [8]byte
	switch {
	case d.words != nil:
		for _, c := range d.codes {
			to = append(to, xxhash.Sum64(d.words.at(c)))
		}
	case d.words64 != nil:
		for _, v := range d.words64 {
			binary.LittleEndian.PutUint64(b[:], v)
			to = append(to, xxhash.Sum64(b[:]))
		}
	case d.words32 != nil:
		for _, v := range d.words32 {
			binary.LittleEndian.PutUint32(b[:], v)
			to = append(to, xxhash.Sum64(b[:4]))
		}
	case d.from != nil:
		for i := range d.n {
			to = append(to, xxhash.Sum64(d.at(i)))
		}
	case d.fixed != nil && d.n > 0:
		width := len(d.fixed) / d.n
		for i := range d.n {
			to = append(to, xxhash.Sum64(d.fixed[i*width:(i+1)*width]))
		}
	}
	return to
}
