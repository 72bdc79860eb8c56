package encode

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
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
			to = append(to, hash64(d.words.at(c)))
		}
	case d.words64 != nil:
		for _, v := range d.words64 {
			binary.LittleEndian.PutUint64(b[:], v)
			to = append(to, hash64(b[:]))
		}
	case d.words32 != nil:
		for _, v := range d.words32 {
			binary.LittleEndian.PutUint32(b[:], v)
			to = append(to, hash64(b[:4]))
		}
	case d.from != nil:
		for i := range d.n {
			to = append(to, hash64(d.at(i)))
		}
	case d.fixed != nil && d.n > 0:
		width := len(d.fixed) / d.n
		for i := range d.n {
			to = append(to, hash64(d.fixed[i*width:(i+1)*width]))
		}
	}
	return to
}

const (
	prime1 = 11400714785074694791
	prime2 = 14029467366897019727
	prime3 = 1609587929392839161
	prime4 = 9650029242287828579
	prime5 = 2870177450012600261
)

// hash64 is XXH64 with the seed 0: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
func hash64(b []byte) uint64 {
	round := func(acc, v uint64) uint64 { return bits.RotateLeft64(acc+v*prime2, 31) * prime1 }
	h := uint64(prime5)
	n := uint64(len(b))
	if len(b) >= 32 {
		p1, p2 := uint64(prime1), uint64(prime2)
		lanes := [4]uint64{p1 + p2, p2, 0, -p1}
		for ; len(b) >= 32; b = b[32:] {
			for i := range lanes {
				lanes[i] = round(lanes[i], binary.LittleEndian.Uint64(b[8*i:]))
			}
		}
		h = bits.RotateLeft64(lanes[0], 1) + bits.RotateLeft64(lanes[1], 7) + bits.RotateLeft64(lanes[2], 12) + bits.RotateLeft64(lanes[3], 18)
		for _, lane := range lanes {
			h = (h^round(0, lane))*prime1 + prime4
		}
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^round(0, binary.LittleEndian.Uint64(b)), 27)*prime1 + prime4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*prime1, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
