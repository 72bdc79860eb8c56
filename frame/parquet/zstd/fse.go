package zstd

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// Numbers that are small and not alike often are coded by finite state entropy: each symbol has a share of the states of a table, as many as its
// count, and a state tells the symbol, and with some bits more the next state. https://www.rfc-editor.org/rfc/rfc8878#name-fse

const (
	// rare is the count of a symbol of which there is less than one: it has one state, at the end of the table, that any state may follow.
	rare = -1

	leastLog = 5
)

var errCounts = errors.New("a table of its zstd is damaged")

// readCounts reads the description of a table: the counts of symbols up to a greatest one, which add up to 1<<log, and how many bytes it takes.
// A count of -1 is that of a symbol that is rare. Of counts those of the symbols are written.
func readCounts(src []byte, maxSymbol, maxLog int, counts *[256]int16) (symbols int, log uint, n int, err error) {
	log = uint(ahead(src, 0)&15) + leastLog
	if log > uint(maxLog) {
		return 0, 0, 0, errCounts
	}
	at := 4
	for left := 1 << log; left > 0; {
		if symbols > maxSymbol {
			return 0, 0, 0, errCounts
		}
		// A count is written as one more than it is, of 0 to most. The least of those take a bit less, as many as patterns would be left over.
		most := uint32(left) + 1
		width := bits.Len32(most)
		short := uint32(1)<<width - 1 - most
		value := ahead(src, at) & (1<<width - 1)
		if low := value & (1<<(width-1) - 1); low < short {
			value = low
			width--
		} else if value != low {
			value -= short
		}
		at += width
		count := int16(value) - 1
		counts[symbols] = count
		symbols++
		if count == rare {
			left--
			continue
		}
		if left -= int(count); count > 0 {
			continue
		}
		// Two bits tell how many more symbols there are none of, and three that two bits more follow.
		for more := 3; more == 3; {
			more = int(ahead(src, at) & 3)
			at += 2
			if symbols+more > maxSymbol+1 {
				return 0, 0, 0, errCounts
			}
			clear(counts[symbols : symbols+more])
			symbols += more
		}
	}
	if n = (at + 7) / 8; n > len(src) {
		return 0, 0, 0, errCounts
	}
	return symbols, log, n, nil
}

// ahead gives at least 25 bits of src from a bit on, lowest first; behind the end they are 0.
func ahead(src []byte, bit int) uint32 {
	var four [4]byte
	copy(four[:], src[min(bit/8, len(src)):])
	return binary.LittleEndian.Uint32(four[:]) >> (bit % 8)
}

// spread says of each of the 1<<log states of a table which symbol it has: rare ones from the end, the others in strides that meet every place once.
func spread(counts []int16, log uint, table []uint8) error {
	size := 1 << log
	table = table[:size]
	end, sum := size, 0
	for symbol, count := range counts {
		if count != rare {
			sum += int(count)
			continue
		}
		if sum++; end == 0 {
			return errCounts
		}
		end--
		table[end] = uint8(symbol)
	}
	if sum != size {
		return errCounts
	}
	at, stride := 0, size/2+size/8+3
	for symbol, count := range counts {
		for ; count > 0; count-- {
			table[at] = uint8(symbol)
			for at = (at + stride) & (size - 1); at >= end; {
				at = (at + stride) & (size - 1)
			}
		}
	}
	return nil
}
