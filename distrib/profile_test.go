package distrib_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// profiled runs a plan and gives what was measured and how many rows came.
func (b *bench) profiled(n plan.Node) (p *plan.Profile, rows int64) {
	b.Helper()
	ctx := plan.WithProfile(b.Context(), func(got *plan.Profile) { p = got })
	for rec, err := range b.pool.Run(ctx, n) {
		if err != nil {
			b.Fatalf("%v\n%s", err, plan.Explain(n))
		}
		rows += rec.NumRows()
		rec.Release()
	}
	if p == nil {
		b.Fatalf("no profile\n%s", plan.Explain(n))
	}
	return p, rows
}

// The last operator of a random plan has given the rows that came out.
func TestProfileCountsRows(t *testing.T) {
	for seed := range sample.Seeds(40, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, node := randomPlan(t, seed, 256<<20, false)
			p, rows := b.profiled(node)
			last := p.Stages[len(p.Stages)-1]
			op := last.Ops[len(last.Ops)-1]
			if last.Stage.Gather == nil {
				op = last.Ops[len(last.Stage.Steps)]
			}
			if join, ok := lastStep(last.Stage).(*plan.Join); op.Rows != rows && (!ok || join.Kind != plan.Full) {
				t.Errorf("the last operator gave %d rows, %d came\n%s", op.Rows, rows, p)
			}
		})
	}
}

func lastStep(s *plan.Stage) plan.Node {
	if len(s.Steps) == 0 || s.Gather != nil {
		return nil
	}
	return s.Steps[len(s.Steps)-1]
}

// What operators hold and spill is theirs; no time is counted twice.
func TestProfileOfASpill(t *testing.T) {
	b := newBench(t, 1<<20)
	in := b.add("a", rand.New(rand.NewPCG(2, 2)), 120_000, 60_000, 2000)
	g := b.must(plan.NewAggregate(in, []expr.Expr{col("k"), col("v")}, []expr.Expr{agg(expr.Count, nil, "n")}))
	s := b.must(plan.NewSort(g, []plan.SortKey{{X: col("n")}, {X: col("v")}, {X: col("k")}}))
	p, rows := b.profiled(s)
	if len(p.Stages) != 2 {
		t.Fatalf("%d stages\n%s", len(p.Stages), p)
	}
	scan, groups, sorted := p.Stages[0].Ops[0], p.Stages[0].Ops[2], p.Stages[1].Ops[2]
	if scan.Rows != 120_000 || groups.Rows != rows || sorted.Rows != rows {
		t.Errorf("rows\n%s", p)
	}
	if groups.Spilled == 0 || sorted.Spilled == 0 || scan.Spilled != 0 {
		t.Errorf("spilled\n%s", p)
	}
	if groups.Memory == 0 || groups.Memory > 4<<20 || sorted.Memory > 4<<20 {
		t.Errorf("memory\n%s", p)
	}
	total := time.Duration(0)
	for _, s := range p.Stages {
		for _, op := range s.Ops {
			total += op.Time
		}
	}
	if most := p.Took * time.Duration(b.engine.Slots()+1); total > most || total == 0 {
		t.Errorf("%s in operators, at most %s\n%s", total, most, p)
	}
	if text := p.String(); !strings.Contains(text, "merge groups") || !strings.Contains(text, "120000") {
		t.Error(text)
	}
}
