package exec

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr"
)

var errPagesEnd = errors.New("window: the sorted rows end too early")

// evaluator computes all functions of a spec over sorted rows, block by block, in one goroutine.
type evaluator struct {
	env    *Env
	spec   *WindowSpec
	rows   *sortedRows
	funcs  []windowEval
	frames []*frameBounds

	block      windowBlock
	start, end int // the partition of the last row
}

// windowEval computes one function. Blocks come in order and leave out no row.
type windowEval interface {
	eval(ctx context.Context, b *windowBlock) (arrow.Array, error)
	close()
}

// reserveFunc asks for n bytes more in all than at the last call by the same function.
type reserveFunc func(n int64) error

func newEvaluator(ctx context.Context, env *Env, spec *WindowSpec, rows *sortedRows, reserve reserveFunc) (*evaluator, error) {
	e := &evaluator{env: env, spec: spec, rows: rows}
	for _, f := range spec.frames {
		e.frames = append(e.frames, newFrameBounds(f, rows))
		e.block.lo, e.block.hi = append(e.block.lo, nil), append(e.block.hi, nil)
	}
	for i := range spec.funcs {
		f, err := newWindowEval(ctx, env, spec, &spec.funcs[i], rows, reserve)
		if err != nil {
			e.close()
			return nil, err
		}
		e.funcs = append(e.funcs, f)
	}
	return e, nil
}

func newWindowEval(ctx context.Context, env *Env, spec *WindowSpec, f *windowFunc, rows *sortedRows, reserve reserveFunc) (windowEval, error) {
	switch f.Func {
	case expr.RowNumber, expr.Rank, expr.DenseRank, expr.Ntile:
		return &rankEval{mem: env.Mem, rows: rows, f: f}, nil
	case expr.PercentRank, expr.CumeDist:
		return &shareEval{mem: env.Mem, rows: rows, f: f}, nil
	case expr.Lag, expr.Lead:
		return newLagEval(ctx, env, spec, f, rows)
	case expr.FirstValue, expr.LastValue, expr.NthValue:
		return newPickEval(env, spec, f, rows), nil
	}
	frame := spec.frames[f.frame]
	switch expr.AggFunc(f.Func) {
	case expr.Count:
		return newCountEval(env, f, rows), nil
	case expr.Min, expr.Max:
		return newExtremeEval(env, spec, f, rows, reserve)
	case expr.Sum:
		switch f.dt.ID() {
		case arrow.DECIMAL128:
			return newDecimalSum(env, f, rows), nil
		case arrow.FLOAT64:
			return newFloatEval(env, f, frame, rows, reserve), nil
		}
		return newIntSum(env, f, rows), nil
	case expr.Mean:
		return newFloatEval(env, f, frame, rows, reserve), nil
	case expr.Std, expr.StdPop, expr.Var, expr.VarPop:
		return newMomentEval(env, f, frame, rows, reserve), nil
	}
	return newAggregateEval(env, spec, f, rows, reserve)
}

func (e *evaluator) close() {
	for _, f := range e.funcs {
		f.close()
	}
	for _, b := range e.frames {
		b.close()
	}
}

// next computes the rows [from, to): one array for each function.
func (e *evaluator) next(ctx context.Context, from, to int) (out []arrow.Array, err error) {
	out = make([]arrow.Array, 0, len(e.funcs))
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(pageError)
			if !ok {
				releaseArrays(out)
				panic(r)
			}
			err = failed.err
		}
		if err != nil {
			releaseArrays(out)
			out = nil
		}
	}()
	b := &e.block
	b.from, b.to = from, to
	b.segments = e.rows.segments(from, to, &e.start, &e.end, b.segments[:0])
	for i, f := range e.frames {
		b.lo[i], b.hi[i] = sized(b.lo[i], to-from), sized(b.hi[i], to-from)
		f.block(b.segments, from, b.lo[i], b.hi[i])
	}
	for _, f := range e.funcs {
		arr, err := f.eval(ctx, b)
		if err != nil {
			return out, err
		}
		out = append(out, arr)
	}
	return out, nil
}

// column is a column of fixed width that is being made. Its values are set by index; what is not null is marked.
type fixedColumn[T any] struct {
	buffer, bitmap *arrowmemory.Buffer
	values         []T
	valid          []byte
	nulls          int
}

