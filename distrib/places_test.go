package distrib_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Each split, each row that is read and each part of an exchange is counted on the node that had it.
func TestPlaces(t *testing.T) {
	b := newBench(t, 256<<20)
	in := b.add("a", rand.New(rand.NewPCG(3, 7)), 20_000, 400, 1000)
	sort := b.must(plan.NewSort(in, []plan.SortKey{{X: col("f")}}))
	b.remote(3, 64<<10)
	p, _ := b.profiled(sort)
	var splits, parts int
	var read, made int64
	for _, n := range p.Stages[0].Nodes {
		splits += n.Splits
		parts += n.Exchanged
		read += n.Read
		made += n.Rows
		if n.Splits == 0 || n.Exchanged == 0 || n.Bytes == 0 {
			t.Errorf("idle: %v", n)
		}
	}
	if len(p.Stages[0].Nodes) != 3 || splits < 20 || read != 20_000 || made != 2*20_000 || parts < 4 {
		t.Errorf("%d splits, %d parts, %d rows read, %d made\n%s", splits, parts, read, made, p)
	}
	if text := p.String(); strings.Count(text, "    on node-") != 3 || !strings.Contains(text, "parts exchanged") {
		t.Error(text)
	}
	var last batch.Progress
	for s, err := range b.pool.Watch(t.Context(), sort) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Record != nil {
			s.Record.Release()
		}
		last = s.Progress
		count := 0
		for _, n := range last.Nodes {
			count += n.Splits
		}
		if count != last.Splits {
			t.Errorf("%d splits, %d on nodes", last.Splits, count)
		}
	}
	if len(last.Nodes) != 3 {
		t.Errorf("nodes %v", last.Nodes)
	}
}

// One process has no nodes.
func TestNoPlaces(t *testing.T) {
	b := newBench(t, 256<<20)
	in := b.add("a", rand.New(rand.NewPCG(3, 7)), 2000, 400, 1000)
	if p, _ := b.profiled(in); p.Stages[0].Nodes != nil || strings.Contains(p.String(), "on ") {
		t.Error(p)
	}
}
