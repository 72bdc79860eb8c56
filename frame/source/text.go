package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// defaultSplit is the bytes of a split where the caller has no wish.
const defaultSplit = 8 << 20

// firstSplit is the bytes of the first split: what is known after a split is shown.
const firstSplit = 1 << 20

// bytesHold is memory that several splits refer to.
type bytesHold struct {
	refs atomic.Int32
	free func()
}

func newHold(free func()) *bytesHold {
	h := &bytesHold{free: free}
	h.refs.Store(1)
	return h
}

func (h *bytesHold) retain() *bytesHold {
	h.refs.Add(1)
	return h
}

func (h *bytesHold) release() {
	if h.refs.Add(-1) == 0 {
		h.free()
	}
}

// textSplit is whole rows of a text: data[lo:]. The bytes of data before lo are the rows before, where they are there.
type textSplit struct {
	span    batch.Span
	stored  int64
	data    []byte // readable up to len+padding
	lo      int
	lines   int64 // line ends before linesAt
	linesAt int
	first   bool // the source's first split: its first batch is small
	hold    *bytesHold
	closed  atomic.Bool
	read    readText
	from    *textReader
}

func (s *textSplit) Span() batch.Span { return s.span }

func (s *textSplit) Stored() int64 { return s.stored }

func (s *textSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return s.read(ctx, s, columns, limit)
}

func (s *textSplit) Close() {
	if s.closed.CompareAndSwap(false, true) {
		s.hold.release()
	}
}

// line is the number of the line, from 1, that a position of data is in.
func (s *textSplit) line(pos int) int64 {
	return s.lines + int64(bytes.Count(s.data[s.linesAt:pos], []byte{'\n'})) + 1
}

// readText opens a split.
type readText func(ctx context.Context, s *textSplit, columns []string, limit int64) batch.Stream

// boundary finds the first row start at or after from+want of data; from is a row start.
type boundary func(data []byte, from, want int) int

// textReader is what splitting a text needs to know.
type textReader struct {
	input    string // name in spans and errors
	boundary boundary
	read     readText
	lines    bool // the lines before each split are counted, for those who need many lines' numbers
	in       input
	schema   *arrow.Schema // of what read gives; nil where it gives something else than the input's rows
}

// mapText maps a whole file.
func mapText(path string) ([]byte, *bytesHold, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, pathError(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, pathError(path, err)
	}
	if info.Size() == 0 {
		return nil, nil, fmt.Errorf("%s: %w", path, ErrEmpty)
	}
	data, unmap, err := mapFile(f, int(info.Size()))
	if err != nil {
		return nil, nil, pathError(path, err)
	}
	return data, newHold(unmap), nil
}

// mapped yields the splits of a plain file, from its data's start on.
func (r *textReader) mapped(ctx context.Context, path string, start int, want int64, first bool) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		data, hold, err := mapText(path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer hold.release()
		lines, counted := int64(0), 0
		size := int64(0)
		for lo := start; lo < len(data); {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			size = nextSplit(size, want, int64(len(data)-lo))
			hi, err := r.cut(data, lo, int(size))
			if err == nil && r.lines {
				var n int64
				n, err = r.count(data[counted:lo])
				lines, counted = lines+n, lo
			}
			if err != nil {
				yield(nil, err)
				return
			}
			s := &textSplit{
				span:   batch.Span{Input: r.input, Start: int64(lo), End: int64(hi)},
				stored: int64(hi - lo), data: data[:hi], lo: lo, lines: lines, linesAt: counted, first: first, hold: hold.retain(), read: r.read, from: r,
			}
			first, lo = false, hi
			if !yield(s, nil) {
				return
			}
		}
	}
}

// nextSplit is the size of the split after one of last bytes, where left bytes are left. Sizes grow, so that the first
// results come soon, and where more than the usual is wanted they fall to it in the end, so that lanes finish together.
func nextSplit(last, want, left int64) int64 {
	return min(max(2*last, firstSplit), want, max(left/4, defaultSplit))
}

// cut is boundary, with a file that shrinks under the map made an error.
func (r *textReader) cut(data []byte, lo, want int) (hi int, err error) {
	defer guardFault(r.input, &err)()
	return r.boundary(data, lo, want), nil
}

// count counts line ends as cut cuts.
func (r *textReader) count(data []byte) (n int64, err error) {
	defer guardFault(r.input, &err)()
	return int64(bytes.Count(data, []byte{'\n'})), nil
}

// chunk is a block of a decompressed text.
type chunk struct {
	data   []byte // whole rows
	hold   *bytesHold
	start  int64 // of the text, decompressed
	lines  int64 // line ends before start
	stored int64 // bytes of the file that it took
	err    error
}

// readAhead is how many chunks may wait for a lane while the next is decompressed.
const readAhead = 2

