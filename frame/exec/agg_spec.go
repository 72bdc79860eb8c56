package exec

import (
	"fmt"
	"slices"
	"strings"

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
	codes  *KeyCodes // of the keys of states; nil where they are left as they are

	// rows is keys and the operands of each aggregate, nil where that is not enough; over are the aggregates over such rows.
	rows *arrow.Schema
	over []*expr.BoundAgg
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
	s.setRows(state[:len(keys)])
	return s, nil
}

// setRows sets the schema of rows that a final aggregate takes as well as states.
func (s *AggSpec) setRows(fields []arrow.Field) {
	over := make([]*expr.BoundAgg, len(s.aggs))
	fields = slices.Clip(fields)
	for i, a := range s.aggs {
		operands, all := a.Operands()
		if !all {
			return
		}
		over[i] = a.Over(len(fields))
		for _, x := range operands {
			fields = append(fields, arrow.Field{Name: fmt.Sprintf("%s%d", operandPrefix, len(fields)), Type: x.Type(), Nullable: true})
		}
	}
	if len(s.aggs) > 0 {
		s.over, s.rows = over, arrow.NewSchema(fields, nil)
	}
}

// operandPrefix is how the columns of operands are called, and no other.
const operandPrefix = "operand"

// holdsRows says whether rec is rows, not states.
func (s *AggSpec) holdsRows(rec arrow.Record) bool {
	keys := len(s.keys)
	return s.rows != nil && int(rec.NumCols()) == s.rows.NumFields() && (keys == s.rows.NumFields() || strings.HasPrefix(rec.ColumnName(keys), operandPrefix))
}

// schemaOf is the schema of rec, which is rows or states.
func (s *AggSpec) schemaOf(rec arrow.Record) *arrow.Schema {
	if s.holdsRows(rec) {
		return s.rows
	}
	return s.state
}

// Output is the columns of the result: keys, then aggregates.
func (s *AggSpec) Output() *arrow.Schema { return s.output }

// State is the columns of partial states: keys, then each aggregate's state. Rows that hardly repeat go as they are: keys, then each
// aggregate's operands.
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
