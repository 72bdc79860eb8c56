package batch

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Encode is rec as an Arrow IPC stream of one batch, uncompressed, its schema included.
func Encode(rec arrow.Record) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(Bytes(rec)) + 64*(int(rec.NumCols())*3+16))
	w := ipc.NewWriter(&buf, ipc.WithSchema(rec.Schema()))
	if err := w.Write(rec); err != nil {
		return nil, fmt.Errorf("encode batch: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode batch: %w", err)
	}
	return buf.Bytes(), nil
}

// Decode reads what Encode wrote.
func Decode(mem memory.Allocator, b []byte) (arrow.Record, error) {
	return DecodeFrom(mem, bytes.NewReader(b))
}

// DecodeFrom is Decode of what comes from in.
func DecodeFrom(mem memory.Allocator, in io.Reader) (rec arrow.Record, err error) {
	defer func() {
		if r := recover(); r != nil { // the reader trusts its input
			rec, err = nil, fmt.Errorf("decode batch: %v", r)
		}
	}()
	r, err := ipc.NewReader(in, ipc.WithAllocator(mem))
	if err != nil {
		return nil, fmt.Errorf("decode batch: %w", err)
	}
	defer r.Release()
	if !r.Next() {
		if r.Err() == nil {
			return nil, errors.New("decode batch: no batch in it")
		}
		return nil, fmt.Errorf("decode batch: %w", r.Err())
	}
	rec = r.Record()
	rec.Retain()
	return rec, nil
}
