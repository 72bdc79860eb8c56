package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

var testAggs = []plan.Agg{
	{Func: expr.Count, Name: "n"},
	{Func: expr.Sum, X: column("row"), Name: "sum"},
	{Func: expr.Min, X: column("d"), Name: "min"},
	{Func: expr.Max, X: column("u"), Name: "max"},
	{Func: expr.First, X: column("row"), Name: "first"},
	{Func: expr.Last, X: column("row"), Name: "last"},
	{Func: expr.CountDistinct, X: column("b"), Name: "distinct"},
	{Func: expr.Reduce, X: reducedSum(), Name: "reduced"},
	{Func: expr.Median, X: column("row"), Name: "median"},
	{Func: expr.Quantile, X: column("f"), Name: "quarter", Args: []expr.Expr{expr.Literal{Value: 0.25}}},
}

type sumState struct {
	Sum  *int64 // nil for no rows
	Note string
}

// reducedSum is a user's aggregate that gives what Sum gives.
func reducedSum() expr.Fold {
	function := func(fn any) *expr.Function {
		f, err := expr.NewFunction(fn)
		if err != nil {
			panic(err)
		}
		return f
	}
	plus := func(s sumState, v int64) sumState {
		if s.Sum != nil {
			v += *s.Sum
		}
		return sumState{&v, "some"}
	}
	return expr.Fold{
		Name: "reduced", Args: []expr.Expr{column("row")},
		Init: function(func() sumState { return sumState{Note: "none"} }), Step: function(plus),
		Merge:  function(func(a, b sumState) sumState { return plus(a, *b.Sum) }),
		Finish: function(func(s sumState) (*int64, bool) { return s.Sum, s.Note == "some" }),
	}
}

// naiveAggregate is testAggs by the book: groups in order of first appearance.
func naiveAggregate(rows []row, keys []int) []row {
	groups := map[string]int{}
	var out []row
	seen := map[string]bool{}
	numbers, floats := map[int][]float64{}, map[int][]float64{}
	if len(keys) == 0 {
		groups[row{}.text()] = 0
		out = append(out, row{int64(0), nil, nil, nil, nil, nil, int64(0), nil, nil, nil})
	}
	for _, r := range rows {
		key := r.at(keys...)
		at, ok := groups[key.text()]
		if !ok {
			at = len(out)
			groups[key.text()] = at
			out = append(out, append(key, int64(0), nil, nil, nil, nil, nil, int64(0), nil, nil, nil))
		}
		g := out[at][len(keys):]
		g[0] = g[0].(int64) + 1
		if g[1] == nil {
			g[1], g[4] = int64(0), r[0]
		}
		g[1], g[5] = g[1].(int64)+r[0].(int64), r[0]
		g[7] = g[1]
		if d := r[5]; d != nil && (g[2] == nil || d.(arrow.Date32) < g[2].(arrow.Date32)) {
			g[2] = d
		}
		if u := r[6]; u != nil && (g[3] == nil || u.(uint64) > g[3].(uint64)) {
			g[3] = u
		}
		if b := r[4]; b != nil && !seen[fmt.Sprint(at, b)] {
			seen[fmt.Sprint(at, b)] = true
			g[6] = g[6].(int64) + 1
		}
		numbers[at] = append(numbers[at], float64(r[0].(int64)))
		if f, ok := r[2].(float64); ok {
			floats[at] = append(floats[at], f)
		}
	}
	for at := range out {
		g := out[at][len(keys):]
		g[8], g[9] = naiveQuantile(numbers[at], 0.5), naiveQuantile(floats[at], 0.25)
	}
	return out
}

func naiveQuantile(v []float64, q float64) any {
	if len(v) == 0 {
		return nil
	}
	slices.SortFunc(v, func(a, b float64) int {
		if a != a || b != b { // NaN is above all, where cmp.Compare has it below
			return -cmp.Compare(a, b)
		}
		return cmp.Compare(a, b)
	})
	at := q * float64(len(v)-1)
	k := int(at)
	if at == float64(k) || v[k] == v[k+1] {
		return v[k]
	}
	return v[k] + (at-float64(k))*(v[k+1]-v[k])
}

