package distrib

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// placeExchange exchanges by hash the rows of a gather that works on each key alone, but gives its rows in the order of its input or of
// their groups' first rows: windows, distinct rows, the best rows of groups. Rows get a column with their places before they are
// parted, and what is made of the parts is exchanged once more, by ranges of places.
//
//	blocks ─► part … part ─► by key ─► made, sorted by place, … ─► ranges of places ─► reduce … reduce
type placeExchange struct {
	heldExchange
	order *exchange
}

func (g *placeExchange) result(ctx context.Context) (rows, error) {
	if !g.started {
		return g.here(ctx), nil
	}
	if err := g.parted(ctx); err != nil {
		return rows{}, err
	}
	g.order.start(ctx)
	for _, refs := range g.byPart() {
		if len(refs) > 0 {
			g.order.groups.add(&Blocks{Refs: refs, Get: g.remote.Get})
		}
	}
	ranges, err := g.order.sorted(ctx)
	if err != nil {
		return rows{}, err
	}
	p := g.order.reducing(ranges, g.at())
	p.schema = g.stage.Gather.Schema() // without places
	for _, f := range p.schema.Fields() {
		p.reduce.Columns = append(p.reduce.Columns, f.Name)
	}
	return rows{phase: p}, nil
}

func (g *placeExchange) close() {
	g.order.close()
	g.heldExchange.close()
}

func (x *spread) newPlaceExchange(held heldExchange) *placeExchange {
	s := held.stage
	g := &placeExchange{heldExchange: held}
	placed, _ := plan.WithPlace(s.Gather, s.Lane())
	sort := plan.Fragment{Schema: placed.Schema(), End: plan.ByPlace(placed.Schema())}
	g.order = x.newExchange(x.run.fresh(), Part, sort, held.task.Source, x.run.timed(g.at()))
	g.order.task.Reduce = &plan.Fragment{Schema: plan.Placed(s.Lane()), End: placed}
	return g
}

// placer gives rows their places before they are parted.
type placer struct {
	*exec.Parter
	*exec.Placer
}

func newPlacer(env *exec.Env, in *arrow.Schema, parts, run int, keys []expr.Expr) (parter, error) {
	schema := plan.Placed(in)
	p, err := exec.NewKeyParter(env, schema, keys, parts)
	return placer{p, exec.NewPlacer(env, schema, run)}, err
}

// Add implements parter.
func (p placer) Add(ctx context.Context, rec arrow.Record, take func(int, arrow.Record) error) error {
	return p.Parter.Add(ctx, p.Place(rec), take)
}

// compilePlaced makes the operator of a gather over rows that have places; what it gives is sorted by them.
func compilePlaced(env *exec.Env, f plan.Fragment) (batch.Op, error) {
	open := draining(func() (gatherer, error) { return newGatherer(env, f.Schema, f.End, nil) })
	switch n := f.End.(type) {
	case *plan.Distinct:
		return exec.Distinct(env, f.Schema, n.Columns), nil
	case *plan.GroupTopK:
		return batch.Chain(exec.GroupPlaces(env, f.Schema, n.Groups), open), nil
	}
	return open, nil
}

// withoutPlaces drops the first column of what a fragment gives where it names the others.
func withoutPlaces(f plan.Fragment) batch.Op {
	if f.Columns == nil {
		return batch.Chain()
	}
	schema := arrow.NewSchema(f.Schema.Fields()[1:], nil)
	return func(_ context.Context, in batch.Stream) batch.Stream {
		return func(yield func(arrow.Record, error) bool) {
			for rec, err := range in {
				if err == nil {
					own := batch.NewRecord(schema, rec.Columns()[1:], rec.NumRows())
					rec.Release()
					rec = own
				}
				if !yield(rec, err) {
					return
				}
			}
		}
	}
}
