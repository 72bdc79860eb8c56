package source

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// stages are a predicate in two parts, both of which have to be true: of what the second looks at beyond the first, only the rows are decoded
// that the first leaves. The first is what is evaluated over dictionaries; where nothing is, the set
// that has fewest of the keys there could be, if these are few.
type stages struct {
	first, rest *expr.Bound
	columns     int           // of the first
	before      *arrow.Schema // the columns of the first
	kept        *arrow.Schema // of these, what the second looks at or is wanted
	middle      *arrow.Schema // what only the second looks at
	looked      *arrow.Schema // kept and middle
	scratch     []int32
}

// stage parts the predicate, where that pays, and brings the columns of the first part to the front. Rows of all other columns have to be
// picked as they are read, and nothing may fail, so that it does not matter in which order what is looked at.
func (r *whereReader) stage() error {
	first, rest := r.parts(expr.Conjuncts(r.split.where.expr))
	if len(first) == 0 || len(rest) == 0 {
		return nil
	}
	looked := expr.Columns(first...)
	s := &stages{columns: len(looked)}
	var before, middle []arrow.Field
	var front, back []groupColumn
	for i, f := range r.early.Fields() {
		if slices.Contains(looked, f.Name) {
			before, front = append(before, f), append(front, r.columns[i])
		} else {
			middle, back = append(middle, f), append(back, r.columns[i])
		}
	}
	back = append(back, r.columns[r.early.NumFields():]...)
	if len(middle) == 0 || !pickable(back) || slices.ContainsFunc(back[:len(middle)], groupColumn.stretches) {
		return nil
	}
	needed := expr.Columns(rest...)
	kept := slices.DeleteFunc(slices.Clone(before), func(f arrow.Field) bool { return !r.wanted.HasField(f.Name) && !slices.Contains(needed, f.Name) })
	s.before, s.kept, s.middle = arrow.NewSchema(before, nil), arrow.NewSchema(kept, nil), arrow.NewSchema(middle, nil)
	s.looked = arrow.NewSchema(slices.Concat(kept, middle), nil)
	var err error
	if s.first, err = expr.Bind(allOf(first), s.before); err != nil {
		return fmt.Errorf("%s: %w", r.split.file.path, err)
	}
	if s.rest, err = expr.Bind(allOf(rest), s.looked); err != nil {
		return fmt.Errorf("%s: %w", r.split.file.path, err)
	}
	r.stages, r.columns = s, append(front, back...)
	r.early = arrow.NewSchema(slices.Concat(before, middle), nil)
	return nil
}

// parts says which of conjuncts come first; none where one may fail.
func (r *whereReader) parts(conjuncts []expr.Expr) (first, rest []expr.Expr) {
	coded := map[string]bool{}
	for _, c := range r.columns[:r.early.NumFields()] {
		coded[c.name] = c.words != nil
	}
	var cheap, others []expr.Expr
	var sets []expr.Member
	for _, e := range conjuncts {
		if !expr.Strict(e) {
			return nil, nil
		}
		switch set, ok := e.(expr.Member); {
		case !slices.ContainsFunc(expr.Columns(e), func(c string) bool { return !coded[c] }):
			cheap = append(cheap, e)
		case ok && set.Keys.Sparse():
			sets = append(sets, set)
		default:
			others = append(others, e)
		}
	}
	slices.SortStableFunc(sets, func(a, b expr.Member) int { return cmp.Compare(a.Keys.Share(), b.Keys.Share()) })
	if len(cheap) == 0 && len(sets) > 0 {
		cheap, sets = append(cheap, sets[0]), sets[1:]
	}
	for _, set := range sets {
		rest = append(rest, set)
	}
	return cheap, append(rest, others...)
}

// allOf is the conjunction of parts.
func allOf(parts []expr.Expr) expr.Expr {
	e := parts[0]
	for _, p := range parts[1:] {
		e = expr.Binary{Op: expr.And, Left: e, Right: p}
	}
	return e
}

// stagedWindow is window where the predicate has two parts.
func (r *whereReader) stagedWindow(ctx context.Context, rows int64) (arrow.Record, int64, error) {
	s := r.stages
	have, rows, err := r.front(ctx, r.columns[:s.columns], s.before, rows)
	if err != nil {
		return nil, 0, err
	}
	defer have.Release()
	mask, err := r.mask(ctx, s.first, have)
	if err != nil {
		return nil, 0, err
	}
	defer mask.Release()
	r.scratch = batch.Selected(r.scratch[:0], mask)
	picks := r.scratch
	if len(picks) == 0 {
		return nil, rows, r.pass(r.columns, rows)
	}
	if err := r.pass(r.columns[:s.columns], rows); err != nil {
		return nil, 0, err
	}
	some, err := r.both(ctx, have, mask, picks, rows)
	if err != nil {
		return nil, 0, err
	}
	defer some.Release()
	left, err := r.mask(ctx, s.rest, some)
	if err != nil {
		return nil, 0, err
	}
	defer left.Release()
	s.scratch = batch.Selected(s.scratch[:0], left)
	late := r.columns[r.early.NumFields():]
	if len(s.scratch) == 0 {
		return nil, rows, r.pass(late, rows)
	}
	for i, at := range s.scratch {
		s.scratch[i] = picks[at]
	}
	rec, err := r.pick(ctx, some, left, s.scratch, rows)
	return rec, rows, err
}

// both is the columns that the second part looks at, and those of the first that are wanted, of the rows that the first has left.
func (r *whereReader) both(ctx context.Context, have arrow.Record, mask *array.Boolean, picks []int32, rows int64) (arrow.Record, error) {
	s := r.stages
	needed := only(have, s.kept)
	defer needed.Release()
	kept, err := batch.FilterRows(r.mem, needed, mask)
	if err != nil {
		return nil, err
	}
	defer kept.Release()
	arrays := make([]arrow.Array, s.middle.NumFields())
	for i := range arrays {
		c := &r.columns[s.columns+i]
		list, err := c.pick(picks, rows)
		for _, a := range list {
			defer a.Release()
		}
		if err != nil {
			return nil, r.failed(ctx, c.name, err)
		}
		arrays[i] = list[0] // what is picked as it is read has no texts
	}
	middle, err := r.conformed(arrays, s.middle, kept.NumRows())
	if err != nil {
		return nil, err
	}
	defer middle.Release()
	return batch.NewRecord(s.looked, slices.Concat(kept.Columns(), middle.Columns()), kept.NumRows()), nil
}

// only is the columns of a record that a schema has; the caller releases it.
func only(rec arrow.Record, schema *arrow.Schema) arrow.Record {
	var fields []arrow.Field
	var columns []arrow.Array
	for i, f := range rec.Schema().Fields() {
		if schema.HasField(f.Name) {
			fields, columns = append(fields, f), append(columns, rec.Column(i))
		}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, rec.NumRows())
}
