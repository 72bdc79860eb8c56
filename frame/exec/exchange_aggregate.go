package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// ExchangeParts is how many parts the groups of an aggregate are exchanged in. They are the shards of a FinalAggregate, so that the
// order of the result is the same however it is computed.
const ExchangeParts = shardCount

// NewUnsharded makes a FinalAggregate that never works in shards: one of a part of the groups, or one whose groups are handed over
// when they are many.
func NewUnsharded(env *Env, spec *AggSpec) *FinalAggregate {
	f := newFinalAggregate(env, spec, &spillFile{env: env}, 0)
	f.ownFile = true
	return f
}

// Many says whether groups are so many, and all in memory, that a FinalAggregate would work in shards.
func (f *FinalAggregate) Many() bool {
	return f.err == nil && f.shards == nil && len(f.spec.keys) > 0 && f.many()
}

// HandOver gives the states of all groups away, part by part, and forgets them. take owns the record.
func (f *FinalAggregate) HandOver(ctx context.Context, take func(part int, rec arrow.Record) error) error {
	if f.err != nil {
		return f.err
	}
	f.err = protect("aggregate", nil, func() error {
		p, err := NewAggParter(f.env, f.spec)
		if err != nil {
			return err
		}
		defer p.Close()
		err = f.handOver(ctx, func(rec arrow.Record, _ []uint64) error { return p.Add(ctx, rec, take) })
		if err != nil {
			return err
		}
		return p.Flush(take)
	})
	return f.err
}
