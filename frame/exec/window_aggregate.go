package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// aggregateEval computes an aggregate that has no form of its own for windows, over whole partitions. It reads a
// partition to its end where that begins, ahead of the block.
type aggregateEval struct {
	windowCursor
	env     *Env
	f       *windowFunc
	bound   *expr.BoundAgg
	rows    *sortedRows
	last    arrow.Array // the result that holds the value of the last partition, and where
	lastRow int
	groups  []uint32
	ids     []rowID
	reserve reserveFunc
	held    int64
}

func newAggregateEval(env *Env, spec *WindowSpec, f *windowFunc, rows *sortedRows, reserve reserveFunc) (windowEval, error) {
	var x expr.Expr
	if f.operand >= 0 {
		x = expr.Column{Name: spec.page.Field(f.operand).Name}
	}
	bound, err := expr.BindAgg(expr.AggFunc(f.Func), x, spec.page, f.Args...)
	if err != nil {
		return nil, err
	}
	return &aggregateEval{
		windowCursor: newWindowCursor(rows), env: env, f: f, bound: bound, rows: rows, reserve: reserve,
	}, nil
}

func (e *aggregateEval) close() {
	e.windowCursor.close()
	if e.last != nil {
		e.last.Release()
		e.last = nil
	}
}

func (e *aggregateEval) eval(ctx context.Context, b *windowBlock) (arrow.Array, error) {
	e.ids = sized(e.ids, b.rows())
	first := len(b.segments)
	for i, s := range b.segments {
		if s.from == s.start {
			first = i
			break
		}
	}
	chunks := [][]arrow.Array{}
	if e.last != nil {
		last := e.last
		defer last.Release()
		e.last = nil
		chunks = append(chunks, []arrow.Array{last})
	}
	for i, s := range b.segments[:first] { // the one partition that began before
		fill(e.ids[s.from-b.from:s.to-b.from], rowAt(i, e.lastRow))
	}
	if first < len(b.segments) {
		result, err := e.aggregate(ctx, b.segments[first:])
		if err != nil {
			return nil, err
		}
		for i, s := range b.segments[first:] {
			fill(e.ids[s.from-b.from:s.to-b.from], rowAt(len(chunks), i))
		}
		chunks = append(chunks, []arrow.Array{result})
		e.last, e.lastRow = result, len(b.segments)-first-1
	} else {
		e.last = chunks[0][0]
		e.last.Retain()
	}
	out, err := newGatherer(e.env.Mem, []arrow.DataType{e.f.dt}, chunks).take(e.ids)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// aggregate reads whole partitions and gives a value for each.
func (e *aggregateEval) aggregate(ctx context.Context, segments []windowSegment) (arrow.Array, error) {
	acc := e.bound.New(e.env.Mem)
	defer acc.Release()
	for row := segments[0].start; row < segments[len(segments)-1].end; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		page := e.seek(row)
		to := min(e.end, segments[len(segments)-1].end)
		e.groups = sized(e.groups, to-row)
		at := 0
		for i, s := range segments {
			if s.start < to && s.end > row {
				fill(e.groups[max(s.start, row)-row:min(s.end, to)-row], uint32(i))
				at = i
			}
		}
		if err := e.update(ctx, acc, page, row, to, at+1); err != nil {
			return nil, err
		}
		row = to
	}
	return acc.Result(ctx, len(segments))
}

func (e *aggregateEval) update(ctx context.Context, acc expr.Accumulator, page arrow.Record, from, to, groups int) error {
	part := page.NewSlice(int64(from-e.base), int64(to-e.base))
	defer part.Release()
	if err := acc.Update(ctx, part, e.groups, groups); err != nil {
		return err
	}
	return askMore(e.reserve, &e.held, acc.Bytes(), e.f)
}
