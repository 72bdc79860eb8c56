package distrib

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

const (
	// keySplits is of how many splits the heads are read for the keys of a sort, keyRows how many rows of each, and keyTime bounds that.
	keySplits = 64
	keyRows   = 256
	keyTime   = 2 * time.Second
	// keysPerRange is the least keys that tell where a range ends.
	keysPerRange = 32
	// rangeBytes is about how much of a source makes a range, mostRangesAtOnce in how many its splits are put at most: the blocks of more
	// would be small. storedGrowth is how much more rows may take in memory than in a file.
	rangeBytes       = 48 << 20
	mostRangesAtOnce = 32
	storedGrowth     = 4
)

// Rows of a scan that are to be sorted go to ranges of their order where they are read, so that they cross the engine's store once before
// they are sorted. Where ranges end is told by the heads of some splits; only the size of ranges depends on it.
//
//	heads ─► bounds
//	splits ─► rows of ranges ─► range … range: sorted

// sampleBounds says where to cut the order of the rows of a sort that ends the stage of a phase; nil where that can't be known, or where
// there are not as many rows, or too many.
func (x *spread) sampleBounds(ctx context.Context, p *phase) arrow.Record {
	s := p.stage
	if p.parts != nil || !samplable(s.Steps[p.from:p.to]) || !source.Seekable(s.Scan.Source) {
		return nil
	}
	size := s.Scan.Source.Size()
	worker := int64(mostShare)
	if sized, ok := x.remote.(Sized); ok {
		worker = min(worker, sized.WorkerBytes()/3)
	}
	ranges := max(int64(rangesPerSlot*x.remote.Slots()), size/rangeBytes, size*storedGrowth/max(worker, 1))
	if size < x.run.pool.exchangeBytes || ranges > mostRangesAtOnce {
		return nil
	}
	sample, err := exec.NewSortSample(x.run.env, s.Lane(), s.Gather.(*plan.Sort).Keys)
	if err != nil {
		return nil // whoever sorts will say it
	}
	defer sample.Close()
	if err := x.sample(ctx, p, sample); err != nil || sample.Rows() < ranges*keysPerRange {
		return nil
	}
	bounds, err := sample.Bounds(int(ranges))
	if err != nil {
		return nil
	}
	return bounds
}

// samplable says whether steps may be run twice over some rows, without tables.
func samplable(steps []plan.Node) bool {
	for _, step := range steps {
		switch n := step.(type) {
		case *plan.Filter:
			if len(expr.Functions(n.Predicate)) > 0 {
				return false
			}
		case *plan.Project:
			if len(expr.Functions(n.Exprs...)) > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// sample reads the heads of splits in this process.
func (x *spread) sample(ctx context.Context, p *phase, sample *exec.SortSample) error {
	ctx, cancel := context.WithTimeout(ctx, keyTime)
	defer cancel()
	f, src := p.stage.Fragment(), p.stage.Scan.Source
	op, _, err := compileSteps(x.run.env, f.Schema, p.stage.Steps[p.from:p.to], nil, nil, 0)
	if err != nil {
		return err
	}
	for split, err := range src.Splits(ctx, src.Size()/keySplits) {
		if err == nil {
			head := exec.Limit(keyRows)(ctx, guard("scan "+src.Name(), split.Open(ctx, f.Columns, keyRows)))
			err = sampleAll(ctx, op(ctx, head), sample)
			split.Close()
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func sampleAll(ctx context.Context, in batch.Stream, sample *exec.SortSample) error {
	for rec, err := range in {
		if err == nil {
			err = sample.Add(ctx, rec)
			rec.Release()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sortRanges sorts the rows of a scan by ranges.
func (x *spread) sortRanges(ctx context.Context, p *phase, bounds arrow.Record) (rows, error) {
	s := p.stage
	e := x.newExchange(s.ID, Part, plan.Fragment{Schema: s.Lane(), End: s.Gather}, x.sourceOf(s), x.run.parting(s))
	x.closers = append(x.closers, bounds.Release, func() { x.run.lineage.free(e.made...) })
	p.bounds = bounds
	err := p.refs(ctx, s.Gather, func(ref Ref) error {
		e.made, e.size = append(e.made, ref), e.size+ref.Bytes
		return nil
	})
	if err != nil {
		return rows{}, err
	}
	if e.size < x.run.pool.exchangeBytes {
		return rows{flow: x.run.gather(ctx, s, flow{x.run.fetching(ctx, e.made), x.run.meter.outside()}, false)}, nil
	}
	var ranges []*Blocks
	for _, refs := range byPart(e.made, int(bounds.NumRows())+1) {
		if len(refs) > 0 {
			ranges = append(ranges, &Blocks{Refs: refs, Get: x.remote.Get})
		}
	}
	return rows{phase: e.reducing(ranges, x.run.gatherAt(s))}, nil
}
