package expr

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// BindWindow checks a window function against the schema and gives the type of its result. Its errors name the function,
// and the way out.
func BindWindow(w Window, s *arrow.Schema) (arrow.DataType, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	for _, x := range w.By {
		if err := bindKey(w, "partition", x, s); err != nil {
			return nil, err
		}
	}
	for _, k := range w.Order {
		if err := bindKey(w, "order", k.X, s); err != nil {
			return nil, err
		}
	}
	if err := w.checkRange(s); err != nil {
		return nil, err
	}
	switch w.Func {
	case RowNumber, Rank, DenseRank, Ntile:
		return int64Type, nil
	case PercentRank, CumeDist:
		return float64Type, nil
	}
	if w.Func.Aggregates() {
		if AggFunc(w.Func) == Reduce {
			return nil, errorOf(ErrType, "%s: an aggregate of your own has no window; GroupBy(…).Agg and Join give each row its group's value", w)
		}
		b, err := BindAgg(AggFunc(w.Func), w.X, s, w.Args...)
		if err != nil {
			return nil, err
		}
		return b.Type(), w.checkMoving()
	}
	b, err := Bind(w.X, s)
	if err != nil {
		return nil, err
	}
	if w.Default != nil {
		if _, err := Bind(Cast{X: w.Default, To: b.Type()}, s); err != nil {
			return nil, fmt.Errorf("%s: the default: %w", w.call(), err)
		}
	}
	return b.Type(), nil
}

// checkMoving: not every aggregate can follow a frame that is not the whole partition.
func (e Window) checkMoving() error {
	switch AggFunc(e.Func) {
	case Sum, Mean, Min, Max, Count, Std, StdPop, Var, VarPop:
		return nil
	}
	if b := e.Bounds(); b.From.Unbounded && b.To.Unbounded {
		return nil
	}
	return errorOf(ErrType, "%s sees whole partitions only: leave the order out, or give RowsBetween(Unbounded, Unbounded)", e.call())
}

func bindKey(w Window, what string, x Expr, s *arrow.Schema) error {
	b, err := Bind(x, s)
	if err != nil {
		return err
	}
	if physicalOf(b.Type()) == physNone {
		return errorOf(ErrType, "%s: %s is %s, which can't be a key of the %s (use its parts)", w.call(), x, typeName(b.Type()), what)
	}
	return nil
}

// check looks at the form.
func (e Window) check() error {
	kind, known := windowKinds[e.Func]
	call := e.call()
	if HasWindow(e.Children()...) {
		return errorOf(ErrType, "%s: a window function within another; make the inner one a column first, with WithColumn", e)
	}
	if slices.ContainsFunc(e.Children(), HasAggregate) {
		return errorOf(ErrType, "%s: an aggregate within a window function; make it a column first: x.Over(…) with WithColumn", e)
	}
	if e.Default != nil {
		if _, ok := e.Default.(Literal); !ok {
			return errorOf(ErrType, "%s: the default must be a constant (use Coalesce for another column's value)", call)
		}
	}
	if known {
		switch {
		case kind.operand && e.X == nil:
			return errorOf(ErrType, "%s() needs an operand: %s(x)", e.Func, e.Func)
		case kind.order && len(e.Order) == 0:
			return errorOf(ErrType, "%s ranks by an order: say %s.Over(…, OrderBy(x))", call, goName(e.Func))
		case kind.count && e.N < 1 && (e.Func == Ntile || e.Func == NthValue):
			return errorOf(ErrType, "%s: want a number from 1 on, not %d", call, e.N)
		case kind.count && e.N < 0:
			return errorOf(ErrType, "%s: want 0 rows or more, not %d (lag looks back, lead ahead)", call, e.N)
		case e.Frame != nil && !kind.frame:
			return errorOf(ErrType, "%s takes no frame; leave %s out", call, e.Frame)
		}
	}
	if e.Frame != nil {
		return e.Frame.check(e)
	}
	return nil
}

func goName(f WindowFunc) string {
	switch f {
	case Rank:
		return "Rank()"
	case DenseRank:
		return "DenseRank()"
	case PercentRank:
		return "PercentRank()"
	}
	return "CumeDist()"
}

func (f *WindowFrame) check(w Window) error {
	for _, b := range []FrameBound{f.From, f.To} {
		if b.Unbounded {
			continue
		}
		switch v := b.Offset.Value.(type) {
		case int64:
			continue
		case float64:
			if f.Unit == RangeFrame && v == v {
				continue
			}
		case time.Duration:
			if f.Unit == RangeFrame {
				continue
			}
		}
		if f.Unit == RowsFrame {
			return errorOf(ErrType, "%s: %s counts rows: want whole numbers or unbounded", w.call(), f)
		}
		return errorOf(ErrType, "%s: %s wants numbers, durations or unbounded", w.call(), f)
	}
	if !f.From.Unbounded && !f.To.Unbounded && offsetOf(f.From) > offsetOf(f.To) {
		return errorOf(ErrType, "%s: %s ends before it begins", w.call(), f)
	}
	return nil
}

// offsetOf is an offset as a number, to compare those of one frame.
func offsetOf(b FrameBound) float64 {
	switch v := b.Offset.Value.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case time.Duration:
		return float64(v)
	}
	return 0
}

// Peers says whether a bound of a range stands at the current row and its peers.
func (b FrameBound) Peers() bool { return !b.Unbounded && cmp.Compare(offsetOf(b), 0) == 0 }

// Offsets says whether an end of the frame is a distance in the order key.
func (f *WindowFrame) Offsets() bool {
	distant := func(b FrameBound) bool { return !b.Unbounded && !b.Peers() }
	return f != nil && f.Unit == RangeFrame && (distant(f.From) || distant(f.To))
}

// checkRange: a frame by distance needs one order key that distances can be added to.
func (e Window) checkRange(s *arrow.Schema) error {
	if e.Frame == nil || e.Frame.Unit != RangeFrame {
		return nil
	}
	if len(e.Order) == 0 {
		return errorOf(ErrType, "%s: %s measures along an order: add OrderBy(x)", e.call(), e.Frame)
	}
	if !e.Frame.Offsets() {
		return nil
	}
	if len(e.Order) != 1 {
		return errorOf(ErrType, "%s: %s measures along one order key, not %d (or count rows: RowsBetween)", e.call(), e.Frame, len(e.Order))
	}
	b, err := Bind(e.Order[0].X, s)
	if err != nil {
		return err
	}
	for _, bound := range []FrameBound{e.Frame.From, e.Frame.To} {
		if bound.Unbounded || bound.Peers() {
			continue
		}
		_, duration := bound.Offset.Value.(time.Duration)
		_, float := bound.Offset.Value.(float64)
		switch dt := b.Type(); {
		case isTemporal(dt) && duration, isInteger(dt) && !duration && !float, dt.ID() == arrow.FLOAT64 && !duration:
		case isTemporal(dt):
			return errorOf(ErrType, "%s: %s by %s, which is %s: give distances as durations, such as -24*time.Hour", e.call(), e.Frame, e.Order[0].X, typeName(dt))
		default:
			return errorOf(ErrType, "%s: %s does not fit %s, which is %s (cast it, or count rows: RowsBetween)", e.call(), e.Frame, e.Order[0].X, typeName(dt))
		}
	}
	return nil
}
