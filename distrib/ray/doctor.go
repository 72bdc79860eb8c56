package ray

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// Finding is one line of a report on a cluster.
type Finding struct {
	What, Value string
	Err         error  // what is wrong
	Fix         string // the way out of it
}

const (
	// leastShareBytes is the memory of a task below which joins and groups of ordinary size spill.
	leastShareBytes = 512 << 20
	// leastBlocks is how many a task has at least: see shares.
	leastBlocks = 4
	// leastDiskBytes is what a node that spills blocks needs at least.
	leastDiskBytes = 1 << 30
	// inspectTimeout is longer than the glue's own.
	inspectTimeout = 30 * time.Second
)

// Diagnose looks at a cluster, in the order in which a session would come to know it, as far as that gets. An address that
// does not answer is known after 4 s.
func Diagnose(ctx context.Context, address string) (report []Finding) {
	address = Address(address)
	if address != "" {
		found, ok := reach(ctx, address)
		if report = append(report, found); !ok {
			return report
		}
	}
	start := time.Now()
	e, err := Open(ctx, Options{Address: address})
	if err != nil {
		return append(report, Finding{What: "connection", Err: err, Fix: fixOf(err)})
	}
	defer func() { _ = e.Close() }()
	ray, python := e.Version()
	report = append(report, Finding{
		What: "connection", Value: fmt.Sprintf("in %v, Ray %s, Python %s", time.Since(start).Round(10*time.Millisecond), ray, python),
	})
	if j, ok := e.glue.(*job); ok {
		report = append(report, Finding{What: "data port", Value: j.data + ", TLS"})
	}
	nodes, err := e.inspect(ctx)
	if err != nil {
		return append(report, Finding{What: "nodes", Err: err, Fix: "look at Ray's dashboard, " + e.Dashboard()})
	}
	for _, n := range nodes {
		report = append(report, e.diagnoseNode(n))
	}
	return append(report, e.diagnoseSlots())
}

// reach says whether something answers at an address.
func reach(ctx context.Context, address string) (f Finding, ok bool) {
	f = Finding{What: "cluster", Fix: "correct the address"}
	if f.Err = CheckAddress(address); f.Err != nil {
		return f, false
	}
	at := address
	f.Fix = "on the head: ray start --head --port=6379; open that port to this machine; or correct the address"
	if isURL(address) {
		f.Fix = "on the head: ray start --head --dashboard-host=0.0.0.0, with package ray[default]; open the dashboard's port, or forward it; or correct the address"
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			f.Err = fmt.Errorf("%q is not the address of a Ray dashboard", address)
			return f, false
		}
		at = hostPort(u)
	}
	start := time.Now()
	if f.Err = probe(ctx, at); f.Err != nil {
		return f, false
	}
	f.Value = fmt.Sprintf("%s answers, in %v", at, time.Since(start).Round(100*time.Microsecond))
	return f, true
}

// fixOf is the way out of a failure to connect.
func fixOf(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, errDataPort):
		return "set " + PortEnv + " to a port of the head that is open to this machine, or that is forwarded beside the dashboard's"
	case strings.Contains(text, TokenEnv):
		return "export " + TokenEnv + " with the cluster's token"
	case strings.Contains(text, "ersion mismatch"):
		return "set " + PythonEnv + " to a Python of the cluster's minor version with the cluster's ray, or connect through http://HOST:8265, which needs no Python here"
	case strings.Contains(text, "no package ray"), strings.Contains(text, "python3"), strings.Contains(text, PythonEnv):
		return "set " + PythonEnv + " to a Python that has the cluster's version of ray, or connect through http://HOST:8265, which needs no Python here"
	case strings.Contains(text, noAgent):
		return "the cluster is just starting, or its nodes lack package ray[default], which has the agents that start jobs"
	case strings.Contains(text, "/api/"):
		return "the address must be that of Ray's dashboard, with package ray[default] on the head"
	case errors.Is(err, context.DeadlineExceeded):
		return "the address must be that of Ray's head node (its GCS port, 6379), and this machine a node of the cluster; from others use http://HOST:8265"
	}
	return "look at Ray's logs on the head, /tmp/ray/session_latest/logs"
}

