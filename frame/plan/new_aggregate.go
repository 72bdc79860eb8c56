package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// NewAggregate groups in by keys (none: one group over all rows) and computes exprs for each group. Around its
// aggregates an expression may compute (sum(x) / count()), also with the keys: that part becomes a projection above.
func NewAggregate(in Node, keys, exprs []expr.Expr) (Node, error) {
	if len(keys) == 0 && len(exprs) == 0 {
		return nil, errors.New("Agg: no keys and no aggregates given")
	}
	keyFields, err := bindAll("GroupBy", keys, in.Schema())
	if err != nil {
		return nil, err
	}
	split := aggregateSplit{input: in.Schema(), keys: keys}
	outer := make([]expr.Expr, 0, len(keys)+len(exprs))
	for _, f := range keyFields {
		outer = append(outer, expr.Column{Name: f.Name})
	}
	for _, e := range exprs {
		rest, err := split.add(e)
		if err != nil {
			return nil, err
		}
		outer = append(outer, rest)
	}
	node, err := newAggregate(in, keys, keyFields, split.aggs)
	if err != nil || !split.outer {
		return node, err
	}
	return NewProject(node, outer)
}

func newAggregate(in Node, keys []expr.Expr, keyFields []arrow.Field, aggs []Agg) (Node, error) {
	fields := slices.Clone(keyFields)
	for _, a := range aggs {
		bound, err := expr.BindAgg(a.Func, a.X, in.Schema(), a.Args...)
		if err != nil {
			return nil, fmt.Errorf("Agg: %w", err)
		}
		fields = append(fields, arrow.Field{Name: a.Name, Type: bound.Type(), Nullable: true})
	}
	if err := unique(fields); err != nil {
		return nil, fmt.Errorf("Agg: %w", err)
	}
	return &Aggregate{Input: in, Keys: slices.Clone(keys), Aggs: aggs, schema: arrow.NewSchema(fields, nil)}, nil
}

// aggregateSplit parts expressions into the aggregates they contain and what is computed from those.
type aggregateSplit struct {
	input *arrow.Schema
	keys  []expr.Expr
	aggs  []Agg
	outer bool // something is left to compute above the aggregates
}

// add takes the aggregates out of e and gives what remains, over the aggregate's output.
func (s *aggregateSplit) add(e expr.Expr) (expr.Expr, error) {
	if a, ok := unalias(e).(expr.Aggregate); ok {
		name := expr.Name(e)
		s.aggs = append(s.aggs, Agg{Func: a.Func, X: a.X, Name: name, Args: a.Args})
		return expr.Column{Name: name}, nil
	}
	s.outer = true
	aggs, rest := expr.SplitAggregates(e)
	if len(aggs) == 0 {
		return nil, fmt.Errorf("Agg: %s has no aggregate (sum, mean, count, …) in it", e)
	}
	known := map[string]bool{}
	for _, a := range aggs {
		name := expr.AggregateColumn(a)
		known[name] = true
		if !slices.ContainsFunc(s.aggs, func(have Agg) bool { return have.Name == name }) {
			s.aggs = append(s.aggs, Agg{Func: a.Func, X: a.X, Name: name, Args: a.Args})
		}
	}
	rest = s.useKeys(rest)
	for _, k := range s.keys {
		known[expr.Name(k)] = true
	}
	for _, name := range expr.Columns(rest) {
		if known[name] {
			continue
		}
		if err := checkColumn("Agg", name, s.input); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("Agg: %s uses column %q outside an aggregate, and it is not a key", e, name)
	}
	return rest, nil
}

// useKeys replaces what is a key, written out again, by the key's column.
func (s *aggregateSplit) useKeys(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if x == nil {
			return nil
		}
		for _, k := range s.keys {
			if x.String() == unalias(k).String() {
				return expr.Column{Name: expr.Name(k)}
			}
		}
		return x
	})
}

func unalias(e expr.Expr) expr.Expr {
	for {
		a, ok := e.(expr.Alias)
		if !ok {
			return e
		}
		e = a.X
	}
}
