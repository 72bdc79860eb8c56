package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// smallChunk is the rows below which build batches are put together: chunk numbers are few.
const smallChunk = 1 << 14

// joinBuild consumes a build side: into a joinHash, and from the first refusal on into partitions.
type joinBuild struct {
	env   *Env
	spec  *joinColumns
	file  *spillFile
	level int

	hash    *joinHash
	present presence
	parts   *partitioner
	encoder *keyEncoder // for hashes of spilled rows
	hashes  []uint64
	small   []arrow.Record
	rows    int64 // of small
	bytes   int64 // of small, which is within what needs no grant
}

// add takes over a build batch.
func (b *joinBuild) add(ctx context.Context, rec arrow.Record) error {
	rec, err := b.keyed(rec, mostlyKeyless)
	if err != nil || rec == nil {
		return err
	}
	size, limit := batch.Bytes(rec), b.env.working()/2
	if b.parts == nil && (rec.NumRows() < smallChunk && size < limit || b.rows > 0) {
		b.small = append(b.small, rec)
		b.rows += rec.NumRows()
		b.bytes += size
		if b.rows < 2*smallChunk && b.bytes < limit {
			return nil
		}
		if rec, err = b.takeSmall(); err != nil {
			return err
		}
	}
	return b.addRecord(ctx, rec)
}

func (b *joinBuild) addRecord(ctx context.Context, rec arrow.Record) error {
	return eachChunk(rec, func(chunk arrow.Record) error { return b.addChunk(ctx, chunk) })
}

// takeSmall joins the small batches held back.
func (b *joinBuild) takeSmall() (arrow.Record, error) {
	defer func() {
		releaseRecords(b.small)
		b.small, b.rows, b.bytes = nil, 0, 0
	}()
	return batch.Concat(b.env.Mem, b.spec.Right, b.small)
}

func (b *joinBuild) addChunk(ctx context.Context, chunk arrow.Record) (err error) {
	owned := true
	defer func() {
		if owned {
			chunk.Release()
		}
	}()
	if b.parts == nil {
		if b.hash == nil {
			if b.hash, err = newJoinHash(b.env, b.spec); err != nil {
				return err
			}
		}
		held, err := b.hash.add(chunk)
		owned = !held
		if err != nil || held {
			return err
		}
		if err := b.spill(ctx); err != nil {
			return err
		}
	}
	owned = false
	return b.setAside(ctx, chunk)
}

// spill moves what is held to partitions.
func (b *joinBuild) spill(ctx context.Context) error {
	var err error
	if b.encoder, err = newKeyEncoder(fieldTypes(b.spec.Right, b.spec.rightKeys)); err != nil {
		return err
	}
	if b.parts, err = newPartitioner(b.env, b.file, b.spec.Right, b.level); err != nil {
		return err
	}
	held := b.hash.chunks
	b.hash.chunks = nil
	b.hash.reset()
	for i, chunk := range held {
		if err := b.setAside(ctx, chunk); err != nil {
			releaseRecords(held[i+1:])
			return err
		}
	}
	return nil
}

// setAside takes over a chunk and writes it to the partitions.
func (b *joinBuild) setAside(ctx context.Context, chunk arrow.Record) error {
	chunk, err := b.keyed(chunk, 1)
	if err != nil || chunk == nil {
		return err
	}
	hashes, err := hashRows(b.encoder, columnsAt(chunk, b.spec.rightKeys), int(chunk.NumRows()), b.hashes)
	if err != nil {
		chunk.Release()
		return err
	}
	b.hashes = hashes
	return b.parts.add(ctx, chunk, hashes)
}

// finish puts the result into t.
func (b *joinBuild) finish(ctx context.Context, t *JoinTable) (err error) {
	if b.rows > 0 {
		rec, err := b.takeSmall()
		if err != nil {
			return err
		}
		if err := b.addRecord(ctx, rec); err != nil {
			return err
		}
	}
	if b.parts != nil {
		t.runs, err = b.parts.finish(ctx)
		for _, run := range t.runs {
			if run != nil {
				t.rows += run.Rows()
			}
		}
		return err
	}
	if b.hash == nil {
		if b.hash, err = newJoinHash(b.env, b.spec); err != nil {
			return err
		}
	}
	if err := b.hash.index(); err != nil {
		return err
	}
	t.hash, b.hash = b.hash, nil
	return nil
}

func (b *joinBuild) close() {
	if b.hash != nil {
		b.hash.close()
	}
	if b.parts != nil {
		b.parts.drop()
	}
	releaseRecords(b.small)
	b.small = nil
}

// hashRows gives the hash of each row's key, in scratch where it is large enough.
func hashRows(encoder *keyEncoder, keys []arrow.Array, rows int, scratch []uint64) ([]uint64, error) {
	b, err := encoder.encode(keys, rows)
	if err != nil {
		return nil, err
	}
	scratch = sized(scratch, rows)
	b.hashes(scratch)
	return scratch, nil
}

// required are the build side's columns in which a row without a value matches nothing.
func (c *joinColumns) required() []int {
	if c.AsOf == nil {
		return c.rightKeys
	}
	return append(slices.Clone(c.rightKeys), c.rightOn)
}

// mostlyKeyless is the part of a batch that its rows without a null key are at most where the others are left out at once: what it takes is
// more than halved, for the copy of a few.
const mostlyKeyless = 2

// keyed takes rec over and, where its rows without a null among what has to match are fewer than one in part, gives those alone; nil where
// there are none. All rows of a full join come out.
func (b *joinBuild) keyed(rec arrow.Record, part int) (arrow.Record, error) {
	rows := int(rec.NumRows())
	if rows == 0 {
		rec.Release()
		return nil, nil
	}
	if b.spec.Kind == plan.Full {
		return rec, nil
	}
	valid := b.present.of(columnsAt(rec, b.spec.required()), rows)
	count := valid.count(rows)
	if count*part >= rows {
		return rec, nil
	}
	defer rec.Release()
	if count == 0 {
		return nil, nil
	}
	kept := make([]int32, 0, count)
	for row := range rows {
		if !valid.null(row) {
			kept = append(kept, int32(row))
		}
	}
	return batch.Take(b.env.Mem, rec, kept)
}
