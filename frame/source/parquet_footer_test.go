package source

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestFootersAreKeptWhileFilesAreAsTheyWere opens a file again and again, and changes it in between.
func TestFootersAreKeptWhileFilesAreAsTheyWere(t *testing.T) {
	data := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("..", "parquet", "testdata", name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	one, other := data("indexed"), data("overflowing")
	renamed := bytes.ReplaceAll(other, []byte("number"), []byte("figure")) // of the same size
	if bytes.Equal(renamed, other) {
		t.Fatal("the file has no column of that name")
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	old := time.Now().Add(-time.Hour)
	write := func(data []byte, changed time.Time) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	open := func() (*parquetFile, *arrow.Schema) {
		t.Helper()
		s, err := Open(t.Context(), []string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		f := s.(*files)
		return f.inputs[0].(*parquetFile), f.schema
	}
	write(one, old)
	first, schema := open()
	if again, same := open(); again.footer != first.footer || !same.Equal(schema) {
		t.Error("the footer was read again, though the file is as it was")
	}
	write(other, old)
	if p, got := open(); p.footer == first.footer || got.Field(1).Name != "number" {
		t.Errorf("a file of another size has the footer of the one before: %s", got)
	}
	write(renamed, old.Add(time.Second))
	if _, got := open(); got.Field(1).Name != "figure" {
		t.Errorf("a file that was changed later has the footer of the one before: %s", got)
	}
	now := time.Now()
	write(other, now)
	open()
	write(renamed, now)
	if _, got := open(); got.Field(1).Name != "figure" {
		t.Errorf("a file that was changed at once has the footer of the one before: %s", got)
	}
}

func TestFewFootersAreKept(t *testing.T) {
	path := filepath.Join("..", "parquet", "testdata", "indexed.parquet")
	p := &parquetFile{path: path, address: path, options: &Options{}}
	if _, err := p.learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	var l footers
	var infos []os.FileInfo
	for i := range 2*keptChunks/leastChunks + 1 {
		name := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Duration(i+1) * time.Minute)
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		infos = append(infos, info)
		l.keep(info, p.parquetFooter)
		if _, ok := l.find(infos[0]); !ok {
			t.Fatalf("after %d files that of the one that is always used is not kept", i)
		}
	}
	if l.chunks > keptChunks || len(l.kept) > keptChunks/leastChunks {
		t.Errorf("%d footers of %d chunks are kept", len(l.kept), l.chunks)
	}
	if _, ok := l.find(infos[1]); ok {
		t.Error("a footer is kept that was not used for long")
	}
}
