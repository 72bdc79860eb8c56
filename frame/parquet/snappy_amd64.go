package parquet

// snappyTables is what elements are looked up in.
type snappyTables struct {
	// copies tells of each tag of a copy that is near or of the middle: in the lowest 32 bits which of the two bytes behind it are of its offset, then
	// its length in eight bits, then in eight the bits of the offset that the tag has.
	copies [256]uint64
	// spread tells for each offset below 16 which of so many bytes come to sixteen places, over and over.
	spread [16][16]byte
	// period is how many of those sixteen bytes are whole periods.
	period [16]uint64
}

var snappyTable = func() (t snappyTables) {
	for tag := range uint64(len(t.copies)) {
		switch tag & 3 {
		case snappyNear:
			t.copies[tag] = 0xff | (tag>>2&7+4)<<32 | tag>>5<<48
		case snappyMiddle:
			t.copies[tag] = 0xffff | (tag>>2+1)<<32
		}
	}
	for offset := 1; offset < len(t.spread); offset++ {
		for i := range t.spread[offset] {
			t.spread[offset][i] = byte(i % offset)
		}
		t.period[offset] = uint64(16 - 16%offset)
	}
	return t
}()

// unsnappyMost decompresses elements as long as there is much room in out and much behind them, and says how far it has come. It stops before
// what is rare: long literals, copies from far, and whatever is wrong.
func unsnappyMost(out, elements []byte, done, at int) (nextDone, nextAt int) {
	if !wide {
		return done, at
	}
	return unsnappyElements(out, elements, &snappyTable, done, at)
}

//go:noescape
func unsnappyElements(out, elements []byte, tables *snappyTables, done, at int) (nextDone, nextAt int)
