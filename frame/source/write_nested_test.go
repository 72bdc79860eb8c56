package source

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestNestedValues(t *testing.T) {
	pair := arrow.StructOf(
		arrow.Field{Name: `a "b"`, Type: arrow.PrimitiveTypes.Float64, Nullable: true}, arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	)
	for _, c := range []struct {
		typ  arrow.DataType
		in   string
		want []string
	}{
		{arrow.ListOf(arrow.PrimitiveTypes.Float64), `[[1.5, "NaN", null], [], null]`, []string{`[1.5,null,null]`, `[]`}},
		{arrow.ListOf(arrow.PrimitiveTypes.Float32), `[[0.1, "NaN"]]`, []string{`[0.1,null]`}},
		{arrow.ListOf(arrow.BinaryTypes.String), `[["a\"b", "é\n"]]`, []string{`["a\"b","é\n"]`}},
		{arrow.ListOf(arrow.FixedWidthTypes.Date32), `[["2024-02-29"]]`, []string{`["2024-02-29"]`}},
		{pair, `[{"a \"b\"": "NaN", "n": 3}, {"a \"b\"": 1, "n": null}]`, []string{`{"a \"b\"":null,"n":3}`, `{"a \"b\"":1.0,"n":null}`}},
		{arrow.ListOf(pair), `[[{"a \"b\"": 2, "n": 1}, null]]`, []string{`[{"a \"b\"":2.0,"n":1},null]`}},
	} {
		arr, _, err := array.FromJSON(memory.DefaultAllocator, c.typ, strings.NewReader(c.in))
		if err != nil {
			t.Fatal(err)
		}
		defer arr.Release()
		for i, want := range c.want {
			if got := string(nestedValue(arr)(nil, i)); got != want {
				t.Errorf("%s, row %d: %s, wanted %s", c.typ, i, got, want)
			}
		}
	}
}
