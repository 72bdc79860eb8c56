package enginetest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/batch"
)

// Schema is that of the suite's records: one column of int64, "n".
var Schema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)

// Record makes a record of the suite's schema.
func Record(mem arrowmemory.Allocator, values ...int64) arrow.Record {
	b := array.NewRecordBuilder(mem, Schema)
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues(values, nil)
	return b.NewRecord()
}

// split is a source.Split that plays a script.
type split struct {
	start   int64
	open    func(ctx context.Context, yield func(arrow.Record, error) bool)
	running *atomic.Int64 // streams that are running now
}

func (s *split) Span() batch.Span {
	return batch.Span{Input: "script", Start: s.start, End: s.start + 1}
}
func (s *split) Stored() int64 { return 1 }
func (s *split) Close()        {}

func (s *split) Open(ctx context.Context, _ []string, _ int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		s.running.Add(1)
		defer s.running.Add(-1)
		s.open(ctx, yield)
	}
}

// script is a list of splits that lanes share.
type script struct {
	mu      sync.Mutex
	splits  []*split
	next    int
	running atomic.Int64
}

func (s *script) add(open func(ctx context.Context, yield func(arrow.Record, error) bool)) {
	s.splits = append(s.splits, &split{start: int64(len(s.splits)), open: open, running: &s.running})
}

// Next implements distrib.Splits.
func (s *script) Next(context.Context) (distrib.Split, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == len(s.splits) {
		return distrib.Split{}, false, nil
	}
	s.next++
	return distrib.Split{Index: s.next - 1, Split: s.splits[s.next-1]}, true, nil
}
