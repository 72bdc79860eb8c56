package zstd

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// appendCounts writes what readCounts reads.
func appendCounts(dst []byte, counts []int16, log uint) []byte {
	var held uint64
	var n int
	put := func(value uint32, width int) {
		held |= uint64(value) << n
		for n += width; n >= 8; n -= 8 {
			dst = append(dst, byte(held))
			held >>= 8
		}
	}
	put(uint32(log)-leastLog, 4)
	left := 1 << log
	for i := 0; i < len(counts) && left > 0; i++ {
		value, most := uint32(counts[i]+1), uint32(left+1)
		width := bits.Len32(most)
		switch short := uint32(1)<<width - 1 - most; {
		case value < short:
			put(value, width-1)
		case value >= 1<<(width-1):
			put(value+short, width)
		default:
			put(value, width)
		}
		if left -= max(int(counts[i]), -int(counts[i])); counts[i] != 0 {
			continue
		}
		none := 0
		for i+1 < len(counts) && counts[i+1] == 0 {
			none++
			i++
		}
		for ; none >= 3; none -= 3 {
			put(3, 2)
		}
		put(uint32(none), 2)
	}
	if n > 0 {
		dst = append(dst, byte(held))
	}
	return dst
}

// randomCounts gives counts of up to so many symbols, the last of which is some.
func randomCounts(r *rand.Rand, symbols int, log uint) []int16 {
	counts := make([]int16, symbols)
	left := 1 << log
	for i := range symbols - 1 {
		switch r.IntN(6) {
		case 0:
			counts[i] = rare
			left--
		case 1, 2:
			counts[i] = int16(min(left-1, r.IntN(1+r.IntN(1<<log))))
			left -= int(counts[i])
		}
		if left == 1 {
			counts[i+1] = 1
			return counts[:i+2]
		}
	}
	counts[symbols-1] = int16(left)
	return counts
}

func TestCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		log := leastLog + uint(r.IntN(5))
		want := randomCounts(r, 1+r.IntN(256), log)
		src := appendCounts(nil, want, log)
		var counts [256]int16
		symbols, gotLog, n, err := readCounts(append(src, 0xff, 0xff), len(want)-1, int(log), &counts)
		if err != nil || gotLog != log || n != len(src) || !slices.Equal(counts[:symbols], want) {
			t.Fatalf("%v: %v of %d, %d of %d bytes, %v", want, counts[:symbols], gotLog, n, len(src), err)
		}
		var table [1 << 9]uint8
		if err := spread(want, log, table[:]); err != nil {
			t.Fatal(err)
		}
		var met [256]int16
		for _, symbol := range table[:1<<log] {
			met[symbol]++
		}
		for symbol, count := range want {
			if met[symbol] != max(count, -count) {
				t.Fatalf("%v: %d has %d states", want, symbol, met[symbol])
			}
		}
		if _, _, _, err := readCounts(src[:len(src)-1], 255, 9, &counts); err == nil {
			t.Fatalf("%v: nothing is wrong with a byte less", want)
		}
		if _, _, _, err := readCounts(src, len(want)-2, int(log), &counts); err == nil {
			t.Fatalf("%v: nothing is wrong with a symbol less", want)
		}
		if _, _, _, err := readCounts(src, 255, int(log)-1, &counts); err == nil {
			t.Fatalf("%v: nothing is wrong with a log of %d", want, log)
		}
	}
}

// TestSpread has the states of a table as the format's appendix lists them: of offsets, the predefined ones.
func TestSpread(t *testing.T) {
	counts := []int16{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}
	want := []uint8{0, 6, 9, 15, 21, 3, 7, 12, 18, 23, 5, 8, 14, 20, 2, 7, 11, 17, 22, 4, 8, 13, 19, 1, 6, 10, 16, 28, 27, 26, 25, 24}
	table := make([]uint8, 32)
	if err := spread(counts, 5, table); err != nil || !slices.Equal(table, want) {
		t.Errorf("%v, %v", table, err)
	}
	if err := spread(counts[1:], 5, table); err == nil {
		t.Error("nothing is wrong with counts that fill 31 states of 32")
	}
}