func keyExprs(keys []int) (exprs []expr.Expr) {
	for _, k := range keys {
		exprs = append(exprs, column(testSchema.Field(k).Name))
	}
	return exprs
}

func TestAggregate(t *testing.T) {
	number := 0
	shapes := []shape{
		{rows: 0, distinct: 5, batch: 10, seed: 1},
		{rows: 1, distinct: 5, nulls: 1, batch: 10, seed: 2},
		{rows: 6000, distinct: 3, nulls: 0.1, batch: 900, seed: 3},
		{rows: 14000, distinct: 12000, nulls: 0.01, batch: 3000, seed: 4},
		{rows: 9000, distinct: 3000, nulls: 0.2, batch: 700, skew: true, seed: 5},
	}
	for _, how := range []struct {
		name   string
		budget int64
		shard  int
	}{{"memory", plenty, 0}, {"spill", scarce, 0}, {"shards", plenty, 100}, {"small shards", scarce, 100}} {
		for _, keys := range [][]int{{}, {1}, {2}, {3}, {4}, {1, 3}, {5, 4, 7, 8}} {
			for _, s := range shapes {
				if !sampled(&number) {
					continue
				}
				t.Run(fmt.Sprint(how.name, keys, s.rows), func(t *testing.T) {
					if len(keys) == 0 && how.budget == scarce {
						return // one group cannot spill
					}
					env := testEnv(t, how.budget)
					env.shard = how.shard
					if how.budget == scarce {
						env.floor = 384 << 10 // all values of a group must fit
					}
					recs, rows := randomFrame(env, s)
					want := naiveAggregate(rows, keys)
					before := memory.SpilledBytes()
					got := aggregate(t, env, keys, recs, 4)
					if len(want) > 6000 && how.shard == 0 {
						checkSpilled(t, before, how.budget)
					}
					if how.budget == scarce || how.shard > 0 { // partition by partition
						sortTexts(got)
						sortTexts(want)
					}
					equalRows(t, got, want)
				})
			}
		}
	}
}

