package local_test

import (
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEngine(t *testing.T) {
	for name, budgetBytes := range map[string]int64{"roomy": 64 << 20, "nothing fits": 1} {
		t.Run(name, func(t *testing.T) {
			enginetest.Run(t, func(t *testing.T, mem arrowmemory.Allocator) distrib.Engine {
				budget := memory.NewBudget(budgetBytes)
				t.Cleanup(func() {
					if used := budget.Used(); used != 0 {
						t.Errorf("%d bytes are still reserved", used)
					}
				})
				return local.New(&exec.Env{Mem: mem, Budget: budget, Spill: t.TempDir()}, 2)
			})
		})
	}
}
