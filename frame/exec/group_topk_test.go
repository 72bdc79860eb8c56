package exec

import (
	"fmt"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// naiveGroupTopK sorts each group's rows.
func naiveGroupTopK(rows []row, groups, by []int, n int) (out []row) {
	members := map[string][]row{}
	var order []string
	for _, r := range rows {
		key := r.at(groups...).text()
		if members[key] == nil {
			order = append(order, key)
		}
		members[key] = append(members[key], r)
	}
	for _, key := range order {
		list := members[key]
		list = naiveSort(list, by)
		out = append(out, list[:min(n, len(list))]...)
	}
	return out
}

func TestGroupTopK(t *testing.T) {
	number := 0
	for _, how := range strategies {
		for _, groups := range [][]int{{}, {1}, {3}, {4, 5}, {9}} {
			for _, by := range [][]int{nil, {-6}, {2}, {-3}, {5, -8}} {
				for _, s := range []shape{
					{rows: 0, distinct: 5, batch: 10, seed: 1},
					{rows: 1, distinct: 5, nulls: 1, batch: 10, seed: 2},
					{rows: 7000, distinct: 4, nulls: 0.1, batch: 900, seed: 3},
					{rows: 5000, distinct: 5000, nulls: 0.01, batch: 2000, seed: 4},
					{rows: 6000, distinct: 800, nulls: 0.2, batch: 700, skew: true, seed: 5},
				} {
					if !sampled(&number) {
						continue
					}
					if how.budget == scarce && (len(groups) == 0 || s.distinct < 100) {
						continue // a group can't be parted
					}
					for i, n := range []int{0, 1, 3, 100} {
						if !sample.Whole() && i != (number/sampleDays+time.Now().YearDay()/sampleDays)%4 {
							continue
						}
						t.Run(fmt.Sprint(how.name, groups, by, s.rows, n), func(t *testing.T) {
							env := testEnv(t, how.budget)
							recs, rows := randomFrame(env, s)
							spec, err := NewGroupTopKSpec(testSchema, keyExprs(groups), sortKeysOf(by), int64(n))
							if err != nil {
								t.Fatal(err)
							}
							before := memory.SpilledBytes()
							partial := GroupTopK(env, spec)
							got := run(t, batch.Chain(partial, partial), recs)
							want := naiveGroupTopK(rows, groups, by, n)
							if memory.SpilledBytes() > before { // partition by partition
								sortTexts(got)
								sortTexts(want)
							} else if how.budget == scarce && n == 100 && len(want) > 3000 {
								t.Error("it did not spill")
							}
							equalRows(t, got, want)
						})
					}
				}
			}
		}
	}
}

// TestGroupTopKPasses has lanes with so many groups that they pass rows on.
func TestGroupTopKPasses(t *testing.T) {
	env := testEnv(t, plenty)
	recs, rows := randomFrame(env, shape{rows: 50_000, distinct: 40_000, batch: 9000, seed: 9})
	spec, err := NewGroupTopKSpec(testSchema, keyExprs([]int{6}), sortKeysOf([]int{-2}), 2)
	if err != nil {
		t.Fatal(err)
	}
	state, err := NewGroupTopKState(env, spec)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	passed := int64(0)
	for rec, err := range GroupTopK(env, spec)(t.Context(), batch.FromRecords(recs...)) {
		if err != nil {
			t.Fatal(err)
		}
		passed += rec.NumRows()
		if err := state.Add(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
		if snapshot, err := state.Snapshot(); err != nil {
			t.Fatal(err)
		} else if snapshot != nil {
			snapshot.Release()
		}
	}
	out, err := batch.Collect(state.Stream(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	want := naiveGroupTopK(rows, []int{6}, []int{-2}, 2)
	if passed <= int64(len(want)) {
		t.Errorf("%d rows were passed, the result has %d", passed, len(want))
	}
	equalRows(t, rowsOf(out), want)
}
