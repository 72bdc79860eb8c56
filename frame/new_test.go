package frame_test

import (
	"testing"
	"time"

	. "github.com/rivulet-go/rivulet/frame"
)

type base struct{ ID int }

type embedded struct {
	base
	*extra
	Name string `json:"name,omitempty"`
	Skip string `frame:"-"`
	any
}

type extra struct{ Note string }

func TestNew(t *testing.T) {
	one := 1
	oslo := time.FixedZone("Oslo", 3600)
	for _, c := range []struct {
		name         string
		data         any
		schema, want string
	}{
		{"columns in order of names", map[string]any{"b": []int{1}, "a": []string{"x"}}, "a string,b int", "a b\nx 1"},
		{"typed map", map[string][]float64{"x": {1, 2.5}}, "x float", "x\n1\n2.5"},
		{"plain slice", []int8{1, 2}, "value int", "value\n1\n2"},
		{"pointers", []*int{&one, nil}, "value int", "value\n1\n<nil>"},
		{"mixed numbers", []any{1, uint8(2), nil, 2.5}, "value float", "value\n1\n2\n<nil>\n2.5"},
		{"all nil", []any{nil, nil}, "value string", "value\n<nil>\n<nil>"},
		{"maps", []map[string]any{{"a": 1}, nil, {"b": "x"}}, "a int,b string", "a b\n1 <nil>\n<nil> <nil>\n<nil> x"},
		{"any of maps", []any{map[string]int{"a": 1}}, "a int", "a\n1"},
		{
			"structs by pointer",
			[]*flight{{Carrier: "UA"}, nil},
			"carrier string,origin string,dep_delay float,distance int",
			"carrier origin dep_delay distance\nUA  <nil> 0\n<nil> <nil> <nil> <nil>",
		},
		{
			"embedded",
			[]embedded{{base{1}, nil, "a", "", nil}, {base{2}, &extra{"n"}, "b", "", nil}},
			"ID int,Note string,name string",
			"ID Note name\n1 <nil> a\n2 n b",
		},
		{
			"zones differ",
			[]time.Time{time.Unix(0, 0).UTC(), time.Unix(3600, 0).In(oslo)},
			"value time",
			"value\n1970-01-01 00:00:00 +0000 UTC\n1970-01-01 01:00:00 +0000 UTC",
		},
		{"far times", []time.Time{time.Date(9999, 1, 2, 3, 4, 5, 0, time.UTC)}, "value time", "value\n9999-01-02 03:04:05 +0000 UTC"},
		{"lists", [][]string{{"a"}, nil, {}}, "value list(string)", "value\n[a]\n<nil>\n[]"},
		{"no rows", []flight{}, "carrier string,origin string,dep_delay float,distance int", "carrier origin dep_delay distance"},
		{"array", [2]bool{true, false}, "value bool", "value\ntrue\nfalse"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := New(c.data)
			if err := f.Err(); err != nil {
				t.Fatal(err)
			}
			schema := ""
			for i, n := range f.Schema().Names() {
				if i > 0 {
					schema += ","
				}
				schema += n + " " + f.Schema().Types()[i]
			}
			if schema != c.schema {
				t.Errorf("schema %s, want %s", schema, c.schema)
			}
			if got := lines(t, f); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
