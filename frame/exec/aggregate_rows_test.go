package exec

import (
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// TestAggregateRows holds aggregates of rows that lanes pass on equal to those of the rows' states.
func TestAggregateRows(t *testing.T) {
	agg := func(f expr.AggFunc, columns ...string) (aggs []plan.Agg) {
		for _, c := range columns {
			aggs = append(aggs, plan.Agg{Func: f, X: column(c), Name: string(f) + c})
		}
		return aggs
	}
	sets := [][]plan.Agg{
		{{Func: expr.Count, Name: "n"}},
		append(agg(expr.Sum, "row", "f", "b"), plan.Agg{Func: expr.Corr, X: column("i"), Name: "corr", Args: []expr.Expr{column("row")}}),
		append(agg(expr.Mean, "i", "f", "dec"), agg(expr.Min, "f", "s")...),
		append(agg(expr.Max, "ts", "u"), agg(expr.Count, "f")...),
		append(agg(expr.First, "s", "b", "row"), agg(expr.Last, "dec", "f")...),
		append(agg(expr.Std, "row"), agg(expr.Any, "b")...),
		agg(expr.CountDistinct, "b"),
	}
	number := 0
	for i, aggs := range sets {
		for _, how := range []struct {
			name   string
			budget int64
			shard  int
		}{{"memory", plenty, 0}, {"shards", plenty, 1000}, {"small shards", scarce, 1000}} {
			if !sampled(&number) {
				continue
			}
			t.Run(fmt.Sprint(how.name, i), func(t *testing.T) {
				env := testEnv(t, how.budget)
				env.shard, env.floor = how.shard, 384<<10
				recs, _ := randomFrame(env, shape{rows: partialProbe + 4000, distinct: math.MaxInt32, nulls: 0.05, batch: 11_000, seed: 11})
				defer releaseRecords(recs)
				spec, err := NewAggSpec(testSchema, keyExprs([]int{1, 3}), aggs)
				if err != nil {
					t.Fatal(err)
				}
				states := *spec
				states.rows = nil
				got, passed := aggregateTwice(t, env, spec, recs)
				want, _ := aggregateTwice(t, env, &states, recs)
				if passed == 0 {
					t.Error("no rows were passed on")
				}
				equalRows(t, got, want)
			})
		}
	}
}

// aggregateTwice aggregates recs as two splits and says how many rows came as they are.
func aggregateTwice(t *testing.T, env *Env, spec *AggSpec, recs []arrow.Record) (out []row, passed int64) {
	t.Helper()
	final := NewFinalAggregate(env, spec)
	defer final.Close()
	for range 2 {
		for _, rec := range recs {
			rec.Retain()
		}
		for state, err := range PartialAggregate(env, spec)(t.Context(), batch.FromRecords(recs...)) {
			if err != nil {
				t.Fatal(err)
			}
			if spec.holdsRows(state) {
				passed += state.NumRows()
			}
			if err := final.Merge(t.Context(), state); err != nil {
				t.Fatal(err)
			}
		}
	}
	records, err := batch.Collect(final.Stream(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	out = rowsOf(records)
	for _, r := range out {
		for i, v := range r {
			if f, ok := v.(float64); ok { // states of moments are merged in another way than values are added
				r[i] = fmt.Sprintf("%.9g", f)
			}
		}
	}
	sortTexts(out)
	return out, passed
}
