package sample

import (
	"iter"
	"os"
	"time"
)

// Whole says that every case is run.
func Whole() bool { return os.Getenv("RIVULET_SOAK") != "" }

// Today says whether case number i of a suite is run: all where the suite is run whole, else one of days cases in a row, so that as many
// days run all. Which one that is differs from days cases to the next without a pattern, since the loops of a suite have one.
func Today(i, days int) bool {
	shift := uint64(i/days) * 0x9E3779B97F4A7C15 >> 32 % uint64(days) //nolint:gosec // neither is negative
	return Whole() || (i+int(shift)+time.Now().YearDay())%days == 0   //nolint:gosec // less than days
}

// Seeds are those below n that are run today.
func Seeds(n, days int) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i := range n {
			if Today(i, days) && !yield(uint64(i)) { //nolint:gosec // not negative
				return
			}
		}
	}
}
