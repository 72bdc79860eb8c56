package exec

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// naiveSort orders rows by columns; a negative number is that column, descending.
func naiveSort(rows []row, by []int) []row {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(a, b row) int {
		for _, c := range by {
			sign := 1
			if c < 0 {
				c, sign = -c, -1
			}
			if d := naiveCompare(a[c], b[c], sign); d != 0 {
				return d
			}
		}
		return 0
	})
	return out
}

func naiveCompare(a, b any, sign int) int {
	last := func(v any) int { // 2 null, 1 NaN, 0 the rest
		if v == nil {
			return 2
		}
		if f, ok := v.(float64); ok && f != f {
			return 1
		}
		return 0
	}
	if x, y := last(a), last(b); x != 0 || y != 0 {
		return cmp.Compare(x, y)
	}
	switch x := a.(type) {
	case int64:
		return sign * cmp.Compare(x, b.(int64))
	case uint64:
		return sign * cmp.Compare(x, b.(uint64))
	case float64:
		return sign * cmp.Compare(x, b.(float64))
	case arrow.Date32:
		return sign * cmp.Compare(x, b.(arrow.Date32))
	case arrow.Timestamp:
		return sign * cmp.Compare(x, b.(arrow.Timestamp))
	case string:
		return sign * bytes.Compare([]byte(x), []byte(b.(string)))
	case decimal128.Num:
		return sign * x.Cmp(b.(decimal128.Num))
	case bool:
		switch {
		case x == b.(bool):
			return 0
		case x:
			return sign
		}
		return -sign
	}
	panic(fmt.Sprintf("no order for %T", a))
}

func sortKeysOf(by []int) (keys []plan.SortKey) {
	for _, c := range by {
		keys = append(keys, plan.SortKey{X: column(testSchema.Field(max(c, -c)).Name), Descending: c < 0})
	}
	return keys
}

var sortOrders = [][]int{{1}, {-1}, {2}, {-2}, {3}, {-3}, {4}, {-5}, {6}, {-7}, {8}, {-8}, {3, -2}, {-4, 3, 5}, {-3, 1}}

var sortShapes = []shape{
	{rows: 0, distinct: 5, batch: 10, seed: 1},
	{rows: 1, distinct: 5, nulls: 1, batch: 10, seed: 2},
	{rows: 3000, distinct: 7, nulls: 0.1, batch: 400, seed: 3},
	{rows: 8000, distinct: 20000, nulls: 0.05, batch: 900, skew: true, seed: 4},
}

// mergeSorted sorts as the engine does: pieces in lanes, then merged.
func mergeSorted(t *testing.T, env *Env, by []int, recs []arrow.Record) []row {
	t.Helper()
	ctx := context.Background()
	m := NewMergeSort(env, testSchema, sortKeysOf(by))
	defer m.Close()
	for len(recs) > 0 {
		n := min(2, len(recs))
		for rec, err := range PartialSort(env, testSchema, sortKeysOf(by))(ctx, batch.FromRecords(recs[:n]...)) {
			if err == nil {
				err = m.Add(ctx, rec)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		recs = recs[n:]
	}
	out, err := batch.Collect(m.Stream(ctx))
	if err != nil {
		t.Fatal(err)
	}
	return rowsOf(out)
}

func TestMergeSort(t *testing.T) {
	number := 0
	for _, how := range strategies {
		for _, by := range sortOrders {
			for _, s := range sortShapes {
				if !sampled(&number) {
					continue
				}
				t.Run(fmt.Sprint(how.name, by, s.rows), func(t *testing.T) {
					env := testEnv(t, how.budget)
					recs, rows := randomFrame(env, s)
					before := memory.SpilledBytes()
					equalRows(t, mergeSorted(t, env, by, recs), naiveSort(rows, by))
					if s.rows > 1 {
						checkSpilled(t, before, how.budget)
					}
				})
			}
		}
	}
}

// TestMergeSortManyRuns merges in passes: hardly any buffers fit.
func TestMergeSortManyRuns(t *testing.T) {
	env := testEnv(t, scarce)
	env.floor = 4 << 10
	recs, rows := randomFrame(env, shape{rows: 6000, distinct: 50, nulls: 0.1, batch: 200, seed: 9})
	equalRows(t, mergeSorted(t, env, []int{1}, recs), naiveSort(rows, []int{1}))
}

func TestTopK(t *testing.T) {
	number := 0
	for _, how := range strategies {
		for _, by := range [][]int{{1}, {-2}, {3}, {-3, 1}, {8}} {
			for _, s := range sortShapes {
				for _, n := range []int64{1, 10, 2500, 100_000} {
					if !sampled(&number) {
						continue
					}
					t.Run(fmt.Sprint(how.name, by, s.rows, n), func(t *testing.T) {
						env := testEnv(t, how.budget)
						recs, rows := randomFrame(env, s)
						want := naiveSort(rows, by)
						want = want[:min(int(n), len(want))]
						before := memory.SpilledBytes()
						equalRows(t, run(t, TopK(env, testSchema, sortKeysOf(by), n), recs), want)
						if n == 100_000 && s.rows > 1 {
							checkSpilled(t, before, how.budget)
						}
					})
				}
			}
		}
	}
}

func TestTopKSnapshots(t *testing.T) {
	env := testEnv(t, plenty)
	recs, rows := randomFrame(env, shape{rows: 20000, distinct: 1000, nulls: 0.1, batch: 1500, seed: 3})
	by := []int{-2, 3}
	state, err := NewTopKState(env, testSchema, sortKeysOf(by), 25)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	seen := 0
	for _, rec := range recs {
		seen += int(rec.NumRows())
		if err := state.Add(context.Background(), rec); err != nil {
			t.Fatal(err)
		}
		snapshot, err := state.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		want := naiveSort(rows[:seen], by)
		equalRows(t, rowsOf([]arrow.Record{snapshot}), want[:min(25, len(want))])
	}
}

func TestSortRefusesLists(t *testing.T) {
	env := testEnv(t, plenty)
	_, err := batch.Collect(PartialSort(env, testSchema, sortKeysOf([]int{9}))(context.Background(), batch.FromRecords()))
	if err == nil {
		t.Error("sorted by a list")
	}
}
