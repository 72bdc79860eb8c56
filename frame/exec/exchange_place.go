package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// Placer puts a column before those of its rows that says where they stand: rows that were parted can be put back in order by it. It
// is used by one goroutine.
type Placer struct {
	env    *Env
	schema *arrow.Schema
	next   int64
}

// placeBits is how many bits of a place count the rows of a run.
const placeBits = 40

// NewPlacer is for one run of rows, one of several in order; schema is with the column (see plan.WithPlace).
func NewPlacer(env *Env, schema *arrow.Schema, run int) *Placer {
	return &Placer{env: env, schema: schema, next: int64(run) << placeBits}
}

// Place takes rec over.
func (p *Placer) Place(rec arrow.Record) arrow.Record {
	defer rec.Release()
	rows := int(rec.NumRows())
	buf := unfilled(p.env.Mem, rows*arrow.Int64SizeBytes)
	places := arrow.Int64Traits.CastFromBytes(buf.Bytes())
	for i := range places {
		places[i] = p.next + int64(i)
	}
	p.next += int64(rows)
	return withPlaces(p.schema, rec.Columns(), buf, rows)
}

// withPlaces puts places, a buffer that it takes over, before columns.
func withPlaces(schema *arrow.Schema, columns []arrow.Array, places *arrowmemory.Buffer, rows int) arrow.Record {
	all := []arrow.Array{makeArray(arrow.PrimitiveTypes.Int64, rows, 0, nil, places)}
	places.Release()
	for _, c := range columns {
		c.Retain()
		all = append(all, c)
	}
	return newRecord(schema, all, rows)
}

// GroupPlaces gives each row, of those that have places, the place of the first row of its group.
func GroupPlaces(env *Env, schema *arrow.Schema, groups []expr.Expr) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "top-k of groups", func(emit emitFunc) error {
			bound, err := bindAll(groups, schema)
			if err != nil {
				return err
			}
			g := &groupPlaces{env: env, schema: schema, keys: bound, grant: env.newGrant("top-k of groups"), first: newSlab[int64](env.Mem)}
			if g.table, err = newGroupKeys(env.Mem, boundTypes(bound)); err != nil {
				return err
			}
			defer g.close()
			return each(ctx, in, func(rec arrow.Record) error {
				return eachChunk(rec, func(piece arrow.Record) error {
					out, err := g.place(ctx, piece)
					if err != nil {
						return err
					}
					return emit(out)
				})
			})
		})
	}
}

type groupPlaces struct {
	env    *Env
	schema *arrow.Schema
	keys   []*expr.Bound
	table  *groupKeys
	first  slab[int64]
	ids    []uint32
	grant  *grant
}

// place takes rec over.
func (g *groupPlaces) place(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
	defer rec.Release()
	rows := int(rec.NumRows())
	keys, err := evalAll(ctx, g.env, g.keys, rec)
	if err != nil {
		return nil, err
	}
	defer releaseArrays(keys)
	need := g.table.bytes() + g.table.growth(rows, keyBytes(keys)) + g.first.bytes() + g.first.growth(g.table.len()+rows)
	granted, err := g.grant.resize(need)
	if err == nil && !granted {
		err = refused("top-k of groups", need)
	}
	if err != nil {
		return nil, err
	}
	g.ids = sized(g.ids, rows)
	if err := g.table.assign(keys, rows, g.ids); err != nil {
		return nil, err
	}
	own := rec.Column(0).(*array.Int64).Int64Values()
	known := len(g.first.vals)
	g.first.resize(g.table.len())
	buf := unfilled(g.env.Mem, rows*arrow.Int64SizeBytes)
	places := arrow.Int64Traits.CastFromBytes(buf.Bytes())
	for row, id := range g.ids {
		if int(id) >= known { // groups are numbered as they appear
			g.first.vals[id] = own[row]
			known = int(id) + 1
		}
		places[row] = g.first.vals[id]
	}
	return withPlaces(g.schema, rec.Columns()[1:], buf, rows), nil
}

func (g *groupPlaces) close() {
	g.table.reset()
	g.first.free()
	g.grant.release()
}
