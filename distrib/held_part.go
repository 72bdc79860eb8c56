package distrib

import (
	"context"
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/source"
)

const (
	// pieceBytes is how large pieces of a held part are made of smaller batches: what is read at once of those that are on disk.
	pieceBytes = 1 << 20
	// heldShare: a part has at most one share in so many of the budget in memory. Joins that read it want some too.
	heldShare = 4
)

// heldPart is the rows of a shared subplan, in order: a source that any number of stages read, until it is closed. What the budget refuses is
// on disk.
type heldPart struct {
	name   string
	schema *arrow.Schema
	env    *exec.Env
	pieces []heldPiece
	bytes  int64 // in memory and on disk
	memory *memory.Reservation
	spill  *memory.Spill // nil until something is refused

	pending      []arrow.Record // not yet a piece
	pendingBytes int64
}

// heldPiece is some rows, in memory or else on disk.
type heldPiece struct {
	rec   arrow.Record
	run   *memory.Run
	bytes int64
}

func newHeldPart(env *exec.Env, name string, schema *arrow.Schema) *heldPart {
	return &heldPart{name: name, schema: schema, env: env, memory: env.Budget.NewReservation(name)}
}

// fill takes all rows of in.
func (h *heldPart) fill(in batch.Stream) error {
	for rec, err := range in {
		if err != nil {
			return err
		}
		if rec.NumRows() == 0 {
			rec.Release()
			continue
		}
		h.pending, h.pendingBytes = append(h.pending, rec), h.pendingBytes+batch.Bytes(rec)
		if h.pendingBytes >= pieceBytes {
			if err := h.flush(); err != nil {
				return err
			}
		}
	}
	return h.flush()
}

// flush makes a piece of what is pending.
func (h *heldPart) flush() error {
	defer h.drop()
	if len(h.pending) == 0 {
		return nil
	}
	rec, err := batch.Concat(h.env.Mem, h.schema, h.pending)
	if err != nil {
		return err
	}
	h.drop()
	piece := heldPiece{bytes: batch.Bytes(rec)}
	h.bytes += piece.bytes
	if h.memory.Size()+piece.bytes <= h.env.Budget.Total()/heldShare && h.memory.Grow(piece.bytes) == nil {
		piece.rec = rec
		h.pieces = append(h.pieces, piece)
		return nil
	}
	defer rec.Release()
	if h.spill == nil {
		if h.spill, err = memory.NewSpill(h.env.Spill); err != nil {
			return err
		}
	}
	w := h.spill.Writer(h.schema)
	if err := w.Write(rec); err != nil {
		return err
	}
	if piece.run, err = w.Close(); err != nil {
		return err
	}
	h.pieces = append(h.pieces, piece)
	return nil
}

// drop lets go of what is pending.
func (h *heldPart) drop() {
	releaseAll(h.pending)
	h.pending, h.pendingBytes = nil, 0
}

// close gives all back. Splits that are open keep what they hold in memory.
func (h *heldPart) close() {
	h.drop()
	for _, p := range h.pieces {
		if p.rec != nil {
			p.rec.Release()
		}
	}
	h.pieces = nil
	h.memory.Release()
	if h.spill != nil {
		_ = h.spill.Close() // the file has no name: the system takes it back
	}
}

// Name implements source.Source.
func (h *heldPart) Name() string { return h.name }

// Schema implements source.Source.
func (h *heldPart) Schema(context.Context) (*arrow.Schema, error) { return h.schema, nil }

// Size implements source.Source.
func (h *heldPart) Size() int64 { return h.bytes }

// Splits implements source.Source.
func (h *heldPart) Splits(_ context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		for rest := h.pieces; len(rest) > 0; {
			n, bytes := 0, int64(0)
			for n < len(rest) && (n == 0 || bytes < want) {
				bytes += rest[n].bytes
				n++
			}
			if !yield(&heldSplit{h, rest[:n]}, nil) {
				return
			}
			rest = rest[n:]
		}
	}
}

// heldSplit is some pieces. Their part is closed after it.
type heldSplit struct {
	part   *heldPart
	pieces []heldPiece
}

// Span implements source.Split: a held part is no part of an input.
func (s *heldSplit) Span() batch.Span { return batch.Span{} }

// Stored implements source.Split.
func (s *heldSplit) Stored() int64 { return 0 }

// Close implements source.Split.
func (s *heldSplit) Close() {}

// Open implements source.Split.
func (s *heldSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		left := limit
		for rec, err := range s.read(ctx) {
			var some arrow.Record
			if err == nil {
				some, err = source.SelectColumns(s.part.name, rec, columns)
				rec.Release()
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", s.part.name, err))
				return
			}
			left -= some.NumRows()
			if !yield(some, nil) || limit > 0 && left <= 0 {
				return
			}
		}
	}
}

func (s *heldSplit) read(ctx context.Context) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for _, p := range s.pieces {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if p.run == nil {
				p.rec.Retain()
				if !yield(p.rec, nil) {
					return
				}
				continue
			}
			for rec, err := range p.run.Read(ctx, s.part.env.Mem) {
				if !yield(rec, err) || err != nil {
					return
				}
			}
		}
	}
}
