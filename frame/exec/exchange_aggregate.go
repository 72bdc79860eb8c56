package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// ExchangeParts is how many parts the groups of an aggregate are exchanged in. They are the shards of a FinalAggregate, so that the
// order of the result is the same however it is computed.
const ExchangeParts = shardCount

// exchangeBytes is how much an AggParter holds back: the blocks of a part are worth their headers then.
const exchangeBytes = 32 << 20

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
		err = f.handOver(ctx, func(rec arrow.Record, hashes []uint64) error {
			defer rec.Release()
			if err := p.parter.spread(rec, hashes, p.holding(rec, take)); err != nil {
				return err
			}
			return p.settle(take)
		})
		if err != nil {
			return err
		}
		return p.Flush(take)
	})
	return f.err
}

// AggParter parts what partial aggregates give by the hash of its keys. The rows of a part keep their order. It is used by
// one goroutine.
type AggParter struct {
	env    *Env
	parter *shardParter
	parts  [ExchangeParts]struct {
		pending []arrow.Record
		schema  *arrow.Schema // of pending
	}
	bytes int64
	grant *grant
}

// NewAggParter makes a parter. Close it.
func NewAggParter(env *Env, spec *AggSpec) (*AggParter, error) {
	parter, err := newShardParter(env, spec)
	if err != nil {
		return nil, err
	}
	return &AggParter{env: env, parter: parter, grant: env.newGrant("exchange")}, nil
}

// Add takes a state, or rows, over. take is given blocks, which it owns, where enough has come together.
func (p *AggParter) Add(state arrow.Record, take func(part int, rec arrow.Record) error) error {
	return eachChunk(state, func(piece arrow.Record) error {
		defer piece.Release()
		if err := p.parter.part(piece, p.holding(piece, take)); err != nil {
			return err
		}
		return p.settle(take)
	})
}

// holding holds the rows of a part of state back.
func (p *AggParter) holding(state arrow.Record, take func(int, arrow.Record) error) func(int, arrow.Record) error {
	schema := p.parter.spec.schemaOf(state)
	return func(i int, rec arrow.Record) error {
		part := &p.parts[i]
		if part.schema != schema { // states and rows are not mixed
			if err := p.flush(i, take); err != nil {
				rec.Release()
				return err
			}
			part.schema = schema
		}
		part.pending = append(part.pending, rec)
		p.bytes += batch.Bytes(rec)
		return nil
	}
}

// settle gives what is held back away where it is enough.
func (p *AggParter) settle(take func(int, arrow.Record) error) error {
	// The blocks depend on the input alone; what is refused is held all the same, since it is bounded.
	if _, err := p.grant.resize(p.bytes); err != nil {
		return err
	}
	if p.bytes < min(exchangeBytes, max(p.env.Budget.Total()/16, workingBytes)) {
		return nil
	}
	return p.Flush(take)
}

// Flush gives what is held back.
func (p *AggParter) Flush(take func(part int, rec arrow.Record) error) error {
	for i := range p.parts {
		if err := p.flush(i, take); err != nil {
			return err
		}
	}
	p.bytes = 0
	p.grant.release()
	return nil
}

func (p *AggParter) flush(i int, take func(int, arrow.Record) error) error {
	part := &p.parts[i]
	if len(part.pending) == 0 {
		return nil
	}
	rec, err := batch.Concat(p.env.Mem, part.schema, part.pending)
	releaseRecords(part.pending)
	part.pending = nil
	if err != nil {
		return err
	}
	return take(i, rec)
}

// Close drops what is held back. It may be called more than once.
func (p *AggParter) Close() {
	for i := range p.parts {
		releaseRecords(p.parts[i].pending)
		p.parts[i].pending = nil
	}
	p.grant.release()
}
