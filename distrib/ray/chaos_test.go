package ray

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// seedEnv is the seed of one case of TestChaos.
const seedEnv = "RIVULET_SEED"

// The cases of chaos: who is killed, in the middle of what.
var (
	victims = []string{"child", "node", "worker", "glue"}
	shaken  = []string{"rows", "many groups", "sort", "join of groups", "filter", "join"}
)

// TestChaos kills a part of the cluster, by a seed, while a plan runs there: its result is exact all the same, or, where the
// glue was killed, one error that says so; and nothing is left behind.
func TestChaos(t *testing.T) {
	_ = twoNodes(t)
	files := opened(t)
	first, count := uint64(time.Now().Unix()), uint64(3)
	if os.Getenv("RIVULET_SOAK") != "" {
		count = 50
	}
	if s := os.Getenv(seedEnv); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first, count = n, 1
	}
	c := newChaos(t)
	for seed := first; seed < first+count; seed++ {
		dice := rand.New(rand.NewPCG(seed, 1))
		victim, ask := victims[seed%uint64(len(victims))], shaken[dice.IntN(len(shaken))]
		t.Run(fmt.Sprintf("%s=%d %s, %s", seedEnv, seed, victim, ask), func(t *testing.T) { c.shake(t, dice, victim, ask) })
	}
	if err := closeWarm(); err != nil {
		t.Error(err)
	}
	if now := opened(t); len(now) > len(files) {
		t.Errorf("files and sockets of this process: %v, before: %v", now, files)
	}
}

type chaos struct {
	dir, spill string
	env        *exec.Env
	scan       plan.Node
	want       map[string]string
	blocks     map[string]int64 // of an undisturbed run
}