// streamed yields the splits of a text that is decompressed on the way: one goroutine does that, the lanes parse.
// skip is the bytes before the data's start.
func (r *textReader) streamed(ctx context.Context, open openText, skip int, want int64, first bool) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		chunks := make(chan chunk, readAhead)
		go r.decompress(ctx, open, int64(skip), int(want), chunks)
		defer func() {
			cancel()
			for c := range chunks { // until the producer is gone
				if c.hold != nil {
					c.hold.release()
				}
			}
		}()
		for c := range chunks {
			if c.err != nil {
				yield(nil, c.err)
				return
			}
			s := &textSplit{
				span:   batch.Span{Input: r.input, Start: c.start, End: c.start + int64(len(c.data))},
				stored: c.stored, data: c.data, lines: c.lines, first: first, hold: c.hold, read: r.read, from: r,
			}
			first = false
			if !yield(s, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// mostRow bounds a row of a compressed text: beyond, a quote is most likely not closed.
const mostRow = 512 << 20

// mostBlock bounds the block of a compressed text whatever is wanted, but for a longer row.
const mostBlock = 64 << 20

func (r *textReader) decompress(ctx context.Context, open openText, skip int64, want int, out chan<- chunk) {
	defer close(out)
	send := func(c chunk) bool {
		select {
		case out <- c:
			return true
		case <-ctx.Done():
			if c.hold != nil {
				c.hold.release()
			}
			return false
		}
	}
	var err error
	func() {
		defer guardPanic(r.input, &err)()
		err = r.chunks(ctx, open, skip, want, send)
	}()
	if err != nil && ctx.Err() == nil {
		send(chunk{err: err})
	}
}

// chunks reads the text in blocks, each cut behind its last whole row; the rest goes to the next block.
func (r *textReader) chunks(ctx context.Context, open openText, skip int64, want int, send func(chunk) bool) error {
	in, err := open()
	if err != nil {
		return err
	}
	defer in.Close()
	if want <= 0 {
		want = defaultSplit
	}
	want = min(want, mostBlock)
	var lines, stored int64
	if skip > 0 {
		if lines, err = skipText(in, skip); err != nil {
			return textError(r.input, err)
		}
	}
	mem := currentAllocator()
	goal := min(want, firstSplit)
	start, size := skip, goal+64<<10
	block, filled := allocate(mem, size+padding), 0
	defer func() { mem.Free(block) }()
	for {
		n, readErr := readFull(ctx, in, block[filled:size])
		filled += n
		if ctx.Err() != nil {
			return nil
		}
		ended := readErr != nil
		cut := r.lastRow(block, filled, goal, errors.Is(readErr, io.EOF))
		if cut == 0 && !ended {
			// A row longer than the block.
			if size >= mostRow {
				return fmt.Errorf("%s: %w: a row is longer than %d bytes (a quote that is not closed?)", r.input, ErrCorrupt, filled)
			}
			size *= 2
			block = mem.Reallocate(size+padding, block)
			continue
		}
		if cut > 0 {
			goal = min(2*goal, want)
			next := allocate(mem, goal+64<<10+padding+filled-cut)
			carried := copy(next, block[cut:filled])
			clear(block[cut : cut+padding])
			size = len(next) - padding
			data, whole := block[:cut], block
			block, filled = next, carried
			at := in.stored()
			c := chunk{data: data, start: start, lines: lines, stored: at - stored, hold: newHold(func() { mem.Free(whole) })}
			start, stored = start+int64(cut), at
			lines += int64(bytes.Count(data, []byte{'\n'}))
			if !send(c) {
				return nil
			}
		}
		if ended {
			if errors.Is(readErr, io.EOF) {
				return nil
			}
			return textError(r.input, readErr)
		}
	}
}

// lastRow is the end of the whole rows of a block.
func (r *textReader) lastRow(block []byte, filled, want int, last bool) int {
	if last {
		return filled
	}
	data := block[:filled]
	// One row start near want is exact and cheap; where a long row hides it, any before will do.
	for goal := min(want, filled-1); goal > 0; goal /= 2 {
		if cut := r.boundary(data, 0, goal); cut < filled {
			return cut
		}
	}
	return 0
}

// readFull fills b or gives the error that ended it; it looks at the context between reads.
func readFull(ctx context.Context, in io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		var k int
		k, err = in.Read(b[n:min(len(b), n+1<<20)])
		n += k
	}
	return n, err
}

// skipText reads n bytes and counts their line ends.
func skipText(in io.Reader, n int64) (lines int64, err error) {
	head := make([]byte, n)
	if _, err := io.ReadFull(in, head); err != nil {
		return 0, err
	}
	return int64(bytes.Count(head, []byte{'\n'})), nil
}
