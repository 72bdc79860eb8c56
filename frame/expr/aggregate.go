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
	// Result is the aggregate so far, one row per group. It may be called again, also between updates.
	Result(ctx context.Context) (arrow.Array, error)
	// Bytes is the memory held.
	Bytes() int64
	// Release gives the memory back.
	Release()
}

// BoundAgg is an aggregate with types. It is immutable: lanes may share it.
type BoundAgg struct {
	agg    Aggregate
	x      *Bound // nil for the count of rows
	dt     arrow.DataType
	states []arrow.DataType
	make   func(b *BoundAgg, mem memory.Allocator) Accumulator
}

// AggFuncs are the aggregates there are.
func AggFuncs() []AggFunc {
	return []AggFunc{Sum, Mean, Min, Max, Count, CountDistinct, Std, First, Last}
}

// BindAgg checks an aggregate of x (nil: of rows) against the schema and gives it types.
func BindAgg(f AggFunc, x Expr, s *arrow.Schema) (*BoundAgg, error) {
	b := &BoundAgg{agg: Aggregate{Func: f, X: x}}
	if f == Reduce {
		return bindReduce(b.agg, s)
	}
	if !slices.Contains(AggFuncs(), f) {
		return nil, errorOf(ErrUnknownFunction, "unknown aggregate %s (aggregates: %s)", f, aggNames())
	}
	if x == nil {
		if f != Count {
			return nil, errorOf(ErrType, "%s() needs an operand: %s(x)", f, f)
		}
		b.setCount()
		return b, nil
	}
	if HasAggregate(x) {
		return nil, errorOf(ErrType, "%s: an aggregate within an aggregate", b.agg)
	}
	bound, err := Bind(x, s)
	if err != nil {
		return nil, err
	}
	b.x = bound
	if err := b.choose(); err != nil {
		return nil, err
	}
	return b, nil
}

// Type is the type of Result.
func (b *BoundAgg) Type() arrow.DataType { return b.dt }

// StateTypes are the types of the columns of State.
func (b *BoundAgg) StateTypes() []arrow.DataType { return slices.Clone(b.states) }

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

func (b *BoundAgg) refuse(way string) error {
	return errorOf(ErrType, "%s: %s has no %s (%s)", b.agg, typeName(b.x.Type()), b.agg.Func, way)
}
