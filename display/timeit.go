package display

import (
	"fmt"
	"math"
	"time"
)

const (
	timeRounds = 7
	// timeRound is how long a round takes at least; what is slower runs once in each.
	timeRound = 100 * time.Millisecond
)

// TimeIt runs f again and again, and shows how long it takes: seven rounds of as many runs as take a tenth of a second, the mean of a run and
// its standard deviation over the rounds. It is what %timeit calls. An interrupt ends it.
//
//	display.TimeIt(func() { sort.Ints(slices.Clone(x)) })
func TimeIt(f func()) {
	ctx := cellContext()
	runs := 1
	for {
		took := timeRuns(f, runs)
		if ctx.Err() != nil {
			return
		}
		if took >= timeRound {
			break
		}
		// A fifth more than it seems to need, but not a hundred times as many at once.
		runs = min(max(int(1.2*float64(runs)*float64(timeRound)/float64(max(took, 1))), runs+1), 100*runs)
	}
	var sum, squares, best float64
	best = math.Inf(1)
	for range timeRounds {
		each := float64(timeRuns(f, runs)) / float64(runs)
		if ctx.Err() != nil {
			return
		}
		sum, squares, best = sum+each, squares+each*each, min(best, each)
	}
	mean := sum / timeRounds
	deviation := math.Sqrt(max(squares/timeRounds-mean*mean, 0))
	Text(fmt.Sprintf("%s ± %s a run, best %s (%d rounds of %d runs)", nanos(mean), nanos(deviation), nanos(best), timeRounds, runs))
}

func timeRuns(f func(), runs int) time.Duration {
	began := time.Now()
	for range runs {
		f()
	}
	return time.Since(began)
}

// nanos is a number of nanoseconds with three digits.
func nanos(ns float64) string {
	for _, unit := range []string{"ns", "µs", "ms"} {
		if ns < 1000 {
			return fmt.Sprintf("%.3g %s", ns, unit)
		}
		ns /= 1000
	}
	return fmt.Sprintf("%.3g s", ns)
}
