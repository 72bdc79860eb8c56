package zstd

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// Literals are coded by a tree of Huffman: the more often a byte, the fewer bits has its code. A tree is told by weights, of the bytes from 0 on:
// one of 0 has no code, and one that is greater by one has codes twice as often. https://www.rfc-editor.org/rfc/rfc8878#name-huffman-coding
const (
	longestCode = 11
	// greatestWeight is the greatest that is read: no tree has one above longestCode.
	greatestWeight = 15
	// weightsLog is the greatest of tables that weights are coded by.
	weightsLog = 6
	// directWeights is what the head of a tree is more than whose weights take four bits each. Of others it is how many bytes they take.
	directWeights = 127
	// jumpSize is how many bytes the sizes take of the first three streams.
	jumpSize = 6
	// leastOfFour is how many literals at least there are in four streams.
	leastOfFour = 6
)

var (
	errTree   = errors.New("a Huffman tree of its zstd is damaged")
	errStream = errors.New("a Huffman stream of its zstd is damaged")
)

// huffman is a tree: codes of up to log bits, 0 while there is none.
type huffman struct {
	log   int
	codes codes
}

// codes tell for all that log bits can be how long the code is that they begin with, and which byte it stands for.
// The assembly knows how they lie in memory.
type codes struct {
	lengths [1 << longestCode]uint8
	symbols [1 << longestCode]uint8
}

// read reads the description of a tree, and says how many bytes it takes.
func (h *huffman) read(src []byte) (n int, err error) {
	h.log = 0
	if len(src) == 0 {
		return 0, errTree
	}
	var weights [256]uint8
	var symbols int
	if head := int(src[0]); head > directWeights {
		symbols = head - directWeights
		if n = 1 + (symbols+1)/2; n > len(src) {
			return 0, errTree
		}
		for i := range symbols {
			weights[i] = src[1+i/2] >> (4 * (1 - i%2)) & greatestWeight
		}
	} else {
		if n = 1 + head; n > len(src) {
			return 0, errTree
		}
		if symbols, err = readWeights(&weights, src[1:n]); err != nil {
			return 0, err
		}
	}
	return n, h.build(&weights, symbols)
}

// build makes the table of weights, the last of which is not told: its codes are as many as the others leave of a power of two.
func (h *huffman) build(weights *[256]uint8, symbols int) error {
	var with [greatestWeight + 1]int // how many bytes have a weight
	for _, weight := range weights[:symbols] {
		with[weight&greatestWeight]++
	}
	sum := 0
	for weight, n := range with[1:] {
		sum += n << weight
	}
	log := bits.Len(uint(sum))
	left := 1<<log - sum
	if sum == 0 || log > longestCode || left&(left-1) != 0 {
		return errTree
	}
	last := bits.Len(uint(left))
	weights[symbols] = uint8(last)
	if with[last]++; with[1] < 2 { // a tree of longer codes than it has need of
		return errTree
	}
	var ends [greatestWeight + 1]uint8 // of the bytes of each weight: those of the longest codes are first, and last those without
	for weight := 1; weight < len(ends); weight++ {
		ends[(weight+1)%len(ends)] = ends[weight] + uint8(with[weight])
	}
	var sorted [256]uint8
	for symbol, weight := range weights[:symbols+1] {
		end := &ends[weight&greatestWeight]
		sorted[*end] = uint8(symbol)
		*end++
	}
	// Eight places are written where a code has less, and those behind are written again. All of them are in the table: codes of the most places are
	// last, and in a table that is full, of 2,048 for 256 bytes, these have eight or more.
	const eightfold = 0x01_01_01_01_01_01_01_01
	at, first := 0, 0
	for weight := 1; weight <= log; weight++ {
		places := 1 << (weight - 1)
		length := uint64(log+1-weight) * eightfold
		for _, symbol := range sorted[first : first+with[weight]] {
			symbol := uint64(symbol) * eightfold
			for i := at; i < at+places; i += 8 {
				binary.LittleEndian.PutUint64(h.codes.lengths[i:], length)
				binary.LittleEndian.PutUint64(h.codes.symbols[i:], symbol)
			}
			at += places
		}
		first += with[weight]
	}
	h.log = log
	return nil
}

