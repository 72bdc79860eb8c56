package distrib

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// aggExchange merges groups here, and exchanges them by hash from where the local engine would merge them in shards: the parts are
// those shards, so that the order of the result is the same.
type aggExchange struct {
	*exchange
	stage *plan.Stage
	final *exec.FinalAggregate
	first []Ref // of the groups that were merged here, by part
	given []Ref // the result
}

func (g *aggExchange) add(ctx context.Context, ref Ref) error {
	if g.started {
		g.exchange.add(ref)
		return nil
	}
	rec, err := g.run.fetch(ctx, ref)
	if err != nil {
		return err
	}
	m := g.run.meter
	m.enter(g.run.gatherAt(g.stage))
	defer m.enter(m.outside())
	if err := g.final.Merge(ctx, rec); err != nil || !g.final.Many() {
		return err
	}
	g.silence() // before its groups are gone
	err = g.final.HandOver(ctx, func(part int, rec arrow.Record) error {
		ref, err := putPlain(ctx, g.run.env, g.remote, rec)
		if err == nil {
			ref.Part = part
			g.first = append(g.first, ref)
		}
		return err
	})
	if err == nil {
		g.start(ctx)
	}
	return err
}

func (g *aggExchange) result(ctx context.Context) (rows, error) {
	if !g.started {
		return rows{flow: flow{g.final.Stream(ctx), g.run.gatherAt(g.stage)}}, nil
	}
	if err := g.parted(ctx); err != nil {
		return rows{}, err
	}
	parts := make([]*Blocks, exec.ExchangeParts)
	for i, refs := range byPart(slices.Concat(g.first, g.made), len(parts)) {
		parts[i] = &Blocks{Refs: refs, Get: g.remote.Get}
	}
	at := g.run.gatherAt(g.stage)
	made := make([][]Ref, len(parts))
	err := g.reducing(parts, at).refs(ctx, nil, func(ref Ref) error {
		made[ref.ID.Split] = append(made[ref.ID.Split], ref)
		g.given = append(g.given, ref)
		return nil
	})
	if err != nil {
		return rows{}, err
	}
	return rows{phase: g.run.reading(g.remote, inTurn(made), g.stage.Gather.Schema(), g.task.Source)}, nil
}

// inTurn is a block of each part in turn, as shards give them.
func inTurn(byPart [][]Ref) (out []Ref) {
	for i, given := 0, true; given; i++ {
		given = false
		for _, refs := range byPart {
			if i < len(refs) {
				out, given = append(out, refs[i]), true
			}
		}
	}
	return out
}

func (g *aggExchange) close() {
	g.exchange.close()
	g.run.lineage.free(g.first...)
	g.run.lineage.free(g.given...)
	g.final.Close()
}
