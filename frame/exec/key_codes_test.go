package exec

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

var codesSchema = arrow.NewSchema([]arrow.Field{
	{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "t", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
}, nil)

// keyedTexts are columns of text by how often they repeat; i is the row of n.
var keyedTexts = map[string]func(r *rand.Rand, i, n int) any{
	"few": func(r *rand.Rand, _, _ int) any { return fmt.Sprint("id", r.IntN(50)) },
	"long": func(r *rand.Rand, _, _ int) any {
		return fmt.Sprintf("a text of more bytes than two words %d", r.IntN(90))
	},
	"nulls": func(r *rand.Rand, i, n int) any {
		if i < n/2 || r.IntN(9) == 0 {
			return nil
		}
		return fmt.Sprint(r.IntN(20))
	},
	"unique":   func(_ *rand.Rand, i, _ int) any { return fmt.Sprint("row ", i) },
	"too many": func(_ *rand.Rand, i, n int) any { return fmt.Sprint("row ", max(i%100, i-n/2)) },
}

// keyedLanes runs the partial aggregates of two lanes at once, each over every other span of rows, and gives their states in order.
func keyedLanes(t *testing.T, env *Env, spec *AggSpec, rows []row, span int) []arrow.Record {
	t.Helper()
	states := make([][]arrow.Record, (len(rows)+span-1)/span)
	var lanes sync.WaitGroup
	for lane := range 2 {
		lanes.Go(func() {
			for i := lane; i < len(states); i += 2 {
				part := rows[i*span : min((i+1)*span, len(rows))]
				var recs []arrow.Record
				for len(part) > 0 {
					n := min(500, len(part))
					recs = append(recs, recordOf(env, codesSchema, part[:n]))
					part = part[n:]
				}
				out, err := batch.Collect(PartialAggregate(env, spec)(t.Context(), batch.FromRecords(recs...)))
				if err != nil {
					t.Error(err)
				}
				states[i] = out
			}
		})
	}
	lanes.Wait()
	var all []arrow.Record
	for _, part := range states {
		all = append(all, part...)
	}
	return all
}

// keyedAggregate is the groups of rows, with and without codes, and how many columns of the result are coded.
func keyedAggregate(t *testing.T, env *Env, rows []row, coding bool) (out []row, coded int) {
	t.Helper()
	spec, err := NewAggSpec(codesSchema, []expr.Expr{column("s"), column("t"), column("i")},
		[]plan.Agg{{Func: expr.Count, Name: "n"}, {Func: expr.Max, X: column("i"), Name: "m"}})
	if err != nil {
		t.Fatal(err)
	}
	if coding {
		codes := NewKeyCodes(env, spec)
		defer codes.Close()
		for _, w := range codes.columns[:2] {
			w.most = 1500
			if !codes.open(w) { // before lanes hold what there is
				t.Fatal("there is no room for words")
			}
		}
		codes.probe = 1000
		spec = spec.WithCodes(codes)
	}
	final := NewFinalAggregate(env, spec)
	defer final.Close()
	for i, state := range keyedLanes(t, env, spec, rows, len(rows)/8) {
		if err := final.Merge(t.Context(), state); err != nil {
			t.Fatal(err)
		}
		if i%4 == 0 {
			checkSnapshot(t, final)
		}
	}
	recs, err := batch.Collect(final.Stream(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, rec := range recs {
		if !plainSchema(rec.Schema()).Equal(spec.Output()) {
			t.Fatalf("result %s, want %s", rec.Schema(), spec.Output())
		}
		for i, c := range rec.Columns() {
			if batch.IsCoded(c) {
				seen[rec.ColumnName(i)]++
				if words := batch.Words(c); words != batch.Words(recs[0].Column(i)) {
					t.Errorf("column %s has several kinds of words", rec.ColumnName(i))
				}
			}
		}
	}
	for name, n := range seen {
		if n != len(recs) {
			t.Errorf("column %s is coded in %d of %d batches", name, n, len(recs))
		}
	}
	return rowsOf(recs), len(seen)
}

// TestKeyCodes holds groups whose keys lanes code to the same without, in the same order where nothing spills.
func TestKeyCodes(t *testing.T) {
	number := 0
	for s, first := range keyedTexts {
		for u, second := range keyedTexts {
			for _, strategy := range strategies {
				if !sampled(&number) || strategy.budget == scarce && (s == "nulls" && u == "nulls" || s > u) {
					continue
				}
				t.Run(s+", "+u+", "+strategy.name, func(t *testing.T) {
					r := rand.New(rand.NewPCG(1, 2))
					rows := make([]row, 20_000)
					for i := range rows {
						rows[i] = row{first(r, i, len(rows)), second(r, i, len(rows)), int64(r.IntN(1000))}
					}
					env := testEnv(t, strategy.budget)
					env.shard = 2500
					if strategy.budget == scarce { // the words have their place, groups have not
						env.floor = 24 << 10
						env.Budget = memory.NewBudget(2*sharedWordsBytes + scarce)
					}
					want, none := keyedAggregate(t, env, rows, false)
					before := memory.SpilledBytes()
					got, coded := keyedAggregate(t, env, rows, true)
					checkSpilled(t, before, strategy.budget)
					if strategy.budget == plenty {
						again, _ := keyedAggregate(t, env, rows, true)
						equalRows(t, got, again)
					}
					sortTexts(want)
					sortTexts(got)
					equalRows(t, got, want)
					repeating := 0
					for _, name := range []string{s, u} {
						if name != "unique" && name != "too many" {
							repeating++
						}
					}
					if none != 0 || coded != repeating {
						t.Errorf("%d columns are coded, want %d; without codes %d", coded, repeating, none)
					}
				})
			}
		}
	}
}
