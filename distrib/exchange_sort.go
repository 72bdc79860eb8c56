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
	stage  *plan.Stage
	node   *plan.Sort
	held   []Ref // while they are few
	size   int64 // of all
	ranges []*Blocks
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

func (g *sortExchange) result(ctx context.Context) (rows, error) {
	at := g.run.gatherAt(g.stage)
	if !g.started {
		env, lane := g.run.own(at), g.stage.Lane()
		open := func() (gatherer, error) { return newGatherer(env, lane, g.node, nil) }
		in := g.run.into(flow{g.run.fetching(ctx, g.held), g.run.meter.outside()}, at)
		return rows{flow: flow{drain(ctx, open, in), at}}, nil
	}
	if err := g.parted(ctx); err != nil {
		return rows{}, err
	}
	var err error
	g.ranges, err = g.cut(ctx)
	return rows{phase: g.reducing(g.ranges, operator{g.stage, len(g.stage.Steps) + 2})}, err
}

// cut makes ranges of the runs, of about as many rows each.
func (g *sortExchange) cut(ctx context.Context) ([]*Blocks, error) {
	var blocks []Ref
	var rows []int64
	var index []arrow.Record
	defer func() { releaseAll(index) }()
	for _, ref := range g.made {
		if ref.Part != IndexPart {
			blocks, rows = append(blocks, ref), append(rows, ref.Rows)
			continue
		}
		rec, err := g.run.fetch(ctx, ref)
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

func (g *sortExchange) close() {
	g.exchange.close()
	g.run.lineage.free(g.held...)
	for _, r := range g.ranges {
		r.Close()
	}
}
