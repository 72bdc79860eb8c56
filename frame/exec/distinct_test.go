package exec

import (
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

func naiveDistinct(rows []row, columns []int) (out []row) {
	seen := map[string]bool{}
	for _, r := range rows {
		if k := r.at(columns...).text(); !seen[k] {
			seen[k] = true
			out = append(out, r)
		}
	}
	return out
}

func TestDistinct(t *testing.T) {
	number := 0
	shapes := []shape{
		{rows: 0, distinct: 5, batch: 10, seed: 1},
		{rows: 1, distinct: 5, nulls: 1, batch: 10, seed: 2},
		{rows: 5000, distinct: 3, nulls: 0.1, batch: 900, seed: 3},
		{rows: 12000, distinct: 20000, nulls: 0.05, batch: 1000, skew: true, seed: 4},
	}
	for _, how := range strategies {
		for _, columns := range [][]int{{1}, {3}, {4}, {1, 2, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
			for _, s := range shapes {
				if !sampled(&number) {
					continue
				}
				t.Run(fmt.Sprint(how.name, columns, s.rows), func(t *testing.T) {
					env := testEnv(t, how.budget)
					recs, rows := randomFrame(env, s)
					want := naiveDistinct(rows, columns)
					names := make([]string, len(columns))
					for i, c := range columns {
						names[i] = testSchema.Field(c).Name
					}
					if len(names) == testSchema.NumFields() {
						names = nil
					}
					before := memory.SpilledBytes()
					got := run(t, Distinct(env, testSchema, names), recs)
					if len(want) > 5000 {
						checkSpilled(t, before, how.budget)
					}
					if how.budget == scarce {
						sortTexts(got)
						sortTexts(want)
					}
					equalRows(t, got, want)
				})
			}
		}
	}
}

func TestDistinctGivesEarly(t *testing.T) {
	env := testEnv(t, plenty)
	recs, _ := randomFrame(env, shape{rows: 1000, distinct: 100, batch: 10, seed: 1})
	read := 0
	in := func(yield func(rec arrow.Record, err error) bool) {
		for i, rec := range recs {
			read++
			if !yield(rec, nil) {
				releaseRecords(recs[i+1:])
				return
			}
		}
	}
	for rec, err := range Distinct(env, testSchema, nil)(context.Background(), batch.Stream(in)) {
		if err != nil {
			t.Fatal(err)
		}
		rec.Release()
		break
	}
	if read > 6 {
		t.Errorf("%d batches read for the first row", read)
	}
}
