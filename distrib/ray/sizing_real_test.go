package ray

import (
	"bufio"
	"fmt"
	osexec "os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// usage prints the bytes in all object stores, again and again.
const usage = `
import sys, time, ray
ray.init(address=sys.argv[1], _node_ip_address=sys.argv[1].rpartition(":")[0], log_to_driver=False, logging_level="ERROR")
from ray._private.state import available_resources_per_node
while True:
    total = sum(n["Resources"].get("object_store_memory", 0) for n in ray.nodes() if n["Alive"])
    print(int(total - sum(n.get("object_store_memory", 0) for n in available_resources_per_node().values())), flush=True)
    time.sleep(0.2)
`

// stores reads usage until it has not changed for a second.
type stores struct{ lines *bufio.Scanner }

func watchStores(t *testing.T) *stores {
	t.Helper()
	c := osexec.CommandContext(t.Context(), python(t), "-c", usage, twoNodes(t).Address)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return &stores{bufio.NewScanner(out)}
}

func (s *stores) settled(t *testing.T) (bytes int64) {
	t.Helper()
	for same := 0; same < 5; {
		if !s.lines.Scan() {
			t.Fatal("the stores are not watched any more")
		}
		n, err := strconv.ParseInt(strings.TrimSpace(s.lines.Text()), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if n == bytes {
			same++
		} else {
			bytes, same = n, 0
		}
	}
	return bytes
}

const realBlock = 8 << 20

// realRun reads splits on the cluster's two slots, in order, as the merger does; each block takes the consumer so long.
func realRun(t *testing.T, e *Engine, lanes, splits, blocks int, pause, consume time.Duration, atFirst func()) time.Duration {
	t.Helper()
	var first sync.Once
	var consumer sync.Mutex
	start := time.Now()
	var group sync.WaitGroup
	for lane := range lanes {
		group.Go(func() {
			task := distrib.Task{Stage: lane, Source: "script", Splits: scripts(folder(t), splits/lanes, blocks, realBlock/8, pause), Fragment: plan.Fragment{}}
			for ref, err := range e.Submit(t.Context(), task) {
				if err != nil {
					t.Error(err)
					return
				}
				if ref.Last {
					continue
				}
				consumer.Lock()
				if atFirst != nil {
					first.Do(atFirst)
				}
				time.Sleep(consume)
				consumer.Unlock()
				e.Free(ref)
			}
		})
	}
	group.Wait()
	return time.Since(start)
}

// TestSimulationIsReal holds the simulation to what two nodes do: what lies in the stores while nobody consumes, and how long runs take
// that are held up by what makes the blocks, and by who consumes them.
func TestSimulationIsReal(t *testing.T) {
	e := open(t, arrowmemory.NewGoAllocator())
	watch := watchStores(t)
	realRun(t, e, 2, 2, 2, 0, 0, nil) // warm
	before := watch.settled(t)
	c := simCluster{Nodes: 2, Slots: 1, Store: 600 << 20, Disk: 500e6, Ahead: e.ahead, Credit: e.credit, Start: 0.005, Item: 0.0005}
	var lay int64
	realRun(t, e, 2, 2, 40, 0, 0, func() { lay = watch.settled(t) - before })
	s := simulate(c, simLoad{Splits: 2, Blocks: 40, Bytes: realBlock, Make: 0.01, Stall: 10, Slow: -1}, 1)
	t.Logf("while nobody consumes, %d MB lie in the stores; simulated %d MB", lay/1e6, s.peak/1e6)
	if lay < s.peak*8/10 || lay > s.peak*12/10 {
		t.Errorf("%d bytes lie in the stores, simulated %d", lay, s.peak)
	}
	pause := 60 * time.Millisecond
	one := realRun(t, e, 1, 1, 20, pause, 0, nil).Seconds() / 20
	for _, consume := range []time.Duration{0, 20 * time.Millisecond, 80 * time.Millisecond} {
		t.Run(fmt.Sprint(consume), func(t *testing.T) {
			took := realRun(t, e, 2, 8, 10, pause, consume, nil).Seconds()
			s := simulate(c, simLoad{Splits: 8, Blocks: 10, Bytes: realBlock, Make: one, Consume: consume.Seconds(), Slow: -1}, 1)
			t.Logf("a block takes %.0f ms; 80 blocks took %.2f s, simulated %.2f s", 1000*one, took, s.now)
			if took < 0.7*s.now || took > 1.4*s.now {
				t.Errorf("%.2f s, simulated %.2f s", took, s.now)
			}
		})
	}
}
