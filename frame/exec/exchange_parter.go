package exec

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// parterBytes is how much a Parter holds back: the blocks of a part are worth their headers then.
const parterBytes = 32 << 20

// Parter parts rows by the hash of their keys, or by ranges of their order, for tasks that work on one part each. The rows of a part keep their order. It is used
// by one goroutine.
type Parter struct {
	env    *Env
	part   func(ctx context.Context, piece arrow.Record, take func(part int, rec arrow.Record) error) error
	schema func(arrow.Record) *arrow.Schema // what is not mixed in a block
	parts  []heldRows
	most   int64 // that is held back
	bytes  int64
	grant  *grant
}

// heldRows is what a Parter holds back of a part.
type heldRows struct {
	pending []arrow.Record
	schema  *arrow.Schema // of pending
}

// NewAggParter makes a parter of what partial aggregates give. Close it.
func NewAggParter(env *Env, spec *AggSpec) (*Parter, error) {
	parter, err := newShardParter(env, spec)
	if err != nil {
		return nil, err
	}
	return &Parter{
		env: env, parts: make([]heldRows, ExchangeParts), most: parterBytes, grant: env.newGrant("exchange"), schema: spec.schemaOf,
		part: func(_ context.Context, piece arrow.Record, take func(int, arrow.Record) error) error {
			return parter.part(piece, take)
		},
	}, nil
}

// Rows are exchanged by their keys in so many parts at least, those in which operators spill them, and at most.
const (
	LeastKeyParts = partitions
	MostKeyParts  = 8 * partitions
)

// NewKeyParter makes a parter of rows of a schema by keys, into a number of parts that is a power of two. Close it.
func NewKeyParter(env *Env, schema *arrow.Schema, keys []expr.Expr, parts int) (*Parter, error) {
	if parts < LeastKeyParts || parts > MostKeyParts || parts&(parts-1) != 0 {
		return nil, fmt.Errorf("exchange: %d parts", parts)
	}
	bound, err := bindAll(keys, schema)
	if err != nil {
		return nil, err
	}
	encoder, err := newKeyEncoder(boundTypes(bound))
	if err != nil {
		return nil, err
	}
	// By the highest bits of the hash, those by which what spills is parted first.
	split := newHashSplit(env, 64-bits.TrailingZeros(uint(parts)), parts)
	k := &keyParter{env: env, schema: schema, keys: bound, encoder: encoder, split: split}
	return &Parter{
		env: env, parts: make([]heldRows, parts), most: parterBytes, grant: env.newGrant("exchange"), part: k.part,
		schema: func(arrow.Record) *arrow.Schema { return schema },
	}, nil
}

// keyParter parts rows by the hash of expressions.
type keyParter struct {
	env     *Env
	schema  *arrow.Schema
	keys    []*expr.Bound
	encoder *keyEncoder
	hashes  []uint64
	split   hashSplit
}

func (k *keyParter) part(ctx context.Context, piece arrow.Record, take func(int, arrow.Record) error) error {
	keys, err := evalAll(ctx, k.env, k.keys, piece)
	if err != nil {
		return err
	}
	k.hashes, err = hashRows(k.encoder, keys, int(piece.NumRows()), k.hashes)
	releaseArrays(keys)
	if err != nil {
		return err
	}
	return k.split.spread(k.schema, piece, k.hashes, take)
}

func boundTypes(bound []*expr.Bound) []arrow.DataType {
	types := make([]arrow.DataType, len(bound))
	for i, b := range bound {
		types[i] = b.Type()
	}
	return types
}

// Add takes rows over. take is given blocks, which it owns, where enough has come together.
func (p *Parter) Add(ctx context.Context, rec arrow.Record, take func(part int, rec arrow.Record) error) error {
	rec, err := batch.Plain(p.env.Mem, rec)
	if err != nil {
		return err
	}
	return protect("exchange", nil, func() error {
		return eachChunk(rec, func(piece arrow.Record) error {
			defer piece.Release()
			if err := p.part(ctx, piece, p.holding(piece, take)); err != nil {
				return err
			}
			return p.settle(take)
		})
	})
}

// holding holds the rows of a part of rec back.
func (p *Parter) holding(rec arrow.Record, take func(int, arrow.Record) error) func(int, arrow.Record) error {
	schema := p.schema(rec)
	return func(i int, rec arrow.Record) error {
		part := &p.parts[i]
		if part.schema != schema {
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
func (p *Parter) settle(take func(int, arrow.Record) error) error {
	// The blocks depend on the input alone; what is refused is held all the same, since it is bounded.
	if _, err := p.grant.resize(p.bytes); err != nil {
		return err
	}
	if p.bytes < min(p.most, max(p.env.Budget.Total()/16, workingBytes)) {
		return nil
	}
	return p.Flush(take)
}

// Flush gives what is held back.
func (p *Parter) Flush(take func(part int, rec arrow.Record) error) error {
	for i := range p.parts {
		if err := p.flush(i, take); err != nil {
			return err
		}
	}
	p.bytes = 0
	p.grant.release()
	return nil
}

func (p *Parter) flush(i int, take func(int, arrow.Record) error) error {
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
func (p *Parter) Close() {
	for i := range p.parts {
		releaseRecords(p.parts[i].pending)
		p.parts[i].pending = nil
	}
	p.grant.release()
}
