package expr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type (
	// Window is a function over rows that belong with a row: the partition of equal By keys, in Order, and of it, for
	// functions that have one, the Frame. Without Order rows are in the order of the input; without By all rows are one
	// partition. It is allowed in projections and filters.
	Window struct {
		Func        WindowFunc
		X           Expr   // the operand; nil where the function takes none
		Args        []Expr // the other operands of an aggregate
		N           int64  // tiles, rows back or ahead, which value; 0 where the function takes none
		Default     Expr   // of lag and lead, a constant: what stands where there is no such row; nil for null
		IgnoreNulls bool   // first_value and last_value pass over nulls
		By          []Expr
		Order       []OrderKey
		Frame       *WindowFrame // nil for the function's own
	}

	// OrderKey is one key of a window's order; nulls come last in either direction, NaN after all numbers.
	OrderKey struct {
		X          Expr
		Descending bool
	}

	// WindowFrame is the part of a partition that a row's value is computed from, both ends included.
	WindowFrame struct {
		Unit     FrameUnit
		From, To FrameBound
	}

	// FrameBound is an end of a frame: the partition's where Unbounded, else Offset from the current row, negative before
	// it: an int64 of rows, or in RangeFrame what is added to the order key, an int64, float64 or time.Duration. In
	// RangeFrame an offset of zero means the current row's peers, whose order keys equal its own.
	FrameBound struct {
		Unbounded bool
		Offset    Literal
	}

	// FrameUnit says what the ends of a frame count.
	FrameUnit uint8
)

// The units of frames.
const (
	RowsFrame  FrameUnit = iota // rows
	RangeFrame                  // differences of the order key
)

// WindowFunc names a window function. Every aggregate is one as well.
type WindowFunc string

// The window functions that are no aggregates.
const (
	RowNumber   WindowFunc = "row_number"
	Rank        WindowFunc = "rank"
	DenseRank   WindowFunc = "dense_rank"
	PercentRank WindowFunc = "percent_rank"
	CumeDist    WindowFunc = "cume_dist"
	Ntile       WindowFunc = "ntile"
	Lag         WindowFunc = "lag"
	Lead        WindowFunc = "lead"
	FirstValue  WindowFunc = "first_value"
	LastValue   WindowFunc = "last_value"
	NthValue    WindowFunc = "nth_value"
)

// windowKind is what a window function needs and takes.
type windowKind struct {
	operand, order, frame, count bool
}

var windowKinds = map[WindowFunc]windowKind{
	RowNumber: {}, Ntile: {count: true},
	Rank: {order: true}, DenseRank: {order: true}, PercentRank: {order: true}, CumeDist: {order: true},
	Lag: {operand: true, count: true}, Lead: {operand: true, count: true},
	FirstValue: {operand: true, frame: true}, LastValue: {operand: true, frame: true},
	NthValue: {operand: true, frame: true, count: true},
}

// WindowFuncs are the window functions that are no aggregates.
func WindowFuncs() []WindowFunc {
	return []WindowFunc{RowNumber, Rank, DenseRank, PercentRank, CumeDist, Ntile, Lag, Lead, FirstValue, LastValue, NthValue}
}

// Aggregates says whether the function is an aggregate, and not one of WindowFuncs.
func (f WindowFunc) Aggregates() bool {
	_, ok := windowKinds[f]
	return !ok
}

// Cumulative is the frame from the start of the partition to the current row, row by row.
func Cumulative() *WindowFrame {
	return &WindowFrame{Unit: RowsFrame, From: FrameBound{Unbounded: true}, To: FrameBound{Offset: Literal{int64(0)}}}
}

// WholePartition is the frame of all rows of the partition.
func WholePartition() *WindowFrame {
	return &WindowFrame{Unit: RowsFrame, From: FrameBound{Unbounded: true}, To: FrameBound{Unbounded: true}}
}

// Bounds is the frame, its default where none is given: with an order the partition up to the current row and its
// peers, without one the whole partition.
func (e Window) Bounds() WindowFrame {
	switch {
	case e.Frame != nil:
		return *e.Frame
	case len(e.Order) > 0:
		return WindowFrame{Unit: RangeFrame, From: FrameBound{Unbounded: true}, To: FrameBound{Offset: Literal{int64(0)}}}
	}
	return *WholePartition()
}

func (Window) expr() {}

// Children are the operand, the other operands, the default, the keys of the partition and those of the order.
func (e Window) Children() []Expr {
	var out []Expr
	if e.X != nil {
		out = append(out, e.X)
	}
	out = append(out, e.Args...)
	if e.Default != nil {
		out = append(out, e.Default)
	}
	out = append(out, e.By...)
	for _, k := range e.Order {
		out = append(out, k.X)
	}
	return out
}

