package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

const (
	// Rows are spilled to 32 partitions by five bits of the hash of their key, the highest first; a partition that does
	// not fit is parted again by the next five.
	partitionBits = 5
	partitions    = 1 << partitionBits

	// maxLevel is how often rows are parted: by then 30 bits of hash are used up.
	maxLevel = 5

	// A partitioner holds back this much before it writes, so that each piece in the file is worth its header.
	pendingRows  = 1 << 15
	pendingBytes = 1 << 20
)

// partitioner writes rows to one run for each partition, keeping their order within it.
type partitioner struct {
	env     *Env
	schema  *arrow.Schema
	shift   uint
	writers [partitions]*memory.RunWriter

	pending []arrow.Record
	hashes  [][]uint64 // of pending
	rows    int
	bytes   int64
}

// spillFile opens its file when it is first needed.
type spillFile struct {
	env  *Env
	file *memory.Spill
}

func (s *spillFile) open() (*memory.Spill, error) {
	if s.file == nil {
		file, err := memory.NewSpill(s.env.Spill)
		if err != nil {
			return nil, err
		}
		s.file = file
	}
	return s.file, nil
}

func (s *spillFile) close() {
	if s.file != nil {
		s.env.usage.spill(s.file.Bytes())
		_ = s.file.Close() // the file is unlinked: there is nobody to tell
		s.file = nil
	}
}

func newPartitioner(env *Env, file *spillFile, schema *arrow.Schema, level int) (*partitioner, error) {
	spill, err := file.open()
	if err != nil {
		return nil, err
	}
	p := &partitioner{env: env, schema: schema, shift: uint(64 - partitionBits*(level+1))}
	for i := range p.writers {
		p.writers[i] = spill.Writer(schema)
	}
	return p, nil
}

// add takes rec over. hashes, one for each row, is copied.
func (p *partitioner) add(ctx context.Context, rec arrow.Record, hashes []uint64) error {
	defer rec.Release()
	for from := 0; from < len(hashes); from += chunkRows {
		to := min(from+chunkRows, len(hashes))
		p.pending = append(p.pending, rec.NewSlice(int64(from), int64(to)))
		p.hashes = append(p.hashes, append([]uint64(nil), hashes[from:to]...))
		p.rows += to - from
	}
	p.bytes += batch.Bytes(rec)
	if p.rows < pendingRows && p.bytes < pendingBytes {
		return nil
	}
	return p.write(ctx)
}

func (p *partitioner) write(ctx context.Context) error {
	defer p.drop()
	if p.rows == 0 {
		return nil
	}
	var counts [partitions + 1]int
	for _, hashes := range p.hashes {
		for _, h := range hashes {
			counts[h>>p.shift&(partitions-1)+1]++
		}
	}
	for i := range partitions {
		counts[i+1] += counts[i]
	}
	ids := make([]rowID, p.rows)
	next := counts
	for chunk, hashes := range p.hashes {
		for row, h := range hashes {
			part := h >> p.shift & (partitions - 1)
			ids[next[part]] = rowAt(chunk, row)
			next[part]++
		}
	}
	g := newRecordGatherer(p.env.Mem, p.schema, p.pending)
	for i, w := range p.writers {
		for part := ids[counts[i]:counts[i+1]]; len(part) > 0; {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := g.fit(part)
			if err := writeRows(w, g, p.schema, part[:n]); err != nil {
				return err
			}
			part = part[n:]
		}
	}
	return nil
}

func writeRows(w *memory.RunWriter, g *gatherer, schema *arrow.Schema, ids []rowID) error {
	columns, err := g.take(ids)
	if err != nil {
		return err
	}
	rec := newRecord(schema, columns, len(ids))
	defer rec.Release()
	return w.Write(rec)
}

func (p *partitioner) drop() {
	releaseRecords(p.pending)
	p.pending, p.hashes, p.rows, p.bytes = nil, nil, 0, 0
}

// finish writes what is held back and gives the runs, nil for empty partitions.
func (p *partitioner) finish(ctx context.Context) ([]*memory.Run, error) {
	if err := p.write(ctx); err != nil {
		return nil, err
	}
	runs := make([]*memory.Run, partitions)
	for i, w := range p.writers {
		run, err := w.Close()
		if err != nil {
			return nil, err
		}
		if run.Rows() > 0 {
			runs[i] = run
		}
	}
	return runs, nil
}

// each ends the writing and does something with every partition that has rows.
func (p *partitioner) each(ctx context.Context, do func(*memory.Run) error) error {
	runs, err := p.finish(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run == nil {
			continue
		}
		if err := do(run); err != nil {
			return err
		}
	}
	return nil
}

// newRecordGatherer gathers whole records.
func newRecordGatherer(mem allocator, schema *arrow.Schema, records []arrow.Record) *gatherer {
	types := make([]arrow.DataType, schema.NumFields())
	for i, f := range schema.Fields() {
		types[i] = f.Type
	}
	chunks := make([][]arrow.Array, len(records))
	for i, rec := range records {
		chunks[i] = rec.Columns()
	}
	return newGatherer(mem, types, chunks)
}
