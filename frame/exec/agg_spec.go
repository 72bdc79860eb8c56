package exec

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// AggSpec is an aggregation with types: what partial and final aggregates share. It is immutable.
type AggSpec struct {
	keys   []*expr.Bound
	aggs   []*expr.BoundAgg
	input  *arrow.Schema
	output *arrow.Schema
	state  *arrow.Schema
}

// NewAggSpec binds keys and aggregates to the columns of in.
func NewAggSpec(in *arrow.Schema, keys []expr.Expr, aggs []plan.Agg) (*AggSpec, error) {
	s := &AggSpec{input: in}
	bound, err := bindAll(keys, in)
	if err != nil {
		return nil, err
	}
	s.keys = bound
	var output, state []arrow.Field
	for i, k := range keys {
		dt := bound[i].Type()
		if _, err := keyKindOf(dt); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		output = append(output, arrow.Field{Name: expr.Name(k), Type: dt, Nullable: true})
		state = append(state, arrow.Field{Name: fmt.Sprintf("key%d", i), Type: dt, Nullable: true})
	}
	for i, a := range aggs {
		b, err := expr.BindAgg(a.Func, a.X, in, a.Args...)
		if err != nil {
			return nil, err
		}
		s.aggs = append(s.aggs, b)
		output = append(output, arrow.Field{Name: a.Name, Type: b.Type(), Nullable: true})
		for j, dt := range b.StateTypes() {
			state = append(state, arrow.Field{Name: fmt.Sprintf("agg%d.%d", i, j), Type: dt, Nullable: true})
		}
	}
	s.output, s.state = arrow.NewSchema(output, nil), arrow.NewSchema(state, nil)
	return s, nil
}

// Output is the columns of the result: keys, then aggregates.
func (s *AggSpec) Output() *arrow.Schema { return s.output }

// State is the columns of partial states: keys, then each aggregate's state.
func (s *AggSpec) State() *arrow.Schema { return s.state }

// keepsValues says whether the state of some aggregate grows with the rows.
func (s *AggSpec) keepsValues() bool {
	return slices.ContainsFunc(s.aggs, (*expr.BoundAgg).KeepsValues)
}

func (s *AggSpec) keyTypes() []arrow.DataType {
	types := make([]arrow.DataType, len(s.keys))
	for i, k := range s.keys {
		types[i] = k.Type()
	}
	return types
}
