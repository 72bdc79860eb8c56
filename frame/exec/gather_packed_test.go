package exec

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

var packedSchema = arrow.NewSchema([]arrow.Field{
	{Name: "int", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "date", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "short", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "bool", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "decimal", Type: &arrow.Decimal128Type{Precision: 30, Scale: 2}, Nullable: true},
	{Name: "longer", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "long", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "float", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
}, nil)

func packedRecord(env *Env, r *rand.Rand, rows int, nulls float64) arrow.Record {
	b := array.NewRecordBuilder(env.Mem, packedSchema)
	defer b.Release()
	text := func(c *array.StringBuilder, most int) { c.Append(strings.Repeat("é x", most)[:r.IntN(most+1)]) }
	for range rows {
		for i := range packedSchema.NumFields() {
			if i != 4 && r.Float64() < nulls { // one column has none
				b.Field(i).AppendNull()
				continue
			}
			switch c := b.Field(i).(type) {
			case *array.Int64Builder:
				c.Append(r.Int64() - r.Int64())
			case *array.Date32Builder:
				c.Append(arrow.Date32(r.Int32() - r.Int32()))
			case *array.BooleanBuilder:
				c.Append(r.IntN(2) == 0)
			case *array.Decimal128Builder:
				c.Append(decimal128.New(r.Int64()>>30, r.Uint64()))
			case *array.Float64Builder:
				c.Append(r.NormFloat64())
			case *array.StringBuilder:
				text(c, []int{2: 7, 5: 15, 6: 40}[i])
			}
		}
	}
	return b.NewRecord()
}

// TestPackedRows takes the same rows of columns and of packed ones.
func TestPackedRows(t *testing.T) {
	for _, nulls := range []float64{0, 0.1} {
		for _, columns := range [][]int{{0, 1, 2, 3, 4, 5, 6, 7}, {0, 2, 5, 7}, {2, 1}, {5, 5, 4, 0}} {
			t.Run(fmt.Sprint(nulls, columns), func(t *testing.T) {
				env := testEnv(t, plenty)
				r := rand.New(rand.NewPCG(9, uint64(len(columns))))
				sizes := []int{40_000, 1, 0, 500}
				var chunks [][]arrow.Array
				rows := 0
				for _, n := range sizes {
					rec := packedRecord(env, r, n, nulls)
					defer rec.Release()
					chunks = append(chunks, columnsAt(rec, columns))
					rows += n
				}
				g := newGatherer(env.Mem, fieldTypes(packedSchema, columns), chunks)
				g.layout, g.rows = layoutOf(g.columns, 1, packMisses), int64(rows)
				defer g.close()
				for _, missing := range []float64{0, 0.2, 1} {
					ids := make([]rowID, 3000)
					for i := range ids {
						chunk := []int{0, 0, 0, 1, 3}[r.IntN(5)]
						ids[i] = rowAt(chunk, r.IntN(sizes[chunk]))
						if r.Float64() < missing {
							ids[i] = noRow
						}
					}
					checkPacked(t, env, g, ids)
				}
			})
		}
	}
}

func checkPacked(t *testing.T, env *Env, g *gatherer, ids []rowID) {
	t.Helper()
	packed := g.packed.Swap(nil)
	want, err := g.take(ids)
	if err != nil {
		t.Fatal(err)
	}
	defer releaseArrays(want)
	g.packed.Store(packed)
	if err := g.note(t.Context(), env, int(g.rows)); err != nil || g.packed.Load() == nil {
		t.Fatalf("not packed: %v", err)
	}
	got, err := g.take(ids)
	if err != nil {
		t.Fatal(err)
	}
	defer releaseArrays(got)
	for i := range want {
		if !array.Equal(got[i], want[i]) || got[i].NullN() != want[i].NullN() {
			t.Errorf("column %d\n%v\nwant\n%v", i, got[i], want[i])
		}
	}
}
