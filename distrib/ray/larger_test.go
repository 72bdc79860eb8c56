package ray

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

const (
	// soakEnv asks for the long tests, soakBytesEnv for another size of their data.
	soakEnv      = "RIVULET_SOAK"
	soakBytesEnv = "RIVULET_SOAK_MB"

	seedRows = 1 << 17 // that workers make of each seed
	rowBytes = 200     // of a row, about
	textSize = rowBytes - 28
)

// seeds is a source of one number in each split.
type seeds int

func (s seeds) Name() string { return "seeds" }

func (s seeds) Schema(context.Context) (*arrow.Schema, error) { return seedSchema, nil }

func (s seeds) Size() int64 { return 0 }

var seedSchema = arrow.NewSchema([]arrow.Field{{Name: "seed", Type: arrow.PrimitiveTypes.Int64}}, nil)

func (s seeds) Splits(context.Context, int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		for i := range int64(s) {
			b := array.NewRecordBuilder(memory.Allocator(), seedSchema)
			b.Field(0).(*array.Int64Builder).Append(i)
			rec := b.NewRecord()
			b.Release()
			if !yield(source.SplitOfRecords(batch.Span{Input: "seeds", Start: i, End: i + 1}, rec), nil) {
				return
			}
		}
	}
}

// wide is a frame of seedRows rows with a text that no two have the same.
func wide() source.Source {
	schema := arrow.NewSchema([]arrow.Field{{Name: "t", Type: arrow.PrimitiveTypes.Int64}, {Name: "text", Type: arrow.BinaryTypes.String}}, nil)
	b := array.NewRecordBuilder(memory.Allocator(), schema)
	defer b.Release()
	for i := range seedRows {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		text := strings.Repeat(strconv.FormatInt(int64(i)*7919, 36)+" ", textSize)
		b.Field(1).(*array.StringBuilder).Append(text[:textSize])
	}
	rec := b.NewRecord()
	defer rec.Release()
	return source.FromRecords("wide", schema, []arrow.Record{rec})
}

// larger is a table of seedRows rows for each seed, which the workers make: id counts them, k scatters them (each value once).
func larger(t *testing.T, count int, side string) plan.Node {
	m := must(t)
	scan := func(src source.Source) plan.Node { return m(plan.NewScan(t.Context(), src)) }
	rows, err := plan.NewCrossJoin(scan(seeds(count)), scan(wide()), "_w")
	if err != nil {
		t.Fatal(err)
	}
	col := func(name string) expr.Expr { return expr.Column{Name: name} }
	lit := func(v int64) expr.Expr { return expr.Literal{Value: v} }
	op := func(op expr.BinaryOp, l, r expr.Expr) expr.Expr { return expr.Binary{Op: op, Left: l, Right: r} }
	named := func(x expr.Expr, name string) expr.Expr { return expr.Alias{X: x, Name: name} }
	id := op(expr.Add, op(expr.Multiply, col("seed"), lit(seedRows)), col("t"))
	rows = m(plan.NewProject(rows, []expr.Expr{named(id, "id"), named(col("text"), "text"+side)}))
	k := op(expr.Modulo, op(expr.Multiply, col("id"), lit(7_000_000_001)), lit(1_000_000_007))
	return m(plan.NewProject(rows, []expr.Expr{col("id"), named(k, "k"), col("text" + side)}))
}

