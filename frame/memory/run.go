package memory

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chunk is one batch of a run in the spill file: a piece of an Arrow IPC stream.
type chunk struct {
	offset, length int64
	sum            uint32
	rows           int64
}

// Run is a finished sequence of batches in a spill file. It is plain data and can be read any number of times, by
// several goroutines, until the Spill is closed.
type Run struct {
	spill  *Spill
	schema *arrow.Schema
	coding coding
	chunks []chunk
	rows   int64
	bytes  int64
}

// RunWriter writes one run.
type RunWriter struct {
	run    *Run
	buffer *block
	ipc    *ipc.Writer
	err    error
}

func newRunWriter(s *Spill, schema *arrow.Schema) *RunWriter {
	return &RunWriter{run: &Run{spill: s, schema: schema}, buffer: new(block)}
}

// Write appends a batch; the caller keeps it. After an error the run is unusable.
func (w *RunWriter) Write(rec arrow.Record) error {
	if w.err != nil {
		return w.err
	}
	w.err = w.write(rec)
	return w.err
}

func (w *RunWriter) write(rec arrow.Record) error {
	if w.ipc == nil {
		w.run.coding = codingOf(w.run.spill, w.run.schema, rec)
		w.ipc = ipc.NewWriter(w.buffer, ipc.WithSchema(w.run.coding.schema), ipc.WithAllocator(Allocator()))
	}
	rec, err := w.run.coding.stored(rec)
	if err != nil {
		return err
	}
	defer rec.Release()
	need := int(recordBytes(rec))
	w.buffer.grow(need + need/32 + 4096) // in one piece: growing by doubling would copy and over-allocate
	defer w.buffer.free()
	if err := w.ipc.Write(rec); err != nil {
		return fmt.Errorf("spill: %w", err)
	}
	block := w.buffer.b
	offset, err := w.run.spill.append(block)
	if err != nil {
		return err
	}
	w.run.chunks = append(w.run.chunks, chunk{
		offset: offset, length: int64(len(block)), sum: crc32.Checksum(block, castagnoli), rows: rec.NumRows(),
	})
	w.run.rows += rec.NumRows()
	w.run.bytes += int64(len(block))
	return nil
}

// block is a write buffer from the pool, held only while one batch is encoded: many runs are written at once.
type block struct{ b []byte }

func (k *block) Write(p []byte) (int, error) {
	n := len(k.b)
	if n+len(p) > cap(k.b) {
		k.grow(max(n+len(p), 2*cap(k.b)))
	}
	k.b = append(k.b, p...)
	return len(p), nil
}

func (k *block) grow(size int) {
	b := pool.AllocateDirty(size)
	n := copy(b, k.b)
	k.free()
	k.b = b[:n]
}

func (k *block) free() {
	if k.b != nil {
		pool.Free(k.b)
	}
	k.b = nil
}

func recordBytes(rec arrow.Record) (n int64) {
	for _, col := range rec.Columns() {
		n += dataBytes(col.Data())
	}
	return n
}

func dataBytes(d arrow.ArrayData) (n int64) {
	for _, b := range d.Buffers() {
		if b != nil {
			n += int64(b.Len())
		}
	}
	for _, c := range d.Children() {
		n += dataBytes(c)
	}
	return n
}

// Close ends the run. The writer can't be used afterwards.
func (w *RunWriter) Close() (*Run, error) {
	if w.err != nil {
		return nil, w.err
	}
	w.err = errors.New("spill: run is closed")
	return w.run, nil
}

// Rows is the number of rows of the run.
func (r *Run) Rows() int64 { return r.rows }

// Bytes is the run's size in the file.
func (r *Run) Bytes() int64 { return r.bytes }

// Schema is the schema of the run's batches.
func (r *Run) Schema() *arrow.Schema { return r.schema }

// Batches is the number of batches of the run.
func (r *Run) Batches() int { return len(r.chunks) }

// Read yields the batches in the order they were written, allocated from mem; the receiver releases each.
func (r *Run) Read(ctx context.Context, mem arrowmemory.Allocator) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		if len(r.chunks) == 0 {
			return
		}
		chunks := &chunkReader{run: r, mem: mem}
		defer chunks.close()
		var reader *ipc.Reader
		defer func() {
			if reader != nil {
				reader.Release()
			}
		}()
		for range r.chunks {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if reader == nil {
				var err error
				if reader, err = ipc.NewReader(chunks, ipc.WithAllocator(mem)); err != nil {
					yield(nil, chunks.cause(err))
					return
				}
			}
			if !reader.Next() {
				yield(nil, chunks.cause(reader.Err()))
				return
			}
			chunks.close() // the record is a copy; do not pin the chunk while the receiver works
			rec, err := r.coding.given(r.schema, reader.Record())
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// chunkReader serves a run's chunks as one stream, each checked before its first byte is given out.
type chunkReader struct {
	run  *Run
	mem  arrowmemory.Allocator
	next int
	held []byte
	rest []byte
	err  error
}

func (c *chunkReader) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		if c.err == nil {
			c.err = c.load()
		}
		if c.err != nil {
			return 0, c.err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *chunkReader) load() error {
	if c.next == len(c.run.chunks) {
		return io.EOF
	}
	k := c.run.chunks[c.next]
	c.next++
	c.close()
	c.held = AllocateDirty(c.mem, int(k.length))
	c.rest = c.held
	if err := c.run.spill.readAt(c.rest, k.offset); err != nil {
		return err
	}
	if crc32.Checksum(c.rest, castagnoli) != k.sum {
		return fmt.Errorf("spill directory %s: %w (batch %d of %d)", c.run.spill.dir, ErrSpillCorrupt, c.next, len(c.run.chunks))
	}
	return nil
}

// cause is the file's error where there is one: the IPC reader loses it.
func (c *chunkReader) cause(err error) error {
	switch {
	case c.err != nil && !errors.Is(c.err, io.EOF):
		return c.err
	case err == nil:
		return fmt.Errorf("spill: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("spill: %w", err)
}

func (c *chunkReader) close() {
	if c.held != nil {
		c.mem.Free(c.held)
	}
	c.held, c.rest = nil, nil
}
