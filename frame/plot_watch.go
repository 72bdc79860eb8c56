package frame

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/chart"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Charts computes the plot and gives it as far as it is known while it runs; the last one is exact. Displays draw plots with
// it; it is for compiled Go.
func (p *Plot) Charts(ctx context.Context) iter.Seq2[chart.Snapshot, error] {
	return func(yield func(chart.Snapshot, error) bool) {
		r, err := p.resolve()
		if err != nil {
			yield(chart.Snapshot{}, err)
			return
		}
		run, err := runner()
		if err != nil {
			yield(chart.Snapshot{}, err)
			return
		}
		d := &plotting{plotted: r, ctx: p.from.profiled(ctx), runner: run, yield: yield, noun: "row"}
		switch r.kind {
		case chart.Bar:
			err = d.bars()
		case chart.Line:
			err = d.lines()
		default:
			err = d.histogram()
		}
		if err != nil && !d.stopped {
			yield(chart.Snapshot{}, inCall(r.kind.String(), err))
		}
	}
}

// plotting is a plot while it is computed: one pass over the data or several, which count as one to who looks on.
type plotting struct {
	*plotted
	ctx     context.Context
	runner  Runner
	yield   func(chart.Snapshot, error) bool
	before  batch.Progress // of the passes that are over
	stopped bool           // nobody looks on
	noun    string         // what a record has: row or group
}

// pass runs a plan, of which left more will follow. draw makes a chart of a record, of rows rows in all; nil where the
// record is not for drawing, which stage then explains.
func (d *plotting) pass(n plan.Node, left int, stage string, draw func(rec arrow.Record, rows int64) (*chart.Chart, error)) error {
	var last batch.Progress
	defer func() { d.before = d.together(last, 0) }()
	for s, err := range watchPlan(d.ctx, d.runner, n) {
		if err != nil {
			return err
		}
		last = s.Progress
		out := chart.Snapshot{Stage: stage, Covered: s.Covered, Progress: d.together(s.Progress, left), Final: s.Final && left == 0}
		if s.Record != nil {
			out.Chart, err = draw(s.Record, s.Rows)
			s.Record.Release()
			if err != nil {
				return err
			}
		}
		if s.Final && left > 0 {
			break
		}
		if out.Chart != nil {
			out.Rows = int64(len(out.Chart.Points))
			out.Chart.Finish()
		}
		if !d.yield(out, nil) {
			d.stopped = true
			return d.ctx.Err()
		}
	}
	return nil
}

// together is the progress of all passes: the coming ones will read as much as this one.
func (d *plotting) together(p batch.Progress, left int) batch.Progress {
	b := d.before
	if p.SplitsTotal > 0 {
		p.SplitsTotal += b.Splits + left*p.SplitsTotal
	}
	if p.BytesTotal > 0 {
		p.BytesTotal += b.Bytes + int64(left)*p.BytesTotal
	}
	p.Splits += b.Splits
	p.Rows += b.Rows
	p.Bytes += b.Bytes
	p.SpilledBytes += b.SpilledBytes
	p.Elapsed += b.Elapsed
	return p
}
