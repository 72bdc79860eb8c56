package source

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/frame/batch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checked makes sources allocate from an allocator that fails the test where something is not released.
func checked(t testing.TB) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	SetAllocator(mem)
	t.Cleanup(func() {
		SetAllocator(memory.DefaultAllocator)
		mem.AssertSize(t, 0)
	})
}

func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// row is a row's values as their text, nil for null.
type row []*string

// readAll reads every split of a source, one after the other, and gives the rows as text; the batches are released.
func readAll(ctx context.Context, s Source, want int64, columns []string) (rows []row, err error) {
	err = eachBatch(ctx, s, want, columns, func(rec arrow.Record) {
		for i := range int(rec.NumRows()) {
			r := make(row, rec.NumCols())
			for k, col := range rec.Columns() {
				if col.IsValid(i) {
					text := col.ValueStr(i)
					r[k] = &text
				}
			}
			rows = append(rows, r)
		}
	})
	return rows, err
}

func eachBatch(ctx context.Context, s Source, want int64, columns []string, f func(arrow.Record)) error {
	for split, err := range s.Splits(ctx, want) {
		if err != nil {
			return err
		}
		err = eachOf(split.Open(ctx, columns, 0), f)
		split.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func eachOf(s batch.Stream, f func(arrow.Record)) error {
	for rec, err := range batch.PlainStream(currentAllocator(), s) {
		if err != nil {
			return err
		}
		f(rec)
		rec.Release()
	}
	return nil
}

func text(rows []row) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		out[i] = make([]string, len(r))
		for k, v := range r {
			out[i][k] = "<null>"
			if v != nil {
				out[i][k] = *v
			}
		}
	}
	return out
}
