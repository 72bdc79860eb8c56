package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

const (
	// partSamples is how many samples of the sources fall into a part. With s sources a part is at most (1 + s/partSamples)
	// times as large as wanted, however the rows lie.
	partSamples = 64

	// firstSamples is the same for the first part: the first rows leave early.
	firstSamples = 8

	// sampleRecords is how many small batches of samples are joined to one.
	sampleRecords = 1 << 10
)

// splitters are rows, evenly sampled from sorted sources, at which the order of all rows is cut.
type splitters struct {
	spec    *sortSpec      // the order, over samples
	samples []arrow.Record // the keys of sampled rows, source by source
	columns [][]sortColumn // of samples
	places  [][]samplePlace
	ids     []rowID // samples in order
	next    int
}

// samplePlace is where a sample comes from.
type samplePlace struct {
	source int
	at     int64
}

// newSplitters samples sources, each a list of sorted batches, for parts of so many rows.
func newSplitters(ctx context.Context, env *Env, spec *sortSpec, sources [][]arrow.Record, rows int64) (s *splitters, err error) {
	s = &splitters{}
	defer func() {
		if err != nil {
			s.close()
			s = nil
		}
	}()
	if s.spec, err = spec.overKeys(); err != nil {
		return s, err
	}
	sampler := sampler{env: env, spec: spec, to: s, every: max(1, rows/partSamples)}
	defer func() { releaseRecords(sampler.pending) }()
	for source, records := range sources {
		at := int64(0)
		for _, rec := range records {
			if err := ctx.Err(); err != nil {
				return s, err
			}
			if err := sampler.add(ctx, rec, source, at); err != nil {
				return s, err
			}
			at += rec.NumRows()
		}
	}
	if err := sampler.flush(); err != nil {
		return s, err
	}
	if s.ids, err = sortRecords(env, s.spec, s.samples); err != nil {
		return s, err
	}
	for _, rec := range s.samples {
		s.columns = append(s.columns, s.spec.columnsOf(rec.Columns()))
	}
	return s, nil
}

// bound implements merge.bounds.
func (s *splitters) bound() (*mergeBound, bool) {
	step := partSamples
	if s.next == 0 {
		step = firstSamples
	}
	if s.next > len(s.ids) {
		return nil, false
	}
	s.next += step
	if s.next > len(s.ids) {
		return nil, true
	}
	id := s.ids[s.next-1]
	chunk, row := id>>chunkBits, int(id&(chunkRows-1))
	place := s.places[chunk][row]
	return &mergeBound{columns: s.columns[chunk], row: row, source: place.source, at: place.at}, true
}

func (s *splitters) close() {
	releaseRecords(s.samples)
	s.samples, s.columns = nil, nil
}

// overKeys is the same order over records that consist of the keys.
func (s *sortSpec) overKeys() (*sortSpec, error) {
	fields := make([]arrow.Field, len(s.keys))
	keys := make([]plan.SortKey, len(s.keys))
	for i, k := range s.keys {
		fields[i] = arrow.Field{Name: fmt.Sprint(i), Type: k.Type(), Nullable: true}
		keys[i] = plan.SortKey{X: expr.Column{Name: fields[i].Name}, Descending: s.descending[i]}
	}
	return newSortSpec(arrow.NewSchema(fields, nil), keys)
}

// sampler takes every so-many-th row of sources.
type sampler struct {
	env     *Env
	spec    *sortSpec
	to      *splitters
	every   int64
	pending []arrow.Record
	places  []samplePlace // of pending
	ids     []rowID
}

// add samples a batch of a source, which at rows precede.
func (s *sampler) add(ctx context.Context, rec arrow.Record, source int, at int64) error {
	s.ids = s.ids[:0]
	for row := s.every - 1 - at%s.every; row < rec.NumRows(); row += s.every {
		s.ids = append(s.ids, rowID(row))
	}
	if len(s.ids) == 0 {
		return nil
	}
	if len(s.pending) == sampleRecords || len(s.places)+len(s.ids) > chunkRows {
		if err := s.flush(); err != nil {
			return err
		}
	}
	arrays, err := evalAll(ctx, s.env, s.spec.keys, rec)
	if err != nil {
		return err
	}
	defer releaseArrays(arrays)
	types := make([]arrow.DataType, len(arrays))
	for i, arr := range arrays {
		types[i] = arr.DataType()
	}
	columns, err := newGatherer(s.env.Mem, types, [][]arrow.Array{arrays}).take(s.ids)
	if err != nil {
		return err
	}
	s.pending = append(s.pending, newRecord(s.to.spec.schema, columns, len(s.ids)))
	for _, id := range s.ids {
		s.places = append(s.places, samplePlace{source, at + int64(id)})
	}
	return nil
}

// flush joins what was sampled.
func (s *sampler) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	joined, err := batch.Concat(s.env.Mem, s.to.spec.schema, s.pending)
	if err != nil {
		return err
	}
	releaseRecords(s.pending)
	s.pending = s.pending[:0]
	s.to.samples = append(s.to.samples, joined)
	s.to.places = append(s.to.places, s.places)
	s.places = nil
	return nil
}
