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

// heldExchange gathers rows here and holds their blocks until they are many: then it exchanges those.
type heldExchange struct {
	*exchange
	stage     *plan.Stage
	state     gatherer // of few rows; nil for a gather that streams
	held      []Ref    // while they are few
	bytesHeld int64
}

func (g *heldExchange) add(ctx context.Context, ref Ref) error {
	if g.started {
		g.exchange.add(ref)
		return nil
	}
	g.held = append(g.held, ref)
	if g.bytesHeld += ref.Bytes; g.bytesHeld >= g.run.pool.exchangeBytes {
		g.start(ctx)
		g.drop()
		for _, ref := range g.held {
			g.exchange.add(ref)
		}
		g.held = nil
		return nil
	}
	if g.state == nil {
		return nil
	}
	rec, err := g.run.lineage.read(ctx, ref, g.run.unblock)
	if err != nil {
		return err
	}
	m := g.run.meter
	m.enter(g.at())
	defer m.enter(m.outside())
	return g.state.add(ctx, rec)
}

// here is the gather of few rows.
func (g *heldExchange) here(ctx context.Context) rows {
	if g.state != nil {
		return rows{flow: flow{g.state.stream(ctx), g.at()}}
	}
	return rows{flow: g.run.gather(ctx, g.stage, flow{g.run.fetching(ctx, g.held), g.run.meter.outside()}, false)}
}

func (g *heldExchange) drop() {
	if g.state != nil {
		g.state.close()
		g.state = nil
	}
}

// at is where the meter has the gather.
func (g *heldExchange) at() int { return g.run.gatherAt(g.stage) }

func (g *heldExchange) close() {
	g.exchange.close()
	g.drop()
	g.run.lineage.free(g.held...)
}

// sortExchange sorts groups of splits to runs, and exchanges those by ranges that their indexes tell.
type sortExchange struct{ heldExchange }

func (g *sortExchange) result(ctx context.Context) (rows, error) {
	if !g.started {
		return g.here(ctx), nil
	}
	ranges, err := g.sorted(ctx)
	return rows{phase: g.reducing(ranges, g.at())}, err
}

// sorted is the ranges of an exchange whose End is a Sort: parts of about as many rows each, in order.
func (x *exchange) sorted(ctx context.Context) ([]*Blocks, error) {
	if err := x.parted(ctx); err != nil {
		return nil, err
	}
	var blocks []Ref
	var rows []int64
	var index []arrow.Record
	defer func() { releaseAll(index) }()
	x.size = 0
	for _, ref := range x.made {
		x.size += ref.Bytes
		if ref.Part != IndexPart {
			blocks, rows = append(blocks, ref), append(rows, ref.Rows)
			continue
		}
		rec, err := x.run.fetch(ctx, ref)
		if err != nil {
			return nil, err
		}
		index = append(index, rec)
	}
	if len(index) == 0 {
		return []*Blocks{}, nil
	}
	all, err := batch.Concat(x.run.env.Mem, index[0].Schema(), index)
	if err != nil {
		return nil, err
	}
	wanted := min(max(int64(rangesPerSlot*x.remote.Slots()), x.size/x.share()), mostRanges)
	keys := x.task.Fragment.End.(*plan.Sort).Keys
	cut, err := exec.NewSortRanges(x.run.env, x.task.Fragment.Schema, keys, all, rows, int(wanted))
	if err != nil {
		return nil, err
	}
	defer cut.Close()
	x.ranges = make([]*Blocks, cut.Len())
	for i := range x.ranges {
		x.ranges[i] = &Blocks{Get: x.remote.Get}
		x.ranges[i].Low, x.ranges[i].High = cut.Bounds(i)
		for _, b := range cut.Blocks(i) {
			x.ranges[i].Refs = append(x.ranges[i].Refs, blocks[b])
		}
	}
	return x.ranges, nil
}
