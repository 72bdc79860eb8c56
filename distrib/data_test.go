package distrib_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
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

// bench is a pool with checked memory and some in-memory sources.
type bench struct {
	testing.TB
	mem    *arrowmemory.CheckedAllocator
	env    *exec.Env
	engine *local.Engine
	pool   *distrib.Pool
	data   map[string]table
	nodes  map[string]plan.Node
}

// newBench checks, when the test ends, that nothing is left: no Arrow memory, no reservation, no block.
func newBench(t testing.TB, budgetBytes int64) *bench {
	t.Helper()
	b := &bench{
		TB: t, mem: arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator()),
		data: map[string]table{}, nodes: map[string]plan.Node{},
	}
	b.env = &exec.Env{Mem: b.mem, Budget: memory.NewBudget(budgetBytes), Spill: t.TempDir()}
	b.engine = local.New(b.env, 3)
	b.pool = distrib.NewRunnerEnv(b.engine, b.env)
	t.Cleanup(func() {
		if blocks, bytes := b.engine.Held(); blocks != 0 {
			t.Errorf("%d blocks of %d bytes are left in the store", blocks, bytes)
		}
		if used := b.env.Budget.Used(); used != 0 {
			t.Errorf("%d bytes are still reserved", used)
		}
		b.mem.AssertSize(t, 0)
	})
	return b
}

var dataSchema = arrow.NewSchema([]arrow.Field{
	{Name: "k", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "v", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
}, nil)

// add makes a source of random rows in batches of up to batchRows rows. Floats are whole, so that sums are exact in any order.
func (b *bench) add(name string, rng *rand.Rand, rows, batchRows int, keys int64) plan.Node {
	b.Helper()
	build := array.NewRecordBuilder(b.mem, dataSchema)
	defer build.Release()
	var recs []arrow.Record
	for rows > 0 {
		n := min(rows, 1+rng.IntN(batchRows))
		rows -= n
		for range n {
			appendMaybe(rng, build.Field(0).(*array.Int64Builder), func(c *array.Int64Builder) { c.Append(rng.Int64N(keys)) })
			appendMaybe(rng, build.Field(1).(*array.Int64Builder), func(c *array.Int64Builder) { c.Append(rng.Int64N(1000) - 500) })
			appendMaybe(rng, build.Field(2).(*array.StringBuilder), func(c *array.StringBuilder) { c.Append(fmt.Sprintf("s%d", rng.IntN(7))) })
			appendMaybe(rng, build.Field(3).(*array.Float64Builder), func(c *array.Float64Builder) { c.Append(float64(rng.IntN(100))) })
		}
		recs = append(recs, build.NewRecord())
	}
	return b.records(name, dataSchema, recs)
}

func appendMaybe[B interface{ AppendNull() }](rng *rand.Rand, b B, value func(B)) {
	if rng.IntN(10) == 0 {
		b.AppendNull()
		return
	}
	value(b)
}

// records makes a source of records, which it takes over.
func (b *bench) records(name string, schema *arrow.Schema, recs []arrow.Record) plan.Node {
	b.Helper()
	b.data[name] = table{names: names(schema), rows: rowsOf(b.TB, recs...)}
	var src source.Source
	switch len(b.data[name].rows) % 3 { // frames in memory are coded, or are when a plan has a use for it
	case 0:
		src = b.kept(name, schema, recs)
	case 1:
		src = b.kept(name, schema, b.coded(schema, recs))
	case 2:
		for _, r := range recs {
			r.Retain()
		}
		src = coder{b.kept(name, schema, recs), b.kept(name, schema, b.coded(schema, slices.Clone(recs)))}
	}
	b.nodes[name] = b.must(plan.NewScan(context.Background(), src))
	return b.nodes[name]
}

// kept is a source of records for as long as the test runs; it takes them over.
func (b *bench) kept(name string, schema *arrow.Schema, recs []arrow.Record) source.Source {
	src := source.FromRecords(name, schema, recs)
	for _, r := range recs {
		r.Release()
	}
	b.Cleanup(src.(interface{ Release() }).Release)
	return src
}

// coder is a source whose text is coded where a plan asks for it.
type coder struct {
	source.Source
	coded source.Source
}

func (c coder) Coded(columns []string) source.Source {
	if len(columns) == 0 {
		return nil
	}
	return c.coded
}

// coded is records with their text coded.
func (b *bench) coded(schema *arrow.Schema, recs []arrow.Record) []arrow.Record {
	b.Helper()
	codes := exec.NewTextCodes(b.mem, schema)
	defer codes.Close()
	for i, rec := range recs {
		var err error
		if recs[i], err = codes.Code(rec); err != nil {
			b.Fatal(err)
		}
	}
	out, err := codes.Finish(recs)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func (b *bench) must(n plan.Node, err error) plan.Node {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// want is the result of the naive interpreter.
func (b *bench) want(n plan.Node) [][]any {
	v := naive{rows: func(name string, _ bool) table { return b.data[name] }}
	return v.eval(n).rows
}

// run is the result of the pool.
func (b *bench) run(ctx context.Context, p *distrib.Pool, n plan.Node) ([][]any, error) {
	recs, err := batch.Collect(batch.PlainStream(b.mem, p.Run(ctx, n)))
	defer func() {
		for _, r := range recs {
			r.Release()
		}
	}()
	for _, r := range recs {
		if !r.Schema().Equal(n.Schema()) {
			b.Errorf("a batch of schema\n%s\nwant\n%s", r.Schema(), n.Schema())
		}
	}
	return rowsOf(b.TB, recs...), err
}

// same checks the pool against the naive interpreter.
func (b *bench) same(n plan.Node, ordered bool) {
	b.Helper()
	got, err := b.run(context.Background(), b.pool, n)
	if err != nil {
		b.Fatalf("%v\n%s", err, plan.Explain(n))
	}
	want := b.want(n)
	if !ordered {
		got, want = asSet(got), asSet(want)
	}
	if d := differ(got, want); d != "" {
		b.Fatalf("%s\n%s", d, plan.Explain(n))
	}
}

func col(name string) expr.Expr          { return expr.Column{Name: name} }
func lit(v any) expr.Expr                { return expr.Literal{Value: v} }
func as(x expr.Expr, n string) expr.Expr { return expr.Alias{X: x, Name: n} }

func binary(op expr.BinaryOp, l, r expr.Expr) expr.Expr {
	return expr.Binary{Op: op, Left: l, Right: r}
}

func agg(f expr.AggFunc, x expr.Expr, name string) expr.Expr {
	return expr.Alias{X: expr.Aggregate{Func: f, X: x}, Name: name}
}
