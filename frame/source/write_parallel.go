package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// A text is written by lanes that format and compress blocks of rows, and one that writes these in order:
//
//	stream ─► blocks of rows ─► lanes: text, compressed ─► in order ─► file
//
// A compressed block is a gzip member or zstd frame of its own; both formats are defined for several in a row.

// blockRows is how many rows a block has at least: a member of few rows compresses badly.
const blockRows = 32 << 10

// textBlock is a block on its way.
type textBlock struct {
	recs []arrow.Record
	head bool        // the header goes before
	text chan []byte // the text, once; closed without one where there was an error
}

func (b *textBlock) release() {
	for _, r := range b.recs {
		r.Release()
	}
	b.recs = nil
}

// writeText writes a stream's rows and gives their number.
func writeText(ctx context.Context, out io.Writer, rows rowText, packed string, s batch.Stream) (n int64, err error) {
	lanes := errgroup.Group{}
	count := runtime.GOMAXPROCS(0)
	todo, inOrder := make(chan *textBlock), make(chan *textBlock, count)
	var spare sync.Pool
	failed, fail := context.WithCancel(ctx)
	defer fail()
	for range count {
		lanes.Go(func() (err error) {
			for b := range todo {
				if err == nil && failed.Err() == nil { // else only give back what the blocks hold
					if err = formatBlock(b, rows, packed, &spare); err != nil {
						fail()
					}
				}
				b.release()
				close(b.text)
			}
			return err
		})
	}
	lanes.Go(func() (err error) {
		for b := range inOrder {
			text, ok := <-b.text
			if !ok || err != nil {
				continue // until the stream has ended, which it does as soon as it can
			}
			if _, err = out.Write(text); err != nil {
				fail()
			}
			spare.Put(&text)
		}
		return err
	})
	n, err = cutBlocks(failed, s, todo, inOrder)
	close(todo)
	close(inOrder)
	if laneErr := lanes.Wait(); laneErr != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = laneErr // what made the stream end
	}
	return n, err
}

// cutBlocks makes blocks of a stream's batches.
func cutBlocks(ctx context.Context, s batch.Stream, todo, inOrder chan<- *textBlock) (n int64, err error) {
	defer guardPanic("write", &err)() // the lanes wait for the end
	b := &textBlock{head: true, text: make(chan []byte, 1)}
	defer func() { b.release() }()
	send := func() error {
		select {
		case inOrder <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		todo <- b // the lanes take whatever comes
		b = &textBlock{text: make(chan []byte, 1)}
		return nil
	}
	held := int64(0)
	for rec, err := range s {
		if err != nil {
			return n, err
		}
		n, held = n+rec.NumRows(), held+rec.NumRows()
		b.recs = append(b.recs, rec)
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if held >= blockRows {
			if err := send(); err != nil {
				return n, err
			}
			held = 0
		}
	}
	if err := ctx.Err(); err != nil {
		return n, err
	}
	if b.head || len(b.recs) > 0 {
		return n, send()
	}
	return n, nil
}

// formatBlock makes the text of a block.
func formatBlock(b *textBlock, rows rowText, packed string, spare *sync.Pool) (err error) {
	defer guardPanic("write", &err)()
	buffer := func() []byte {
		if old, ok := spare.Get().(*[]byte); ok {
			return (*old)[:0]
		}
		return make([]byte, 0, 1<<20)
	}
	text := buffer()
	if b.head {
		text = rows.header(text)
	}
	for _, rec := range b.recs {
		appendRow := rows.bind(rec)
		for i := range int(rec.NumRows()) {
			text = appendRow(text, i)
		}
	}
	if packed != "" {
		plain := text
		if text, err = compressBlock(plain, buffer(), packed); err != nil {
			return err
		}
		spare.Put(&plain)
	}
	b.text <- text
	return nil
}

var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// zstdWriter is used by EncodeAll alone, which many may call.
var zstdWriter = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)))
})

// compressBlock appends a member or frame with text to out.
func compressBlock(text, out []byte, packed string) ([]byte, error) {
	if packed == ".zst" {
		w, err := zstdWriter()
		if err != nil {
			return nil, err
		}
		return w.EncodeAll(text, out), nil
	}
	buf := bytes.NewBuffer(out)
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	w.Reset(buf)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
