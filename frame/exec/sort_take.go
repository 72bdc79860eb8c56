package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// chunked cuts rec, which it takes over, into records that row ids can address, and appends them to list.
func chunked(list []arrow.Record, rec arrow.Record) []arrow.Record {
	if rec.NumRows() <= chunkRows {
		return append(list, rec)
	}
	defer rec.Release()
	for from := int64(0); from < rec.NumRows(); from += chunkRows {
		list = append(list, rec.NewSlice(from, min(from+chunkRows, rec.NumRows())))
	}
	return list
}

// eachChunk cuts rec, which it takes over, and gives the pieces to f, which owns them.
func eachChunk(rec arrow.Record, f func(arrow.Record) error) error {
	pieces := chunked(nil, rec)
	for i, piece := range pieces {
		if err := f(piece); err != nil {
			releaseRecords(pieces[i+1:])
			return err
		}
	}
	return nil
}

// takeRows gives the rows named, in batches of at most maxRows rows.
func takeRows(g *gatherer, schema *arrow.Schema, ids []rowID, emit emitFunc) error {
	return takeBatches(g, schema, ids, maxRows, emit)
}

// takeBatches gives the rows named, in batches of at most so many rows.
func takeBatches(g *gatherer, schema *arrow.Schema, ids []rowID, rows int, emit emitFunc) error {
	for len(ids) > 0 {
		n := g.fit(ids[:min(len(ids), rows)])
		columns, err := g.take(ids[:n])
		if err != nil {
			return err
		}
		if err := emit(newRecord(schema, columns, n)); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// pickRecords gives the rows named of held, and how many bytes they are. Where it fails, nothing of them is left.
func pickRecords(env *Env, schema *arrow.Schema, held []arrow.Record, ids []rowID) ([]arrow.Record, int64, error) {
	var picked []arrow.Record
	var size int64
	done := false
	defer func() { // an allocation may panic, too
		if !done {
			releaseRecords(picked)
		}
	}()
	err := takeRows(newRecordGatherer(env.Mem, schema, held), schema, ids, func(rec arrow.Record) error {
		picked = append(picked, rec)
		size += batch.Bytes(rec)
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	done = true
	return picked, size, nil
}
