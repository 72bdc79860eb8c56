package distrib

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

const (
	rangesPerSlot = 3
	mostRanges    = 1 << 10
)

// sortExchange sorts groups of splits to runs, and exchanges those by ranges that their indexes tell.
type sortExchange struct {
	*exchange
	node *plan.Sort
	held []Ref // while they are few
	size int64 // of all
}

func (g *sortExchange) add(ctx context.Context, ref Ref) error {
	g.size += ref.Bytes
	if g.started {
		g.exchange.add(ref)
		return nil
	}
	g.held = append(g.held, ref)
	if g.size >= g.run.pool.exchangeBytes {
		g.start(ctx)
		for _, ref := range g.held {
			g.exchange.add(ref)
		}
		g.held = nil
	}
	return nil
}

func (g *sortExchange) stream(ctx context.Context) batch.Stream {
	if !g.started {
		return g.here(ctx)
	}
	return func(yield func(arrow.Record, error) bool) {
		ranges, err := g.ranges(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() {
			for _, r := range ranges {
				r.Close()
			}
		}()
		stopped := false
		err = g.reduce(ctx, ranges, func(ref Ref) error {
			rec, err := g.maps.fetch(ctx, ref)
			if err == nil && !yield(rec, nil) {
				stopped, err = true, errDropped
			}
			return err
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// here is the result where the rows are few.
func (g *sortExchange) here(ctx context.Context) batch.Stream {
	at := g.run.gatherAt(g.stage)
	env := g.run.own(at)
	in := func(yield func(arrow.Record, error) bool) {
		for len(g.held) > 0 {
			ref := g.held[0]
			g.held = g.held[1:]
			rec, err := g.maps.fetch(ctx, ref)
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
	return drain(ctx, func() (gatherer, error) { return newGatherer(env, g.stage.Lane(), g.node, nil) }, in)
}

// ranges are the splits of the reduce tasks.
func (g *sortExchange) ranges(ctx context.Context) ([]*Blocks, error) {
	if err := g.parted(ctx); err != nil {
		return nil, err
	}
	var blocks []Ref
	var rows []int64
	var index []arrow.Record
	defer func() { releaseAll(index) }()
	for _, ref := range g.made {
		if ref.Part != IndexPart {
			blocks, rows = append(blocks, ref), append(rows, ref.Rows)
			continue
		}
		rec, err := g.maps.fetch(ctx, ref)
		if err != nil {
			return nil, err
		}
		index = append(index, rec)
	}
	all, err := batch.Concat(g.run.env.Mem, index[0].Schema(), index)
	if err != nil {
		return nil, err
	}
	wanted := min(max(int64(rangesPerSlot*g.remote.Slots()), g.size/g.run.pool.exchangeBytes), mostRanges)
	cut, err := exec.NewSortRanges(g.run.env, g.stage.Lane(), g.node.Keys, all, rows, int(wanted))
	if err != nil {
		return nil, err
	}
	defer cut.Close()
	out := make([]*Blocks, cut.Len())
	for i := range out {
		out[i] = &Blocks{Get: g.remote.Get}
		out[i].Low, out[i].High = cut.Bounds(i)
		for _, b := range cut.Blocks(i) {
			out[i].Refs = append(out[i].Refs, blocks[b])
		}
	}
	return out, nil
}

func (g *sortExchange) close() { g.run.lineage.free(g.held...) }