func newChaos(t *testing.T) *chaos {
	t.Helper()
	c := &chaos{dir: folder(t), spill: t.TempDir(), want: map[string]string{}, blocks: map[string]int64{}}
	c.env = &exec.Env{Mem: arrowmemory.NewGoAllocator(), Budget: memory.NewBudget(64 << 20), Spill: c.spill}
	src, err := source.Open(t.Context(), []string{table(t, c.dir, 400_000)}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.scan = must(t)(plan.NewScan(t.Context(), src))
	return c
}

// shake runs a plan and kills victim in the middle.
func (c *chaos) shake(t *testing.T, dice *rand.Rand, victim, ask string) {
	e := open(t, arrowmemory.NewGoAllocator())
	n := questions[ask](t, c.scan)
	c.measure(t, e, ask, n)
	if victim == "glue" {
		e = openOwn(t, arrowmemory.NewGoAllocator())
	}
	var dead []int
	s := &shaker{Engine: e, at: map[int64]bool{}, kill: func() {
		if pid := choose(t, dice, e, victim); pid != 0 && !slices.Contains(dead, pid) {
			kill(t, pid)
			dead = append(dead, pid)
		}
	}}
	for range 1 + dice.IntN(2) {
		s.at[dice.Int64N(c.blocks[ask]*9/10)] = true
	}
	if victim == "node" {
		defer twoNodes(t).mend(t)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	start := time.Now()
	got, err := answer(ctx, c.env, s, n)
	t.Logf("%v killed at %v of %d blocks; %v", dead, s.at, c.blocks[ask], time.Since(start))
	switch {
	case len(dead) == 0:
		t.Errorf("nothing was killed: %d bytes of rows, %v", len(got), err)
	case victim == "glue":
		t.Log(err)
		if err == nil || errors.Is(err, distrib.ErrLost) || strings.Count(err.Error(), "the connection with Ray is lost: the glue has ended") != 1 {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	case err != nil:
		t.Error(err)
	case got != c.want[ask]:
		t.Errorf("%d bytes of rows, want %d", len(got), len(c.want[ask]))
	}
	c.clean(t, e, victim == "glue", dead)
}

// measure finds out what ask gives, and of how many blocks it is made on the cluster.
func (c *chaos) measure(t *testing.T, e *Engine, ask string, n plan.Node) {
	t.Helper()
	if c.blocks[ask] > 0 {
		return
	}
	want, err := answer(t.Context(), c.env, local.New(c.env, 2), n)
	if err != nil {
		t.Fatal(err)
	}
	s := &shaker{Engine: e}
	got, err := answer(t.Context(), c.env, s, n)
	if err != nil || !same(ask, got, want) {
		t.Fatalf("undisturbed: %d bytes of rows, want %d, in another order: %v; %v", len(got), len(want), lines(got) == lines(want), err)
	}
	c.want[ask], c.blocks[ask] = got, s.blocks.Load()
}

// same compares answers. A join that is exchanged comes part by part, in the same order each time.
func same(ask, got, want string) bool {
	return got == want || ask == "join of groups" && lines(got) == lines(want)
}

// lines is text in an order that its lines alone tell.
func lines(text string) string {
	all := slices.Sorted(strings.Lines(text))
	return strings.Join(all, "")
}

// clean checks that nothing is left of a run.
func (c *chaos) clean(t *testing.T, e *Engine, gone bool, dead []int) {
	t.Helper()
	most := 2
	if gone {
		most = 0
	}
	left := ""
	for start := time.Now(); time.Since(start) < 15*time.Second; time.Sleep(100 * time.Millisecond) {
		if left = c.left(t, e, most, dead); left == "" {
			return
		}
	}
	t.Error(left)
}

// left says what of a run is still there.
func (c *chaos) left(t *testing.T, e *Engine, most int, dead []int) string {
	t.Helper()
	for _, pid := range dead {
		if alive(pid) {
			return fmt.Sprintf("process %d, which was killed, runs on", pid)
		}
	}
	pids := children(e)
	if len(pids) > most {
		return fmt.Sprintf("children %v run, at most %d should", pids, most)
	}
	for _, pid := range pids {
		for _, p := range []int{pid, parent(t, pid)} {
			// The executable, the slots, the input, and what an interrupt has left behind once.
			if files := memoryFiles(p); len(files) > slotCount+4 {
				return fmt.Sprintf("process %d has %v", p, files)
			}
		}
	}
	if files, err := filepath.Glob(filepath.Join(c.spill, "*")); err != nil || len(files) > 0 {
		return fmt.Sprintf("files %v, %v", files, err)
	}
	if most == 0 {
		return ""
	}
	e.session.mu.Lock()
	streams, calls := len(e.session.streams), len(e.session.calls)
	e.session.mu.Unlock()
	r, err := e.session.call(t.Context(), command{Kind: "nodes"}, nil)
	if err != nil || streams+calls+r.Held > 0 {
		return fmt.Sprintf("%d streams, %d calls and %d blocks, %v", streams, calls, r.Held, err)
	}
	return ""
}

// shaker kills when certain of the blocks of an engine come.
type shaker struct {
	*Engine
	blocks atomic.Int64
	at     map[int64]bool
	kill   func()
}

func (s *shaker) Submit(ctx context.Context, task distrib.Task) iter.Seq2[distrib.Ref, error] {
	return func(yield func(distrib.Ref, error) bool) {
		for ref, err := range s.Engine.Submit(ctx, task) {
			if s.at[s.blocks.Add(1)-1] {
				s.kill()
			}
			if !yield(ref, err) {
				return
			}
		}
	}
}

// choose is the process to kill, 0 where there is none.
func choose(t *testing.T, dice *rand.Rand, e *Engine, victim string) int {
	switch victim {
	case "glue":
		return e.glue.(*glue).command.Process.Pid
	case "node":
		if pid := twoNodes(t).Nodes[1].Raylet; alive(pid) {
			return pid
		}
		return 0
	}
	pids := children(e)
	if len(pids) == 0 {
		return 0
	}
	pid := pids[dice.IntN(len(pids))]
	if victim != "worker" {
		return pid
	}
	if worker := parent(t, pid); worker != 1 {
		return worker
	}
	return 0 // it is dead already
}

// children are the workers' children of an engine, on all nodes.
func children(e *Engine) (pids []int) {
	mark := []byte(markEnv + "=" + e.options.Environment[markEnv] + "\x00")
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || !strings.Contains(string(b), string(mark)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f))); err == nil && alive(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// memoryFiles are the open files of a process that have no name.
func memoryFiles(pid int) (names []string) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, f := range files {
		if name, err := os.Readlink(f); err == nil && strings.HasPrefix(name, "/memfd:") {
			names = append(names, name)
		}
	}
	return names
}

// opened are the files and sockets that this process has open.
func opened(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, err := os.Readlink(f); err == nil {
			names = append(names, name)
		}
	}
	return names
}
