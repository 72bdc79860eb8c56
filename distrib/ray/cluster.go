package ray

import (
	"context"
	"maps"
	"math"
	"strconv"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// measure derives from the cluster how many tasks run at once, what memory each has, and how many blocks of each may lie
// unread: Ray counts objects, not bytes, so half of the object stores is shared out in blocks of the usual size.
func (e *Engine) measure() {
	e.names.add(e.hello.Nodes)
	slots, storeBytes := 0, int64(0)
	e.inputs = math.MaxInt64
	for _, n := range e.hello.Nodes {
		cpus := int(n.CPUs)
		slots += cpus
		storeBytes += n.StoreBytes
		if cpus > 0 {
			e.inputs = min(e.inputs, n.StoreBytes/4/int64(cpus))
		}
		// What Ray gives to tasks is the node's memory without the object store.
		// Ray refuses the very last of it to a task.
		if each := n.MemoryBytes * 9 / 10 / int64(max(cpus, 1)); cpus > 0 && (e.memory == 0 || each < e.memory) {
			e.memory = each
		}
	}
	e.slots = max(slots, 1)
	e.ahead, e.credit = shares(storeBytes / 2 / blockBytes / int64(e.slots))
}

// shares shares out the blocks that each task may have in the stores: unread by the glue, on their way to the session, and one
// each in the merger and being made.
func shares(blocks int64) (ahead, credit int) {
	credit = int(min(max((blocks-2)/3, 1), creditItems))
	return int(min(max(blocks-2-int64(credit), 1), maxAhead)), credit
}

// WorkerBytes implements distrib.Sized.
func (e *Engine) WorkerBytes() int64 {
	if e.memory == 0 {
		return math.MaxInt64
	}
	return e.memory * 6 / 10
}

// nest has a task fetch its inputs itself, one by one, where they are many or large: Ray fetches all others before the task
// begins, into the store of its node, which they may fill. Such a task prefers the node that has most of them.
func (e *Engine) nest(sub *submission, inputs []distrib.Ref) {
	total, by := int64(0), map[string]int64{}
	for _, in := range inputs {
		total += in.Bytes
		if b, ok := in.Handle.(*block); ok && b.node != "" {
			by[b.node] += in.Bytes
		}
	}
	if len(inputs) <= nestedFrom && total <= e.inputs {
		return
	}
	sub.Nested = true
	for node, bytes := range by {
		if most := by[sub.Node]; bytes > most || bytes == most && node < sub.Node {
			sub.Node = node
		}
	}
}

// environment is that of the children: each gets its share of the node's memory. Ray's worker beside it, and what is not
// counted, have the rest.
func (e *Engine) environment() map[string]string {
	env := map[string]string{"GOMAXPROCS": "1"}
	if e.memory > 0 {
		env[memory.BudgetEnv] = strconv.FormatInt(e.WorkerBytes(), 10)
		env["GOMEMLIMIT"] = strconv.FormatInt(e.memory*8/10, 10)
	}
	maps.Copy(env, e.options.Environment)
	return env
}

// short says whether the cluster has now fewer slots than tasks of this engine run.
func (e *Engine) short() bool {
	ctx, cancel := context.WithTimeout(context.Background(), sharedTimeout)
	defer cancel()
	r, err := e.session.call(ctx, command{Kind: "nodes"}, nil)
	if err != nil {
		return false
	}
	slots := 0
	for _, n := range r.Nodes {
		slots += int(n.CPUs)
	}
	return slots < int(e.running.Load())
}

// placed counts a task that has ended on a node.
func (e *Engine) placed(node string) {
	e.tasks.Lock()
	defer e.tasks.Unlock()
	if e.tasks.ended == nil {
		e.tasks.ended = map[string]int{}
	}
	e.tasks.ended[node]++
}

// Tasks is how many tasks have ended so far, by the id of their node.
func (e *Engine) Tasks() map[string]int {
	e.tasks.Lock()
	defer e.tasks.Unlock()
	return maps.Clone(e.tasks.ended)
}
