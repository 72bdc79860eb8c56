package distrib_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

var priceSchema = arrow.NewSchema([]arrow.Field{
	{Name: "k", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "price", Type: &arrow.Decimal128Type{Precision: 15, Scale: 2}, Nullable: true},
	{Name: "rate", Type: &arrow.Decimal128Type{Precision: 9, Scale: 4}, Nullable: true},
	{Name: "long", Type: &arrow.Decimal128Type{Precision: 30, Scale: 2}, Nullable: true},
}, nil)

// prices adds a table of decimals.
func (b *bench) prices(name string, rng *rand.Rand, rows int) {
	b.Helper()
	build := array.NewRecordBuilder(b.mem, priceSchema)
	defer build.Release()
	for range rows {
		appendMaybe(rng, build.Field(0).(*array.Int64Builder), func(c *array.Int64Builder) { c.Append(rng.Int64N(40)) })
		for i, most := range []int64{1e15, 1e4, 1e17} {
			limit := []int64{100, most}[rng.IntN(2)]
			appendMaybe(rng, build.Field(i+1).(*array.Decimal128Builder), func(c *array.Decimal128Builder) {
				c.Append(decimal128.FromI64(rng.Int64N(2*limit) - limit))
			})
		}
	}
	b.nodes[name] = b.must(plan.NewScan(b.Context(), b.kept(name, priceSchema, []arrow.Record{build.NewRecord()})))
}

// priced grows a plan over tables of decimals: what computes with them, what looks at them, and what passes them on.
func (p *planner) priced() plan.Node {
	n := p.nodes["a"]
	for range p.rng.IntN(4) {
		all := names(n.Schema())
		switch p.rng.IntN(4) {
		case 0:
			n = p.must(plan.NewFilter(n, p.parsed(p.pick([]string{"price > rate", "rate < 0.5", "price * 2 > 10", "k < 30", "k + 1 > 3"}))))
		case 1:
			exprs := []expr.Expr{p.parsed(p.pick([]string{"price * (1 - rate)", "price + rate", "float(price)", "long + price", "when(k > 3, price, rate)"}))}
			for i, name := range all {
				exprs = append(exprs, col(name))
				if i > 3 && p.rng.IntN(2) == 0 {
					exprs[i+1] = as(binary(expr.Add, col("k"), lit(int64(i))), name)
				}
			}
			exprs[0] = as(exprs[0], p.fresh())
			n = p.must(plan.NewProject(n, exprs))
		case 2:
			key := p.pick([]string{"k", "k", "price"})
			n = p.must(plan.NewJoin(n, p.nodes["b"], []string{key}, []string{key}, plan.JoinKind(p.rng.IntN(5)), "_"+p.fresh()))
		case 3:
			n = p.must(plan.NewProject(n, expr.NamedColumns(all)))
		}
	}
	var keys, aggs []expr.Expr
	for range p.rng.IntN(3) {
		keys = append(keys, as(col(p.pick([]string{"k", "rate"})), p.fresh()))
	}
	texts := []string{
		"sum(price)", "mean(price)", "sum(rate)", "sum(price * (1 - rate))", "sum(price * (1 - rate) * (1 + rate))", "max(price)", "min(rate)", "sum(long)",
		"count(price)", "sum(price - 1) / count()", "count_distinct(rate)", "sum(-price)", "sum(price + long)", "sum(when(k > 3, price * rate, rate))",
	}
	for range 1 + p.rng.IntN(4) {
		aggs = append(aggs, as(p.parsed(p.pick(texts)), p.fresh()))
	}
	return p.must(plan.NewAggregate(n, keys, aggs))
}

func (b *bench) parsed(text string) expr.Expr {
	b.Helper()
	e, err := expr.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// rowTexts are the rows of a result, sorted.
func (b *bench) rowTexts(n plan.Node) []string {
	b.Helper()
	recs, err := batch.Collect(batch.PlainStream(b.mem, b.pool.Run(b.Context(), n)))
	if err != nil {
		b.Fatalf("%v\n%s", err, plan.Explain(n))
	}
	var rows []string
	for _, rec := range recs {
		for i := range int(rec.NumRows()) {
			var row []string
			for _, c := range rec.Columns() {
				row = append(row, c.ValueStr(i))
			}
			rows = append(rows, strings.Join(row, " "))
		}
		rec.Release()
	}
	slices.Sort(rows)
	return rows
}

// TestUnscaledDecimals: plans over files, of which decimals are read unscaled, have the rows that they have over the same tables in memory, in
// this process and on nodes.
func TestUnscaledDecimals(t *testing.T) {
	const rule = "unscale decimals"
	fired, plans := 0, 0
	for seed := range sample.Seeds(120, 4) {
		rows := func(files bool) []string {
			rng := rand.New(rand.NewPCG(seed, 21))
			b := newBench(t, 256<<20)
			for _, name := range []string{"a", "b"} {
				b.prices(name, rng, 1+rng.IntN(300))
				if files {
					b.file(name)
				}
			}
			p := &planner{bench: b, rng: rng}
			n := p.priced()
			if files {
				plans++
				if slices.Contains(plan.Fired(n), rule) {
					fired++
				}
				if got, want := plan.Optimize(n).Schema(), n.Schema(); !got.Equal(want) {
					t.Fatalf("seed %d: columns\n%s\nwant\n%s", seed, got, want)
				}
				if seed%3 == 0 {
					b.remote(2, 1<<10)
				}
			}
			return b.rowTexts(n)
		}
		if got, want := rows(true), rows(false); !slices.Equal(got, want) {
			t.Fatalf("seed %d:\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if fired < plans/4 {
		t.Errorf("the rule fired for %d of %d plans", fired, plans)
	}
}
