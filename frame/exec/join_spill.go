package exec

import (
	"context"
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Spilled joins probe with a table that is not resident: the probe side is parted by the same hash, then partition is
// joined with partition. Rows come partition by partition. The table must not be closed before the stream ends.
//
//	build ─► 32 runs ─┐
//	                  ├─► pair by pair: table in memory │ parted again │ in blocks (one giant key)
//	probe ─► 32 runs ─┘
func (t *JoinTable) Spilled(ctx context.Context, probe batch.Stream) batch.Stream {
	if t.Resident() {
		return t.Probe()(ctx, probe)
	}
	if !t.spec.takesCodes() {
		probe = batch.PlainStream(t.env.Mem, probe)
	}
	return generate(ctx, "join", func(emit emitFunc) error {
		file := &spillFile{env: t.env}
		defer file.close()
		return t.spilled(ctx, file, probe, emit)
	})
}

func (t *JoinTable) spilled(ctx context.Context, file *spillFile, probe batch.Stream, emit emitFunc) error {
	runs, err := t.partProbe(ctx, file, probe, emit)
	if err != nil {
		return err
	}
	for i, run := range runs {
		if run == nil {
			if err := t.giveRun(ctx, t.runs[i], emit); err != nil {
				return err
			}
			continue
		}
		if err := t.joinPair(ctx, file, t.runs[i], run, emit); err != nil {
			return err
		}
	}
	return nil
}

// partProbe parts the probe side. Rows that cannot match, having a null key or a partition without build rows, are
// given or dropped at once.
func (t *JoinTable) partProbe(ctx context.Context, file *spillFile, probe batch.Stream, emit emitFunc) ([]*memory.Run, error) {
	parts, err := newPartitioner(t.env, file, t.spec.Left, t.level)
	if err != nil {
		return nil, err
	}
	defer parts.drop()
	encoder, err := newKeyEncoder(fieldTypes(t.spec.Left, t.spec.leftKeys))
	if err != nil {
		return nil, err
	}
	var scratch []uint64
	err = each(ctx, probe, func(rec arrow.Record) error {
		return eachChunk(rec, func(chunk arrow.Record) error {
			all, err := hashRows(encoder, columnsAt(chunk, t.spec.leftKeys), int(chunk.NumRows()), scratch)
			if err != nil {
				chunk.Release()
				return err
			}
			scratch = all
			return t.partChunk(ctx, parts, chunk, all, emit)
		})
	})
	if err != nil {
		return nil, err
	}
	return parts.finish(ctx)
}

func (t *JoinTable) partChunk(ctx context.Context, parts *partitioner, chunk arrow.Record, all []uint64, emit emitFunc) error {
	var ids, lone []rowID
	hashes := all[:0]
	valid := new(presence).of(columnsAt(chunk, t.spec.leftKeys), len(all))
	for row, h := range all {
		if valid.null(row) || t.runs[h>>parts.shift&(partitions-1)] == nil {
			lone = append(lone, rowID(row))
			continue
		}
		ids = append(ids, rowID(row))
		hashes = append(hashes, h)
	}
	kept, unmatched, err := t.split(chunk, ids, lone)
	if err != nil {
		return err
	}
	given := false
	defer func() {
		if unmatched != nil && !given {
			unmatched.Release()
		}
	}()
	if kept != nil {
		if err := parts.add(ctx, kept, hashes); err != nil {
			return err
		}
	}
	given = true
	if unmatched != nil {
		return emit(unmatched)
	}
	return nil
}

// split takes chunk over and gives the rows to part and, for the kinds that have them, the joined rows of those without a match.
func (t *JoinTable) split(chunk arrow.Record, ids, lone []rowID) (kept, unmatched arrow.Record, err error) {
	defer chunk.Release()
	done := false
	defer func() {
		if !done && unmatched != nil {
			unmatched.Release()
			unmatched = nil
		}
	}()
	if t.spec.Kind != plan.Inner && t.spec.Kind != plan.Semi && len(lone) > 0 {
		if unmatched, err = t.unmatched(chunk, lone); err != nil {
			return nil, nil, err
		}
	}
	kept, err = pickRows(t.env, t.spec.Left, chunk, ids)
	done = err == nil
	return kept, unmatched, err
}

// loneRows takes rec over and joins some of its rows with nulls.
func (t *JoinTable) loneRows(rec arrow.Record, rows []rowID) (arrow.Record, error) {
	defer rec.Release()
	return t.unmatched(rec, rows)
}

// unmatched joins probe rows with nulls.
func (t *JoinTable) unmatched(rec arrow.Record, rows []rowID) (arrow.Record, error) {
	columns, err := newRecordGatherer(t.env.Mem, t.spec.Left, []arrow.Record{rec}).take(rows)
	if err != nil {
		return nil, err
	}
	none := make([]rowID, len(rows))
	fill(none, noRow)
	return beside(t.spec.Output, columns, newGatherer(t.env.Mem, fieldTypes(t.spec.Right, t.spec.given()), nil), none)
}

// joinPair joins a build run with the probe run of the same partition.
func (t *JoinTable) joinPair(ctx context.Context, file *spillFile, build, probe *memory.Run, emit emitFunc) error {
	// A partition that is nearly as large as what it was parted from has one giant key: parting again would not help.
	if t.level >= maxLevel || build.Rows() > t.rows/4*3 {
		return t.joinBlocks(ctx, build, probe, emit)
	}
	sub, err := buildTable(ctx, t.env, t.spec, &spillFile{env: t.env}, t.level+1, build.Read(ctx, t.env.Mem))
	if err != nil {
		return err
	}
	defer sub.Close()
	return sub.joinAll(ctx, file, probe.Read(ctx, t.env.Mem), emit)
}

// joinAll joins all of a probe side with the table.
func (t *JoinTable) joinAll(ctx context.Context, file *spillFile, probe batch.Stream, emit emitFunc) error {
	if !t.Resident() {
		return t.spilled(ctx, file, probe, emit)
	}
	p, err := newJoinProbe(t.env, t.spec, t.hash)
	if err != nil {
		return err
	}
	if err := each(ctx, probe, func(rec arrow.Record) error { return p.probe(ctx, rec, emit) }); err != nil {
		return err
	}
	return t.giveRight(ctx, t.hash, emit)
}

// joinBlocks joins without parting: as much of the build run as fits, with the whole probe run, then the next block.
func (t *JoinTable) joinBlocks(ctx context.Context, build, probe *memory.Run, emit emitFunc) error {
	if t.spec.AsOf != nil {
		return fmt.Errorf("as-of join: %d rows of the right side, which have the same keys, do not fit in memory: %w (add keys, or raise %s)",
			build.Rows(), memory.ErrBudget, memory.BudgetEnv)
	}
	hash, err := newJoinHash(t.env, t.spec)
	if err != nil {
		return err
	}
	defer hash.close()
	next, stop := iter.Pull2(build.Read(ctx, t.env.Mem))
	defer stop()
	blocks := &joinBlocks{table: t, hash: hash, next: next}
	defer blocks.close()
	if t.spec.Kind != plan.Inner {
		blocks.matched = &bitset{}
	}
	for {
		more, err := blocks.load()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := blocks.probe(ctx, probe, emit); err != nil {
			return err
		}
		if err := t.giveRight(ctx, hash, emit); err != nil {
			return err
		}
		hash.reset()
	}
	if blocks.matched == nil {
		return nil
	}
	return t.giveLeft(ctx, probe, blocks.matched, emit)
}

// joinBlocks is the state of a join in blocks.
type joinBlocks struct {
	table   *JoinTable
	hash    *joinHash
	next    func() (arrow.Record, error, bool)
	waiting []arrow.Record // chunks that did not fit the block before
	matched *bitset
}

// load fills the table with a block; false where the build side has ended.
func (b *joinBlocks) load() (bool, error) {
	for {
		for len(b.waiting) > 0 {
			held, err := b.hash.add(b.waiting[0])
			if err != nil {
				return false, err
			}
			if !held {
				return true, b.hash.index()
			}
			b.waiting = b.waiting[1:]
		}
		rec, err, ok := b.next()
		if err != nil {
			return false, err
		}
		if !ok {
			return len(b.hash.chunks) > 0, b.hash.index()
		}
		b.waiting = chunked(nil, rec)
	}
}

func (b *joinBlocks) probe(ctx context.Context, run *memory.Run, emit emitFunc) error {
	p, err := newJoinProbe(b.table.env, b.table.spec, b.hash)
	if err != nil {
		return err
	}
	p.matched = b.matched
	return each(ctx, run.Read(ctx, b.table.env.Mem), func(rec arrow.Record) error { return p.probe(ctx, rec, emit) })
}

func (b *joinBlocks) close() { releaseRecords(b.waiting) }

// giveLeft gives the probe rows of a run that a join in blocks has not given yet: those without a match, or for a semi join those
// with one.
func (t *JoinTable) giveLeft(ctx context.Context, run *memory.Run, matched *bitset, emit emitFunc) error {
	seen := 0
	return each(ctx, run.Read(ctx, t.env.Mem), func(rec arrow.Record) error {
		return eachChunk(rec, func(chunk arrow.Record) error {
			var lone []rowID
			for row := range int(chunk.NumRows()) {
				if matched.has(seen+row) == (t.spec.Kind == plan.Semi) {
					lone = append(lone, rowID(row))
				}
			}
			seen += int(chunk.NumRows())
			if len(lone) == 0 {
				chunk.Release()
				return nil
			}
			out, err := t.loneRows(chunk, lone)
			if err != nil {
				return err
			}
			return emit(out)
		})
	})
}
