package exec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// TestGroupKeys holds packed keys against a groupTable: numbers, keys and hashes.
func TestGroupKeys(t *testing.T) {
	for _, columns := range [][]int{{1}, {3}, {8}, {1, 2}, {1, 4, 5}, {3, 6}, {8, 7, 4}, {1, 2, 3, 4, 5, 6, 7, 8}, {0, 1, 2, 5, 6, 7, 8}, {1, 9}} {
		for _, s := range []shape{
			{rows: 3000, distinct: 4, nulls: 0.3, batch: 400, seed: 1},
			{rows: 9000, distinct: 5000, nulls: 0.05, batch: 2000, seed: 2},
		} {
			t.Run(fmt.Sprint(columns, s.rows), func(t *testing.T) {
				env := testEnv(t, plenty)
				recs, _ := randomFrame(env, s)
				defer releaseRecords(recs)
				types := fieldTypes(testSchema, columns)
				table, err := newGroupTable(env.Mem, types)
				if err != nil {
					t.Fatal(err)
				}
				defer table.reset()
				keys, err := newGroupKeys(env.Mem, types)
				if err != nil {
					t.Fatal(err)
				}
				defer keys.reset()
				for _, rec := range recs {
					sameGroups(t, table, keys, columnsAt(rec, columns), int(rec.NumRows()))
				}
				sameHashes(t, table, keys, recs, columns)
				sameKeys(t, table, keys)
			})
		}
	}
}

// sameHashes checks that the rows of a group have its hash.
func sameHashes(t *testing.T, table *groupTable, keys *groupKeys, recs []arrow.Record, columns []int) {
	t.Helper()
	hashes, err := keys.hashes()
	if err != nil {
		t.Fatal(err)
	}
	hasher, err := newKeyHasher(nil, table.encoder.types)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range recs {
		rows := int(rec.NumRows())
		groups, got := make([]uint32, rows), make([]uint64, rows)
		if err := table.assign(columnsAt(rec, columns), rows, groups); err != nil {
			t.Fatal(err)
		}
		if err := hasher.hashKeys(columnsAt(rec, columns), got); err != nil {
			t.Fatal(err)
		}
		for row, h := range got {
			if h != hashes[groups[row]] {
				t.Fatalf("row %d has hash %x, its group %d has %x", row, h, groups[row], hashes[groups[row]])
			}
		}
	}
}

func sameGroups(t *testing.T, table *groupTable, keys *groupKeys, columns []arrow.Array, rows int) {
	t.Helper()
	want, got := make([]uint32, rows), make([]uint32, rows)
	if err := table.assign(columns, rows, want); err != nil {
		t.Fatal(err)
	}
	if err := keys.assign(columns, rows, got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) || keys.len() != table.len() {
		t.Fatalf("%d groups, want %d:\n%v\n%v", keys.len(), table.len(), got, want)
	}
}

func sameKeys(t *testing.T, table *groupTable, keys *groupKeys) {
	t.Helper()
	var fields []arrow.Field
	for i, dt := range keys.types {
		fields = append(fields, arrow.Field{Name: fmt.Sprint(i), Type: dt, Nullable: true})
	}
	schema := arrow.NewSchema(fields, nil)
	read := func(columns []arrow.Array, err error) []row {
		if err != nil {
			t.Fatal(err)
		}
		return rowsOf([]arrow.Record{newRecord(schema, columns, columns[0].Len())})
	}
	for _, span := range [][2]int{{0, table.len()}, {0, 0}, {table.len() / 3, table.len() / 2}, {table.len() - 1, table.len()}} {
		equalRows(t, read(keys.columns(span[0], span[1])), read(table.columns(span[0], span[1])))
	}
}

