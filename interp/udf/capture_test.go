package udf

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// captureCase declares a variable v of a type and has its value.
type captureCase struct {
	decl  string
	value any
	want  string
}

type node struct {
	Value int
	Next  *node
}

func TestCaptureValues(t *testing.T) {
	three, loop := 3.5, &node{Value: 1}
	loop.Next = loop
	zone := time.FixedZone("X", 3600)
	many, table := make([]int, 2000), map[string]float64{}
	for i := range many {
		many[i] = i * i
		table[fmt.Sprint(i)] = float64(i) / 3
	}
	for _, c := range []captureCase{
		{"var v bool", true, "true"},
		{"var v int8", int8(-3), "-3"},
		{"var v uint64", uint64(math.MaxUint64), "18446744073709551615"},
		{"var v float64", 0.1, "0.1"},
		{"var v float64", math.NaN(), "math.Float64frombits(0x7ff8000000000001)"},
		{"var v float64", math.Inf(-1), "math.Float64frombits(0xfff0000000000000)"},
		{"var v float64", math.Copysign(0, -1), "math.Float64frombits(0x8000000000000000)"},
		{"var v float32", float32(0.1), "0.1"},
		{"var v complex128", complex(1, -2), "complex(1, -2)"},
		{"var v string", "a\x00\xffé`", `"a\x00\xffé` + "`" + `"`},
		{"var v []byte", []byte("ab"), `[]byte("ab")`},
		{"var v []string", []string{"a", ""}, `[]string{"a", ""}`},
		{"var v []int", []int(nil), "nil"},
		{"var v [2]bool", [2]bool{true}, "[2]bool{true, false}"},
		{"var v map[string][]int", map[string][]int{"b": {1}, "a": nil}, `map[string][]int{"a": nil, "b": []int{1}}`},
		{"var v *float64", &three, "func() *float64 { var v float64 = 3.5; return &v }()"},
		{"type node struct { Value int; Next *node }\n\nvar v *node", &node{1, &node{Value: 2}}, "&node{Value: 1, Next: &node{Value: 2, Next: nil}}"},
		{"type node struct { Value int; Next *node }\n\nvar v *node", loop, "!v can't be captured: field Next: it points to itself, and a copy would have no end"},
		{"type level int\n\nvar v = map[level]string{1: \"a\"}", map[int]string{1: "a"}, `map[level]string{1: "a"}`},
		{"var v any", int8(3), "(int8)(3)"},
		{"var v any", nil, "nil"},
		{"var v map[string]any", map[string]any{"a": 1, "b": []any{"x", 2.5}}, `map[string]any{"a": (int)(1), "b": []any{(string)("x"), (float64)(2.5)}}`},
		{"var v any", node{}, "!v can't be captured: it holds a udf.node in an interface. Capture a variable of that type instead"},
		{"var v error", errors.New("bad"), `errors.New("bad")`},
		{"var v error", fmt.Errorf("bad %w", errors.New("x")), "!v can't be captured: it holds a *fmt.wrapError in an interface"},
		{"import \"time\"\n\nvar v time.Time", time.Date(2013, 1, 2, 3, 4, 5, 6, time.UTC), "time.Unix(1357095845, 6).UTC()"},
		{"import \"time\"\n\nvar v time.Time", time.Date(2013, 1, 2, 3, 4, 5, 0, zone), `time.Unix(1357092245, 0).In(time.FixedZone("X", 3600))`},
		{"import \"time\"\n\nvar v []time.Time", []time.Time{{}}, "[]time.Time{time.Time{}}"},
		{"import \"time\"\n\nvar v time.Duration", time.Second, "1000000000"},
		{"import \"regexp\"\n\nvar v *regexp.Regexp", regexp.MustCompile(`a+`), `regexp.MustCompile("a+")`},
		{"import \"math/big\"\n\nvar v *big.Int", big.NewInt(7), `func() *big.Int { v, _ := new(big.Int).SetString("7", 10); return v }()`},
		{"import \"net/url\"\n\nvar v url.Values", url.Values{"a": {"b"}}, `url.Values{"a": []string{"b"}}`},
		{"var v []int", many, "~gob.NewDecoder(strings.NewReader("},
		{"var v map[string]float64", table, "~m := make(map[string]float64, len(keys))"},
		{"var v string", strings.Repeat("x", 70<<20), "!v can't be captured: it takes 70 MB (at most 64): make it a Frame and Join it"},
	} {
		static, err := extract(t, c.decl, "func _() { use(func(x int) int { _ = v; return x }) }")
		if err != nil {
			t.Errorf("%s: %v", c.decl, err)
			continue
		}
		value := reflect.New(reflect.TypeFor[any]()).Elem()
		if c.value != nil {
			value = reflect.ValueOf(c.value)
		}
		f, err := static.Function(0, nil, []reflect.Value{value})
		if want, refused := strings.CutPrefix(c.want, "!"); refused {
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: %v\nwant %s", c.decl, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.decl, err)
			continue
		}
		got := f.Captures[0].Value
		if part, long := strings.CutPrefix(c.want, "~"); long && !strings.Contains(got, part) || !long && got != c.want {
			t.Errorf("%s: %s\nwant %s", c.decl, got, c.want)
		}
		checkFile(t, f)
		again, err := static.Function(0, nil, []reflect.Value{value})
		if err != nil || again.Hash() != f.Hash() {
			t.Errorf("%s: the same value gives another hash (%v)", c.decl, err)
		}
	}
}

// What a program takes of a capture is its value when the plan was made.
func TestCapturedConstants(t *testing.T) {
	cells := []string{
		"type config struct { Rate float64; Limits *limits }\n\ntype limits struct { Low, High int }",
		"func _() { var c config; on := true; use(func(x float64, i int) float64 { if on && i > c.Limits.Low { return x * c.Rate }; return 0 }) }",
	}
	type limits struct{ Low, High int }
	type config struct {
		Rate   float64
		Limits *limits
	}
	f := function(t, cells, true, config{2.5, &limits{3, 4}})
	if f.Program == nil || len(f.Program.Captures()) > 0 {
		t.Fatalf("%s", f.How())
	}
	for _, c := range f.Program.Consts {
		if c.Capture == "c.Rate" && math.Float64frombits(c.Bits) != 2.5 || c.Capture == "c.Limits.Low" && c.Bits != 3 {
			t.Errorf("%+v", c)
		}
	}
	f = function(t, cells, true, config{2.5, nil})
	if f.Program != nil || f.Reason != "c is nil" {
		t.Errorf("%s", f.How())
	}
}
