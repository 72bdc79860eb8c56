package expr

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestImplies tries all pairs of comparisons on values around their bounds.
func TestImplies(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.PrimitiveTypes.Float64}}, nil)
	bounds := []float64{-1, 0, math.Copysign(0, -1), 1, math.NaN()}
	values := append([]float64{-2, -0.5, 0.5, 2, math.Inf(1)}, bounds...)
	var all []Comparison
	for op := Equal; op <= GreaterEqual; op++ {
		for _, b := range bounds {
			c, ok := ComparisonOf(Binary{Op: op, Left: Column{Name: "x"}, Right: Literal{Value: b}}, schema)
			if !ok || c.Column != "x" {
				t.Fatalf("x %v %v is no comparison", op, b)
			}
			all = append(all, c)
		}
	}
	implied, excluded := 0, 0
	for _, a := range all {
		for _, b := range all {
			implies, excludes := a.Implies(b), a.Excludes(b)
			for _, v := range values {
				isA, isB := holds(a.Op, compareValues(v, a.value)), holds(b.Op, compareValues(v, b.value))
				if isA && !isB && implies || isA && isB && excludes {
					t.Errorf("%v of %v implies %v of %v: %v, excludes it: %v; not for %v", a.Op, a.value, b.Op, b.value, implies, excludes, v)
				}
			}
			if implies {
				implied++
			}
			if excludes {
				excluded++
			}
		}
	}
	if implied < 200 || excluded < 100 {
		t.Errorf("of %d pairs %d imply and %d exclude", len(all)*len(all), implied, excluded)
	}
}

func TestComparisonOf(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "d", Type: arrow.FixedWidthTypes.Date32},
		{Name: "m", Type: &arrow.Decimal128Type{Precision: 9, Scale: 2}},
		{Name: "i", Type: arrow.PrimitiveTypes.Int64},
		{Name: "s", Type: arrow.BinaryTypes.String},
	}, nil)
	for text, want := range map[string]bool{
		`d < "1994-01-01"`: true, `"1994-01-01" < d`: true, `m == 0.05`: true, `i > 5.0`: true, `s == "x"`: true,
		`i > 5.5`: false, `i + 1 > 5`: false, `i > i`: false, `d < "1994-01-01 12:00:00"`: false, `is_null(i)`: false,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := ComparisonOf(e, schema); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}

func TestConstant(t *testing.T) {
	for text, want := range map[string]any{
		`1 + 2 * 3`: int64(7), `1 / 4`: 0.25, `upper("a")`: "A", `!(1 < 2)`: false, `is_null(nil)`: true,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := Constant(e); !ok || got.Value != want {
			t.Errorf("%s is %v, %v; want %v", text, got.Value, ok, want)
		}
	}
	for _, text := range []string{`1 + nil`, `date("2020-01-01")`, `9223372036854775807 + 1`, `x`} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := Constant(e); ok {
			t.Errorf("%s is %v", text, got)
		}
	}
}
