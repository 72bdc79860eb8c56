package exec

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// partedSchema is testSchema without its list, which rows can't be packed with.
var partedSchema = arrow.NewSchema(testSchema.Fields()[:9], nil)

// partedOp sorts in parts, however few rows there are.
func partedOp(t *testing.T, env *Env, by []plan.SortKey) batch.Op {
	t.Helper()
	var columns []*expr.Bound
	for _, f := range partedSchema.Fields() {
		b, err := expr.Bind(column(f.Name), testSchema)
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, b)
	}
	small := *env
	small.pack = 1
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "test", func(emit emitFunc) error {
			m := NewMergeSort(&small, partedSchema, by)
			defer m.Close()
			err := each(ctx, Project(env, partedSchema, columns)(ctx, in), func(rec arrow.Record) error { return m.Add(ctx, rec) })
			if err != nil {
				return err
			}
			return each(ctx, m.Stream(ctx), emit)
		})
	}
}

// partsOf is what a partedSort of recs, which it takes over, gives; false where it can't sort them.
func partsOf(t *testing.T, env *Env, schema *arrow.Schema, keys []plan.SortKey, recs []arrow.Record) (s *partedSort, out []arrow.Record, ok bool) {
	t.Helper()
	spec, err := newSortSpec(schema, keys)
	if err != nil {
		t.Fatal(err)
	}
	s, err = newPartedSort(t.Context(), env, spec, recs)
	defer s.close()
	if err != nil {
		t.Fatal(err)
	}
	if s.layout == nil {
		return s, nil, false
	}
	if ok, err = s.assign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !ok {
		return s, nil, false
	}
	err = s.run(t.Context(), func() {}, func(rec arrow.Record) error {
		out = append(out, rec)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, out, true
}

func TestPartedSort(t *testing.T) {
	shapes := []shape{ // of odd seeds: their text is coded
		{rows: 1, distinct: 5, batch: 10, seed: 1},
		{rows: 3000, distinct: 7, nulls: 0.1, batch: 400, seed: 3},
		{rows: 8000, distinct: 20000, batch: 900, skew: true, seed: 5},
		{rows: 8000, distinct: 200, nulls: 0.05, batch: 900, skew: true, seed: 7},
		{rows: 5000, distinct: 1, batch: 700, seed: 9},
		{rows: 2000, distinct: 9, nulls: 1, batch: 300, seed: 11},
	}
	number := 0
	for _, by := range [][]int{
		{0}, {1}, {-1}, {2}, {-2}, {-5}, {5}, {6}, {-6}, {7}, {4}, {-4}, {3}, {-3}, {3, -2}, {4, -3, 2}, {-4, 5, 7, -3}, {2, 6}, {-2, 3, -1}, {4, 1, 2},
	} {
		for _, shape := range shapes {
			if !sampled(&number) {
				continue
			}
			t.Run(fmt.Sprint(by, shape.seed), func(t *testing.T) {
				env := testEnv(t, plenty)
				env.pack = 1
				all, rows := randomFrame(env, shape)
				var recs []arrow.Record
				for _, rec := range all {
					if rec.NumRows() > 0 {
						recs = append(recs, batch.NewRecord(partedSchema, rec.Columns()[:9], rec.NumRows()))
					}
					rec.Release()
				}
				_, out, ok := partsOf(t, env, partedSchema, sortKeysOf(by), recs)
				has := func(c int) bool { return slices.Contains(by, c) || slices.Contains(by, -c) }
				// Null has no number where integers of all sizes are there; text that is nothing but null is not coded.
				if want := !(shape.nulls > 0 && shape.nulls < 1 && has(1)) && !(shape.nulls == 1 && has(3)); ok != want {
					t.Fatalf("sorted in parts: %v, want %v", ok, want)
				}
				if !ok {
					return
				}
				want := naiveSort(rows, by)
				for i := range want {
					want[i] = want[i][:9]
				}
				equalRows(t, rowsOf(out), want)
			})
		}
	}
}

// wordRecords are records of a word, 0 for null, and the number of the row.
func wordRecords(env *Env, words []uint64, each int) []arrow.Record {
	var recs []arrow.Record
	for from := 0; from < len(words); from += each {
		b := array.NewRecordBuilder(env.Mem, wordSchema)
		for i, w := range words[from:min(from+each, len(words))] {
			b.Field(1).(*array.Int64Builder).Append(int64(from + i))
			if w == 0 {
				b.Field(0).AppendNull()
				continue
			}
			b.Field(0).(*array.Uint64Builder).Append(w)
		}
		recs = append(recs, b.NewRecord())
		b.Release()
	}
	return recs
}

var wordSchema = arrow.NewSchema([]arrow.Field{
	{Name: "w", Type: arrow.PrimitiveTypes.Uint64, Nullable: true}, {Name: "row", Type: arrow.PrimitiveTypes.Int64},
}, nil)

// TestPartedSortEven checks how even parts are, and that rows in order are not moved.
func TestPartedSortEven(t *testing.T) {
	const rows = 100_000
	for name, c := range map[string]struct {
		word    func(i int) uint64
		inOrder bool
	}{
		"random":            {func(i int) uint64 { return uint64(i)*0x9E3779B97F4A7C15 | 1 }, false},
		"equal":             {func(int) uint64 { return 7 }, true},
		"two":               {func(i int) uint64 { return uint64(9 - i%2) }, false},
		"mostly equal":      {func(i int) uint64 { return max(7, uint64(i*7919%rows)) % (rows / 100) }, false},
		"null":              {func(int) uint64 { return 0 }, true},
		"ascending":         {func(i int) uint64 { return uint64(i)/3 + 1 }, true},
		"nulls last":        {func(i int) uint64 { return uint64(i+1) % rows }, true},
		"null before max":   {func(i int) uint64 { return []uint64{0, math.MaxUint64}[i*2/rows] }, false},
		"max before null":   {func(i int) uint64 { return []uint64{math.MaxUint64, 0}[i*2/rows] }, true},
		"null in the midst": {func(i int) uint64 { return []uint64{1, 0, 2, 3}[i*4/rows] }, false},
	} {
		t.Run(name, func(t *testing.T) {
			env := testEnv(t, plenty)
			env.pack = 16
			words := make([]uint64, rows)
			for i := range words {
				words[i] = c.word(i)
			}
			recs := wordRecords(env, words, 1<<13)
			first := recs[0]
			s, out, _ := partsOf(t, env, wordSchema, []plan.SortKey{{X: column("w")}}, recs)
			most := 0
			for _, p := range s.parts {
				most = max(most, p.rows)
			}
			defer releaseRecords(out)
			checkWords(t, words, out)
			if moved := out[0] != first; moved == c.inOrder {
				t.Errorf("rows in order: %v, moved: %v", c.inOrder, moved)
			}
			if even := rows / (len(s.bounds) + 1); most > 3*even {
				t.Errorf("the largest of %d parts has %d rows, of %d", len(s.parts), most, rows)
			}
		})
	}
}

// checkWords checks that out has all rows in order, equal ones as they came.
func checkWords(t *testing.T, words []uint64, out []arrow.Record) {
	t.Helper()
	seen, before := 0, -1
	for _, rec := range out {
		for _, row := range rec.Column(1).(*array.Int64).Int64Values() {
			at := int(row)
			// Null, which is 0 here, is last.
			if before >= 0 && (words[before]-1 > words[at]-1 || words[before] == words[at] && before >= at) {
				t.Fatalf("row %d (%d) before row %d (%d)", before, words[before], at, words[at])
			}
			before = at
			seen++
		}
	}
	if seen != len(words) {
		t.Errorf("%d rows, want %d", seen, len(words))
	}
}

// TestPartedSortUneven sorts rows most of which differ in their second key only, for which the first leaves no room.
func TestPartedSortUneven(t *testing.T) {
	const rows = 2*unevenRows + 1000
	schema := arrow.NewSchema([]arrow.Field{{Name: "f", Type: arrow.PrimitiveTypes.Float64}, {Name: "i", Type: arrow.PrimitiveTypes.Int64}}, nil)
	env := testEnv(t, 4*plenty)
	var recs []arrow.Record
	for from := 0; from < rows; from += 1 << 15 {
		b := array.NewRecordBuilder(env.Mem, schema)
		for i := from; i < min(rows, from+1<<15); i++ {
			b.Field(0).(*array.Float64Builder).Append([]float64{-1e300, 1e300}[i%2])
			b.Field(1).(*array.Int64Builder).Append(int64(uint64(i) * 0x9E3779B97F4A7C15))
		}
		recs = append(recs, b.NewRecord())
		b.Release()
	}
	keys := []plan.SortKey{{X: column("f")}, {X: column("i")}}
	for _, rec := range recs {
		rec.Retain()
	}
	if _, out, ok := partsOf(t, env, schema, keys, slices.Clone(recs)); ok {
		releaseRecords(out)
		t.Error("sorted in parts")
	}
	m := NewMergeSort(env, schema, keys)
	defer m.Close()
	for _, rec := range recs {
		if err := m.Add(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
	}
	seen, f, i := 0, math.Inf(-1), int64(0)
	for rec, err := range m.Stream(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		floats, ints := rec.Column(0).(*array.Float64).Float64Values(), rec.Column(1).(*array.Int64).Int64Values()
		for k := range floats {
			if floats[k] < f || floats[k] == f && ints[k] < i {
				t.Fatalf("row %d: %v %d after %v %d", seen, floats[k], ints[k], f, i)
			}
			f, i = floats[k], ints[k]
			seen++
		}
		rec.Release()
	}
	if seen != rows {
		t.Errorf("%d rows, want %d", seen, rows)
	}
}
