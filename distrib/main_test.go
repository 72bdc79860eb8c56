package distrib_test

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sampled is the cases of a suite that are run: all with RIVULET_SOAK, else one of three, others each day.
func sampled[T any](cases map[string]T) map[string]T {
	if os.Getenv("RIVULET_SOAK") != "" {
		return cases
	}
	some := map[string]T{}
	for i, name := range slices.Sorted(maps.Keys(cases)) {
		if (i+time.Now().YearDay())%3 == 0 {
			some[name] = cases[name]
		}
	}
	return some
}
