package enginetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

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
	return filled(mem, len(values), func(to []int64) { copy(to, values) })
}

// filled is a record of so many rows, whose values fill writes where they stay.
func filled(mem arrowmemory.Allocator, rows int, fill func([]int64)) arrow.Record {
	buffer := arrowmemory.NewResizableBuffer(mem)
	defer buffer.Release()
	buffer.Resize(rows * arrow.Int64SizeBytes)
	fill(arrow.Int64Traits.CastFromBytes(buffer.Bytes()))
	data := array.NewData(arrow.PrimitiveTypes.Int64, rows, []*arrowmemory.Buffer{nil, buffer}, nil, 0, 0)
	defer data.Release()
	column := array.NewInt64Data(data)
	defer column.Release()
	return array.NewRecord(Schema, []arrow.Array{column}, int64(rows))
}

// Script is a source.Split that plays a script. It is data, so that it can be played in another process.
type Script struct {
	Start int64 // its first value, of Blocks blocks of Rows rows
	// Blocks is how many there are, negative where it goes on until it is stopped.
	Blocks int
	Rows   int
	List   bool          // all blocks are made before the first is given, as a task does that returns a list
	Pause  time.Duration // before each block
	// Fails and Panics say what comes after the blocks.
	Fails, Panics bool
	Place         int64  // in the input
	Running       string // a folder with a file for each stream that is running now, which holds the process's id
	Says          string // what it writes to the process's log
	// Mem is where the records are made.
	Mem arrowmemory.Allocator `json:"-"`
}

// Span implements source.Split.
func (s *Script) Span() batch.Span {
	return batch.Span{Input: "script", Start: s.Place, End: s.Place + 1}
}

// Stored implements source.Split.
func (s *Script) Stored() int64 { return 1 }

// Close implements source.Split.
func (s *Script) Close() {}

// Open implements source.Split.
func (s *Script) Open(ctx context.Context, _ []string, _ int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		file, err := os.CreateTemp(s.Running, fmt.Sprint(s.Place, "-"))
		if err != nil {
			yield(nil, err)
			return
		}
		_, _ = fmt.Fprint(file, os.Getpid())
		_ = file.Close()
		defer os.Remove(file.Name())
		if s.Says != "" {
			fmt.Fprintln(os.Stderr, s.Says)
		}
		var list []arrow.Record
		for i := 0; s.Blocks < 0 || i < s.Blocks; i++ {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			select {
			case <-time.After(s.Pause):
			case <-ctx.Done():
				continue
			}
			rec := filled(s.Mem, max(s.Rows, 1), func(values []int64) {
				for j := range values { // so that they take all their bytes on the way
					values[j] = int64(uint64(j) * 0x9E3779B97F4A7C15)
				}
				values[0] = s.Start + int64(i)
				values[len(values)-1] = values[0]
			})
			if s.List {
				list = append(list, rec)
				continue
			}
			if !yield(rec, nil) {
				return
			}
		}
		for i, rec := range list {
			if !yield(rec, nil) {
				for _, rest := range list[i+1:] {
					rest.Release()
				}
				return
			}
		}
		if s.Panics {
			panic("the operator is broken")
		}
		if s.Fails {
			yield(nil, errors.New("bad value"))
		}
	}
}

// script is a list of splits that lanes share.
type script struct {
	mu     sync.Mutex
	splits []*Script
	next   int
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
