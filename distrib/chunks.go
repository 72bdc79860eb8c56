package distrib

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// chunkBytes is how much of a stream goes through a partial operator at once where there are no splits.
const chunkBytes = 4 << 20

// inChunks applies op to one run of batches of in after the other, so that op, which consumes all of its input before
// it gives anything, holds a bounded part.
func inChunks(ctx context.Context, op batch.Op, in batch.Stream) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		var chunk []arrow.Record
		var bytes int64
		flush := func() bool {
			recs := chunk
			chunk, bytes = nil, 0
			for rec, err := range op(ctx, batch.FromRecords(recs...)) {
				if !yield(rec, err) || err != nil {
					return false
				}
			}
			return true
		}
		defer func() { releaseAll(chunk) }()
		flushed := false
		for rec, err := range in {
			if err != nil {
				yield(nil, err)
				return
			}
			chunk, bytes = append(chunk, rec), bytes+batch.Bytes(rec)
			if bytes < chunkBytes {
				continue
			}
			flushed = true
			if !flush() {
				return
			}
		}
		if len(chunk) > 0 || !flushed { // an aggregate without keys gives a row also for no input
			flush()
		}
	}
}

func releaseAll(recs []arrow.Record) {
	for _, r := range recs {
		r.Release()
	}
}
