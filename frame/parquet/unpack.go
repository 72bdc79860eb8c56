package parquet

import "encoding/binary"

// unpack reads numbers of width bits, at most 32, that lie side by side from the bit on; slack bytes behind the last can be read.
func unpack(out []uint32, data []byte, bit, width int) {
	if width <= widestLane && len(out) >= 16 {
		for bit&7 != 0 {
			out[0] = one(data, bit, width)
			out, bit = out[1:], bit+width
		}
		groups := unpackWide(out, data[bit>>3:], width)
		out, bit = out[8*groups:], bit+8*groups*width
	}
	for i := range out {
		out[i] = one(data, bit, width)
		bit += width
	}
}

func one(data []byte, bit, width int) uint32 {
	return uint32(binary.LittleEndian.Uint64(data[bit>>3:]) >> (bit & 7) & (1<<width - 1))
}

// unpackLong is unpack for widths of up to 64 bits.
func unpackLong(out []int64, data []byte, bit, width int) {
	mask := uint64(1)<<width - 1
	if width == 64 {
		mask = 1<<64 - 1
	}
	if width <= 57 {
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint64(data[bit>>3:]) >> (bit & 7) & mask)
			bit += width
		}
		return
	}
	for i := range out {
		at, shift := bit>>3, bit&7
		v := binary.LittleEndian.Uint64(data[at:]) >> shift
		if shift != 0 {
			v |= uint64(data[at+8]) << (64 - shift)
		}
		out[i] = int64(v & mask)
		bit += width
	}
}

// farthest is the greatest of numbers.
func farthest(numbers []uint32) uint32 {
	done, most := farthestWide(numbers)
	for _, n := range numbers[done:] {
		most = max(most, n)
	}
	return most
}
