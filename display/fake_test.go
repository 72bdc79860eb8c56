package display

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// fakeSurface keeps what it is told to show.
type fakeSurface struct {
	mu       sync.Mutex
	live     bool
	sent     []sent
	lines    []string
	clears   []bool
	slowness time.Duration
	fail     error
}

type sent struct {
	call, id string
	b        Bundle
	at       time.Time
}

func (f *fakeSurface) add(call, id string, b Bundle) error {
	time.Sleep(f.slowness)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, sent{call, id, b, time.Now()})
	return f.fail
}

func (f *fakeSurface) Show(id string, b Bundle) error   { return f.add("show", id, b) }
func (f *fakeSurface) Update(id string, b Bundle) error { return f.add("update", id, b) }
func (f *fakeSurface) Result(id string, b Bundle) error { return f.add("result", id, b) }
func (f *fakeSurface) Live() bool                       { return f.live }

func (f *fakeSurface) Input(prompt string, password bool) (string, error) {
	return fmt.Sprint(prompt, password), f.fail
}

func (f *fakeSurface) Clear(wait bool) error {
	f.clears = append(f.clears, wait)
	return nil
}

func (f *fakeSurface) Progress(line string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, line)
	return nil
}

// wait waits until n displays were sent.
func (f *fakeSurface) wait(t *testing.T, n int) {
	t.Helper()
	for range 5000 {
		f.mu.Lock()
		done := len(f.sent) >= n
		f.mu.Unlock()
		if done {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("fewer than %d displays", n)
}

func (f *fakeSurface) last() Bundle {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent[len(f.sent)-1].b
}

// watchFunc is a Watcher of a function.
type watchFunc func(ctx context.Context, yield func(batch.Snapshot, error) bool)

func (w watchFunc) Watch(ctx context.Context, _ int) iter.Seq2[batch.Snapshot, error] {
	return func(yield func(batch.Snapshot, error) bool) { w(ctx, yield) }
}

// checked is an allocator that must be empty when the test ends.
func checked(t testing.TB) *memory.CheckedAllocator {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// ints is a record of one column n with the values from..to-1.
func ints(mem memory.Allocator, from, to int64) arrow.Record {
	b := array.NewRecordBuilder(mem, arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil))
	defer b.Release()
	for v := from; v < to; v++ {
		b.Field(0).(*array.Int64Builder).Append(v)
	}
	return b.NewRecord()
}

func rivulet(b Bundle) map[string]any { return b.Metadata["rivulet"].(map[string]any) }
