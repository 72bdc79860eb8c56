package zstd

// periodTable is how distances below 16 repeat. The assembly knows how it lies in memory.
type periodTable struct {
	// spread tells for each which of so many bytes come to sixteen places, over and over.
	spread [16][16]byte
	// whole is how many of those sixteen bytes are whole periods.
	whole [16]uint64
}

var periods = func() (t periodTable) {
	for distance := 1; distance < len(t.spread); distance++ {
		for i := range t.spread[distance] {
			t.spread[distance][i] = byte(i % distance)
		}
		t.whole[distance] = uint64(16 - 16%distance)
	}
	return t
}()

const (
	// margin is how many bytes are left in dst behind a sequence at least, which is copied 32 bytes at a time.
	margin = 32

	// What runSequences comes back with.
	runStopped, runDecoded, runDamaged = 0, 1, 2
)

// runMost decodes and executes sequences as long as there is much room in dst and many bits are left, but for the last one. It may come back with a
// sequence that is decoded, but not executed.
func (s *sequences) runMost() (q sequence, decoded bool, err error) {
	if !wide || s.count == 1 || len(s.dst) < margin {
		return sequence{}, false, nil
	}
	switch runSequences(s, &q, &periods) {
	case runDecoded:
		return q, true, nil
	case runDamaged:
		return q, false, errDistance
	}
	return q, false, nil
}

//go:noescape
func runSequences(s *sequences, q *sequence, periods *periodTable) (how int)
