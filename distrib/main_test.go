package distrib_test

import (
	"maps"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/tests/sample"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sampled is the cases of a suite that are run: all with RIVULET_SOAK, else one of so many, others each day.
func sampled[T any](cases map[string]T, days int) map[string]T {
	some := map[string]T{}
	for i, name := range slices.Sorted(maps.Keys(cases)) {
		if sample.Today(i, days) {
			some[name] = cases[name]
		}
	}
	return some
}