// withChildren is a copy of e in which f has replaced every child; nil is one that is left out.
func (e Window) withChildren(f func(Expr) Expr) Window {
	e.X, e.Default = f(e.X), f(e.Default)
	e.Args, e.By, e.Order = each(e.Args, f), each(e.By, f), slices.Clone(e.Order)
	for i := range e.Order {
		e.Order[i].X = f(e.Order[i].X)
	}
	return e
}

// String is the call, in over where it says more than the function.
func (e Window) String() string {
	args := []string{e.call()}
	if len(e.By) > 0 {
		args = append(args, "by("+list(e.By)+")")
	}
	if len(e.Order) > 0 {
		keys := make([]string, len(e.Order))
		for i, k := range e.Order {
			keys[i] = text(k.X)
			if k.Descending {
				keys[i] = "desc(" + keys[i] + ")"
			}
		}
		args = append(args, "order_by("+strings.Join(keys, ", ")+")")
	}
	if e.Frame != nil {
		args = append(args, e.Frame.String())
	}
	if len(args) == 1 && !e.Func.Aggregates() {
		return args[0]
	}
	return "over(" + strings.Join(args, ", ") + ")"
}

// call is the function without its window.
func (e Window) call() string {
	if e.Func.Aggregates() {
		return Aggregate{Func: AggFunc(e.Func), X: e.X, Args: e.Args}.String()
	}
	var args []string
	if e.X != nil {
		args = append(args, text(e.X))
	}
	if windowKinds[e.Func].count {
		args = append(args, strconv.FormatInt(e.N, 10))
	}
	if e.Default != nil {
		args = append(args, text(e.Default))
	}
	name := string(e.Func)
	if e.IgnoreNulls {
		name += "_ignore_nulls"
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// String is the frame as it is written in over.
func (f WindowFrame) String() string {
	name := "rows_between"
	if f.Unit == RangeFrame {
		name = "range_between"
	}
	return name + "(" + f.From.String() + ", " + f.To.String() + ")"
}

// String is unbounded or the offset.
func (b FrameBound) String() string {
	if b.Unbounded {
		return "unbounded"
	}
	return b.Offset.String()
}

// HasWindow reports whether a window function stands anywhere in the expressions.
func HasWindow(es ...Expr) bool {
	found := false
	for _, e := range es {
		Walk(e, func(e Expr) bool {
			if _, ok := e.(Window); ok {
				found = true
			}
			return !found
		})
	}
	return found
}

// Over gives the aggregates and window functions in e that have no window yet this one. Those inside another's operand
// stay as they are.
func Over(e Expr, by []Expr, order []OrderKey, frame *WindowFrame) (Expr, error) {
	n := 0
	var bad error
	out := splitWindows(e, func(x Expr) Expr {
		var w Window
		switch x := x.(type) {
		case Aggregate:
			w = windowOf(x)
		case Window:
			w = x
		}
		if len(w.By)+len(w.Order) > 0 {
			return w
		}
		n++
		if frame != nil {
			switch {
			case w.Frame != nil:
				bad = fmt.Errorf("%s has a frame of its own; leave %s out", w, frame)
			case !w.takesFrame():
				bad = fmt.Errorf("%s takes no frame; leave %s out", w, frame)
			}
			w.Frame = frame
		}
		w.By, w.Order = slices.Clone(by), slices.Clone(order)
		return w
	})
	if bad != nil {
		return nil, bad
	}
	if n == 0 {
		return nil, errorOf(ErrType, "%s has no aggregate or window function in it that waits for a window (sum, row_number, lag, …)", e)
	}
	return out, nil
}

// windowOf is an aggregate as a window function. First and last are picked by position, as first_value and last_value.
func windowOf(a Aggregate) Window {
	switch a.Func {
	case First:
		return Window{Func: FirstValue, X: a.X}
	case Last:
		return Window{Func: LastValue, X: a.X}
	}
	return Window{Func: WindowFunc(a.Func), X: a.X, Args: a.Args}
}

func (e Window) takesFrame() bool { return e.Func.Aggregates() || windowKinds[e.Func].frame }

// SplitWindows replaces the outermost window functions of e.
func SplitWindows(e Expr, replace func(Window) Expr) Expr {
	return splitWindows(e, func(x Expr) Expr {
		if w, ok := x.(Window); ok {
			return replace(w)
		}
		return x
	})
}

// splitWindows replaces the outermost window functions and aggregates.
func splitWindows(e Expr, replace func(Expr) Expr) Expr {
	return outermost(e, func(x Expr) (Expr, bool) {
		switch x.(type) {
		case Aggregate, Window:
			return replace(x), true
		}
		return nil, false
	})
}

// name is the column's name where no Alias gives one.
func (e Window) name() string {
	name := string(e.Func)
	if e.Func.Aggregates() {
		return Name(Aggregate{Func: AggFunc(e.Func), X: e.X, Args: e.Args})
	}
	if c, ok := e.X.(Column); ok {
		return c.Name + "_" + name
	}
	if e.X == nil {
		return name
	}
	return text(e)
}
