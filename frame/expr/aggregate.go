package expr

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Accumulator is the state of one aggregate for a growing number of groups. It belongs to one goroutine. After an error
// it may only be released.
type Accumulator interface {
	// Update takes in a batch: row i belongs to group groups[i] < n, where n is the number of groups so far.
	Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error
	// Merge takes in partial states as State gives them: row i of them belongs to group groups[i] < n.
	Merge(ctx context.Context, state []arrow.Array, groups []uint32, n int) error
	// State is the partial state, one row per group, of the types that StateTypes gives. The caller releases the arrays.
	State(ctx context.Context) ([]arrow.Array, error)
	// Result is the aggregate so far of the first n groups, one row per group. It may be called again, also between updates.
	Result(ctx context.Context, n int) (arrow.Array, error)
	// Bytes is the memory held.
	Bytes() int64
	// Release gives the memory back.
	Release()
}

// NewAccumulators makes an accumulator of each aggregate. They belong together: all have to take in the same rows and states, since some
// share what they hold.
func NewAccumulators(mem memory.Allocator, aggs []*BoundAgg) []Accumulator {
	all := make([]Accumulator, len(aggs))
	for i, a := range aggs {
		all[i] = a.New(mem)
	}
	for i := range all {
		mean, ok := all[i].(*decimalMean)
		for j := 0; ok && !mean.shared && j < len(all); j++ {
			if sum, ok := all[j].(*decimalSum); ok && !sum.shared && Same(aggs[i].agg.X, aggs[j].agg.X) {
				mean.share(sum)
			}
		}
	}
	return all
}

// BoundAgg is an aggregate with types. It is immutable: lanes may share it.
type BoundAgg struct {
	agg    Aggregate
	x      *Bound  // nil for the count of rows
	y      *Bound  // the other column of Corr and Cov
	q      float64 // the fraction of Quantile and Median
	dt     arrow.DataType
	states []arrow.DataType
	make   func(b *BoundAgg, mem memory.Allocator) Accumulator
}

// AggFuncs are the aggregates there are.
func AggFuncs() []AggFunc {
	return []AggFunc{Sum, Mean, Min, Max, Count, CountDistinct, Std, StdPop, Var, VarPop, Median, Quantile, Corr, Cov, First, Last, Any, All}
}

// operands is how an aggregate is written, and how many operands it takes beside the first.
func (f AggFunc) operands() (usage string, more int) {
	switch f {
	case Quantile:
		return "quantile(x, 0.9)", 1
	case Corr, Cov:
		return string(f) + "(x, y)", 1
	}
	return string(f) + "(x)", 0
}

// BindAgg checks an aggregate of x (nil: of rows) and its further operands against the schema and gives it types.
func BindAgg(f AggFunc, x Expr, s *arrow.Schema, args ...Expr) (*BoundAgg, error) {
	b := &BoundAgg{agg: Aggregate{Func: f, X: x, Args: args}}
	if f == Reduce {
		return bindReduce(b.agg, s)
	}
	if !slices.Contains(AggFuncs(), f) {
		return nil, errorOf(ErrUnknownFunction, "unknown aggregate %s (aggregates: %s)", f, aggNames())
	}
	usage, more := f.operands()
	if x == nil {
		if f != Count {
			return nil, errorOf(ErrType, "%s() needs an operand: %s", f, usage)
		}
		b.setCount()
		return b, nil
	}
	if len(args) != more {
		return nil, errorOf(ErrType, "%s takes %d operands, not %d: %s", f, 1+more, 1+len(args), usage)
	}
	if slices.ContainsFunc(b.agg.Children(), HasAggregate) {
		return nil, errorOf(ErrType, "%s: an aggregate within an aggregate", b.agg)
	}
	if err := b.operands(s); err != nil {
		return nil, err
	}
	if err := b.choose(); err != nil {
		return nil, err
	}
	return b, nil
}

// operands binds what the aggregate is of.
func (b *BoundAgg) operands(s *arrow.Schema) (err error) {
	if b.x, err = Bind(b.agg.X, s); err != nil {
		return err
	}
	switch b.agg.Func {
	case Median:
		b.q = 0.5
	case Quantile:
		q, ok := b.agg.fraction()
		if !ok {
			return errorOf(ErrType, "%s: the fraction is %s, want a number from 0 to 1: quantile(x, 0.9)", b.agg, text(b.agg.Args[0]))
		}
		b.q = q
	case Corr, Cov:
		b.y, err = Bind(b.agg.Args[0], s)
	}
	return err
}

// fraction is the second operand of a quantile, false where it is no number from 0 to 1.
func (e Aggregate) fraction() (float64, bool) {
	if len(e.Args) != 1 {
		return 0, false
	}
	l, ok := e.Args[0].(Literal)
	if !ok {
		return 0, false
	}
	var q float64
	switch v := l.Value.(type) {
	case float64:
		q = v
	case int64:
		q = float64(v)
	case uint64:
		q = float64(v)
	default:
		return 0, false
	}
	return q, q >= 0 && q <= 1
}

// Type is the type of Result.
func (b *BoundAgg) Type() arrow.DataType { return b.dt }

// StateTypes are the types of the columns of State.
func (b *BoundAgg) StateTypes() []arrow.DataType { return slices.Clone(b.states) }

// KeepsValues says that a state grows with the rows, not with the groups.
func (b *BoundAgg) KeepsValues() bool { return b.agg.Func == Median || b.agg.Func == Quantile }

// Operands are what is evaluated of each row, none for the count of rows; false where that is not all that an accumulator
// looks at.
func (b *BoundAgg) Operands() ([]*Bound, bool) {
	var operands []*Bound
	for _, x := range []*Bound{b.x, b.y} {
		if x != nil {
			operands = append(operands, x)
		}
	}
	return operands, b.agg.Func != Reduce
}

// Over is the aggregate of rows that hold the values of its operands, in columns from at on.
func (b *BoundAgg) Over(at int) *BoundAgg {
	over := *b
	for _, x := range []**Bound{&over.x, &over.y} {
		if *x != nil {
			*x = &Bound{root: &columnNode{name: text((*x).expr), index: at, dt: (*x).Type()}, expr: (*x).expr}
			at++
		}
	}
	return &over
}

// Aggregate is what was bound.
func (b *BoundAgg) Aggregate() Aggregate { return b.agg }

// New is an empty accumulator that allocates from mem.
func (b *BoundAgg) New(mem memory.Allocator) Accumulator { return b.make(b, mem) }

func aggNames() string {
	var out []string
	for _, f := range AggFuncs() {
		out = append(out, string(f))
	}
	return listed(out)
}

func (b *BoundAgg) refuse(way string) error { return b.refuseType(b.x.Type(), way) }

func (b *BoundAgg) refuseType(dt arrow.DataType, way string) error {
	return errorOf(ErrType, "%s: %s has no %s (%s)", b.agg, typeName(dt), b.agg.Func, way)
}
