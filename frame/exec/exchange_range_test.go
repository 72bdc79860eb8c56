package exec

import (
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// rowsByRange are the rows of records in ranges by a sample of some of them: they are parted, and each range is sorted.
func rowsByRange(t *testing.T, env *Env, by []int, sampled, recs []arrow.Record, ranges int) (out [][]row) {
	t.Helper()
	ctx, keys := context.Background(), sortKeysOf(by)
	sample, err := NewSortSample(env, testSchema, keys)
	if err != nil {
		t.Fatal(err)
	}
	defer sample.Close()
	for _, rec := range sampled {
		if err := sample.Add(ctx, rec); err != nil {
			t.Fatal(err)
		}
	}
	bounds, err := sample.Bounds(ranges)
	if err != nil {
		t.Fatal(err)
	}
	defer bounds.Release()
	if int(bounds.NumRows()) >= ranges {
		t.Fatalf("%d bounds of %d ranges", bounds.NumRows(), ranges)
	}
	merges := make([]*MergeSort, bounds.NumRows()+1)
	for i := range merges {
		merges[i] = NewMergeSort(env, testSchema, keys)
		merges[i].OfRange(1 << 20)
		defer merges[i].Close()
	}
	parts := make([][]arrow.Record, len(merges))
	take := func(part int, rec arrow.Record) error {
		parts[part] = append(parts[part], rec)
		return nil
	}
	for len(recs) > 0 { // splits
		n := min(3, len(recs))
		p, err := NewRangeParter(env, testSchema, keys, bounds)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		for _, rec := range recs[:n] {
			if err := p.Add(ctx, rec, take); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Flush(take); err != nil {
			t.Fatal(err)
		}
		recs = recs[n:]
	}
	for i, m := range merges {
		for rec, err := range RangePieces(env, testSchema, keys)(ctx, batch.FromRecords(parts[i]...)) {
			if err == nil {
				err = m.Add(ctx, rec)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		sorted, err := batch.Collect(m.Stream(ctx))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rowsOf(sorted))
	}
	return out
}

// Ranges one after the other are the sorted rows, equal ones in input order, whatever the sample.
func TestRangeParter(t *testing.T) {
	number := 0
	for _, how := range strategies {
		for _, by := range sortOrders {
			for _, s := range sortShapes[1:] {
				if !sampled(&number) {
					continue
				}
				t.Run(fmt.Sprint(how.name, by, s.rows), func(t *testing.T) {
					env := testEnv(t, how.budget)
					recs, rows := randomFrame(env, s)
					var all []row
					for _, part := range rowsByRange(t, env, by, recs[:(len(recs)+1)/2], recs, 7) {
						all = append(all, part...)
					}
					equalRows(t, all, naiveSort(rows, by))
				})
			}
		}
	}
}

// A sample of all rows makes ranges of about as many rows each; equal rows are in one.
func TestRangesAreEven(t *testing.T) {
	env := testEnv(t, plenty)
	recs, rows := randomFrame(env, shape{rows: 9000, distinct: 1 << 20, batch: 700, seed: 11})
	for i, part := range rowsByRange(t, env, []int{-7}, recs, recs, 9) {
		if len(part) < len(rows)/9-50 || len(part) > len(rows)/9+50 {
			t.Errorf("range %d has %d of %d rows", i, len(part), len(rows))
		}
	}
	recs, rows = randomFrame(env, shape{rows: 900, distinct: 1, batch: 100, seed: 12})
	if ranges := rowsByRange(t, env, []int{7}, recs, recs, 9); len(ranges) > 2 || len(ranges[0]) != len(rows) {
		t.Errorf("%d ranges of equal rows", len(ranges))
	}
}

// A range is sorted by packed rows where its text is short, coded or not, and piece by piece where it is long.
func TestSortOfRange(t *testing.T) {
	number := 0
	for _, by := range [][]int{{2}, {-7}, {0}, {-5, 2}, {6}, {4, -8}, {3}, {-3, 2}} {
		for longest, nulls := range map[int]float64{15: 0.1, 7: 0, 16: 0.05} {
			if !sampled(&number) {
				continue
			}
			t.Run(fmt.Sprint(by, longest), func(t *testing.T) {
				env := testEnv(t, plenty)
				env.pack = 1
				all, rows := randomFrame(env, shape{rows: 6000, distinct: 300, nulls: nulls, batch: 900, seed: 20})
				releaseRecords(all)
				for i := range rows {
					rows[i] = rows[i][:9]
					if s, ok := rows[i][3].(string); ok {
						rows[i][3] = s[:min(len(s), longest)]
					}
				}
				var recs []arrow.Record
				for from := 0; from < len(rows); from += 700 {
					recs = append(recs, recordOf(env, partedSchema, rows[from:min(from+700, len(rows))]))
				}
				m := NewMergeSort(env, partedSchema, sortKeysOf(by))
				defer m.Close()
				m.OfRange(64 << 10)
				for rec, err := range RangePieces(env, partedSchema, sortKeysOf(by))(t.Context(), batch.FromRecords(recs...)) {
					if err == nil {
						err = m.Add(t.Context(), rec)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				byText := by[0] == 3 || by[0] == -3
				if packed := m.raw.rows == int64(len(rows)); packed != (longest <= wordsText && !byText) {
					t.Errorf("%d of %d rows are to be packed", m.raw.rows, len(rows))
				}
				out, err := batch.Collect(m.Stream(t.Context()))
				if err != nil {
					t.Fatal(err)
				}
				if n := len(out); m.raw.rows == 0 && !byText && longest < 16 && n > 40 {
					t.Errorf("%d batches", n)
				}
				equalRows(t, rowsOf(out), naiveSort(rows, by))
			})
		}
	}
}
