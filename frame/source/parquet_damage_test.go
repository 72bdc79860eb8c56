package source

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// TestDamagedParquet damages files as any source may meet them, half of them in the footer: each is read, or refused with a reason.
func TestDamagedParquet(t *testing.T) {
	names, err := filepath.Glob("../parquet/testdata/*.parquet")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	until := time.Second
	if sample.Whole() {
		until = time.Minute
	}
	r := rand.New(rand.NewPCG(11, 12))
	path := filepath.Join(t.TempDir(), "damaged.parquet")
	read, tried := 0, 0
	for end := time.Now().Add(until); time.Now().Before(end); tried++ {
		data, err := os.ReadFile(names[tried%len(names)])
		if err != nil {
			t.Fatal(err)
		}
		footer := int(binary.LittleEndian.Uint32(data[len(data)-8:]))
		for range 1 + r.IntN(3) {
			at := r.IntN(len(data))
			if r.IntN(2) == 0 {
				at = len(data) - 9 - r.IntN(footer)
			}
			data[at] ^= 1 << r.IntN(8)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if readDamaged(t, path) {
			read++
		}
	}
	if read == 0 || read == tried {
		t.Errorf("of %d damaged files %d are read", tried, read)
	}
}

// readDamaged says whether a file is read without an error.
func readDamaged(t *testing.T, path string) bool {
	t.Helper()
	s, err := Open(t.Context(), []string{path}, Options{})
	if err != nil {
		return false
	}
	for split, err := range s.Splits(t.Context(), 0) {
		if err != nil {
			return false
		}
		err = eachOf(split.Open(t.Context(), nil, 100_000), func(rec arrow.Record) {
			for _, c := range rec.Columns() {
				for i := range c.Len() {
					_ = c.ValueStr(i)
				}
			}
		})
		split.Close()
		if err != nil && (!errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), path)) {
			t.Errorf("the error says too little: %v", err)
		}
		if err != nil {
			return false
		}
	}
	return true
}
