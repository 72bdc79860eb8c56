package rt

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSummary(t *testing.T) {
	type pair struct {
		A int
		b []string
	}
	r := New()
	var nothing *pair
	for _, tt := range []struct {
		value any
		want  string
	}{
		{1, "1"},
		{"a\nb", `"a\nb"`},
		{2.5, "2.5"},
		{true, "true"},
		{2i, "(0+2i)"},
		{[]int{1, 2}, "[1 2]"},
		{[]int(nil), "[]"},
		{[2]uint8{1, 2}, "[1 2]"},
		{map[string]int{"b": 2, "a": 1}, `map["a":1 "b":2]`},
		{map[float64]bool{2: true, 1: false}, "map[1:false 2:true]"},
		{pair{1, []string{"x"}}, `{A:1 b:["x"]}`},
		{&pair{}, "&{A:0 b:[]}"},
		{nothing, "<nil>"},
		{[]any{1, nil, "a"}, `[1 <nil> "a"]`},
		{3 * time.Second, "3s"},
		{[]time.Duration{1, 2}, "[1ns 2ns]"},
		{fmt.Errorf("read: %w", io.EOF), "read: EOF"},
		{make(chan int, 2), "chan int (0 of 2)"},
		{strings.ToUpper, "func(string) string"},
		{strings.Repeat("é", 100), `"` + strings.Repeat("é", 29) + "…"},
		{make([]int, 1000), "[" + strings.Repeat("0 ", 29) + "0… (1000 elements)"},
	} {
		if got := r.Summary(reflect.ValueOf(tt.value), nil, 60); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.value, got, tt.want)
		}
	}
	if got := r.Summary(reflect.Value{}, nil, 60); got != "<nil>" {
		t.Error(got)
	}
}

// TestSummaryOfCells holds that values of cells are described within bounds, and have the names of their fields.
func TestSummaryOfCells(t *testing.T) {
	c, values := goldenCells(t, "golden_format_test.go", "gValues")
	for i, want := range gValues() {
		got := c.r.Summary(reflect.ValueOf(values[i]), nil, 100)
		if len(got) > 130 || got == "" {
			t.Errorf("%T: %d bytes: %s", want, len(got), got)
		}
		if v := reflect.ValueOf(want); v.Kind() == reflect.Struct && v.NumField() > 0 && v.Type().Field(0).Name != "_" {
			if name := "{" + v.Type().Field(0).Name + ":"; !strings.HasPrefix(got, name) {
				t.Errorf("%T: %s is not in %s", want, name, got)
			}
		}
	}
	if err := errors.Join(io.EOF, valueError{held{values[0], c.r}}); !theirs(err) {
		t.Error("an error of the user's is not found")
	}
}