// inspect asks every node about itself.
func (e *Engine) inspect(ctx context.Context) ([]Node, error) {
	ctx, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	r, err := e.session.call(ctx, command{Kind: "inspect"}, nil)
	e.names.add(r.Nodes)
	return r.Nodes, err
}

// diagnoseNode says what a node has, and the worst that is wrong with it.
func (e *Engine) diagnoseNode(n Node) Finding {
	name := e.nodeName(n.ID)
	f := Finding{What: "node"}
	if n.Facts == nil {
		f.Err = fmt.Errorf("%s does not answer: %s", name, n.Silent)
		f.Fix = "no task would run there either: look at its logs (/tmp/ray/session_latest/logs), its memory, its network"
		return f
	}
	facts, cpus := n.Facts, int64(n.CPUs)
	lent := ""
	if n.Lent > 0 {
		lent = fmt.Sprintf(", of which tasks have %g now", n.Lent)
	}
	f.Value = fmt.Sprintf("%s: %d CPUs%s, memory %s, object store %s (/dev/shm %s), %s free to spill, Python %s, %s", name, cpus, lent,
		memory.FormatSize(n.MemoryBytes), memory.FormatSize(n.StoreBytes), memory.FormatSize(facts.SharedBytes),
		memory.FormatSize(facts.DiskBytes), facts.Python, facts.Machine)
	ray, python := e.Version()
	switch {
	case facts.System != "Linux" || architectures[facts.Machine] != runtime.GOARCH:
		f.Err = fmt.Errorf("%s runs %s on %s, this executable is for Linux on %s", name, facts.System, facts.Machine, runtime.GOARCH)
		f.Fix = "leave it out of the cluster, or use a session of its architecture"
	case facts.Ray != ray || minor(facts.Python) != minor(python):
		f.Err = fmt.Errorf("%s has Ray %s and Python %s, the driver Ray %s and Python %s", name, facts.Ray, facts.Python, ray, python)
		f.Fix = "use one image, or one version of ray and of Python, on all nodes"
	case cpus > 0 && n.MemoryBytes/cpus < leastShareBytes:
		f.Err = fmt.Errorf("%s: %s of memory for %d CPUs: tasks would spill early", name, memory.FormatSize(n.MemoryBytes), cpus)
		f.Fix = "start it with fewer CPUs (ray start --num-cpus) or more memory: 1GiB a CPU and more is usual"
	case facts.SharedBytes < n.StoreBytes:
		f.Err = fmt.Errorf("%s: /dev/shm has %s for an object store of %s: Ray keeps it on disk", name, memory.FormatSize(facts.SharedBytes), memory.FormatSize(n.StoreBytes))
		f.Fix = "mount a larger /dev/shm (Kubernetes: an emptyDir of medium Memory; Docker: --shm-size), or start it with a smaller --object-store-memory"
	case cpus > 0 && n.StoreBytes/2/cpus < leastBlocks*blockBytes:
		f.Err = fmt.Errorf("%s: an object store of %s for %d CPUs has no room for %d blocks of each task (%s) in its half", name, memory.FormatSize(n.StoreBytes), cpus, leastBlocks, memory.FormatSize(blockBytes))
		f.Fix = "start it with a larger --object-store-memory: 30 % of the memory is usual"
	case facts.DiskBytes < leastDiskBytes:
		f.Err = fmt.Errorf("%s: only %s free where Ray spills", name, memory.FormatSize(facts.DiskBytes))
		f.Fix = "free space there, or set object_spilling_directory (ray start --object-spilling-directory) to another disk"
	}
	return f
}

// architectures are Go's names of what uname calls them.
var architectures = map[string]string{"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "ppc64le": "ppc64le", "s390x": "s390x"}

// minor is a version without its last part.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// diagnoseSlots says what the nodes amount to.
func (e *Engine) diagnoseSlots() Finding {
	cpus := 0.0
	for _, n := range e.Nodes() {
		cpus += n.CPUs
	}
	f := Finding{What: "tasks", Value: fmt.Sprintf("%d at once, of %s each, up to %d blocks ahead", e.slots, memory.FormatSize(e.memory), e.ahead)}
	if cpus < 1 {
		f.Err, f.Fix = errors.New("no node has a CPU for tasks"), "start a worker node (ray start --address=HOST:6379), or the head with --num-cpus"
	}
	return f
}
