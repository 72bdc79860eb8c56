package source

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// filtered is files of which only the rows are read of which a predicate is true.
type filtered struct {
	*files
	filter expr.Expr
}

// filesOf is the files that a source reads, whole or filtered; false for one of another kind.
func filesOf(s Source) (f *files, ok bool) {
	if w, is := s.(*filtered); is {
		return w.files, true
	}
	f, ok = s.(*files)
	return f, ok
}

// Filtered is s with only the rows of which filter, over its columns, is true; false where s can't do better than who filters its batches:
// files whose folders tell, and Parquet files, which tell what is in their parts. Functions of users are not for it.
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
		_, parquet := in.(*parquetFile)
		if slices.ContainsFunc(columns, func(c string) bool {
			_, ok := s.partitions[i][c]
			if ok {
				return false
			}
			at := s.owned[i].FieldIndices(c)
			return !parquet || len(at) != 1 || isUnscaled(s.owned[i].Field(at[0]))
		}) {
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
			rest, none := s.partitions[i].within(s.filter, schema)
			if none {
				continue
			}
			splits := in.splits(ctx, s.owned[i], want, first)
			if p, ok := in.(*parquetFile); ok && rest != nil {
				splits = p.splitsWhere(ctx, s.owned[i], newRowFilter(rest, s.owned[i]), &first)
			} else {
				first = false
			}
			for split, err := range filled(s.prepared(in, splits, want), in.name(), s.owned[i], schema, s.partitions[i]) {
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
		rest, none := f.partitions[i].within(f.filter, f.schema)
		if p, ok := in.(*parquetFile); ok {
			n.groups += len(p.footer.Groups)
			switch {
			case none:
			case rest == nil:
				n.groupsLeft += len(p.footer.Groups)
			default:
				if err := p.pruning(ctx, newRowFilter(rest, f.owned[i]), &n); err != nil {
					return err.Error()
				}
			}
		}
		if !none {
			n.filesLeft++
		}
	}
	var parts []string
	if len(f.inputs) > 1 {
		parts = append(parts, fmt.Sprintf("files %d of %d", n.filesLeft, len(f.inputs)))
	}
	if n.groups > 0 {
		parts = append(parts, fmt.Sprintf("row groups %d of %d", n.groupsLeft, n.groups))
	}
	if n.pages > 0 {
		parts = append(parts, fmt.Sprintf("pages %d of %d", n.pagesLeft, n.pages))
	}
	return strings.Join(parts, ", ")
}

// pruned counts parts of files: of those that are left, and of all.
type pruned struct{ filesLeft, groupsLeft, groups, pagesLeft, pages int }