// readWeights reads weights that are coded by finite state entropy: two states tell them in turn, and the bits of the one that was first to need
// more than there are end them.
func readWeights(weights *[256]uint8, src []byte) (symbols int, err error) {
	var counts [256]int16
	kinds, log, n, err := readCounts(src, greatestWeight, weightsLog, &counts)
	if err != nil {
		return 0, err
	}
	var spreads [1 << weightsLog]uint8
	if err := spread(counts[:kinds], log, spreads[:]); err != nil {
		return 0, err
	}
	// Of each state the weight that it tells, how many bits are read, and the state that follows where these are 0.
	var states [1 << weightsLog]struct{ weight, width, base uint8 }
	for i, weight := range spreads[:1<<log] {
		number := max(counts[weight], 1) // of a rare one too
		counts[weight] = number + 1
		width := log + 1 - uint(bits.Len16(uint16(number)))
		states[i].weight, states[i].width, states[i].base = weight, uint8(width), uint8(number<<width-1<<log)
	}
	src = src[n:]
	left, err := streamBits(src)
	if err != nil || left < 2*int(log) {
		return 0, errTree
	}
	const together = 57 / weightsLog
	next := window(src, left)
	state, other := next>>(64-log), next<<log>>(64-log)
	left -= 2 * int(log)
	for most := len(weights) - 2; symbols < most; {
		next := window(src, left)
		for range min(together, most-symbols) {
			s := &states[state%uint64(len(states))]
			weights[symbols] = s.weight
			symbols++
			state, other = other, uint64(s.base)+next>>1>>(63-s.width)
			next <<= s.width
			if left -= int(s.width); left < 0 {
				weights[symbols] = states[state%uint64(len(states))].weight
				return symbols + 1, nil
			}
		}
	}
	return 0, errTree
}

// streamBits is how many bits a stream has, which is read from its end: the last byte has a bit behind them that is set.
func streamBits(src []byte) (int, error) {
	if len(src) == 0 || src[len(src)-1] == 0 {
		return 0, errStream
	}
	return 8*len(src) - 1 - bits.LeadingZeros8(src[len(src)-1]), nil
}

// window gives, from the top, what a stream has when so many bits of it are left: 57 of them at least, and zeros where there are none.
func window(src []byte, left int) uint64 {
	end := max(left+7, 0) / 8
	if end >= 8 {
		return binary.LittleEndian.Uint64(src[end-8:]) << (8*end - left)
	}
	var eight [8]byte
	copy(eight[8-end:], src[:end])
	return binary.LittleEndian.Uint64(eight[:]) << (8*end - left)
}

// decode1 decodes a stream, which has to fill dst.
func (h *huffman) decode1(dst, src []byte) error {
	left, err := streamBits(src)
	if err != nil {
		return err
	}
	return h.finish(dst, src, left)
}

// finish decodes what is left of a stream, which has to fill dst.
func (h *huffman) finish(dst, src []byte, left int) error {
	if h.log == 0 {
		return errTree
	}
	const together = 57 / longestCode
	down := 64 - h.log
	for len(dst) > 0 && left > 0 {
		next := window(src, left)
		for i := range dst[:min(len(dst), together)] {
			code := next >> down % (1 << longestCode)
			dst[i] = h.codes.symbols[code]
			length := h.codes.lengths[code]
			next <<= length
			left -= int(length)
		}
		dst = dst[min(len(dst), together):]
	}
	if len(dst) > 0 || left != 0 {
		return errStream
	}
	return nil
}

// decode4 decodes four streams behind their jump table: each but the last fills a fourth of dst, rounded up.
func (h *huffman) decode4(dst, src []byte) error {
	if len(src) < jumpSize || len(dst) < leastOfFour {
		return errStream
	}
	if h.log == 0 {
		return errTree
	}
	each := (len(dst) + 3) / 4
	var s quarters
	begin := jumpSize
	for i := range s {
		end := len(src)
		if i < len(s)-1 {
			end = begin + int(binary.LittleEndian.Uint16(src[2*i:]))
		}
		if end > len(src) {
			return errStream
		}
		left, err := streamBits(src[begin:end])
		if err != nil {
			return err
		}
		s[i] = quarter{begin: begin, end: end, left: left}
		begin = end
	}
	done := h.decodeMost(dst, src, &s)
	for i := range s {
		out := dst[min(i*each, len(dst)):min((i+1)*each, len(dst))]
		if err := h.finish(out[done:], src[s[i].begin:s[i].end], s[i].left); err != nil {
			return err
		}
	}
	return nil
}

// quarters are the four streams that literals are in.
type quarters [4]quarter

// quarter is a stream that begins and ends somewhere, and how many bits of it are left.
type quarter struct{ begin, end, left int }
