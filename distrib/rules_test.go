package distrib_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// TestRules: with all rules, and without any one of those that fire, random plans have the rows and the order that they have as they are
// written, in the eyes of the naive interpreter. TestRandomPlans runs such plans.
func TestRules(t *testing.T) {
	fired := map[string]int{}
	for seed := range uint64(600) {
		rng := rand.New(rand.NewPCG(seed, 2))
		b := newBench(t, 1<<20)
		b.add("a", rng, rng.IntN(200), 60, 20)
		b.add("b", rng, rng.IntN(100), 60, 40)
		b.add("c", rng, rng.IntN(20), 7, 5)
		b.claim(rng)
		p := planner{bench: b, rng: rng}
		n := p.grow(1 + rng.IntN(6))
		want := b.want(n)
		for _, rule := range append(plan.Fired(n), "") {
			fired[rule]++
			changed := plan.OptimizeWithout(n, rule)
			if got, want := changed.Schema(), n.Schema(); !got.Equal(want) {
				t.Fatalf("seed %d without %q: columns\n%s\nwant\n%s", seed, rule, got, want)
			}
			if d := differ(b.want(changed), want); d != "" {
				t.Fatalf("seed %d without %q: %s\n%s\n%s", seed, rule, d, plan.Tree(changed), plan.Explain(n))
			}
		}
	}
	for _, rule := range plan.RuleNames() {
		if fired[rule] == 0 && !slices.Contains(elsewhere, rule) {
			t.Errorf("%s never fired", rule)
		}
	}
	t.Log(fired)
}

// claimed is a source that claims to have some number of rows, for rules that go by it.
type claimed struct {
	source.Source
	rows float64
}

func (c claimed) EstimateRows() (float64, bool) { return c.rows, true }

func (c claimed) Coded(columns []string) source.Source {
	if inner, ok := c.Source.(source.Coder); ok {
		return inner.Coded(columns)
	}
	return nil
}

// claim has the sources claim that they have hundreds of rows, or millions.
func (b *bench) claim(rng *rand.Rand) {
	for _, name := range []string{"a", "b", "c"} {
		scan := b.nodes[name].(*plan.Scan)
		b.nodes[name] = b.must(plan.NewScan(context.Background(), claimed{scan.Source, math.Pow(10, float64(2+rng.IntN(8)))}))
	}
}

// elsewhere are the rules that need files, or what random plans do not have; other tests have them.
var elsewhere = []string{
	"filter into scan", "narrow scan", "share expressions", "preview of sort", "preview below projection", "join build side first", plan.SharedRule,
	"infer side filter", "group before join", plan.ReducedRule, "unscale decimals",
}