// TestAggregateShards breaks results of shards off, cancels them, and has the same order twice.
func TestAggregateShards(t *testing.T) {
	env := testEnv(t, plenty)
	env.shard = 50
	recs, _ := randomFrame(env, shape{rows: 6000, distinct: 3000, nulls: 0.1, batch: 900, seed: 8})
	defer releaseRecords(recs)
	spec, err := NewAggSpec(testSchema, keyExprs([]int{1, 3}), testAggs)
	if err != nil {
		t.Fatal(err)
	}
	open := func(ctx context.Context) *FinalAggregate {
		final := NewFinalAggregate(env, spec)
		for _, rec := range recs {
			rec.Retain()
		}
		for state, err := range PartialAggregate(env, spec)(t.Context(), batch.FromRecords(recs...)) {
			if err == nil {
				err = final.Merge(ctx, state)
			}
			if err != nil && ctx.Err() == nil {
				t.Fatal(err)
			}
		}
		return final
	}
	all := func() []row {
		final := open(t.Context())
		defer final.Close()
		if final.shards == nil {
			t.Fatal("it works in no shards")
		}
		out, err := batch.Collect(final.Stream(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		return rowsOf(out)
	}
	equalRows(t, all(), all())
	for _, after := range []int{0, 1, 3} {
		final := open(t.Context())
		for rec := range final.Stream(t.Context()) {
			rec.Release()
			if after--; after < 0 {
				break
			}
		}
		final.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	final := open(ctx)
	cancel()
	if _, err := batch.Collect(final.Stream(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
	final.Close()
	open(ctx).Close()
}

// TestAggregateSnapshotInShards holds the first rows and their count to what was merged before, and the last to the result.
func TestAggregateSnapshotInShards(t *testing.T) {
	env := testEnv(t, plenty)
	env.shard = 50
	schema := arrow.NewSchema([]arrow.Field{testSchema.Field(0)}, nil)
	spec, err := NewAggSpec(schema, []expr.Expr{column("row")}, []plan.Agg{{Func: expr.Count, Name: "n"}})
	if err != nil {
		t.Fatal(err)
	}
	final := NewFinalAggregate(env, spec)
	defer final.Close()
	counts := map[any]int64{}
	var firsts []row
	for part := range 20 {
		rows := make([]row, 500)
		for i := range rows {
			k := int64(i*(part+7)) % 3000
			rows[i] = row{k}
			counts[k]++
		}
		for state, err := range PartialAggregate(env, spec)(t.Context(), batch.FromRecords(recordOf(env, schema, rows))) {
			if err == nil {
				err = final.Merge(t.Context(), state)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		rec, groups, err := final.Snapshot(t.Context(), 60)
		if err != nil {
			t.Fatal(err)
		}
		if firsts = rowsOf([]arrow.Record{rec}); len(firsts) != 60 || groups != int64(len(counts)) {
			t.Fatalf("part %d: %d rows, of %d; want 60 of %d", part, len(firsts), groups, len(counts))
		}
		for _, r := range firsts {
			if r[1] != counts[r[0]] {
				t.Fatalf("part %d: group %v, want %d", part, r, counts[r[0]])
			}
		}
	}
	if final.shards == nil {
		t.Fatal("it works in no shards")
	}
	out, err := batch.Collect(final.Stream(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	equalRows(t, firsts, rowsOf(out)[:60])
}

// TestAggregateShardsSpill has shards that do not fit.
func TestAggregateShardsSpill(t *testing.T) {
	env := testEnv(t, scarce)
	env.floor, env.shard = 256<<10, 20
	const n = 30_000
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{int64(i * 7919 % n)}
	}
	schema := arrow.NewSchema([]arrow.Field{testSchema.Field(0)}, nil)
	spec, err := NewAggSpec(schema, []expr.Expr{column("row")}, []plan.Agg{{Func: expr.Count, Name: "n"}})
	if err != nil {
		t.Fatal(err)
	}
	final := NewFinalAggregate(env, spec)
	defer final.Close()
	before := memory.SpilledBytes()
	var last arrow.Record
	snapshots := 0
	for state, err := range PartialAggregate(env, spec)(t.Context(), batch.FromRecords(recordOf(env, schema, rows))) {
		if err != nil {
			t.Fatal(err)
		}
		for from := int64(0); from < state.NumRows(); from += 500 {
			if err := final.Merge(t.Context(), state.NewSlice(from, min(from+500, state.NumRows()))); err != nil {
				t.Fatal(err)
			}
			if last, _, err = final.Snapshot(t.Context(), 5); err != nil {
				t.Fatal(err)
			}
			if last != nil {
				last.Release()
				snapshots++
			}
		}
		state.Release()
	}
	if final.shards == nil {
		t.Fatal("it works in no shards")
	}
	out, err := batch.Collect(final.Stream(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	checkSpilled(t, before, scarce)
	if snapshots == 0 || last != nil {
		t.Errorf("%d snapshots, the last %v: want some until shards spill, then none", snapshots, last)
	}
	seen := map[any]bool{}
	for _, r := range rowsOf(out) {
		if seen[r[0]] || r[1] != int64(1) {
			t.Fatalf("group %v", r)
		}
		seen[r[0]] = true
	}
	if len(seen) != n {
		t.Errorf("%d groups, want %d", len(seen), n)
	}
}

// aggregate runs partial aggregates over spans of the records and merges them.
func aggregate(t *testing.T, env *Env, keys []int, recs []arrow.Record, span int) []row {
	t.Helper()
	spec, err := NewAggSpec(testSchema, keyExprs(keys), testAggs)
	if err != nil {
		t.Fatal(err)
	}
	final := NewFinalAggregate(env, spec)
	defer final.Close()
	ctx := context.Background()
	for len(recs) > 0 {
		n := min(span, len(recs))
		for state, err := range PartialAggregate(env, spec)(ctx, batch.FromRecords(recs[:n]...)) {
			if err != nil {
				t.Fatal(err)
			}
			if !plainSchema(state.Schema()).Equal(spec.State()) {
				t.Fatalf("state %s, want %s", state.Schema(), spec.State())
			}
			if err := final.Merge(ctx, state); err != nil {
				t.Fatal(err)
			}
		}
		recs = recs[n:]
		checkSnapshot(t, final)
	}
	out, err := batch.Collect(final.Stream(ctx))
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range out {
		if !plainSchema(rec.Schema()).Equal(spec.Output()) {
			t.Fatalf("result %s, want %s", rec.Schema(), spec.Output())
		}
	}
	return rowsOf(out)
}

func checkSnapshot(t *testing.T, final *FinalAggregate) {
	t.Helper()
	all, groups, err := final.Snapshot(t.Context(), -1)
	if err != nil {
		t.Fatal(err)
	}
	some, counted, err := final.Snapshot(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if final.shards == nil && (some == nil) != final.Spilled() {
		t.Fatalf("snapshot %v, spilled %t", some, final.Spilled())
	}
	if some == nil {
		if all != nil {
			t.Fatalf("a snapshot of all %d rows, none of 3", groups)
		}
		return
	}
	if some.NumRows() != min(3, counted) {
		t.Fatalf("a snapshot of %d rows of %d", some.NumRows(), counted)
	}
	firsts := rowsOf([]arrow.Record{some})
	if all == nil {
		return
	}
	if all.NumRows() != groups || groups != counted {
		t.Fatalf("a snapshot of %d rows, which are said to be %d and %d", all.NumRows(), groups, counted)
	}
	equalRows(t, firsts, rowsOf([]arrow.Record{all})[:len(firsts)])
}

func TestPartialAggregateBoundsStates(t *testing.T) {
	env := testEnv(t, plenty)
	const n = 200_000
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{int64(i)}
	}
	schema := arrow.NewSchema(testSchema.Fields()[:1], nil)
	spec, err := NewAggSpec(schema, keyExprs([]int{0}), []plan.Agg{{Func: expr.Count, Name: "n"}})
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for rec, err := range PartialAggregate(env, spec)(context.Background(), batch.FromRecords(recordOf(env, schema, rows))) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.NumRows() > partialGroups {
			t.Errorf("a state of %d groups", rec.NumRows())
		}
		total += rec.NumRows()
		rec.Release()
	}
	if total != n {
		t.Errorf("%d groups, want %d", total, n)
	}
}

func TestAggregateOfOneGroupTooLarge(t *testing.T) {
	env := testEnv(t, scarce)
	recs, _ := randomFrame(env, shape{rows: 40000, distinct: math.MaxInt32, batch: 5000, seed: 1})
	defer releaseRecords(recs)
	for _, f := range []expr.AggFunc{expr.CountDistinct, expr.Median} {
		for _, rec := range recs {
			rec.Retain()
		}
		spec, err := NewAggSpec(testSchema, nil, []plan.Agg{{Func: f, X: column("row"), Name: "n"}})
		if err != nil {
			t.Fatal(err)
		}
		final := NewFinalAggregate(env, spec)
		defer final.Close()
		ctx := context.Background()
		for state, err := range PartialAggregate(env, spec)(ctx, batch.FromRecords(recs...)) {
			if err != nil {
				t.Fatal(err)
			}
			err := final.Merge(ctx, state)
			if !errors.Is(err, memory.ErrBudget) {
				t.Errorf("%s: a group of 40,000 values fits 64 KiB: %v", f, err)
			}
			if f == expr.Median && !strings.Contains(err.Error(), "median(row): the values of a group") {
				t.Error(err)
			}
		}
	}
}
