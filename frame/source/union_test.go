package source

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// folderOf writes files into a folder of their own.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFolder(t *testing.T) {
	checked(t)
	dir := folderOf(t, map[string]string{
		"b.csv": "x,y\n2.5,b\n", "a.csv": "y,x\na,1\n", "2024/c.csv": "x,y\n,c\n", ".hidden.csv": "z\n", "_SUCCESS": "", "notes": "?", "_tmp/d.csv": "z\n",
	})
	s, err := Open(t.Context(), []string{dir}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(t.Context(), s, 0, []string{"x", "y"})
	if want := [][]string{{"<null>", "c"}, {"1", "a"}, {"2.5", "b"}}; err != nil || !slices.EqualFunc(text(rows), want, slices.Equal) {
		t.Errorf("%q, %v", text(rows), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.ndjson"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), []string{dir}, Options{}); !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "csv, ndjson") {
		t.Errorf("two formats: %v", err)
	}
}

func TestUnionOfFormats(t *testing.T) {
	checked(t)
	first := folderOf(t, map[string]string{"a.csv": "x,y,d\n1,a,2024-01-01\n2,b,\n", "b.csv": "z,x\ntrue,3.5\nfalse,4\n"})
	for _, ext := range []string{".csv", ".parquet", ".arrow"} {
		var paths []string
		for _, name := range []string{"a", "b"} {
			path := filepath.Join(first, name+".csv")
			if ext != ".csv" {
				s, err := Open(t.Context(), []string{path}, Options{Types: map[string]arrow.DataType{"x": arrow.PrimitiveTypes.Float64}})
				if err != nil {
					t.Fatal(err)
				}
				schema, _ := s.Schema(t.Context())
				path = filepath.Join(first, name+ext)
				for split, err := range s.Splits(t.Context(), 0) {
					if err == nil {
						_, err = Write(t.Context(), path, schema, split.Open(t.Context(), nil, 0), Options{})
						split.Close()
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			paths = append(paths, path)
		}
		if _, err := Open(t.Context(), paths, Options{}); !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "UnionColumns") {
			t.Errorf("%s: %v", ext, err)
		}
		s, err := Open(t.Context(), paths, Options{Union: true})
		if err != nil {
			t.Fatal(err)
		}
		if schema, _ := s.Schema(t.Context()); shortSchema(schema) != "x:float64 y:utf8 d:date32 z:bool" {
			t.Errorf("%s: schema %s", ext, shortSchema(schema))
		}
		for _, test := range []struct {
			columns []string
			want    [][]string
		}{
			{nil, [][]string{{"1", "a", "2024-01-01", "<null>"}, {"2", "b", "<null>", "<null>"}, {"3.5", "<null>", "<null>", "true"}, {"4", "<null>", "<null>", "false"}}},
			{[]string{"z", "y"}, [][]string{{"<null>", "a"}, {"<null>", "b"}, {"true", "<null>"}, {"false", "<null>"}}},
			{[]string{"y"}, [][]string{{"a"}, {"b"}, {"<null>"}, {"<null>"}}},
			{[]string{}, [][]string{{}, {}, {}, {}}},
		} {
			rows, err := readAll(t.Context(), s, 0, test.columns)
			if err != nil || !slices.EqualFunc(text(rows), test.want, slices.Equal) {
				t.Errorf("%s: columns %q: %q, %v", ext, test.columns, text(rows), err)
			}
		}
	}
	mixed := []string{filepath.Join(first, "a.csv"), filepath.Join(first, "b.csv")}
	good, bad := readRejects(t, mixed[0], Options{Union: true}, 8, nil)
	if len(good) != 2 || len(bad) != 0 {
		t.Errorf("%q, %q", good, bad)
	}
}
