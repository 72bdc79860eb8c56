package source

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// travelled is a source whose splits have gone through bytes.
type travelled struct {
	Source
	shared bool
	count  int
}

func (s *travelled) Splits(ctx context.Context, want int64) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		for split, err := range s.Source.Splits(ctx, want) {
			if err == nil {
				var b []byte
				if b, err = EncodeSplit(split, func(string) bool { return s.shared }); err == nil {
					span, stored := split.Span(), split.Stored()
					split.Close()
					s.count++
					if split, err = DecodeSplit(ctx, b); err == nil && (split.Span() != span || split.Stored() != stored) {
						err = fmt.Errorf("a split of %v, %d bytes, came as %v, %d bytes", span, stored, split.Span(), split.Stored())
					}
				}
			}
			if !yield(split, err) || err != nil {
				return
			}
		}
	}
}

func TestSplitsTravel(t *testing.T) {
	rec := canonicalRecord(t, 30_000)
	defer rec.Release()
	csv := written(t, "a.csv", rec)
	plain := map[string][]byte{
		"a.csv": csv, "a.csv.gz": gzipped(t, csv), "a.ndjson": written(t, "a.ndjson", rec),
		"a.parquet": written(t, "a.parquet", rec), "a.arrow": written(t, "a.arrow", rec),
		"b.csv":  []byte("\xef\xbb\xbf# odd\r\nx;y;z\r\n1;'a;b';\r\n2;'c''d';4,5\r\n3;;\r\n"),
		"c.csv":  []byte("1,2\n3,4\n"),
		"d.tsv":  []byte("k\tv\na\t1\n"),
		"e.json": []byte("{\"a\": 1}\n\n{\"b\": [1, 2], \"a\": null}\n"),
	}
	for name, data := range plain {
		for _, shared := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " ", shared), func(t *testing.T) {
				checked(t)
				o := Options{}
				if name == "b.csv" {
					o = Options{Quote: '\'', Comment: "#"}
				}
				s, err := Open(t.Context(), []string{writeFile(t, name, data)}, o)
				if err != nil {
					t.Fatal(err)
				}
				schema, _ := s.Schema(t.Context())
				for _, columns := range [][]string{nil, {schema.Field(schema.NumFields() - 1).Name, schema.Field(0).Name}, {}} {
					want, err := readAll(t.Context(), s, 100_000, columns)
					if err != nil {
						t.Fatal(err)
					}
					far := &travelled{Source: s, shared: shared}
					got, err := readAll(t.Context(), far, 100_000, columns)
					if format := filepath.Ext(name); !shared && (format == ".parquet" || format == ".arrow") {
						if !errors.Is(err, ErrStays) {
							t.Errorf("a file that is not seen: %v", err)
						}
						continue
					}
					if err != nil || !slices.EqualFunc(text(got), text(want), slices.Equal) {
						t.Errorf("%v: %d rows are %d elsewhere: %v", columns, len(want), len(got), err)
					}
					if far.count == 0 {
						t.Error("no split travelled")
					}
				}
			})
		}
	}
}

func TestSplitsOfAUnionTravel(t *testing.T) {
	checked(t)
	dir := folderOf(t, map[string]string{"a.csv": "x,y\n1,a\n", "b.csv": "x,z\n2,true\n"})
	s, err := Open(t.Context(), []string{dir}, Options{Union: true})
	if err != nil {
		t.Fatal(err)
	}
	want, err := readAll(t.Context(), s, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, shared := range []bool{true, false} {
		got, err := readAll(t.Context(), &travelled{Source: s, shared: shared}, 0, nil)
		if err != nil || !slices.EqualFunc(text(got), text(want), slices.Equal) {
			t.Errorf("%v, want %v: %v", text(got), text(want), err)
		}
	}
}

// A bad row is found with its line wherever it is read.
func TestErrorsTravel(t *testing.T) {
	checked(t)
	data := "a,b\n" + strings.Repeat("1,2\n", 300_000) + "x,2\n" + strings.Repeat("1,2\n", 40_000)
	s, err := Open(t.Context(), []string{writeFile(t, "a.csv", []byte(data))}, Options{Types: map[string]arrow.DataType{"a": arrow.PrimitiveTypes.Int64}})
	if err != nil {
		t.Fatal(err)
	}
	_, want := readAll(t.Context(), s, 0, nil)
	for _, shared := range []bool{true, false} {
		_, got := readAll(t.Context(), &travelled{Source: s, shared: shared}, 0, nil)
		if want == nil || got == nil || got.Error() != want.Error() {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

func TestSplitsOfAnotherFile(t *testing.T) {
	checked(t)
	path := writeFile(t, "a.csv", []byte("a,b\n1,2\n"))
	s, err := Open(t.Context(), []string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for split, err := range s.Splits(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		b, err := EncodeSplit(split, func(string) bool { return true })
		split.Close()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeSplit(t.Context(), b[:len(b)/2]); err == nil {
			t.Error("half a split was taken")
		}
		if err := os.WriteFile(path, []byte("a,b\n1,2\n3,4\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeSplit(t.Context(), b); err == nil || !strings.Contains(err.Error(), "another one") {
			t.Errorf("a file that has changed: %v", err)
		}
	}
}
