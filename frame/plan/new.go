package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// NewScan reads src, of which it asks the schema.
func NewScan(ctx context.Context, src source.Source) (Node, error) {
	schema, err := src.Schema(ctx)
	if err != nil {
		return nil, err
	}
	if err := unique(schema.Fields()); err != nil {
		return nil, fmt.Errorf("Read %s: %w", src.Name(), err)
	}
	return &Scan{Source: src, schema: schema}, nil
}

// NewFilter keeps the rows of in where predicate, which must be boolean, is true.
func NewFilter(in Node, predicate expr.Expr) (Node, error) {
	if predicate == nil {
		return nil, errors.New("Filter: no condition given")
	}
	if expr.HasWindow(predicate) {
		return newWindowFilter(in, predicate)
	}
	if err := checkPredicate("Filter", predicate, in.Schema()); err != nil {
		return nil, err
	}
	return &Filter{Input: in, Predicate: predicate}, nil
}

func checkPredicate(call string, predicate expr.Expr, in *arrow.Schema) error {
	bound, err := expr.Bind(predicate, in)
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	if id := bound.Type().ID(); id != arrow.BOOL && id != arrow.NULL {
		return fmt.Errorf("%s: %s is %s, not a condition", call, predicate, bound.Type())
	}
	return nil
}

// NewProject computes exprs over in; expr.Name names the columns.
func NewProject(in Node, exprs []expr.Expr) (Node, error) {
	if len(exprs) == 0 {
		return nil, errors.New("Select: no columns given")
	}
	in, exprs, err := Windows(in, exprs)
	if err != nil {
		return nil, fmt.Errorf("Select: %w", err)
	}
	fields, err := bindAll("Select", exprs, in.Schema())
	if err != nil {
		return nil, err
	}
	if err := unique(fields); err != nil {
		return nil, fmt.Errorf("Select: %w", err)
	}
	return &Project{Input: in, Exprs: slices.Clone(exprs), schema: arrow.NewSchema(fields, nil)}, nil
}

// NewSort orders the rows of in by keys.
func NewSort(in Node, keys []SortKey) (Node, error) {
	if err := checkKeys("Sort", keys, in.Schema()); err != nil {
		return nil, err
	}
	return &Sort{Input: in, Keys: slices.Clone(keys)}, nil
}

// NewTopK gives the first n rows of in ordered by keys.
func NewTopK(in Node, keys []SortKey, n int64) (Node, error) {
	if err := checkKeys("TopK", keys, in.Schema()); err != nil {
		return nil, err
	}
	if err := checkCount("TopK", n); err != nil {
		return nil, err
	}
	return &TopK{Input: in, Keys: slices.Clone(keys), N: n}, nil
}

// NewGroupTopK gives the first n rows of each group of in, ordered by keys; without keys, as they come.
func NewGroupTopK(in Node, groups []expr.Expr, keys []SortKey, n int64) (Node, error) {
	if _, err := bindAll("GroupBy", groups, in.Schema()); err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		if err := checkKeys("Head", keys, in.Schema()); err != nil {
			return nil, err
		}
	}
	if err := checkCount("Head", n); err != nil {
		return nil, err
	}
	return &GroupTopK{Input: in, Groups: slices.Clone(groups), Keys: slices.Clone(keys), N: n}, nil
}

// NewLimit keeps the first n rows of in.
func NewLimit(in Node, n int64) (Node, error) {
	if err := checkCount("Limit", n); err != nil {
		return nil, err
	}
	return &Limit{Input: in, N: n}, nil
}

// NewTail keeps the last n rows of in.
func NewTail(in Node, n int64) (Node, error) {
	if err := checkCount("Tail", n); err != nil {
		return nil, err
	}
	return &Tail{Input: in, N: n}, nil
}

// NewDistinct keeps the first row of each combination of columns, of all columns where none is named.
func NewDistinct(in Node, columns []string) (Node, error) {
	for _, name := range columns {
		if err := checkColumn("Distinct", name, in.Schema()); err != nil {
			return nil, err
		}
	}
	return &Distinct{Input: in, Columns: slices.Clone(columns)}, nil
}

// NewPreview gives the first n rows of in and counts all.
func NewPreview(in Node, n int64) (Node, error) {
	if err := checkCount("Preview", n); err != nil {
		return nil, err
	}
	return &Preview{Input: in, N: n}, nil
}

// bindAll gives the fields of exprs over s.
func bindAll(call string, exprs []expr.Expr, s *arrow.Schema) ([]arrow.Field, error) {
	fields := make([]arrow.Field, len(exprs))
	for i, e := range exprs {
		bound, err := expr.Bind(e, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", call, err)
		}
		fields[i] = arrow.Field{Name: expr.Name(e), Type: bound.Type(), Nullable: true}
	}
	return fields, nil
}

func checkKeys(call string, keys []SortKey, s *arrow.Schema) error {
	if len(keys) == 0 {
		return fmt.Errorf("%s: no columns given", call)
	}
	for _, k := range keys {
		if _, err := expr.Bind(k.X, s); err != nil {
			return fmt.Errorf("%s: %w", call, err)
		}
	}
	return nil
}

func checkCount(call string, n int64) error {
	if n < 0 {
		return fmt.Errorf("%s: %d rows asked for, want 0 or more", call, n)
	}
	return nil
}

// checkColumn lets Bind say what is wrong: it lists the columns and guesses what was meant.
func checkColumn(call, name string, s *arrow.Schema) error {
	if _, err := expr.Bind(expr.Column{Name: name}, s); err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	return nil
}

func unique(fields []arrow.Field) error {
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		if seen[f.Name] {
			return fmt.Errorf("two columns are called %q (name one with As)", f.Name)
		}
		seen[f.Name] = true
	}
	return nil
}