// TestGroupKeysWiden brings wider keys batch by batch, in the end some that are not packed.
func TestGroupKeysWiden(t *testing.T) {
	env := testEnv(t, plenty)
	schema := arrow.NewSchema([]arrow.Field{testSchema.Field(1), testSchema.Field(3), testSchema.Field(6)}, nil)
	types := fieldTypes(schema, []int{0, 1, 2})
	table, err := newGroupTable(env.Mem, types)
	if err != nil {
		t.Fatal(err)
	}
	defer table.reset()
	keys, err := newGroupKeys(env.Mem, types)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.reset()
	r := rand.New(rand.NewPCG(1, 1))
	layouts := map[int]bool{}
	for step := range 90 {
		rows := make([]row, 200)
		for i := range rows {
			rows[i] = row{int64(r.Uint64() >> max(1, 62-step)), strings.Repeat("x", r.IntN(1+step)), r.Uint64() >> max(0, 60-step)}
			if r.IntN(2) == 0 {
				rows[i][0] = -rows[i][0].(int64)
			}
			for c := range rows[i] {
				if r.IntN(10) == 0 {
					rows[i][c] = nil
				}
			}
		}
		rec := recordOf(env, schema, rows)
		sameGroups(t, table, keys, rec.Columns(), len(rows))
		rec.Release()
		switch kind := keys.keyTable.(type) {
		case *codedTable:
			layouts[-1] = true
		case *fixedTable:
			layouts[kind.layout.words] = true
		default:
			layouts[0] = true
		}
	}
	for w := -1; w < fixedWords-1; w++ { // 0 for keys that are not packed, -1 for those that are places
		if w != 1 && !layouts[w] {
			t.Errorf("no keys of %d words", w)
		}
	}
	sameKeys(t, table, keys)
}

// TestPartialAggregatePasses has rows that are groups of their own, which go on one by one, and merges what came.
func TestPartialAggregatePasses(t *testing.T) {
	env := testEnv(t, plenty)
	const n = 150_000
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{int64(i), int64(i % 120_000)}
		if i%7 == 0 {
			rows[i][0] = nil
		}
	}
	schema := arrow.NewSchema([]arrow.Field{testSchema.Field(0), testSchema.Field(1)}, nil)
	spec, err := NewAggSpec(schema, []expr.Expr{column("i")}, []plan.Agg{
		{Func: expr.Count, Name: "n"},
		{Func: expr.Sum, X: column("row"), Name: "s"},
		{Func: expr.First, X: column("row"), Name: "f"},
		{Func: expr.CountDistinct, X: column("row"), Name: "d"},
	})
	if err != nil {
		t.Fatal(err)
	}
	final := NewFinalAggregate(env, spec)
	defer final.Close()
	var recs []arrow.Record
	for from := 0; from < n; from += 10_000 {
		recs = append(recs, recordOf(env, schema, rows[from:from+10_000]))
	}
	states := int64(0)
	for rec, err := range PartialAggregate(env, spec)(t.Context(), batch.FromRecords(recs...)) {
		if err != nil {
			t.Fatal(err)
		}
		states += rec.NumRows()
		if err := final.Merge(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
	}
	if states != n {
		t.Errorf("%d states, want those of all %d rows", states, n)
	}
	out, err := batch.Collect(final.Stream(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	got := rowsOf(out)
	if len(got) != 120_000 {
		t.Fatalf("%d groups", len(got))
	}
	for i, r := range got {
		want := row{int64(i), int64(1), rows[i][0], rows[i][0], int64(0)}
		members := []row{rows[i]}
		if i < 30_000 {
			members = append(members, rows[i+120_000])
			want[1] = int64(2)
		}
		sum := int64(0)
		for _, m := range members {
			if v, ok := m[0].(int64); ok {
				sum += v
				want[2], want[4] = sum, want[4].(int64)+1
			}
		}
		if r.text() != want.text() {
			t.Fatalf("group %d: got %s, want %s", i, r.text(), want.text())
		}
	}
}

// TestGroupKeysOfTwoWords has keys whose one word is made of bits of the other.
func TestGroupKeysOfTwoWords(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "u", Type: arrow.PrimitiveTypes.Uint64, Nullable: true}, {Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}, nil)
	for seed := range uint64(20) {
		env := testEnv(t, plenty)
		r := rand.New(rand.NewPCG(seed, 1))
		table, err := newGroupTable(env.Mem, fieldTypes(schema, []int{0, 1}))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := newGroupKeys(env.Mem, fieldTypes(schema, []int{0, 1}))
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			rows := make([]row, 64)
			for n := range rows {
				rows[n] = row{[]uint64{0, 1, 1<<64 - 1, 1 << 63, 7}[r.IntN(5)], r.Int64N(200) - 100}
			}
			rec := recordOf(env, schema, rows)
			sameGroups(t, table, keys, rec.Columns(), len(rows))
			rec.Release()
		}
		keys.reset()
		table.reset()
	}
}
