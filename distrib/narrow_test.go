package distrib_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// file makes a Parquet file of a source, and has plans read that.
func (b *bench) file(name string) {
	b.Helper()
	in := b.nodes[name]
	path := filepath.Join(b.TempDir(), name+".parquet")
	rows := batch.PlainStream(b.mem, b.pool.Run(b.Context(), in))
	if _, err := source.Write(b.Context(), path, in.Schema(), rows, source.Options{}); err != nil {
		b.Fatal(err)
	}
	src, err := source.Open(b.Context(), []string{path}, source.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.data[src.Name()] = b.data[name]
	b.nodes[name] = b.must(plan.NewScan(b.Context(), src))
}

func narrowing(n plan.Node) int {
	count := 0
	if j, ok := n.(*plan.Join); ok && j.Narrows != nil {
		count++
	}
	for _, in := range n.Inputs() {
		count += narrowing(in)
	}
	return count
}

// Scans that joins narrow give the rows that the naive interpreter finds, which reads all.
func TestNarrowedScans(t *testing.T) {
	fired, plans := 0, 0
	for seed := range sample.Seeds(80, 4) {
		rng := rand.New(rand.NewPCG(seed, 11))
		b := newBench(t, 256<<20)
		for _, name := range []string{"a", "b", "c"} {
			b.add(name, rng, 40+rng.IntN(160), 60, 1+rng.Int64N(300))
			b.file(name)
		}
		p := &planner{bench: b, rng: rng, loose: true}
		n := p.nodes[p.pick([]string{"a", "b", "c"})]
		for range 1 + rng.IntN(3) {
			if rng.IntN(2) == 0 {
				n = p.filter(n)
			}
			key, suffix := p.pick([]string{"k", "v"}), "_"+p.fresh()
			left, right := []string{p.pick([]string{"k", "v"})}, []string{key}
			if rng.IntN(3) == 0 {
				left, right = []string{"k", "v"}, []string{"v", "k"}
			}
			var by []expr.Expr
			for _, name := range right {
				by = append(by, col(name))
			}
			few := p.must(plan.NewAggregate(p.filter(p.nodes[p.pick([]string{"a", "b", "c"})]), by, []expr.Expr{agg(expr.Count, nil, p.fresh())}))
			n = p.must(plan.NewJoin(n, few, left, right, plan.JoinKind(rng.IntN(5)), suffix))
		}
		fired += narrowing(plan.Optimize(n))
		b.same(n, false)
		plans++
	}
	if fired < plans/8 {
		t.Errorf("%d joins narrowed a scan", fired)
	}
}

// The keys of a build side travel with the splits of the scan that they narrow.
func TestNarrowedOnNodes(t *testing.T) {
	read := func(remote bool) (rows int64) {
		b := newBench(t, 256<<20)
		for _, name := range []string{"a", "b"} {
			b.add(name, rand.New(rand.NewPCG(9, 11)), 4000, 1000, 2000)
			b.file(name)
		}
		if remote {
			b.remote(2, 1<<10)
		}
		few := b.must(plan.NewAggregate(b.must(plan.NewFilter(b.nodes["b"], expr.Binary{Op: expr.Less, Left: col("k"), Right: expr.Literal{Value: int64(3)}})),
			[]expr.Expr{col("k")}, []expr.Expr{agg(expr.Count, nil, "n")}))
		n := b.must(plan.NewJoin(b.nodes["a"], few, []string{"k"}, []string{"k"}, plan.Inner, "_b"))
		if narrowing(plan.Optimize(n)) != 1 {
			t.Fatal("the join narrows no scan")
		}
		b.same(n, false)
		for snap, err := range b.pool.Watch(t.Context(), n) {
			if err != nil {
				t.Fatal(err)
			}
			if snap.Record != nil {
				snap.Record.Release()
			}
			rows = snap.Progress.Rows
		}
		return rows
	}
	if here, there := read(false), read(true); here >= 2000 || there != here {
		t.Errorf("%d rows are read on nodes, %d in this process", there, here)
	}
}
