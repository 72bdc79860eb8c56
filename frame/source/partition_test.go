package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// partitionedFolder is files of ten rows in folders of a year and a place.
func partitionedFolder(t *testing.T, ext string) string {
	t.Helper()
	dir := t.TempDir()
	for at, folder := range []string{"year=2023/place=a%2Fb", "year=2023/place=c", "year=2024/place=" + nullPartition} {
		b := array.NewInt64Builder(memory.NewGoAllocator())
		defer b.Release()
		for i := range 10 {
			b.Append(int64(10*at + i))
		}
		n := b.NewArray()
		defer n.Release()
		rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil), []arrow.Array{n}, 10)
		defer rec.Release()
		path := filepath.Join(dir, folder, "part"+ext)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, written(t, "part"+ext, rec), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPartitions(t *testing.T) {
	for _, ext := range []string{".parquet", ".csv", ".arrow"} {
		dir := partitionedFolder(t, ext)
		for _, path := range []string{dir, dir + "/year=*/*/*" + ext} {
			checked(t)
			s, err := Open(t.Context(), []string{path}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			schema, _ := s.Schema(t.Context())
			if got := fmt.Sprint(schema.Fields()[1:]); !strings.Contains(got, "place: type=utf8") || !strings.Contains(got, "year: type=int64") {
				t.Fatalf("%s: schema %s", path, got)
			}
			for _, travel := range []bool{false, true} {
				for text, want := range map[string]int{
					"year == 2023 && n >= 5": 15, "place == \"a/b\"": 10, "is_null(place) || n == 3": 11, "year > 2024": 0, "n < 12 && n > 3": 8,
					"year == 2023 && place == \"c\" || year == 2024 && n < 22": 12,
				} {
					filteredRows(t, s, ext, text, want, travel)
				}
			}
		}
	}
}

func filteredRows(t *testing.T, s Source, ext, text string, want int, travel bool) {
	t.Helper()
	e, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	filter, ok := Filtered(s, e)
	if ok != (ext == ".parquet" || !slices.Contains(expr.Columns(e), "n")) {
		t.Errorf("%s of %s files is taken: %v", text, ext, ok)
	}
	if !ok {
		return
	}
	files := Pruning(t.Context(), filter)
	if travel {
		filter = &travelled{Source: filter, shared: true}
	}
	rows, err := readAll(t.Context(), filter, 0, []string{"place", "n", "year"})
	if err != nil || len(rows) != want || want == 0 && !strings.HasPrefix(files, "files 0 of 3") {
		t.Errorf("%s: %d rows, want %d; %s, %v", text, len(rows), want, files, err)
	}
	only, err := readAll(t.Context(), filter, 0, []string{"year"})
	if err != nil || len(only) != want {
		t.Errorf("%s: %d rows of one column, want %d: %v", text, len(only), want, err)
	}
	for i, r := range rows {
		if place := *r[2]; place != *only[i][0] || (r[0] == nil) != (*r[2] == "2024") {
			t.Errorf("%s: row %d has place %v in %s", text, i, r[0], place)
		}
	}
}

func TestPartitionsThatDiffer(t *testing.T) {
	dir := partitionedFolder(t, ".csv")
	if err := os.WriteFile(filepath.Join(dir, "more.csv"), []byte("n\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), []string{dir}, Options{}); !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "UnionColumns") {
		t.Errorf("a file beside the folders: %v", err)
	}
	s, err := Open(t.Context(), []string{dir}, Options{Union: true, Types: map[string]arrow.DataType{"year": arrow.BinaryTypes.String}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(t.Context(), s, 0, []string{"year"})
	if err != nil || len(rows) != 31 || rows[0][0] != nil || *rows[30][0] != "2024" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
