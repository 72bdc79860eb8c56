package exec

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

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

// Marking is a resident table that notes by itself what is matched: Marks says what, for the Mark of the table that it comes from or of one of
// the same rows.
func (t *JoinTable) Marking() *JoinTable {
	part := t.Part()
	part.hash.matched = make([]uint64, len(t.hash.rows.vals)/64+1)
	return part
}

// marksSchema is that of Marks: bits, by the places of rows.
var marksSchema = arrow.NewSchema([]arrow.Field{{Name: "matched", Type: arrow.PrimitiveTypes.Uint64}}, nil)

// Marks is which rows of a full join's table have matched so far; the caller releases it.
func (t *JoinTable) Marks() arrow.Record {
	b := array.NewRecordBuilder(t.env.Mem, marksSchema)
	defer b.Release()
	b.Field(0).(*array.Uint64Builder).AppendValues(t.hash.matched, nil)
	return b.NewRecord()
}

// Mark notes what Marks says, which stays the caller's.
func (t *JoinTable) Mark(marks arrow.Record) error {
	words, ok := marks.Column(0).(*array.Uint64)
	if !ok || words.Len() != len(t.hash.matched) {
		return errors.New("join: what was matched is of another table")
	}
	for i, w := range words.Uint64Values() {
		atomic.OrUint64(&t.hash.matched[i], w)
	}
	return nil
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
