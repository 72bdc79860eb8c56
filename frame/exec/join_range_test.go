package exec

import (
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// rangeConditions are of testSchema beside itself, joined on b.
var rangeConditions = []string{
	"i < i_right",
	"row_right - 30 <= row && row <= row_right + 3",
	"between(f, f_right, f_right + 2.0)",
	"f > f_right && d <= d_right",
	"d_right < d && f_right >= f && s != s_right",
	"ts_right == ts && row != row_right",
	"u >= u_right && u_right > u",
	"u <= u_right && row < row_right && row_right < row + 50 && s < s_right",
	"ts > ts_right && d < d_right && f <= f_right",
}

// TestJoinRange compares joins that search with those that test all pairs, which a condition behind a negation makes them do.
func TestJoinRange(t *testing.T) {
	number := 0
	for _, how := range strategies {
		for _, kind := range joinKinds {
			for c, text := range rangeConditions {
				if !sampled(&number) {
					continue
				}
				t.Run(fmt.Sprint(how.name, kind, c), func(t *testing.T) {
					where, err := expr.Parse(text)
					if err != nil {
						t.Fatal(err)
					}
					distinct := 4 + 196*(c%2)
					rows, resident := joinedWhere(t, how.budget, kind, where, distinct, true)
					not := expr.Unary{Op: expr.Not, X: expr.Unary{Op: expr.Not, X: where}}
					want, _ := joinedWhere(t, how.budget, kind, not, distinct, false)
					if !resident {
						sortTexts(rows)
						sortTexts(want)
					}
					equalRows(t, rows, want)
				})
			}
		}
	}
}

func joinedWhere(t *testing.T, budgetBytes int64, kind plan.JoinKind, where expr.Expr, distinct int, searches bool) ([]row, bool) {
	t.Helper()
	env := testEnv(t, budgetBytes)
	spec := joinOn([]int{4}, kind)
	spec.Pairs, spec.Where = joinOn([]int{4}, plan.Inner).Output, where
	if columns, err := spec.resolve(); err != nil || (columns.ranges != nil) != searches {
		t.Fatalf("ranges %v, error %v", columns.ranges, err)
	}
	left, _ := randomFrame(env, shape{rows: 60, distinct: distinct, nulls: 0.1, batch: 40, seed: 1})
	right, _ := randomFrame(env, shape{rows: 700, distinct: distinct, nulls: 0.1, batch: 300, seed: 2})
	return join(t, env, spec, left, right)
}

// TestJoinRangeOfErrors gives all rows where a value can't be computed of some, which nothing asks for.
func TestJoinRangeOfErrors(t *testing.T) {
	env := testEnv(t, plenty)
	schema := arrow.NewSchema([]arrow.Field{{Name: "k", Type: arrow.PrimitiveTypes.Int64}, {Name: "v", Type: arrow.PrimitiveTypes.Int64}}, nil)
	pairs := arrow.NewSchema(append(schema.Fields(), arrow.Field{Name: "v_right", Type: arrow.PrimitiveTypes.Int64}), nil)
	where, err := expr.Parse("v_right < 5 && v < v_right + 1")
	if err != nil {
		t.Fatal(err)
	}
	spec := JoinSpec{
		Left: schema, Right: schema, LeftKeys: []string{"k"}, RightKeys: []string{"k"}, Kind: plan.Inner, Output: pairs, Pairs: pairs, Where: where,
	}
	left := recordOf(env, schema, []row{{int64(1), int64(2)}})
	right := recordOf(env, schema, []row{{int64(1), int64(1)}, {int64(1), int64(2)}, {int64(1), int64(math.MaxInt64)}})
	got, _ := join(t, env, spec, []arrow.Record{left}, []arrow.Record{right})
	equalRows(t, got, []row{{int64(1), int64(2), int64(2)}})
}
