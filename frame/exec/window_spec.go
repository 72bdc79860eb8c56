package exec

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// WindowSpec is a Window node with types. It is immutable.
type WindowSpec struct {
	in, out *arrow.Schema
	by      []int
	order   []plan.SortKey
	keys    *sortSpec // of order; nil without one
	orderAt []int     // columns of order
	columns []int     // of the input that functions read
	page    *arrow.Schema
	frames  []windowFrame
	funcs   []windowFunc
}

// windowFunc is one function of a spec.
type windowFunc struct {
	expr.Window
	dt      arrow.DataType
	operand int // in columns; -1 where there is none
	frame   int // in frames; -1 where the function has none
}

// NewWindowSpec gives types to a node over batches of schema in.
func NewWindowSpec(in *arrow.Schema, n *plan.Window) (*WindowSpec, error) {
	s := &WindowSpec{in: in, out: n.Schema(), order: n.Order}
	var err error
	if len(n.By) > 0 {
		if s.by, err = columnIndices(in, n.By); err != nil {
			return nil, err
		}
	}
	if len(n.Order) > 0 {
		if s.keys, err = newSortSpec(in, n.Order); err != nil {
			return nil, fmt.Errorf("window: %w", err)
		}
		for _, k := range n.Order {
			at, err := columnIndices(in, []string{expr.Name(k.X)})
			if err != nil {
				return nil, err
			}
			s.orderAt = append(s.orderAt, at[0])
		}
	}
	for _, f := range n.Funcs {
		if err := s.add(f); err != nil {
			return nil, err
		}
	}
	fields := make([]arrow.Field, len(s.columns))
	for i, c := range s.columns {
		fields[i] = in.Field(c)
	}
	s.page = arrow.NewSchema(fields, nil)
	return s, nil
}

func columnIndices(s *arrow.Schema, names []string) ([]int, error) {
	out := make([]int, len(names))
	for i, name := range names {
		at := s.FieldIndices(name)
		if len(at) == 0 {
			return nil, fmt.Errorf("window: no column %q", name)
		}
		out[i] = at[0]
	}
	return out, nil
}

func (s *WindowSpec) add(f plan.WindowFunc) error {
	w := windowFunc{Window: f.Expr, dt: f.Type, operand: -1, frame: -1}
	if f.Expr.X != nil {
		at, err := columnIndices(s.in, []string{expr.Name(f.Expr.X)})
		if err != nil {
			return err
		}
		w.operand = s.column(at[0])
	}
	for _, name := range expr.Columns(f.Expr.Args...) {
		at, err := columnIndices(s.in, []string{name})
		if err != nil {
			return err
		}
		s.column(at[0])
	}
	switch f.Expr.Func {
	case expr.RowNumber, expr.Rank, expr.DenseRank, expr.PercentRank, expr.CumeDist, expr.Ntile, expr.Lag, expr.Lead:
	default:
		frame, err := s.newFrame(*f.Expr.Frame)
		if err != nil {
			return err
		}
		if w.frame = slices.Index(s.frames, frame); w.frame < 0 {
			w.frame = len(s.frames)
			s.frames = append(s.frames, frame)
		}
	}
	s.funcs = append(s.funcs, w)
	return nil
}

// column is the place of an input column among those that functions read.
func (s *WindowSpec) column(at int) int {
	i := slices.Index(s.columns, at)
	if i < 0 {
		i = len(s.columns)
		s.columns = append(s.columns, at)
	}
	return i
}

// otherwise is the value of lag and lead for rows that are not there, as an array of one; nil for null.
func (f *windowFunc) otherwise(ctx context.Context, env *Env) (arrow.Array, error) {
	if f.Default == nil {
		return nil, nil
	}
	none := arrow.NewSchema(nil, nil)
	b, err := expr.Bind(expr.Cast{X: f.Default, To: f.dt}, none)
	if err != nil {
		return nil, err
	}
	rec := newRecord(none, nil, 1)
	defer rec.Release()
	return b.Eval(ctx, env.Mem, rec)
}

// rowBytes is what computing a row takes beside the row itself, in memory: its place in the order, and results.
func (s *WindowSpec) rowBytes() int64 {
	n := int64(16)
	if s.keys != nil {
		n += 40
	}
	for _, f := range s.funcs {
		n += 10
		if f.frame >= 0 && !s.frames[f.frame].growing() {
			n += 64
		}
	}
	return n
}

// need is the memory that holding rec and computing its rows takes.
func (s *WindowSpec) need(rec arrow.Record) int64 {
	sizes := make([]int64, rec.NumCols())
	total := int64(0)
	for i, col := range rec.Columns() {
		sizes[i] = batch.ArrayBytes(col)
		total += sizes[i]
	}
	for _, c := range s.columns {
		total += sizes[c] // the page
	}
	for _, f := range s.funcs {
		if f.operand >= 0 && !isFixed(f.dt) {
			total += sizes[s.columns[f.operand]]
		}
	}
	for _, c := range s.orderAt {
		total += sizes[c]
	}
	return total + rec.NumRows()*s.rowBytes()
}

func isFixed(dt arrow.DataType) bool {
	_, ok := dt.(arrow.FixedWidthDataType)
	return ok
}
