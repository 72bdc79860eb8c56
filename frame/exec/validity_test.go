package exec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// TestPresence looks at the rows of several columns together, at every offset in a byte and every length about a word, beside row by row.
func TestPresence(t *testing.T) {
	env := testEnv(t, plenty)
	r := rand.New(rand.NewPCG(1, 2))
	whole := make([]arrow.Array, 4)
	for c, share := range []float64{0, 0.02, 0.5, 1} {
		whole[c] = randomKeys(env, arrow.PrimitiveTypes.Int64, 300, func(int) (int64, bool) { return 1, r.Float64() >= share })
	}
	defer releaseArrays(whole)
	var p presence
	for from := range 9 {
		for _, rows := range []int{0, 1, 7, 63, 64, 65, 127, 128, 200, 300 - from} {
			for _, chosen := range [][]int{{0}, {1}, {2}, {3}, {0, 1}, {2, 1}, {1, 0, 2}, {1, 2, 3}, {}} {
				columns := make([]arrow.Array, len(chosen))
				for i, c := range chosen {
					columns[i] = array.NewSlice(whole[c], int64(from), int64(from+rows))
				}
				var want []int
				for row := range rows {
					if slices.ContainsFunc(columns, func(c arrow.Array) bool { return c.IsNull(row) }) {
						want = append(want, row)
					}
				}
				valid := p.of(columns, rows)
				if got := slices.Collect(valid.nulls(rows)); !slices.Equal(got, want) || valid.count(rows) != rows-len(want) {
					t.Fatalf("columns %v, rows %d to %d: got %v, %d valid, want %v", chosen, from, from+rows, got, valid.count(rows), want)
				}
				releaseArrays(columns)
			}
		}
	}
}

// TestJoinMostlyNull joins where most rows have a null key, on both sides: they match nothing, and those of a full join all come out.
func TestJoinMostlyNull(t *testing.T) {
	number := 0
	for _, how := range strategies {
		for _, kind := range joinKinds {
			for _, columns := range [][]int{{1}, {3}, {1, 3}} {
				if number++; !sample.Today(number, 3) {
					continue
				}
				t.Run(fmt.Sprint(how.name, kind, columns), func(t *testing.T) {
					env := testEnv(t, how.budget)
					left, l := randomFrame(env, shape{rows: 200, distinct: 2000, nulls: 0.4, batch: 150, seed: 1})
					right, r := randomFrame(env, shape{rows: 3000, distinct: 2000, nulls: 0.6, batch: 900, seed: 2})
					before := memory.SpilledBytes()
					got, resident := join(t, env, joinOn(columns, kind), left, right)
					want := naiveJoin(l, r, columns, kind)
					checkSpilled(t, before, how.budget)
					if !resident {
						sortTexts(got)
						sortTexts(want)
					}
					equalRows(t, got, want)
				})
			}
		}
	}
}

// TestJoinNullType joins on columns that are nothing but nulls, which have no bitmap.
func TestJoinNullType(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "k", Type: arrow.Null, Nullable: true}, {Name: "v", Type: arrow.PrimitiveTypes.Int64}}, nil)
	record := func(env *Env, rows int) []arrow.Record {
		values := randomKeys(env, arrow.PrimitiveTypes.Int64, rows, func(i int) (int64, bool) { return int64(i), true })
		return []arrow.Record{newRecord(schema, []arrow.Array{array.NewNull(rows), values}, rows)}
	}
	for kind, want := range map[plan.JoinKind]int{plan.Inner: 0, plan.Left: 5, plan.Full: 12, plan.Semi: 0, plan.Anti: 5} {
		env := testEnv(t, plenty)
		spec := JoinSpec{Left: schema, Right: schema, LeftKeys: []string{"k"}, RightKeys: []string{"k"}, Kind: kind, Output: schema}
		if !kind.OnlyLeft() {
			spec.Output = arrow.NewSchema(append(schema.Fields(), arrow.Field{Name: "v_right", Type: arrow.PrimitiveTypes.Int64, Nullable: true}), nil)
		}
		if got, _ := join(t, env, spec, record(env, 5), record(env, 7)); len(got) != want {
			t.Errorf("%s: %d rows, want %d", kind, len(got), want)
		}
	}
}
