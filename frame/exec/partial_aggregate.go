package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// A partial aggregate gives its states away when it holds so many groups, or its share of the budget. Both depend on
	// the input and the budget's size alone, never on the clock or on who else holds memory: a replayed task gives the same
	// blocks.
	partialGroups = 1 << 18
	partialShare  = 64
	partialLeast  = 8 << 20
	partialMost   = 32 << 20

	// Where, of so many rows of a split, seven in eight are groups of their own, the rest of the split goes on row by row:
	// the table would drop little, and what merges states meets every group again.
	partialProbe = 1 << 15
)

// PartialAggregate turns rows into partial states (spec.State), in order of first appearance, at most 65,536 groups in
// a batch. It is the bottom half of an aggregation: FinalAggregate merges what all lanes give. It accounts for its
// table but goes on where the budget refuses: the table is bounded, and giving it up is what frees memory.
func PartialAggregate(env *Env, spec *AggSpec) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "aggregate", func(emit emitFunc) error {
			emit = through(spec.codes.code, emit)
			state, err := newGroupState(env, spec)
			if err != nil {
				return err
			}
			grant := env.newGrant("partial aggregate")
			defer grant.release()
			defer state.reset()
			most := min(max(env.Budget.Total()/partialShare, partialLeast), partialMost)
			seen, pass := 0, false
			flush := func() error {
				grant.release()
				return state.partials(ctx, emit)
			}
			err = each(ctx, in, func(rec arrow.Record) error {
				if pass {
					return state.singles(ctx, rec, emit)
				}
				seen += int(rec.NumRows())
				if err := updateOwned(ctx, state, rec); err != nil {
					return err
				}
				held := state.bytes()
				groups := state.table.len()
				if pass = seen >= partialProbe && groups >= seen/8*7 && !spec.keepsValues(); pass || groups >= partialGroups || held >= most {
					seen = 0
					return flush()
				}
				_, err := grant.resize(held)
				return err
			})
			if err != nil {
				return err
			}
			return flush()
		})
	}
}

func updateOwned(ctx context.Context, state *groupState, rec arrow.Record) error {
	defer rec.Release()
	return state.update(ctx, rec)
}
