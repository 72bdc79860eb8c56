package source

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// filtered is files of which only the rows are read of which a predicate is true.
type filtered struct {
	*files
	filter expr.Expr
}

// Filtered is s with only the rows of which filter, over its columns, is true; false where s can't do better than who filters its batches.
// Files of one format can that tell what is in their parts: Parquet. Functions of users are not for it.
func Filtered(s Source, filter expr.Expr) (Source, bool) {
	if f, ok := s.(*filtered); ok {
		if !f.takes(filter) {
			return s, false
		}
		return &filtered{f.files, expr.Binary{Op: expr.And, Left: f.filter, Right: filter}}, true
	}
	f, ok := s.(*files)
	if !ok || !f.takes(filter) {
		return s, false
	}
	return &filtered{f, filter}, true
}

// takes says whether rows can be chosen while files are read.
func (s *files) takes(filter expr.Expr) bool {
	schema, err := s.Schema(context.Background()) // it is known since Open
	if err != nil || !plainData(filter) {
		return false
	}
	columns := expr.Columns(filter)
	for i, in := range s.inputs {
		if _, ok := in.(*parquetFile); !ok {
			return false
		}
		if slices.ContainsFunc(columns, func(c string) bool { return len(s.owned[i].FieldIndices(c)) != 1 }) {
			return false
		}
	}
	bound, err := expr.Bind(filter, schema)
	return err == nil && bound.Type().ID() == arrow.BOOL && len(columns) > 0
}

// plainData says whether an expression calls no function of a user, and is one of rows.
func plainData(e expr.Expr) bool {
	plain := true
	expr.Walk(e, func(x expr.Expr) bool {
		switch x.(type) {
		case expr.Column, expr.Literal, expr.Binary, expr.Unary, expr.Call, expr.Case, expr.Alias, expr.Cast, expr.Member:
		default:
			plain = false
		}
		return plain
	})
	return plain
}

// Splits yields the splits in which there may be rows.
func (s *filtered) Splits(ctx context.Context, want int64) iter.Seq2[Split, error] {
	if want <= 0 {
		want = defaultSplit
	}
	return func(yield func(Split, error) bool) {
		schema, err := s.Schema(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		first := true
		for i, in := range s.inputs {
			p := in.(*parquetFile)
			w := newRowFilter(s.filter, s.owned[i])
			for split, err := range filled(s.prepared(p, p.splitsWhere(ctx, s.owned[i], w, &first), want), p.path, s.owned[i], schema) {
				if !yield(split, err) || err != nil {
					return
				}
			}
		}
	}
}

// Pruning says what of a source its filter leaves to be read: row groups of Parquet files, and pages of these; "" where it has none.
func Pruning(ctx context.Context, s Source) string {
	f, ok := s.(*filtered)
	if !ok {
		return ""
	}
	var n pruned
	for i, in := range f.inputs {
		if err := in.(*parquetFile).pruning(ctx, newRowFilter(f.filter, f.owned[i]), &n); err != nil {
			return err.Error()
		}
	}
	text := fmt.Sprintf("row groups %d of %d", n.groupsLeft, n.groups)
	if n.pages > 0 {
		text += fmt.Sprintf(", pages %d of %d", n.pagesLeft, n.pages)
	}
	return text
}

// pruned counts parts of files: of those that are left, and of all.
type pruned struct{ groupsLeft, groups, pagesLeft, pages int }
