package exec

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// whereProbe is one probe batch of a join with a condition: pairs with equal keys are candidates, and a row has found its partner
// where the condition is true of one of them.
type whereProbe struct {
	*joinProbe
	in       *probeInput
	gatherer *gatherer
	ranges   *rangeProbe // nil where all rows with equal keys are candidates

	rows, matches []rowID  // the candidates
	places        []uint32 // of the candidates' build rows
	found         bitset
	next          int // the rows before are in the output, or have no place there
}

// probeWhere is probeChunk for joins with a condition.
func (p *joinProbe) probeWhere(ctx context.Context, in *probeInput, emit emitFunc) error {
	w := &whereProbe{joinProbe: p, in: in, gatherer: newRecordGatherer(p.env.Mem, p.spec.Left, []arrow.Record{in.rec})}
	w.ranges = newRangeProbe(ctx, p.env, p.hash.ranges, in.rec)
	for row, group := range p.groups {
		if group == noGroup {
			continue
		}
		for at := range w.candidates(row, group) {
			w.rows, w.matches, w.places = append(w.rows, rowID(row)), append(w.matches, p.hash.rows.vals[at]), append(w.places, at)
			if len(w.rows) < maxRows {
				continue
			}
			if err := w.test(ctx); err != nil {
				return err
			}
			if err := p.flush(ctx, in, w.gatherer, false, emit); err != nil {
				return err
			}
		}
	}
	if err := w.test(ctx); err != nil {
		return err
	}
	w.finish()
	return p.flush(ctx, in, w.gatherer, true, emit)
}

// candidates are the places of the build rows that a row has to be compared with, in build order.
func (w *whereProbe) candidates(row int, group uint32) iter.Seq[uint32] {
	from, to := w.hash.span(group)
	if w.ranges != nil {
		return slices.Values(w.ranges.candidates(row, group, from))
	}
	return func(yield func(uint32) bool) {
		for at := from; at < to && yield(at); at++ {
		}
	}
}

// test asks the condition of the candidates, and puts those of which it is true into the output, after the rows before them that have
// found nothing.
func (w *whereProbe) test(ctx context.Context) error {
	rows, matches, places := w.rows, w.matches, w.places
	for len(rows) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(w.gatherer.fit(rows), w.hash.payload.fit(matches))
		kept, err := w.passing(ctx, rows[:n], matches[:n])
		if err != nil {
			return err
		}
		for _, i := range kept {
			w.found.set(int(rows[i]))
			if w.hash.matched != nil {
				w.hash.mark(places[i])
			}
			if w.spec.Kind.OnlyLeft() {
				continue
			}
			w.lone(int(rows[i]))
			w.left, w.right = append(w.left, rows[i]), append(w.right, matches[i])
		}
		rows, matches, places = rows[n:], matches[n:], places[n:]
	}
	w.rows, w.matches, w.places = w.rows[:0], w.matches[:0], w.places[:0]
	return nil
}

// passing gives the candidates of which the condition is true.
func (w *whereProbe) passing(ctx context.Context, rows, matches []rowID) ([]int32, error) {
	columns, err := w.gatherer.take(rows)
	if err != nil {
		return nil, err
	}
	rec, err := beside(w.spec.Pairs, columns, w.hash.payload, matches)
	if err != nil {
		return nil, err
	}
	defer rec.Release()
	value, err := w.spec.where.Eval(ctx, w.env.Mem, rec)
	if err != nil {
		return nil, err
	}
	defer value.Release()
	if mask, ok := value.(*array.Boolean); ok {
		return batch.Selected(nil, mask), nil
	}
	if value.NullN() < value.Len() {
		return nil, fmt.Errorf("join: the condition is %s, not a boolean", value.DataType())
	}
	return nil, nil
}

// lone puts the rows before a row that have found no partner into the output, where the join gives such. All their candidates have been
// tested.
func (w *whereProbe) lone(before int) {
	for ; w.next < before; w.next++ {
		if w.spec.Kind != plan.Inner && w.matched == nil && !w.found.has(w.next) {
			w.left, w.right = append(w.left, rowID(w.next)), append(w.right, noRow)
		}
	}
}

// finish puts the rest into the output. In a join in blocks, what has found a partner is noted.
func (w *whereProbe) finish() {
	rows, base := len(w.groups), w.seen
	w.seen += rows
	if !w.spec.Kind.OnlyLeft() {
		w.lone(rows)
	}
	for row := range rows {
		switch found := w.found.has(row); {
		case w.matched != nil && found:
			w.matched.set(base + row)
		case w.matched == nil && w.spec.Kind.OnlyLeft() && found == (w.spec.Kind == plan.Semi):
			w.left, w.right = append(w.left, rowID(row)), append(w.right, noRow)
		}
	}
}
