package ray

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

func find(report []Finding, what string) (found []Finding) {
	for _, f := range report {
		if f.What == what {
			found = append(found, f)
		}
	}
	return found
}

func TestDiagnose(t *testing.T) {
	c := twoNodes(t)
	for name, address := range map[string]string{"beside": c.Address, "job": c.Dashboard} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(PythonEnv, python(t))
			report := Diagnose(t.Context(), address)
			for _, f := range report {
				t.Logf("%-12s %s %v %s", f.What, f.Value, f.Err, f.Fix)
				if f.Err != nil {
					t.Errorf("%s: %v", f.What, f.Err)
				}
			}
			nodes := find(report, "node")
			if len(nodes) != 2 || !strings.Contains(nodes[0].Value, "1 CPUs") || !strings.Contains(nodes[0].Value, "object store 600.0MiB") {
				t.Errorf("nodes: %v", nodes)
			}
			if connected := find(report, "connection"); len(connected) != 1 || !strings.Contains(connected[0].Value, "Ray ") {
				t.Errorf("connection: %v", connected)
			}
			if port := find(report, "data port"); (len(port) == 1) != isURL(address) {
				t.Errorf("data port: %v", port)
			}
		})
	}
}

// Each defect is found in time, with a way out.
func TestDiagnoseDefects(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	deny := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer deny.Close()
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	open, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	t.Setenv(PythonEnv, "/no/python3")
	for address, want := range map[string]Finding{
		"ray://head:10001":                 {What: "cluster", Fix: "address"},
		closed.Addr().String():             {What: "cluster", Fix: "ray start --head --port=6379"},
		"http://" + closed.Addr().String(): {What: "cluster", Fix: "--dashboard-host"},
		deny.URL:                           {What: "connection", Fix: "export " + TokenEnv},
		page.URL:                           {What: "connection", Fix: "ray[default]"},
		open.Addr().String():               {What: "connection", Fix: "set " + PythonEnv},
	} {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		report := Diagnose(ctx, address)
		cancel()
		last := report[len(report)-1]
		if last.What != want.What || last.Err == nil || !strings.Contains(last.Fix, want.Fix) {
			t.Errorf("%s: %+v", address, report)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: known after %v", address, took)
		}
	}
}

func TestDiagnoseNode(t *testing.T) {
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	good := func() Node {
		return Node{ID: "0123456789", Host: "node-a", CPUs: 4, MemoryBytes: 16 << 30, StoreBytes: 5 << 30, Facts: &nodeFacts{
			Ray: "2.60.0", Python: "3.12.1", System: "Linux", Machine: machine, SharedBytes: 8 << 30, DiskBytes: 100 << 30,
		}}
	}
	for name, c := range map[string]struct {
		change    func(*Node)
		says, fix string
	}{
		"good":         {func(*Node) {}, "", ""},
		"head only":    {func(n *Node) { n.CPUs, n.MemoryBytes = 0, 1<<20 }, "", ""},
		"patch":        {func(n *Node) { n.Facts.Python = "3.12.9" }, "", ""},
		"silent":       {func(n *Node) { n.Facts, n.Silent = nil, "GetTimeoutError" }, "node-a does not answer: GetTimeoutError", "logs"},
		"architecture": {func(n *Node) { n.Facts.Machine = "riscv64" }, "riscv64", "architecture"},
		"system":       {func(n *Node) { n.Facts.System = "Darwin" }, "Darwin", "leave it out"},
		"ray":          {func(n *Node) { n.Facts.Ray = "2.9.0" }, "2.9.0", "one image"},
		"python":       {func(n *Node) { n.Facts.Python = "3.11.1" }, "3.11.1", "one image"},
		"memory":       {func(n *Node) { n.MemoryBytes = 1 << 30 }, "1.0GiB of memory for 4 CPUs", "--num-cpus"},
		"shm":          {func(n *Node) { n.Facts.SharedBytes = 64 << 20 }, "/dev/shm has 64.0MiB for an object store of 5.0GiB", "emptyDir"},
		"store":        {func(n *Node) { n.StoreBytes = 100 << 20 }, "an object store of 100.0MiB for 4 CPUs", "--object-store-memory"},
		"disk":         {func(n *Node) { n.Facts.DiskBytes = 5 << 20 }, "only 5.0MiB free", "--object-spilling-directory"},
	} {
		t.Run(name, func(t *testing.T) {
			n := good()
			c.change(&n)
			var e Engine
			e.hello = event{Ray: "2.60.0", Python: "3.12.1"}
			e.names.add([]Node{n})
			f := e.diagnoseNode(n)
			if c.says == "" {
				if f.Err != nil || !strings.HasPrefix(f.Value, "node-a: ") {
					t.Errorf("%+v", f)
				}
				return
			}
			if f.Err == nil || !strings.Contains(f.Err.Error(), c.says) || !strings.Contains(f.Fix, c.fix) {
				t.Errorf("%+v", f)
			}
		})
	}
	var e Engine
	n := good()
	n.Lent = 1.5
	e.names.add([]Node{n})
	if f := e.diagnoseNode(n); !strings.Contains(f.Value, "4 CPUs, of which tasks have 1.5 now,") {
		t.Errorf("%+v", f)
	}
	if f := e.diagnoseSlots(); f.Err == nil {
		t.Errorf("a cluster without CPUs: %+v", f)
	}
	if fix := fixOf(errors.Join(errDataPort)); !strings.Contains(fix, PortEnv) {
		t.Error(fix)
	}
}