func newFixedColumn[T any](mem arrowmemory.Allocator, rows int) *fixedColumn[T] {
	var zero T
	c := &fixedColumn[T]{buffer: newBuffer(mem, rows*int(unsafe.Sizeof(zero)))}
	c.values = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(c.buffer.Bytes()))), rows)
	defer func() {
		if c.bitmap == nil {
			c.buffer.Release() // a panic of the allocator
		}
	}()
	c.bitmap = newBuffer(mem, int(bitutil.BytesForBits(int64(rows))))
	c.valid = c.bitmap.Bytes()
	fill(c.valid, 0xFF)
	return c
}

func (c *fixedColumn[T]) null(i int) {
	var zero T
	c.values[i] = zero
	bitutil.ClearBit(c.valid, i)
	c.nulls++
}

// array ends the column.
func (c *fixedColumn[T]) array(dt arrow.DataType) arrow.Array {
	defer c.buffer.Release()
	defer c.bitmap.Release()
	if c.nulls == 0 {
		return makeArray(dt, len(c.values), 0, nil, c.buffer)
	}
	return makeArray(dt, len(c.values), c.nulls, c.bitmap, c.buffer)
}

// drop gives the column up.
func (c *fixedColumn[T]) drop() {
	c.buffer.Release()
	c.bitmap.Release()
}

// guarded runs f and drops the column where f panics: a cursor's page could not be read.
func guarded[T any](c *fixedColumn[T], f func()) {
	done := false
	defer func() {
		if !done {
			c.drop()
		}
	}()
	f()
	done = true
}

// rankEval numbers rows.
type rankEval struct {
	mem         arrowmemory.Allocator
	rows        *sortedRows
	f           *windowFunc
	first, rank int // dense: rank; else the row of the last peer group's first row
}

func (e *rankEval) close() {}

func (e *rankEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	out := newFixedColumn[int64](e.mem, b.rows())
	for _, s := range b.segments {
		values := out.values[s.from-b.from:][:s.to-s.from]
		switch e.f.Func {
		case expr.RowNumber:
			for i := range values {
				values[i] = int64(s.from - s.start + i + 1)
			}
		case expr.Ntile:
			e.tiles(s, values)
		default:
			e.ranks(s, values)
		}
	}
	return out.array(arrow.PrimitiveTypes.Int64), nil
}

func (e *rankEval) ranks(s windowSegment, values []int64) {
	dense := e.f.Func == expr.DenseRank
	for i := range values {
		row := s.from + i
		switch {
		case row == s.start:
			e.first, e.rank = row, 1
		case e.rows.peer.has(row):
			e.first = row
			e.rank++
		}
		if dense {
			values[i] = int64(e.rank)
		} else {
			values[i] = int64(e.first - s.start + 1)
		}
	}
}

func (e *rankEval) tiles(s windowSegment, values []int64) {
	rows := int64(s.end - s.start)
	size, more := rows/e.f.N, rows%e.f.N
	for i := range values {
		row := int64(s.from - s.start + i)
		if large := more * (size + 1); row >= large {
			values[i] = (row-large)/size + more + 1
		} else {
			values[i] = row/(size+1) + 1
		}
	}
}

// shareEval is percent_rank and cume_dist.
type shareEval struct {
	mem        arrowmemory.Allocator
	rows       *sortedRows
	f          *windowFunc
	first, end int // of the peer group
}

func (e *shareEval) close() {}

func (e *shareEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	out := newFixedColumn[float64](e.mem, b.rows())
	for _, s := range b.segments {
		for row := s.from; row < s.to; row++ {
			if row == s.start || row >= e.end {
				e.first, e.end = row, e.rows.peer.next(row+1, s.end)
			}
			v := float64(e.end-s.start) / float64(s.end-s.start)
			if e.f.Func == expr.PercentRank {
				v = 0
				if s.end-s.start > 1 {
					v = float64(e.first-s.start) / float64(s.end-s.start-1)
				}
			}
			out.values[row-b.from] = v
		}
	}
	return out.array(arrow.PrimitiveTypes.Float64), nil
}

func (f *windowFunc) overflow(dt arrow.DataType) error {
	return fmt.Errorf("%s: the sum does not fit %s (cast to float: sum(float(x))): %w", f.Window, dt, expr.ErrOverflow)
}
