package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// Distinct keeps the first row of each combination of columns (none named: all). First occurrences are given as they
// come. When the budget refuses, the keys known so far go on to filter, rows with other keys are parted by hash and
// written to a file, and each part is made distinct alone at the end.
func Distinct(env *Env, schema *arrow.Schema, columns []string) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "distinct", func(emit emitFunc) error {
			keys, err := distinctKeys(schema, columns)
			if err != nil {
				return err
			}
			file := &spillFile{env: env}
			defer file.close()
			d := &distinct{env: env, schema: schema, keys: keys, file: file}
			return d.run(ctx, in, emit)
		})
	}
}

func distinctKeys(schema *arrow.Schema, columns []string) ([]int, error) {
	var keys []int
	if len(columns) == 0 {
		for i := range schema.NumFields() {
			keys = append(keys, i)
		}
		return keys, nil
	}
	for _, name := range columns {
		at := schema.FieldIndices(name)
		if len(at) == 0 {
			return nil, fmt.Errorf("distinct: no column %q", name)
		}
		keys = append(keys, at[0])
	}
	return keys, nil
}

// distinct is one pass: over the input, or over a part of it one level down.
type distinct struct {
	env    *Env
	schema *arrow.Schema
	keys   []int
	file   *spillFile
	level  int

	table  *groupTable
	grant  *grant
	parts  *partitioner // nil until the budget refused
	groups []uint32
	hashes []uint64
}

func (d *distinct) run(ctx context.Context, in batch.Stream, emit emitFunc) error {
	table, err := newGroupTable(d.env.Mem, fieldTypes(d.schema, d.keys))
	if err != nil {
		return err
	}
	d.table, d.grant = table, d.env.newGrant("distinct")
	defer d.close()
	err = each(ctx, in, func(rec arrow.Record) error {
		return eachChunk(rec, func(piece arrow.Record) error {
			out, err := d.first(ctx, piece)
			if err != nil || out == nil {
				return err
			}
			return emit(out)
		})
	})
	if err != nil || d.parts == nil {
		return err
	}
	d.release()
	return d.parts.each(ctx, func(run *memory.Run) error { return d.part(ctx, run, emit) })
}

func (d *distinct) part(ctx context.Context, run *memory.Run, emit emitFunc) error {
	sub := &distinct{env: d.env, schema: d.schema, keys: d.keys, file: d.file, level: d.level + 1}
	return sub.run(ctx, run.Read(ctx, d.env.Mem), emit)
}

// first takes rec over and gives its rows whose keys are new; nil where there are none.
func (d *distinct) first(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
	defer rec.Release()
	keys := columnsAt(rec, d.keys)
	if d.parts == nil {
		known := d.table.len()
		granted, err := d.grant.resize(d.table.bytes() + d.table.growth(int(rec.NumRows()), keyBytes(keys)))
		if err != nil {
			return nil, err
		}
		if granted || known == 0 || d.level > maxLevel {
			return d.firstKnown(rec, keys)
		}
		if d.parts, err = newPartitioner(d.env, d.file, d.schema, d.level); err != nil {
			return nil, err
		}
	}
	return nil, d.setAside(ctx, rec, keys)
}

func (d *distinct) firstKnown(rec arrow.Record, keys []arrow.Array) (arrow.Record, error) {
	next := uint32(d.table.len())
	rows := int(rec.NumRows())
	d.groups = sized(d.groups, rows)
	if err := d.table.assign(keys, rows, d.groups); err != nil {
		return nil, err
	}
	ids := make([]rowID, 0, d.table.len()-int(next))
	for row, group := range d.groups {
		if group == next {
			ids = append(ids, rowID(row))
			next++
		}
	}
	return pickRows(d.env, d.schema, rec, ids)
}

// setAside writes the rows whose keys the table does not know.
func (d *distinct) setAside(ctx context.Context, rec arrow.Record, keys []arrow.Array) error {
	rows := int(rec.NumRows())
	b, err := d.table.encoder.encode(keys, rows)
	if err != nil {
		return err
	}
	d.groups, d.hashes = sized(d.groups, rows), sized(d.hashes, rows)
	d.table.find(&b, d.groups)
	b.hashes(d.hashes)
	ids := make([]rowID, 0, rows)
	hashes := d.hashes[:0]
	for row, group := range d.groups {
		if group == noGroup {
			ids = append(ids, rowID(row))
			hashes = append(hashes, d.hashes[row])
		}
	}
	out, err := pickRows(d.env, d.schema, rec, ids)
	if err != nil || out == nil {
		return err
	}
	return d.parts.add(ctx, out, hashes)
}

// pickRows gives the rows named, in ascending order, of a batch of at most chunkRows rows; nil where there are none.
func pickRows(env *Env, schema *arrow.Schema, rec arrow.Record, ids []rowID) (arrow.Record, error) {
	switch len(ids) {
	case 0:
		return nil, nil
	case int(rec.NumRows()):
		rec.Retain()
		return rec, nil
	}
	columns, err := newRecordGatherer(env.Mem, schema, []arrow.Record{rec}).take(ids)
	if err != nil {
		return nil, err
	}
	return newRecord(schema, columns, len(ids)), nil
}

// release gives up the table: what the parts hold is not in it.
func (d *distinct) release() {
	d.table.reset()
	d.grant.release()
}

func (d *distinct) close() {
	d.release()
	if d.parts != nil {
		d.parts.drop()
	}
}