// TestLargerThanMemory sorts, groups and joins 10 GB on two nodes of 1 GB each, of which the workers make every row.
func TestLargerThanMemory(t *testing.T) {
	if os.Getenv(soakEnv) == "" {
		t.Skipf("10 GB take minutes; %s=1 runs it, as make soak does", soakEnv)
	}
	sizeMB := 10 << 10
	if mb, err := strconv.Atoi(os.Getenv(soakBytesEnv)); err == nil {
		sizeMB = mb
	}
	t.Setenv("RAY_local_fs_capacity_threshold", "0.99") // Ray stops to spill at 95 % of a disk, however much the rest is
	var small cluster
	if err := small.start(python(t), "--store-mb", "300", "--memory-mb", "700"); err != nil {
		t.Fatal(err)
	}
	defer small.stop()
	env := &exec.Env{Mem: memory.Allocator(), Budget: memory.NewBudget(256 << 20), Spill: t.TempDir()}
	here := local.New(env, 2)
	e, err := Open(t.Context(), Options{Address: small.Address, Python: python(t), Mem: env.Mem, Local: here})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	pool := distrib.NewRunnerEnv(e, env)
	count := sizeMB << 20 / (seedRows * rowBytes)
	rows := int64(count) * seedRows
	ids := rows * (rows - 1) / 2
	m := must(t)
	column := func(name string) expr.Expr { return expr.Column{Name: name} }
	sum := func(of, name string) expr.Expr {
		return expr.Alias{X: expr.Aggregate{Func: expr.Sum, X: expr.Column{Name: of}}, Name: name}
	}
	counted := expr.Alias{X: expr.Aggregate{Func: expr.Count}, Name: "n"}
	length := expr.Alias{X: expr.Call{Func: "length", Args: []expr.Expr{column("text")}}, Name: "length"}

	t.Run("sort", func(t *testing.T) {
		defer watchMemory(t, e)()
		sorted := m(plan.NewSort(larger(t, count, ""), []plan.SortKey{{X: column("k")}}))
		n := m(plan.NewProject(sorted, []expr.Expr{column("id"), column("k"), length}))
		got, total, last := int64(0), int64(0), int64(-1)
		for rec, err := range pool.Run(t.Context(), n) {
			if err != nil {
				t.Fatal(err)
			}
			id, k := rec.Column(0).(*array.Int64).Int64Values(), rec.Column(1).(*array.Int64).Int64Values()
			for i := range id {
				if k[i] <= last {
					t.Fatalf("row %d has key %d after %d", got, k[i], last)
				}
				last = k[i]
				total += id[i]
				got++
			}
			rec.Release()
		}
		if got != rows || total != ids {
			t.Errorf("%d rows whose ids are %d in all, want %d and %d", got, total, rows, ids)
		}
	})
	t.Run("groups", func(t *testing.T) {
		defer watchMemory(t, e)()
		half := expr.Alias{X: expr.Binary{Op: expr.Modulo, Left: column("id"), Right: expr.Literal{Value: rows / 2}}, Name: "half"}
		longest := expr.Alias{X: expr.Aggregate{Func: expr.Max, X: column("text")}, Name: "text"}
		groups := m(plan.NewAggregate(larger(t, count, ""), []expr.Expr{half}, []expr.Expr{counted, sum("id", "ids"), longest}))
		n := m(plan.NewAggregate(groups, nil, []expr.Expr{counted, sum("n", "rows"), sum("ids", "ids")}))
		checkTotals(t, pool, n, rows/2, rows, ids)
	})
	t.Run("join", func(t *testing.T) {
		defer watchMemory(t, e)()
		joined := m(plan.NewJoin(larger(t, count/2, ""), larger(t, count-count/2, "2"), []string{"k"}, []string{"k"}, plan.Left, "_r"))
		both := expr.Alias{X: expr.Call{Func: "length", Args: []expr.Expr{column("text2")}}, Name: "length2"}
		n := m(plan.NewProject(joined, []expr.Expr{column("id"), column("id_r"), length, both}))
		found := int64(count/2) * seedRows
		n = m(plan.NewAggregate(n, nil, []expr.Expr{counted, sum("length", "a"), sum("length2", "b"), sum("id", "ids"), sum("id_r", "ids_r")}))
		checkTotals(t, pool, n, found, found*textSize, found*textSize, found*(found-1)/2, found*(found-1)/2)
	})
}

// checkTotals checks a result of one row.
func checkTotals(t *testing.T, pool *distrib.Pool, n plan.Node, want ...int64) {
	t.Helper()
	for rec, err := range pool.Run(t.Context(), n) {
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := rec.Column(i).ValueStr(0); got != fmt.Sprint(w) {
				t.Errorf("%s is %s, want %d", rec.ColumnName(i), got, w)
			}
		}
		rec.Release()
	}
}

// watchMemory holds the workers to their share, and this process to as much.
func watchMemory(t *testing.T, e *Engine) (end func()) {
	start, stop, stopped := time.Now(), make(chan struct{}), make(chan struct{})
	worker, own := 0.0, 0.0
	before := e.Tasks()
	go func() {
		defer close(stopped)
		for {
			for _, pid := range workers() {
				worker = max(worker, peakMB(pid))
			}
			own = max(own, peakMB(os.Getpid()))
			select {
			case <-stop:
				return
			case <-time.After(500 * time.Millisecond):
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
		share := float64(e.memory) / (1 << 20)
		t.Logf("%v; %d tasks; a worker had %.0f MB at most, of %.0f, the session %.0f MB", time.Since(start).Round(time.Second), total(e.Tasks())-total(before),
			worker, share, own)
		if worker > share || own > share {
			t.Error("that is more than a worker's share")
		}
	}
}

// workers are the processes that run tasks.
func workers() (pids []int) {
	entries, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range entries {
		if line, err := os.ReadFile(path); err == nil && strings.HasPrefix(string(line), "rivulet\x00worker") {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
