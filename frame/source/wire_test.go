package source

import (
	"context"
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
	shared  bool
	columns []string // that are told to be wanted
	count   int
	pieces  int // that were carried
}

// encode and decode also carry what a split needs of a file that is not seen, and no more.
func (s *travelled) through(ctx context.Context, split Split) (Split, error) {
	b, carried, err := EncodeSplit(ctx, split, s.columns, func(string) bool { return s.shared })
	split.Close()
	if err != nil {
		return nil, err
	}
	s.count++
	have := map[int64][]byte{}
	if carried != nil {
		data, err := os.ReadFile(carried.Path)
		if err != nil {
			return nil, err
		}
		for _, i := range carried.Pieces() {
			have[i] = data[i*PieceBytes : min((i+1)*PieceBytes, int64(len(data)))]
		}
		s.pieces += len(have)
	}
	return DecodeSplit(ctx, b, func(i int64) ([]byte, error) { return have[i], nil })
}

func (s *travelled) Splits(ctx context.Context, want int64) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		for split, err := range s.Source.Splits(ctx, want) {
			if err == nil {
				span, stored := split.Span(), split.Stored()
				if split, err = s.through(ctx, split); err == nil && (split.Span() != span || split.Stored() != stored) {
					err = fmt.Errorf("a split of %v, %d bytes, came as %v, %d bytes", span, stored, split.Span(), split.Stored())
				}
			}
			if !yield(split, err) || err != nil {
				return
			}
		}
	}
}

func TestSplitsTravel(t *testing.T) {
	rec := canonicalRecord(t, 10_000)
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
					far := &travelled{Source: s, shared: shared, columns: columns}
					got, err := readAll(t.Context(), far, 100_000, columns)
					if format := filepath.Ext(name); (far.pieces > 0) != (!shared && (format == ".parquet" || format == ".arrow")) {
						t.Errorf("%d pieces were carried", far.pieces)
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
		b, _, err := EncodeSplit(t.Context(), split, nil, func(string) bool { return true })
		split.Close()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeSplit(t.Context(), b[:len(b)/2], nil); err == nil {
			t.Error("half a split was taken")
		}
		if err := os.WriteFile(path, []byte("a,b\n1,2\n3,4\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeSplit(t.Context(), b, nil); err == nil || !strings.Contains(err.Error(), "another one") {
			t.Errorf("a file that has changed: %v", err)
		}
	}
}

// Of a large file only the pieces of the wanted columns and row group are carried.
func TestCarriedPieces(t *testing.T) {
	checked(t)
	rec := canonicalRecord(t, 400_000)
	defer rec.Release()
	for _, name := range []string{"a.parquet", "a.arrow"} {
		t.Run(name, func(t *testing.T) {
			path := writeFile(t, name, written(t, name, rec))
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), []string{path}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			column := []string{rec.Schema().Field(0).Name}
			want, err := readAll(t.Context(), s, 0, column)
			if err != nil {
				t.Fatal(err)
			}
			far := &travelled{Source: s, columns: column}
			got, err := readAll(t.Context(), far, 0, column)
			if err != nil || !slices.EqualFunc(text(got), text(want), slices.Equal) {
				t.Errorf("%d rows are %d elsewhere: %v", len(want), len(got), err)
			}
			all := int(info.Size()/PieceBytes) + 1
			t.Logf("%d splits, %d pieces of %d", far.count, far.pieces, all)
			if filepath.Ext(name) != ".parquet" { // a batch is read whole
				return
			}
			if all < 4 || far.pieces > far.count*all/2+far.count {
				t.Errorf("%d splits needed %d pieces of %d", far.count, far.pieces, all)
			}
			if _, err := readAll(t.Context(), &travelled{Source: s, columns: column}, 0, nil); err == nil || !strings.Contains(err.Error(), errNotCarried.Error()) {
				t.Errorf("columns that did not come along: %v", err)
			}
		})
	}
}
