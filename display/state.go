package display

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/chart"
)

// state is what is known of a running result: the rows to show and the numbers around them. It owns its records.
type state struct {
	columns     []string // names for a result that never gave a record
	schema      *arrow.Schema
	records     []arrow.Record
	held        int64 // rows in records
	rows        int64 // rows of the result so far
	covered     []batch.Span
	progress    batch.Progress
	sample      bool // the rows are not the first
	final       bool
	interrupted bool
	err         error
	seen        bool

	charted bool         // what is shown is a chart
	chart   *chart.Chart // nil while there is only progress
	stage   string       // what is done before it can be drawn
}

// apply takes a snapshot over.
func (s *state) apply(n batch.Snapshot) {
	s.seen = true
	s.progress, s.final = n.Progress, n.Final
	if n.Record == nil && n.Mode == batch.Replace && s.held > 0 && !n.Final {
		return // only progress: the numbers stay those of the rows that are shown
	}
	s.rows, s.covered, s.sample = n.Rows, n.Covered, n.Sample
	if n.Record == nil {
		return
	}
	s.schema = n.Record.Schema()
	if n.Mode == batch.Replace {
		s.drop()
	}
	s.add(n.Record)
	s.rows = max(s.rows, s.held)
}

// applyChart takes a chart over; one that has only progress leaves the last chart as it is.
func (s *state) applyChart(n chart.Snapshot) {
	s.seen = true
	s.progress, s.final, s.stage = n.Progress, n.Final, n.Stage
	if n.Chart != nil {
		s.chart, s.rows, s.covered = n.Chart, n.Rows, n.Covered
	}
}

// add keeps the rows of r that are shown and releases the rest.
func (s *state) add(r arrow.Record) {
	room := watchRows() - s.held
	switch {
	case room <= 0 || r.NumRows() == 0:
		r.Release()
		return
	case r.NumRows() > room:
		cut := r.NewSlice(0, room)
		r.Release()
		r = cut
	}
	s.records = append(s.records, r)
	s.held += r.NumRows()
}

func (s *state) drop() {
	for _, r := range s.records {
		r.Release()
	}
	s.records, s.held = nil, 0
}

func (s *state) release() { s.drop() }

// started tells whether there is anything to draw beside an error.
func (s *state) started() bool { return s.seen }

// fraction is how much of the input was read, and whether that is known.
func (s *state) fraction() (float64, bool) {
	p := s.progress
	switch {
	case p.BytesTotal > 0:
		return min(1, float64(p.Bytes)/float64(p.BytesTotal)), true
	case p.SplitsTotal > 0:
		return min(1, float64(p.Splits)/float64(p.SplitsTotal)), true
	}
	return 0, false
}

// metadata is the state for programs: which part of the input the rows shown were computed from.
func (s *state) metadata(seq int) map[string]any {
	covered := make([][]any, len(s.covered))
	for i, c := range s.covered {
		covered[i] = []any{valid(c.Input), c.Start, c.End}
	}
	return map[string]any{"rivulet": map[string]any{
		"final": s.final, "rows": s.rows, "covered": covered,
		"splits": s.progress.Splits, "splits_total": s.progress.SplitsTotal, "seq": seq,
	}}
}
