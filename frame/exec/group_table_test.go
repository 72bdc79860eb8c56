package exec

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

func TestGroupTable(t *testing.T) {
	number := 0
	cases := [][]int{{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}, {1, 2}, {3, 1}, {3, 4, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}, {9, 3}}
	shapes := []shape{
		{rows: 0, distinct: 5, batch: 10, seed: 1},
		{rows: 1, distinct: 5, nulls: 1, batch: 10, seed: 2},
		{rows: 5000, distinct: 7, nulls: 0.1, batch: 900, seed: 3},
		{rows: 20000, distinct: 30000, batch: 3000, seed: 4},
		{rows: 9000, distinct: 4000, nulls: 0.3, batch: 700, skew: true, seed: 5},
	}
	for _, columns := range cases {
		for _, s := range shapes {
			if !sampled(&number) {
				continue
			}
			t.Run(fmt.Sprint(columns, s.rows), func(t *testing.T) {
				env := testEnv(t, plenty)
				recs, rows := randomFrame(env, s)
				checkGroups(t, env, columns, recs, rows)
			})
		}
	}
}

func checkGroups(t *testing.T, env *Env, columns []int, recs []arrow.Record, rows []row) {
	table, err := newGroupTable(env.Mem, fieldTypes(testSchema, columns))
	if err != nil {
		t.Fatal(err)
	}
	defer table.reset()
	want, firsts := map[string]uint32{}, []row{}
	at := 0
	found := make([]uint32, 1<<16)
	for _, rec := range recs {
		n := int(rec.NumRows())
		keys := columnsAt(rec, columns)
		groups := make([]uint32, n)
		before, grow := table.bytes(), table.growth(n, keyBytes(keys))
		if err := table.assign(keys, n, groups); err != nil {
			t.Fatal(err)
		}
		if after := table.bytes(); after > before+grow+1<<15 {
			t.Fatalf("table grew from %d to %d, growth said %d", before, after, grow)
		}
		b, err := table.encoder.encode(keys, n)
		if err != nil {
			t.Fatal(err)
		}
		table.find(&b, found)
		for i, group := range groups {
			key := rows[at].at(columns...)
			if _, ok := want[key.text()]; !ok {
				want[key.text()] = uint32(len(want))
				firsts = append(firsts, key)
			}
			if w := want[key.text()]; group != w || found[i] != w {
				t.Fatalf("row %d %s: group %d, found %d, want %d", at, key.text(), group, found[i], w)
			}
			at++
		}
		rec.Release()
	}
	if table.len() != len(want) {
		t.Fatalf("%d groups, want %d", table.len(), len(want))
	}
	var got []row
	for from := 0; from < table.len(); from += 777 {
		to := min(from+777, table.len())
		arrays, err := table.columns(from, to)
		if err != nil {
			t.Fatal(err)
		}
		for i := range to - from {
			r := make(row, len(arrays))
			for c, a := range arrays {
				r[c] = valueAt(a, i)
			}
			got = append(got, r)
		}
		releaseArrays(arrays)
	}
	equalRows(t, got, firsts)
}

func TestGroupTableFindsNothing(t *testing.T) {
	for _, columns := range [][]int{{1}, {3}, {1, 3}} {
		env := testEnv(t, plenty)
		recs, _ := randomFrame(env, shape{rows: 100, distinct: 3, nulls: 0.2, batch: 1000, seed: 1})
		table, err := newGroupTable(env.Mem, fieldTypes(testSchema, columns))
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range recs {
			found := make([]uint32, rec.NumRows())
			b, err := table.encoder.encode(columnsAt(rec, columns), int(rec.NumRows()))
			if err != nil {
				t.Fatal(err)
			}
			table.find(&b, found)
			for i, g := range found {
				if g != noGroup {
					t.Fatalf("row %d: group %d in an empty table", i, g)
				}
			}
			rec.Release()
		}
	}
}
