package distrib

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
)

// aggExchange merges groups here, and exchanges them by hash from where the local engine would merge them in shards: the parts are
// those shards, so that the order of the result is the same.
type aggExchange struct {
	*exchange
	final *exec.FinalAggregate
	first []Ref // of the groups that were merged here, by part
}

func (g *aggExchange) add(ctx context.Context, ref Ref) error {
	if g.started {
		g.exchange.add(ref)
		return nil
	}
	rec, err := g.maps.fetch(ctx, ref)
	if err != nil {
		return err
	}
	m := g.run.meter
	m.enter(g.run.gatherAt(g.stage))
	defer m.enter(m.outside())
	if err := g.final.Merge(ctx, rec); err != nil || !g.final.Many() {
		return err
	}
	if g.live {
		g.run.live = nil
	}
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

func (g *aggExchange) stream(ctx context.Context) batch.Stream {
	if !g.started {
		return g.final.Stream(ctx)
	}
	return func(yield func(arrow.Record, error) bool) {
		results, err := g.reduced(ctx)
		defer func() {
			for _, refs := range results {
				g.run.lineage.free(refs...)
			}
		}()
		if err != nil {
			yield(nil, err)
			return
		}
		// A batch of each part in turn, as shards give them.
		for given := true; given; {
			given = false
			for part, refs := range results {
				if len(refs) == 0 {
					continue
				}
				given = true
				results[part] = refs[1:]
				rec, err := g.maps.fetch(ctx, refs[0])
				if !yield(rec, err) || err != nil {
					return
				}
			}
		}
	}
}

// reduced is the blocks of the result by part.
func (g *aggExchange) reduced(ctx context.Context) (results [exec.ExchangeParts][]Ref, err error) {
	if err := g.parted(ctx); err != nil {
		return results, err
	}
	parts := make([]*Blocks, exec.ExchangeParts)
	for i := range parts {
		parts[i] = &Blocks{Get: g.remote.Get}
	}
	for _, ref := range slices.Concat(g.first, g.made) {
		parts[ref.Part].Refs = append(parts[ref.Part].Refs, ref)
	}
	err = g.reduce(ctx, parts, func(ref Ref) error {
		results[ref.ID.Split] = append(results[ref.ID.Split], ref)
		return nil
	})
	return results, err
}

func (g *aggExchange) close() {
	g.run.lineage.free(g.first...)
	g.final.Close()
}
