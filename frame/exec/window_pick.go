package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// Places where a function finds its value: a row, or one of these.
const (
	noPlace    = -1 // null
	otherPlace = -2 // the default
)

// picker makes a column of values that stand in other rows. The rows of the places never go back, so it holds only the
// pages that the column being made refers to.
type picker struct {
	windowCursor
	env       *Env
	column    int
	dt        arrow.DataType
	otherwise arrow.Array // owned
	ids       []rowID
	places    []int
}

func newPicker(env *Env, f *windowFunc, rows *sortedRows) picker {
	return picker{windowCursor: newWindowCursor(rows), env: env, column: f.operand, dt: f.dt}
}

func (p *picker) close() {
	p.windowCursor.close()
	if p.otherwise != nil {
		p.otherwise.Release()
		p.otherwise = nil
	}
}

// take gives the values at places.
func (p *picker) take() (arrow.Array, error) {
	var held []arrow.Array // owned
	defer func() { releaseArrays(held) }()
	if p.otherwise != nil {
		p.otherwise.Retain()
		held = append(held, p.otherwise)
	}
	p.ids = sized(p.ids, len(p.places))
	chunk, until := -1, -1 // the chunk of the current page
	for i, row := range p.places {
		switch {
		case row == noPlace, row == otherPlace && p.otherwise == nil:
			p.ids[i] = noRow
			continue
		case row == otherPlace:
			p.ids[i] = rowAt(0, 0)
			continue
		}
		if row >= until {
			arr := p.seek(row).Column(p.column)
			arr.Retain()
			held = append(held, arr)
			chunk, until = len(held)-1, p.end
		}
		p.ids[i] = rowAt(chunk, row-p.base)
	}
	chunks := make([][]arrow.Array, len(held))
	for i, arr := range held {
		chunks[i] = []arrow.Array{arr}
	}
	out, err := newGatherer(p.env.Mem, []arrow.DataType{p.dt}, chunks).take(p.ids)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// lagEval is lag and lead.
type lagEval struct {
	picker
	rows int
}

func newLagEval(ctx context.Context, env *Env, _ *WindowSpec, f *windowFunc, rows *sortedRows) (windowEval, error) {
	e := &lagEval{picker: newPicker(env, f, rows), rows: int(min(f.N, farRows))}
	if f.Func == expr.Lag {
		e.rows = -e.rows
	}
	var err error
	e.otherwise, err = f.otherwise(ctx, env)
	return e, err
}

func (e *lagEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	e.places = sized(e.places, b.rows())
	for _, s := range b.segments {
		for row := s.from; row < s.to; row++ {
			at := row + e.rows
			if at < s.start || at >= s.end {
				at = otherPlace
			}
			e.places[row-b.from] = at
		}
	}
	return e.take()
}

// pickEval is the first, last or n-th value of a frame.
type pickEval struct {
	picker
	f           *windowFunc
	nulls       nullCursor
	seen, found int // ignoring nulls: rows looked at, and the last that is not null
}

func newPickEval(env *Env, _ *WindowSpec, f *windowFunc, rows *sortedRows) windowEval {
	return &pickEval{picker: newPicker(env, f, rows), f: f, nulls: newNullCursor(rows, f.operand), found: noPlace}
}

func (e *pickEval) close() {
	e.picker.close()
	e.nulls.close()
}

func (e *pickEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	e.places = sized(e.places, b.rows())
	lo, hi := b.lo[e.f.frame], b.hi[e.f.frame]
	for i := range e.places {
		at := noPlace
		switch {
		case lo[i] >= hi[i]:
		case e.f.IgnoreNulls && e.f.Func == expr.FirstValue:
			at = e.firstValid(lo[i], hi[i])
		case e.f.IgnoreNulls:
			at = e.lastValid(lo[i], hi[i])
		case e.f.Func == expr.FirstValue:
			at = lo[i]
		case e.f.Func == expr.LastValue:
			at = hi[i] - 1
		case int64(hi[i]-lo[i]) >= e.f.N:
			at = lo[i] + int(e.f.N) - 1
		}
		e.places[i] = at
	}
	return e.take()
}

func (e *pickEval) firstValid(lo, hi int) int {
	for e.seen = max(e.seen, lo); e.seen < hi; e.seen++ {
		if !e.nulls.null(e.seen) {
			return e.seen
		}
	}
	return noPlace
}

func (e *pickEval) lastValid(lo, hi int) int {
	for e.seen = max(e.seen, lo); e.seen < hi; e.seen++ {
		if !e.nulls.null(e.seen) {
			e.found = e.seen
		}
	}
	if e.found < lo {
		return noPlace
	}
	return e.found
}
