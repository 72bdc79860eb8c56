package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// rawRows is batches in memory that nobody has sorted, in the order in which they came.
type rawRows struct {
	records []arrow.Record
	rows    int64
	bytes   int64
}

// add takes rec over.
func (r *rawRows) add(rec arrow.Record) {
	if rec.NumRows() == 0 {
		rec.Release()
		return
	}
	r.rows += rec.NumRows()
	r.bytes += batch.Bytes(rec)
	r.records = chunked(r.records, rec)
}

func (r *rawRows) close() {
	releaseRecords(r.records)
	*r = rawRows{}
}

// settle sorts the raw rows piece by piece, as PartialSort would have, and holds them.
func (s *MergeSort) settle(ctx context.Context) error {
	pieces := piecesOf(s.env, s.raw.records)
	s.raw = rawRows{}
	sorted := make([][]arrow.Record, len(pieces))
	defer func() {
		for i := range pieces {
			releaseRecords(pieces[i])
			releaseRecords(sorted[i])
		}
	}()
	err := inParallel("sort", len(pieces), func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := sortPiece(s.env, s.spec, pieces[i], sortedBatchRows, func(rec arrow.Record) error {
			sorted[i] = append(sorted[i], rec)
			return ctx.Err()
		})
		releaseRecords(pieces[i])
		pieces[i] = nil
		return err
	})
	if err != nil {
		return err
	}
	for i := range sorted {
		for len(sorted[i]) > 0 {
			rec := sorted[i][0]
			sorted[i] = sorted[i][1:]
			if err := s.held.add(ctx, rec); err != nil {
				return err
			}
		}
	}
	return nil
}

// piecesOf parts records into those that are sorted together.
func piecesOf(env *Env, records []arrow.Record) [][]arrow.Record {
	var pieces [][]arrow.Record
	from, rows, bytes := 0, int64(0), int64(0)
	for i, rec := range records {
		rows, bytes = rows+rec.NumRows(), bytes+batch.Bytes(rec)
		if env.isPiece(mostPieceBytes, rows, bytes, i+1-from) || i == len(records)-1 {
			pieces = append(pieces, records[from:i+1:i+1])
			from, rows, bytes = i+1, 0, 0
		}
	}
	return pieces
}

// sortParts gives the raw rows in order, where they can be sorted at once and there is room for it; it says whether it did.
func (s *MergeSort) sortParts(ctx context.Context, emit emitFunc) (bool, error) {
	raw := s.raw
	s.raw = rawRows{}
	p, err := newPartedSort(ctx, s.env, s.spec, raw.records)
	defer func() { p.close() }()
	if err != nil {
		return false, err
	}
	if s.whole {
		p.batch = s.batchBytes()
	}
	ok := false
	if p.layout != nil {
		if ok, err = s.grant.resize(raw.bytes + p.bytes()); err != nil {
			return false, err
		}
	}
	if ok {
		if ok, err = p.assign(ctx); err != nil {
			return false, err
		}
	}
	if !ok {
		s.raw, p.records = raw, nil
		_, err = s.grant.resize(raw.bytes)
		return false, err
	}
	packed := p.bytes()
	return true, p.run(ctx, func() { _, _ = s.grant.resize(packed) }, emit)
}
