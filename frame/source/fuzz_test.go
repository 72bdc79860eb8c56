package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// FuzzCSV reads any text in splits of any size. What encoding/csv reads as a table reads the same; nothing panics.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"), uint16(3))
	f.Add([]byte("a,b\r\n\"x\n,\"\"y\",\r\n\r\n,z"), uint16(1))
	f.Add([]byte("\xef\xbb\xbfa;b\n\"1\";2024-01-01\n;-1.5e3"), uint16(100))
	f.Add([]byte("1,2.5,x\n3,4,y\n"), uint16(2))               // no header
	f.Add([]byte("a;b\n1;2;\n3;;\n"), uint16(4))               // trailing delimiters
	f.Add([]byte("a,b\r1,\"x\ry\"\r\r2,z"), uint16(5))         // carriage returns
	f.Add([]byte("\xff\xfea\x00\n\x001\x00\n\x00"), uint16(1)) // UTF-16
	f.Add([]byte("a,b\n#\",\n'x','y'\n\"\\\"\",2024-01-01T00:00:00.5+01:00\n"), uint16(6))
	f.Fuzz(func(t *testing.T, data []byte, want uint16) {
		path := filepath.Join(t.TempDir(), "f.csv")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		readBoth(t, path, Options{}, int64(want)+1) // typed: whatever comes, no panic, splits agree
		for _, o := range []Options{
			{Comment: "#"},
			{Quote: '\'', Escape: '\\', Header: true},
			{Quote: NoQuote, NoHeader: true},
			{Quote: NoQuote, Escape: '\\', Comment: "//"},
			{Encoding: "utf8-lossy"},
			{Rejects: true, SampleRows: 1},
			{Ragged: true, Comment: "#"},
			{Widen: true, SampleRows: 1},
		} {
			readBoth(t, path, o, int64(want)+1)
		}
		table, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil || len(table) < 1 || bytes.ContainsAny(data, "\r\x00") || bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) || isUTF16(data) {
			return
		}
		types := map[string]arrow.DataType{}
		fields := make([]field, len(table[0]))
		for i, name := range table[0] {
			fields[i].text = []byte(name)
		}
		for _, name := range columnNames(fields, true) {
			types[name] = arrow.BinaryTypes.Binary // strings that need not be UTF-8
		}
		s, err := Open(t.Context(), []string{path}, Options{Delimiter: ',', NullWords: []string{}, Types: types})
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		got := [][]string{}
		err = eachBatch(t.Context(), s, int64(want)+1, nil, func(rec arrow.Record) {
			for i := range int(rec.NumRows()) {
				var r []string
				for _, col := range rec.Columns() {
					r = append(r, string(col.(interface{ Value(int) []byte }).Value(i)))
				}
				got = append(got, r)
			}
		})
		if err != nil || !slices.EqualFunc(got, table[1:], slices.Equal) {
			t.Fatalf("%q in splits of %d:\n got %q, %v\nwant %q", data, want, got, err, table[1:])
		}
	})
}

// readBoth reads a file in small splits and in one: the rows before an error may differ, the outcome may not.
func readBoth(t *testing.T, path string, o Options, want int64) {
	t.Helper()
	s, err := Open(t.Context(), []string{path}, o)
	if err != nil {
		return
	}
	small, smallErr := readAll(t.Context(), s, want, nil)
	whole, wholeErr := readAll(t.Context(), s, 1<<20, nil)
	if (smallErr == nil) != (wholeErr == nil) || smallErr == nil && !slices.EqualFunc(text(small), text(whole), slices.Equal) {
		t.Fatalf("splits of %d: %q, %v\nin one: %q, %v", want, text(small), smallErr, text(whole), wholeErr)
	}
	if o.Rejects {
		r, err := Rejects(s)
		if err != nil {
			t.Fatal(err)
		}
		small, smallErr := readAll(t.Context(), r, want, nil)
		whole, wholeErr := readAll(t.Context(), r, 1<<20, nil)
		if smallErr != nil || wholeErr != nil || !slices.EqualFunc(text(small), text(whole), slices.Equal) {
			t.Fatalf("rejects of splits of %d: %q, %v\nin one: %q, %v", want, text(small), smallErr, text(whole), wholeErr)
		}
	}
	for _, target := range []error{ErrRagged, ErrValue} {
		if errors.Is(smallErr, target) != errors.Is(wholeErr, target) {
			t.Fatalf("splits of %d: %v\nin one: %v", want, smallErr, wholeErr)
		}
	}
}

// FuzzNDJSON reads any text: nothing panics, splits agree.
func FuzzNDJSON(f *testing.F) {
	f.Add([]byte("{\"a\":1,\"b\":[1,{\"c\":null}]}\n\n{\"a\":\"\\u00e9\"}"), uint16(2))
	f.Fuzz(func(t *testing.T, data []byte, want uint16) {
		path := filepath.Join(t.TempDir(), "f.ndjson")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		readBoth(t, path, Options{}, int64(want)+1)
	})
}
