package batch

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// FromRecords is a stream of the records given; they are the stream's from now on. A stream that is never run
// releases nothing.
func FromRecords(recs ...arrow.Record) Stream {
	return func(yield func(arrow.Record, error) bool) {
		for i, rec := range recs {
			if !yield(rec, nil) {
				for _, rest := range recs[i+1:] {
					rest.Release()
				}
				return
			}
		}
	}
}

// Fail is a stream of one error.
func Fail(err error) Stream {
	return func(yield func(arrow.Record, error) bool) { yield(nil, err) }
}

// Collect reads a stream to its end. The caller releases the records; where there is an error there are none.
func Collect(s Stream) ([]arrow.Record, error) {
	var recs []arrow.Record
	for rec, err := range s {
		if err != nil {
			for _, r := range recs {
				r.Release()
			}
			return nil, err
		}
		recs = append(recs, rec)
	}
	return recs, nil
}

// Chain is one Op that applies ops from the first to the last.
func Chain(ops ...Op) Op {
	return func(ctx context.Context, s Stream) Stream {
		for _, op := range ops {
			s = op(ctx, s)
		}
		return s
	}
}
