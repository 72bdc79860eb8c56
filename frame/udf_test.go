package frame_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	. "github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/expr"
)

func legs() *Frame {
	return New([]map[string]any{
		{"carrier": "UA", "distance": 100.0, "minutes": 50},
		{"carrier": "AA", "distance": 300.0, "minutes": 60},
		{"carrier": "UA", "distance": nil, "minutes": 10},
	})
}

func speed(distance, minutes float64) float64 { return distance / minutes * 60 }

func floats(t *testing.T, df *Frame, column string) []float64 {
	t.Helper()
	v, err := df.Floats(column)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestMap(t *testing.T) {
	df := legs().Map("mph", speed, "distance", "minutes")
	if got := floats(t, df, "mph"); got[0] != 120 || got[1] != 300 || got[2] == got[2] {
		t.Error(got)
	}
	if nulls, err := df.Nulls("mph"); err != nil || !reflect.DeepEqual(nulls, []bool{false, false, true}) {
		t.Error(nulls, err)
	}
	if got := df.Columns(); !reflect.DeepEqual(got, []string{"carrier", "distance", "minutes", "mph"}) {
		t.Error(got)
	}
	text := legs().Map("carrier", strings.ToLower, "carrier").Map("minutes", func(m int) int { return -m }, Col("minutes").Add(1))
	if got, err := text.Strings("carrier"); err != nil || !reflect.DeepEqual(got, []string{"ua", "aa", "ua"}) {
		t.Error(got, err)
	}
	if got, err := text.Ints("minutes"); err != nil || !reflect.DeepEqual(got, []int64{-51, -61, -11}) {
		t.Error(got, err)
	}
}

func TestFunctionsElsewhere(t *testing.T) {
	df := legs().Filter(func(d float64) bool { return d > 200 }, "distance")
	if got := floats(t, df, "distance"); len(got) != 1 || got[0] != 300 {
		t.Error(got)
	}
	df = legs().WithColumn("x", func(m int) string { return strings.Repeat("-", m/10) }, "minutes")
	if got, err := df.Strings("x"); err != nil || !reflect.DeepEqual(got, []string{"-----", "------", "-"}) {
		t.Error(got, err)
	}
	df = legs().Sort(Apply(func(m int) int { return -m }, "minutes"), "carrier")
	if got, err := df.Ints("minutes"); err != nil || !reflect.DeepEqual(got, []int64{60, 50, 10}) || len(df.Columns()) != 3 {
		t.Error(got, err)
	}
	df = legs().GroupBy(Apply(strings.ToLower, "carrier").As("c")).Agg(Apply(speed, "distance", "minutes").Max().As("best"), Count())
	if got := floats(t, df, "best"); !reflect.DeepEqual(got, []float64{120, 300}) {
		t.Error(got)
	}
	df = legs().Filter(Apply(strings.HasPrefix, "carrier", Lit("U")).And("minutes < 20"))
	if n, err := df.Count(); err == nil {
		t.Errorf("a text was taken for a condition: %d", n)
	}
	df = legs().Filter(Apply(strings.HasPrefix, "carrier", Lit("U")), "minutes < 20")
	if n, err := df.Count(); err != nil || n != 1 {
		t.Error(n, err)
	}
}

func TestFunctionMistakes(t *testing.T) {
	for want, df := range map[string]*Frame{
		`Map: column "z": want a function, not a string`:                              legs().Map("z", "distance"),
		`Map: column "z": name the columns that func(float64, float64) float64 takes`: legs().Map("z", speed),
		`Map: column "z": unknown column "distanc", did you mean "distance"?`:         legs().Map("z", speed, "distanc", "minutes"),
		`Map: column "z": speed takes 2 columns, not 1`:                               legs().Map("z", speed, "distance"),
		`Map: column "z": ToLower: parameter 1 is string, distance is float64`:        legs().Map("z", strings.ToLower, "distance"),
		`Map: the column has no name`:                                                 legs().Map("", strings.ToLower, "carrier"),
		`WithColumn: column "z": only a function takes columns behind it`:             legs().WithColumn("z", "distance", "minutes"),
		`Filter: a function comes first and its columns behind it`:                    legs().Filter("minutes > 1", func(m int) bool { return true }),
		`Filter: ToLower`:                    legs().Filter(strings.ToLower, "carrier"),
		`Filter: func takes 1 column, not 2`: legs().Filter(func(m int) bool { return true }, "minutes", "carrier"),
		`Map: column "z": func gives map[string]int, which no column holds`:              legs().Map("z", func(m int) map[string]int { return nil }, "minutes"),
		`Map: column "z": print takes any number of arguments: wrap it in a function`:    legs().Map("z", print, "minutes"),
		`Sort: func: parameter 1 is string, minutes is int64 (cast the column to string`: legs().Sort(Apply(func(s string) int { return 1 }, "minutes")),
	} {
		if err := df.Err(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	_, err := legs().Map("z", func(m int) (int, error) {
		if m < 20 {
			return 0, errors.New("too short")
		}
		return m, nil
	}, "minutes").Ints("z")
	if err == nil || !strings.Contains(err.Error(), "func: error with minutes = 10 in row 2 of the batch: too short") {
		t.Error(err)
	}
	if _, ok := errors.AsType[*expr.RowError](err); !ok {
		t.Errorf("%T", err)
	}
}

func print(a ...any) string { return "" }
