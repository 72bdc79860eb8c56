package exec

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Unmatched gives what a resident table of a full join has that nothing matched. All probing must have ended.
func (t *JoinTable) Unmatched(ctx context.Context) batch.Stream {
	return generate(ctx, "join", func(emit emitFunc) error {
		if t.hash == nil {
			return errors.New("join: the table is not resident")
		}
		return t.giveRight(ctx, t.hash, emit)
	})
}

// Part is a resident table for probing with rows that are not final: a full join does not note what they match.
func (t *JoinTable) Part() *JoinTable {
	part, hash := *t, *t.hash
	hash.matched, part.hash = nil, &hash
	return &part
}

// giveRight gives the rows of a full join's table that matched nothing.
func (t *JoinTable) giveRight(ctx context.Context, hash *joinHash, emit emitFunc) error {
	if t.spec.Kind != plan.Full {
		return nil
	}
	keys := make([][]arrow.Array, len(hash.chunks))
	for i, rec := range hash.chunks {
		keys[i] = columnsAt(rec, t.spec.rightKeys)
	}
	g := newGatherer(t.env.Mem, fieldTypes(t.spec.Right, t.spec.rightKeys), keys)
	for lone := hash.unmatched(); len(lone) > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(g.fit(lone), hash.payload.fit(lone), maxRows)
		out, err := t.rightOnly(g, hash.payload, lone[:n])
		if err != nil {
			return err
		}
		lone = lone[n:]
		if err := emit(out); err != nil {
			return err
		}
	}
	return nil
}

// giveRun gives a whole run of the build side of a full join: no probe row has come to its partition.
func (t *JoinTable) giveRun(ctx context.Context, run *memory.Run, emit emitFunc) error {
	if t.spec.Kind != plan.Full || run == nil {
		return nil
	}
	return each(ctx, run.Read(ctx, t.env.Mem), func(rec arrow.Record) error {
		return eachChunk(rec, func(chunk arrow.Record) error {
			out, err := t.rightRows(chunk)
			if err != nil {
				return err
			}
			return emit(out)
		})
	})
}

// rightRows takes a chunk of the build side over and joins its rows with nulls.
func (t *JoinTable) rightRows(chunk arrow.Record) (arrow.Record, error) {
	defer chunk.Release()
	ids := make([]rowID, chunk.NumRows())
	for i := range ids {
		ids[i] = rowID(i)
	}
	columns := func(list []int) *gatherer {
		return newGatherer(t.env.Mem, fieldTypes(t.spec.Right, list), [][]arrow.Array{columnsAt(chunk, list)})
	}
	return t.rightOnly(columns(t.spec.rightKeys), columns(t.spec.payload), ids)
}

// rightOnly joins build rows with nulls: their keys stand in place of the left's.
func (t *JoinTable) rightOnly(keys, payload *gatherer, ids []rowID) (arrow.Record, error) {
	own, err := keys.take(ids)
	if err != nil {
		return nil, err
	}
	defer releaseArrays(own)
	none := make([]rowID, len(ids))
	fill(none, noRow)
	columns := make([]arrow.Array, 0, t.spec.Output.NumFields())
	given := false
	defer func() {
		if !given { // an error, or a panic of the allocator
			releaseArrays(columns)
		}
	}()
	for i := range t.spec.Left.NumFields() {
		if k := slices.Index(t.spec.leftKeys, i); k >= 0 {
			own[k].Retain()
			columns = append(columns, own[k])
			continue
		}
		empty, err := newGatherer(t.env.Mem, []arrow.DataType{t.spec.Left.Field(i).Type}, nil).take(none)
		if err != nil {
			return nil, err
		}
		columns = append(columns, empty...)
	}
	given = true
	return beside(t.spec.Output, columns, payload, ids)
}
