package ray

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// table writes a CSV file of so many rows into dir.
func table(t *testing.T, dir string, rows int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,k,s,v\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,%d,name%d,%d.5\n", i, i*7%1000, i%40, i%977)
	}
	path := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// question is a plan over a source.
type question func(*testing.T, plan.Node) plan.Node

func must(t *testing.T) func(plan.Node, error) plan.Node {
	return func(n plan.Node, err error) plan.Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

var questions = map[string]question{
	"rows": func(_ *testing.T, in plan.Node) plan.Node { return in },
	"filter": func(t *testing.T, in plan.Node) plan.Node {
		return must(t)(plan.NewFilter(in, expr.Binary{Op: expr.Less, Left: expr.Column{Name: "k"}, Right: expr.Literal{Value: int64(5)}}))
	},
	"groups": func(t *testing.T, in plan.Node) plan.Node {
		sum := expr.Alias{X: expr.Aggregate{Func: expr.Sum, X: expr.Column{Name: "v"}}, Name: "t"}
		return must(t)(plan.NewAggregate(in, []expr.Expr{expr.Column{Name: "s"}, expr.Column{Name: "k"}}, []expr.Expr{sum}))
	},
	"many groups": func(t *testing.T, in plan.Node) plan.Node {
		sum := expr.Alias{X: expr.Aggregate{Func: expr.Sum, X: expr.Column{Name: "v"}}, Name: "t"}
		return must(t)(plan.NewAggregate(in, []expr.Expr{expr.Column{Name: "id"}}, []expr.Expr{sum}))
	},
	"sort": func(t *testing.T, in plan.Node) plan.Node {
		return must(t)(plan.NewSort(in, []plan.SortKey{{X: expr.Column{Name: "v"}, Descending: true}, {X: expr.Column{Name: "s"}}}))
	},
	"limit":         func(t *testing.T, in plan.Node) plan.Node { return must(t)(plan.NewLimit(in, 1000)) },
	"distinct":      func(t *testing.T, in plan.Node) plan.Node { return must(t)(plan.NewDistinct(in, []string{"s"})) },
	"distinct rows": func(t *testing.T, in plan.Node) plan.Node { return must(t)(plan.NewDistinct(in, []string{"id", "s"})) },
	"best of groups": func(t *testing.T, in plan.Node) plan.Node {
		return must(t)(plan.NewGroupTopK(in, []expr.Expr{expr.Column{Name: "k"}}, []plan.SortKey{{X: expr.Column{Name: "v"}}}, 200))
	},
	"window": func(t *testing.T, in plan.Node) plan.Node {
		sum := expr.Window{Func: expr.WindowFunc(expr.Sum), X: expr.Column{Name: "id"}, By: []expr.Expr{expr.Column{Name: "s"}}, Order: []expr.OrderKey{{X: expr.Column{Name: "v"}}}}
		return must(t)(plan.NewProject(in, []expr.Expr{expr.Column{Name: "id"}, expr.Alias{X: sum, Name: "w"}}))
	},
	"full join": func(t *testing.T, in plan.Node) plan.Node {
		few := must(t)(plan.NewTopK(in, []plan.SortKey{{X: expr.Column{Name: "id"}, Descending: true}}, 500))
		below := must(t)(plan.NewFilter(in, expr.Binary{Op: expr.Less, Left: expr.Column{Name: "id"}, Right: expr.Literal{Value: int64(399_700)}}))
		return must(t)(plan.NewJoin(below, few, []string{"id"}, []string{"id"}, plan.Full, "_r"))
	},
	"groups of a large join": func(t *testing.T, in plan.Node) plan.Node {
		sum := expr.Alias{X: expr.Aggregate{Func: expr.Sum, X: expr.Column{Name: "v_r"}}, Name: "t"}
		joined := must(t)(plan.NewJoin(in, in, []string{"id"}, []string{"id"}, plan.Inner, "_r"))
		groups := must(t)(plan.NewAggregate(joined, []expr.Expr{expr.Column{Name: "k"}}, []expr.Expr{sum}))
		return must(t)(plan.NewSort(groups, []plan.SortKey{{X: expr.Column{Name: "k"}}}))
	},
	"join": func(t *testing.T, in plan.Node) plan.Node {
		sum := expr.Alias{X: expr.Aggregate{Func: expr.Max, X: expr.Column{Name: "v"}}, Name: "top"}
		right := must(t)(plan.NewAggregate(in, []expr.Expr{expr.Column{Name: "k"}}, []expr.Expr{sum}))
		return must(t)(plan.NewJoin(in, right, []string{"k"}, []string{"k"}, plan.Inner, "_r"))
	},
	"join of groups": func(t *testing.T, in plan.Node) plan.Node {
		sum := expr.Alias{X: expr.Aggregate{Func: expr.Max, X: expr.Column{Name: "v"}}, Name: "top"}
		right := must(t)(plan.NewAggregate(in, []expr.Expr{expr.Column{Name: "id"}}, []expr.Expr{sum}))
		return must(t)(plan.NewJoin(in, right, []string{"id"}, []string{"id"}, plan.Inner, "_r"))
	},
}

// exchanged are questions that are asked of one source: what they exchange is the same.
var exchanged = map[string]bool{
	"distinct rows": true, "best of groups": true, "window": true, "full join": true, "groups of a large join": true, "join of groups": true,
}

// answer is the rows of a plan's result, as text.
func answer(ctx context.Context, env *exec.Env, e distrib.Engine, n plan.Node) (string, error) {
	var b strings.Builder
	pool := distrib.NewRunnerEnv(e, env)
	pool.ExchangeFrom(2 << 20)
	pool.BroadcastUpTo(2 << 20)
	for rec, err := range batch.PlainStream(env.Mem, pool.Run(ctx, n)) {
		if err != nil {
			return "", err
		}
		for i := range int(rec.NumRows()) {
			for _, c := range rec.Columns() {
				b.WriteString(c.ValueStr(i) + " ")
			}
			b.WriteByte('\n')
		}
		rec.Release()
	}
	return b.String(), nil
}

// TestSameAnswers runs plans on both engines: over a file that both nodes see, over one that only the first sees, and over
// records in memory.
func TestSameAnswers(t *testing.T) {
	mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	source.SetAllocator(mem)
	defer source.SetAllocator(arrowmemory.DefaultAllocator)
	env := &exec.Env{Mem: mem, Budget: memory.NewBudget(1 << 30), Spill: t.TempDir()}
	here := local.New(env, 2)
	e := open(t, mem)
	start := e.Tasks()
	rows := 400_000
	sources := map[string]source.Source{}
	for name, dir := range map[string]string{"shared": folder(t), "hidden": t.TempDir()} {
		path := table(t, dir, rows)
		src, err := source.Open(t.Context(), []string{path}, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = src
		if sees := e.Shared(path); sees != (name == "shared" || !twoNodes(t).Hidden) {
			t.Errorf("all nodes see the %s file: %v", name, sees)
		}
	}
	scan := must(t)(plan.NewScan(t.Context(), sources["shared"]))
	recs, err := batch.Collect(distrib.NewRunnerEnv(here, env).Run(t.Context(), scan))
	if err != nil {
		t.Fatal(err)
	}
	sources["memory"] = source.FromRecords("memory", scan.Schema(), recs)
	defer sources["memory"].(interface{ Release() }).Release()
	for _, rec := range recs {
		rec.Release()
	}
	for name, src := range sources {
		for ask, q := range questions {
			if name != "shared" && exchanged[ask] {
				continue
			}
			t.Run(name+" "+ask, func(t *testing.T) {
				n := q(t, must(t)(plan.NewScan(t.Context(), src)))
				want, err := answer(t.Context(), env, here, n)
				if err != nil {
					t.Fatal(err)
				}
				before := e.Tasks()
				got, err := answer(t.Context(), env, e, n)
				if err != nil {
					t.Fatal(err)
				}
				if ask == "join of groups" { // an exchanged join comes part by part
					got, want = lines(got), lines(want)
				}
				if got != want || want == "" {
					t.Errorf("%d bytes of rows here, %d on the cluster", len(want), len(got))
				}
				tasks := e.Tasks()
				if total(tasks) == total(before) && ask != "limit" { // which stops its tasks
					t.Error("nothing ran on the cluster")
				}
			})
		}
	}
	tasks := e.Tasks()
	t.Logf("tasks by node: %v before, %v after", start, tasks)
	for _, n := range nodes(t, e) {
		if share := float64(tasks[n.ID]-start[n.ID]) / float64(total(tasks)-total(start)); share < 0.3 {
			t.Errorf("node %s ran %.0f %% of the tasks", n.Address, 100*share)
		}
	}
}

// nodes are those of the cluster now.
func nodes(t *testing.T, e *Engine) []Node {
	t.Helper()
	r, err := e.session.call(t.Context(), command{Kind: "nodes"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Nodes
}

func total(tasks map[string]int) (n int) {
	for _, k := range tasks {
		n += k
	}
	return n
}
