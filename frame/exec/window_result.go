package exec

import (
	"context"
	"runtime"

	"github.com/apache/arrow/go/v17/arrow"
)

// windowResult is the values of all functions for rows in memory, in blocks of sorted rows, and where the value of each
// row is.
type windowResult struct {
	env     *Env
	spec    *WindowSpec
	operand *gatherer       // of the columns that functions read
	blocks  [][]arrow.Array // a column for each function
	places  [][]rowID       // for each held record, by row: the block and the row in it
	types   []arrow.DataType
	values  *gatherer // of blocks
}

func newWindowResult(env *Env, spec *WindowSpec, held []arrow.Record) *windowResult {
	r := &windowResult{env: env, spec: spec, places: make([][]rowID, len(held))}
	chunks := make([][]arrow.Array, len(held))
	for i, rec := range held {
		chunks[i] = columnsAt(rec, spec.columns)
	}
	r.operand = newGatherer(env.Mem, fieldTypes(spec.in, spec.columns), chunks)
	for _, f := range spec.funcs {
		r.types = append(r.types, f.dt)
	}
	return r
}

func (r *windowResult) close() {
	for _, block := range r.blocks {
		releaseArrays(block)
	}
	r.blocks = nil
}

// compute fills the blocks, shard by shard.
func (r *windowResult) compute(ctx context.Context, o *windowOrder) error {
	for i, rec := range o.held {
		r.places[i] = make([]rowID, rec.NumRows())
	}
	shards := o.shards(runtime.GOMAXPROCS(0))
	first := make([]int, len(shards)+1)
	for i, s := range shards {
		first[i+1] = first[i] + (s.to-s.from+chunkRows-1)/chunkRows
	}
	r.blocks = make([][]arrow.Array, first[len(shards)])
	err := inParallel("window", len(shards), func(i int) error {
		return r.shard(ctx, o, shards[i], first[i])
	})
	if err != nil {
		return err
	}
	r.values = newGatherer(r.env.Mem, r.types, r.blocks)
	return nil
}

// shard sorts a shard and computes its blocks, the first of which is number block.
func (r *windowResult) shard(ctx context.Context, o *windowOrder, s windowShard, block int) error {
	part, peer, err := o.sort(ctx, s)
	if err != nil {
		return err
	}
	ids := o.ids[s.from:s.to]
	var pages []arrow.Record
	defer func() { releaseRecords(pages) }()
	for from := 0; from < len(ids); from += chunkRows {
		to := min(from+chunkRows, len(ids))
		for i, id := range ids[from:to] {
			r.places[id>>chunkBits][id&(chunkRows-1)] = rowAt(block+from/chunkRows, i)
		}
		if len(r.spec.columns) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		columns, err := r.operand.take(ids[from:to])
		if err != nil {
			return err
		}
		pages = append(pages, newRecord(r.spec.page, columns, to-from))
	}
	rows := &sortedRows{rows: len(ids), part: part, peer: peer, pages: heldPages(pages)}
	e, err := newEvaluator(ctx, r.env, r.spec, rows, nil)
	if err != nil {
		return err
	}
	defer e.close()
	for from := 0; from < len(ids); from += chunkRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		out, err := e.next(ctx, from, min(from+chunkRows, len(ids)))
		if err != nil {
			return err
		}
		r.blocks[block+from/chunkRows] = out
	}
	return nil
}

// put gives a held record with the values of its rows, in several pieces where texts are long.
func (r *windowResult) put(ctx context.Context, rec arrow.Record, chunk int) (out []arrow.Record, err error) {
	done := false
	defer func() {
		if !done {
			releaseRecords(out)
			out = nil
		}
	}()
	ids := r.places[chunk]
	for from := 0; from < len(ids); {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		n := r.values.fit(ids[from:])
		values, err := r.values.take(ids[from : from+n])
		if err != nil {
			return out, err
		}
		part := rec.NewSlice(int64(from), int64(from+n))
		out = append(out, withColumns(r.spec.out, part, values))
		part.Release()
		from += n
	}
	done = true
	return out, nil
}

// withColumns is rec with columns, which it takes over, behind its own.
func withColumns(schema *arrow.Schema, rec arrow.Record, columns []arrow.Array) arrow.Record {
	all := make([]arrow.Array, 0, len(columns)+int(rec.NumCols()))
	for _, c := range rec.Columns() {
		c.Retain()
		all = append(all, c)
	}
	return newRecord(schema, append(all, columns...), int(rec.NumRows()))
}
