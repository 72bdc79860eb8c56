package source

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// folderValues are the columns that the folders key=value around a file are, as their text; nil where it is null.
type folderValues map[string]*string

// partitionOf is the partition of a file below a folder.
func partitionOf(base, file string) folderValues {
	below, err := filepath.Rel(base, filepath.Dir(file))
	if err != nil {
		return nil
	}
	var p folderValues
	for name := range strings.SplitSeq(filepath.ToSlash(below), "/") {
		key, value, ok := strings.Cut(name, "=")
		if !ok || key == "" {
			continue
		}
		if plain, err := url.PathUnescape(key); err == nil {
			key = plain
		}
		if p == nil {
			p = folderValues{}
		}
		if value == nullPartition {
			p[key] = nil
			continue
		}
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		p[key] = &value
	}
	return p
}

// literalFolder is the folder that a pattern names before its first character with a meaning.
func literalFolder(pattern string) string {
	if at := strings.IndexAny(pattern, "*?["); at >= 0 {
		pattern = pattern[:at]
	}
	return filepath.Dir(pattern + "x")
}

// partitioned adds to a schema the columns of partitions, typed by all their values: int64, date or text. A column that a file has itself is
// none. What a file does not lie in is null, which union allows.
func (s *files) partitioned(schema *arrow.Schema) (*arrow.Schema, error) {
	values := map[string][]*string{}
	for _, p := range s.partitions {
		for key, value := range p {
			if !schema.HasField(key) {
				values[key] = append(values[key], value)
			}
		}
	}
	fields := schema.Fields()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if n := len(values[key]); n < len(s.partitions) && !s.options.Union {
			return nil, fmt.Errorf("%s: %w: %d of %d files lie in a folder %s=… (read with UnionColumns to have nulls for the others)",
				s.label, ErrSchema, n, len(s.partitions), key)
		}
		t := s.options.Types[key]
		if t == nil {
			t = typeOfPartition(values[key])
		}
		fields = append(fields, arrow.Field{Name: key, Type: t, Nullable: true})
	}
	if len(fields) == schema.NumFields() {
		s.partitions = make([]folderValues, len(s.inputs))
		return schema, nil
	}
	return arrow.NewSchema(fields, nil), nil
}

func typeOfPartition(values []*string) arrow.DataType {
	numbers, dates, some := true, true, false
	for _, v := range values {
		if v == nil {
			continue
		}
		some = true
		_, err := strconv.ParseInt(*v, 10, 64)
		numbers = numbers && err == nil
		_, err = time.Parse(time.DateOnly, *v)
		dates = dates && err == nil
	}
	switch {
	case some && numbers:
		return arrow.PrimitiveTypes.Int64
	case some && dates:
		return arrow.FixedWidthTypes.Date32
	}
	return arrow.BinaryTypes.String
}

// value is the column of a partition as an expression; false where it has none of that name.
func (p folderValues) value(key string, t arrow.DataType) (expr.Expr, bool) {
	text, ok := p[key]
	switch {
	case !ok:
		return nil, false
	case text == nil:
		return expr.Cast{X: expr.Literal{}, To: t}, true
	case t.ID() == arrow.STRING:
		return expr.Literal{Value: *text}, true
	}
	return expr.Cast{X: expr.Literal{Value: *text}, To: t}, true
}

// column is rows rows of a column of the partition, of nulls where it has none of that name; the caller releases it.
func (p folderValues) column(ctx context.Context, mem memory.Allocator, f arrow.Field, rows int64) (arrow.Array, error) {
	e, ok := p.value(f.Name, f.Type)
	if !ok {
		return array.MakeArrayOfNull(mem, f.Type, int(rows)), nil
	}
	return constantColumn(ctx, mem, e, rows)
}

// constantColumn is rows rows of an expression without columns.
func constantColumn(ctx context.Context, mem memory.Allocator, e expr.Expr, rows int64) (arrow.Array, error) {
	none := arrow.NewSchema(nil, nil)
	bound, err := expr.Bind(e, none)
	if err != nil {
		return nil, err
	}
	rec := array.NewRecord(none, nil, rows)
	defer rec.Release()
	return bound.Eval(ctx, mem, rec)
}

// within is a predicate for the files of a partition: without its columns, nil where it is true of all rows; none says that it is of no row.
func (p folderValues) within(e expr.Expr, schema *arrow.Schema) (rest expr.Expr, none bool) {
	if len(p) == 0 {
		return e, false
	}
	if b, ok := e.(expr.Binary); ok && b.Op == expr.And {
		left, none := p.within(b.Left, schema)
		if none {
			return nil, true
		}
		right, none := p.within(b.Right, schema)
		switch {
		case none:
			return nil, true
		case left == nil:
			return right, false
		case right == nil:
			return left, false
		}
		return expr.Binary{Op: expr.And, Left: left, Right: right}, false
	}
	e = expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(expr.Column); ok {
			if at := schema.FieldIndices(c.Name); len(at) == 1 {
				if v, ok := p.value(c.Name, schema.Field(at[0]).Type); ok {
					return v
				}
			}
		}
		return x
	})
	if len(expr.Columns(e)) > 0 {
		return e, false
	}
	truth, err := constantColumn(context.Background(), memory.NewGoAllocator(), e, 1)
	if err != nil {
		return e, false
	}
	defer truth.Release()
	b, ok := truth.(*array.Boolean)
	return nil, !ok || b.IsNull(0) || !b.Value(0)
}

// encodeFolders is a partition as it travels: each key, and "=" and its value, or nothing for null.
func encodeFolders(p folderValues) (out []string) {
	for _, key := range slices.Sorted(maps.Keys(p)) {
		value := ""
		if p[key] != nil {
			value = "=" + *p[key]
		}
		out = append(out, key, value)
	}
	return out
}

func decodeFolders(text []string) folderValues {
	p := folderValues{}
	for ; len(text) >= 2; text = text[2:] {
		p[text[0]] = nil
		if value, ok := strings.CutPrefix(text[1], "="); ok {
			p[text[0]] = &value
		}
	}
	return p
}
