package exec

import (
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// TestAscendingKeys brings keys in order, and then one that is out of it: numbers and keys stay those of a groupTable.
func TestAscendingKeys(t *testing.T) {
	for name, c := range map[string]struct {
		column int
		key    func(i int) any
		breaks any
	}{
		"int64":     {1, func(i int) any { return int64(i/3) - 500 }, int64(math.MinInt64)},
		"a null":    {1, func(i int) any { return int64(i / 3) }, nil},
		"uint64":    {6, func(i int) any { return math.MaxUint64 - 5000 + uint64(i) }, uint64(3)},
		"date":      {5, func(i int) any { return arrow.Date32(i/1000 - 2) }, arrow.Date32(-3)},
		"float64":   {2, func(i int) any { return float64(i / 2) }, 0.5},
		"timestamp": {7, func(i int) any { return arrow.Timestamp(i * i) }, arrow.Timestamp(-1)},
	} {
		t.Run(name, func(t *testing.T) {
			env := testEnv(t, plenty)
			schema := arrow.NewSchema([]arrow.Field{testSchema.Field(c.column)}, nil)
			types := fieldTypes(schema, []int{0})
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
			assign := func(values []row) {
				rec := recordOf(env, schema, values)
				defer rec.Release()
				sameGroups(t, table, keys, rec.Columns(), len(values))
				sameKeys(t, table, keys)
			}
			var values []row
			for i := range 4000 {
				values = append(values, row{c.key(i)})
			}
			for part := range slices.Chunk(values, 1300) {
				assign(part)
			}
			if !keys.ascending() {
				t.Error("keys in order are looked up")
			}
			// The break comes behind keys of the same batch that were new, which are new to the next table, too.
			assign(append([]row{{c.key(4100)}, {c.key(4200)}}, slices.Repeat([]row{{c.breaks}}, 3)...))
			if keys.ascending() {
				t.Error("keys out of order are not looked up")
			}
			assign(values)
		})
	}
}

// TestAggregateOfAscendingKeys has groups that are many before a key comes out of order: the order of the result is that of keys until then.
func TestAggregateOfAscendingKeys(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{testSchema.Field(1), testSchema.Field(0)}, nil)
	for _, late := range []int{-1, 3000} {
		env := testEnv(t, plenty)
		env.shard = 100
		spec, err := NewAggSpec(schema, []expr.Expr{column("i")}, []plan.Agg{{Func: expr.Count, Name: "n"}, {Func: expr.Sum, X: column("row"), Name: "s"}})
		if err != nil {
			t.Fatal(err)
		}
		final := NewFinalAggregate(env, spec)
		defer final.Close()
		for from := 0; from < 4000; from += 400 {
			var rows []row
			for i := from; i < from+400; i++ {
				key := int64(i / 2)
				if i == late {
					key = 7
				}
				rows = append(rows, row{key, int64(i)})
			}
			for state, err := range PartialAggregate(env, spec)(t.Context(), batch.FromRecords(recordOf(env, schema, rows))) {
				if err == nil {
					err = final.Merge(t.Context(), state)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if (final.shards != nil) != (late >= 0) {
			t.Errorf("late key %d: in shards: %v", late, final.shards != nil)
		}
		out, err := batch.Collect(final.Stream(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		got := rowsOf(out)
		if late < 0 && !slices.IsSortedFunc(got, func(a, b row) int { return int(a[0].(int64) - b[0].(int64)) }) {
			t.Error("groups in another order than their keys came in")
		}
		want := make([]row, 2000)
		for g := range want {
			want[g] = row{int64(g), int64(2), int64(4*g + 1)}
		}
		if late >= 0 {
			want[7], want[late/2] = row{int64(7), int64(3), int64(29 + late)}, row{int64(late / 2), int64(1), int64(late + 1)}
		}
		sortTexts(got)
		sortTexts(want)
		equalRows(t, got, want)
	}
}
