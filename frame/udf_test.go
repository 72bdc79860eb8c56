package frame_test

import (
	"errors"
	"fmt"
	"math"
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

type moments struct{ N, Sum float64 }

func rms(column ...any) Expr {
	return Reduce("rms", nil,
		func(s moments, x float64) moments { return moments{s.N + 1, s.Sum + x*x} },
		func(a, b moments) moments { return moments{a.N + b.N, a.Sum + b.Sum} },
		func(s moments) (float64, bool) { return math.Sqrt(s.Sum / s.N), s.N > 0 }, column...)
}

func TestReduce(t *testing.T) {
	n := 50_000
	carrier, distance := make([]string, n), make([]float64, n)
	want := map[string]*moments{}
	for i := range n {
		carrier[i], distance[i] = fmt.Sprint("c", i%700), float64(i%97)
		if want[carrier[i]] == nil {
			want[carrier[i]] = &moments{}
		}
		want[carrier[i]].N++
		want[carrier[i]].Sum += distance[i] * distance[i]
	}
	df := New(map[string]any{"carrier": carrier, "distance": distance}).GroupBy("carrier").Agg(rms("distance"), Count())
	names, err := df.Strings("carrier")
	if err != nil {
		t.Fatal(err)
	}
	got := floats(t, df, "rms")
	if len(got) != 700 {
		t.Fatalf("%d groups", len(got))
	}
	for i, name := range names {
		if w := math.Sqrt(want[name].Sum / want[name].N); math.Abs(got[i]-w) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, got[i], w)
		}
	}
	none := legs().Filter("minutes < 0").Agg(rms("distance"))
	if nulls, err := none.Nulls("rms"); err != nil || !reflect.DeepEqual(nulls, []bool{true}) {
		t.Error(nulls, err)
	}
	if text := df.Explain(); !strings.Contains(text, "rms[") || strings.Count(text, "called: it is compiled Go") != 3 {
		t.Error(text)
	}
	for want, df := range map[string]*Frame{
		`Agg: Reduce rms: name the column that func(float64)`:   legs().Agg(rms()),
		`Agg: Reduce rms: step takes 1 column behind the state`: legs().Agg(rms("distance", "minutes")),
		`Agg: Reduce x: step: want a function, not a string`:    legs().Agg(Reduce("x", nil, "step", nil, nil)),
		`Agg: Reduce : the column has no name`:                  legs().Agg(Reduce("", nil, nil, nil, nil)),
		`Filter: rms[`:                                          legs().Filter(rms("distance")),
	} {
		if err := df.Err(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestMapBatches(t *testing.T) {
	df := legs().MapBatches(func(b Batch) (Batch, error) {
		minutes, sum := b.Ints("minutes"), int64(0)
		total := make([]int64, b.Len())
		for i, m := range minutes {
			sum += m
			total[i] = sum
		}
		if nulls := b.Nulls("distance"); !nulls[2] || b.Strings("carrier")[1] != "AA" || b.Values("distance")[0] != 100.0 {
			return b, errors.New("wrong values")
		}
		return b.With("total", total).With("minutes", []*float64{nil, nil, nil}), nil
	}, "carrier", "total float", "minutes", "distance")
	if got := df.Columns(); !reflect.DeepEqual(got, []string{"carrier", "total", "minutes", "distance"}) {
		t.Fatal(got, df.Err())
	}
	if got := floats(t, df, "total"); !reflect.DeepEqual(got, []float64{50, 110, 120}) {
		t.Error(got)
	}
	if nulls, err := df.Nulls("minutes"); err != nil || !reflect.DeepEqual(nulls, []bool{true, true, true}) {
		t.Error(nulls, err)
	}
	few := legs().MapBatches(func(b Batch) Batch { return b.Filter([]bool{true, false, true}) })
	if got, err := few.Ints("minutes"); err != nil || !reflect.DeepEqual(got, []int64{50, 10}) {
		t.Error(got, err)
	}
	made := legs().MapBatches(func(b Batch) Batch { return NewBatch("n", []int{b.Len()}, "names", b.Columns()[:1]) }, "n int", "names string")
	if n, err := made.Ints("n"); err != nil || !reflect.DeepEqual(n, []int64{3}) {
		t.Error(n, err)
	}
	if text := df.Explain(); !strings.Contains(text, "MapBatches func#") || !strings.Contains(text, "called: it is compiled Go") {
		t.Error(text)
	}
}

func TestMapBatchesMistakes(t *testing.T) {
	for want, df := range map[string]*Frame{
		"MapBatches: want a func(frame.Batch) frame.Batch":                                  legs().MapBatches(speed),
		`MapBatches: output "total": write its name and type ("total float")`:               legs().MapBatches(func(b Batch) Batch { return b }, "total"),
		`MapBatches: output "total money": unknown type "money"`:                            legs().MapBatches(func(b Batch) Batch { return b }, "total money"),
		`MapBatches: two columns are called "x"`:                                            legs().MapBatches(func(b Batch) Batch { return b }, "x int", "x int"),
		`func: panic with a batch of 3 rows: unknown column "time"`:                         legs().MapBatches(func(b Batch) Batch { b.Ints("time"); return b }),
		`func: panic with a batch of 3 rows: With: column "x" has 1 values for 3 rows`:      legs().MapBatches(func(b Batch) Batch { return b.With("x", []int{1}) }),
		`func: error with a batch of 3 rows: the batch that the function gives lacks`:       legs().MapBatches(func(b Batch) Batch { return b }, "x int"),
		`func: error with a batch of 3 rows: column "carrier": the function gives string`:   legs().MapBatches(func(b Batch) Batch { return b }, "carrier int"),
		`func: panic with a batch of 3 rows: column "carrier": type string is not a number`: legs().MapBatches(func(b Batch) Batch { b.Floats("carrier"); return b }),
	} {
		err := df.Err()
		if err == nil {
			_, err = df.Collect()
			if err == nil || !strings.Contains(err.Error(), "(split 0 of memory)") {
				t.Errorf("no split in %v", err)
			}
			err = errors.Unwrap(err)
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	var kept Batch
	if _, err := legs().MapBatches(func(b Batch) Batch { kept = b; return b }).Collect(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(error).Error(), "no longer there") {
			t.Error(r)
		}
	}()
	kept.Floats("distance")
}

func print(a ...any) string { return "" }
