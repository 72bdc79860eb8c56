package zstd

import "math/bits"

const (
	literalCodes, matchCodes, offsetCodes = 36, 53, 32

	literalLog, matchLog, offsetLog = 9, 9, 8
	largestLog                      = 9

	// What a table is: of predefined counts, of one code, of counts that follow, or that of the block before.
	modePredefined, modeRepeated, modeDescribed = 0, 1, 2
)

// state is what a state of a table stands for: in the lowest eight bits how many bits lead to the next state, in eight how many the number has,
// in sixteen what is added to the former, in 32 what to the latter. The assembly knows that.
type state uint64

func (s state) nextBits() uint   { return uint(s & 0xff) }
func (s state) numberBits() uint { return uint(s >> 8 & 0xff) }
func (s state) next() uint32     { return uint32(s >> 16 & 0xffff) }
func (s state) number() uint32   { return uint32(s >> 32) }

// tables are the states of the three codes of sequences.
type tables struct {
	literals [1 << literalLog]state
	matches  [1 << matchLog]state
	offsets  [1 << offsetLog]state

	// How many bits tell the first state of each.
	literalLog, matchLog, offsetLog uint

	known bool // whether a block had them
}

// numbers are what the states of a code say of the number that it stands for, of each: how many bits it has, and the least one.
type numbers [64]state

// code is one of the three codes.
type code struct {
	numbers    numbers
	codes      int
	mostLog    int
	log        uint    // of the counts of tables that are not described
	predefined []int16 // those counts
}

var (
	literalCode = code{
		ranges(0, literalCodes, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), literalCodes, literalLog, 6,
		[]int16{4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, rare, rare, rare, rare},
	}
	matchCode = code{
		ranges(3, matchCodes, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), matchCodes, matchLog, 6,
		[]int16{
			1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
			rare, rare, rare, rare, rare, rare, rare,
		},
	}
	offsetCode = code{
		powers(), offsetCodes, offsetLog, 5,
		[]int16{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, rare, rare, rare, rare, rare},
	}

	// log2 has the places of the highest bits of numbers, which processors are slow to tell.
	log2 = func() (t [2 << largestLog]uint8) {
		for n := range t {
			t[n] = uint8(max(bits.Len(uint(n)), 1) - 1)
		}
		return t
	}()
)

// ranges are numbers that follow each other from the first one on: the last codes have so many bits, those before have none.
func ranges(first uint32, codes int, last ...uint8) (n numbers) {
	for i := range codes {
		var width uint8
		if behind := i - (codes - len(last)); behind >= 0 {
			width = last[behind]
		}
		n[i] = state(width)<<8 | state(first)<<32
		first += 1 << width
	}
	return n
}

// powers are numbers that begin at powers of two.
func powers() (n numbers) {
	for i := range offsetCodes {
		n[i] = state(i)<<8 | state(1)<<(32+i)
	}
	return n
}

// read reads the tables that a section begins with, and says how many bytes they take.
func (t *tables) read(section []byte) (int, error) {
	if len(section) == 0 || section[0]&3 != 0 {
		return 0, errSequences
	}
	modes, at, known := section[0], 1, t.known
	t.known = false
	for _, table := range [...]struct {
		code   *code
		states []state
		log    *uint
		shift  int // where in modes its mode is
	}{
		{&literalCode, t.literals[:], &t.literalLog, 6},
		{&offsetCode, t.offsets[:], &t.offsetLog, 4},
		{&matchCode, t.matches[:], &t.matchLog, 2},
	} {
		log, n, err := table.code.read(table.states, section[at:], modes>>table.shift&3)
		switch {
		case err != nil:
			return 0, err
		case n >= 0:
			*table.log = log
			at += n
		case !known:
			return 0, errSequences
		}
	}
	t.known = true
	return at, nil
}

// read makes states of what a section begins with, where they are not those of the block before, in which case n is -1. It says how many bits tell
// one, and how many bytes were read.
func (c *code) read(states []state, section []byte, mode uint8) (log uint, n int, err error) {
	switch mode {
	case modePredefined:
		return c.log, 0, c.fill(states, c.predefined, c.log)
	case modeRepeated:
		if len(section) == 0 || int(section[0]) >= c.codes {
			return 0, 0, errSequences
		}
		states[0] = c.numbers[section[0]]
		return 0, 1, nil
	case modeDescribed:
		var counts [256]int16
		symbols, log, n, err := readCounts(section, c.codes-1, c.mostLog, &counts)
		if err != nil {
			return 0, 0, err
		}
		return log, n, c.fill(states, counts[:symbols], log)
	}
	return 0, -1, nil
}

// fill makes states of counts.
func (c *code) fill(states []state, counts []int16, log uint) error {
	var symbols [1 << largestLog]uint8
	if err := spread(counts, log, symbols[:]); err != nil {
		return err
	}
	var seen [len(c.numbers)]uint32 // of each symbol, counted from its count on
	for symbol, count := range counts {
		seen[symbol] = uint32(max(count, 1))
	}
	states = states[:1<<log]
	for i := range states {
		symbol := symbols[i] % uint8(len(c.numbers))
		nth := seen[symbol]
		seen[symbol]++
		width := log - uint(log2[nth%uint32(len(log2))])
		states[i] = c.numbers[symbol] | state(width) | state(nth<<width-1<<log)<<16
	}
	return nil
}
