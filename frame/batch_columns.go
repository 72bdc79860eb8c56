package frame

import (
	"context"
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// record is the columns of a schema, in its types.
func (b Batch) record(mem arrowmemory.Allocator, schema *arrow.Schema) (arrow.Record, error) {
	columns := make([]arrow.Array, 0, schema.NumFields())
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	for _, f := range schema.Fields() {
		i := b.index(f.Name)
		if i < 0 {
			return nil, fmt.Errorf("the batch that the function gives lacks column %q: %w", f.Name, expr.UnknownColumn(f.Name, b.Columns()))
		}
		a, err := b.typed(mem, b.columns[i], f.Type)
		if err != nil {
			return nil, err
		}
		columns = append(columns, a)
	}
	return array.NewRecord(schema, columns, int64(b.rows)), nil
}

// typed is a column in the type that was announced for it.
func (b Batch) typed(mem arrowmemory.Allocator, c batchColumn, to arrow.DataType) (arrow.Array, error) {
	var a arrow.Array
	if c.array != nil {
		a = b.array(c)
	} else {
		var err error
		if a, err = arrayOf(mem, c.name, c.values); err != nil {
			return nil, err
		}
	}
	defer a.Release()
	from := a.DataType()
	if arrow.TypeEqual(from, to) {
		a.Retain()
		return a, nil
	}
	if a.NullN() != a.Len() && !widens(from, to) {
		return nil, fmt.Errorf("column %q: the function gives %s, announced is %s", c.name, batch.TypeName(from), batch.TypeName(to))
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: c.name, Type: from, Nullable: true}}, nil)
	var x expr.Expr = expr.Cast{X: expr.Column{Name: c.name}, To: to}
	if a.NullN() == a.Len() {
		x = expr.Cast{X: expr.Literal{}, To: to}
	}
	bound, err := expr.Bind(x, schema)
	if err != nil {
		return nil, err
	}
	rec := array.NewRecord(schema, []arrow.Array{a}, int64(a.Len()))
	defer rec.Release()
	return bound.Eval(context.Background(), mem, rec) // a cast of a column in memory calls no function
}

// widens says whether values of one type are those of the other too.
func widens(from, to arrow.DataType) bool {
	switch to.ID() {
	case arrow.FLOAT64:
		return from.ID() == arrow.INT64 || from.ID() == arrow.UINT64
	case arrow.INT64:
		return from.ID() == arrow.UINT64
	case arrow.UINT64:
		return from.ID() == arrow.INT64
	case arrow.TIMESTAMP, arrow.DURATION:
		return from.ID() == to.ID()
	case arrow.DATE32:
		return from.ID() == arrow.TIMESTAMP
	}
	return false
}

// arrayOf is a column of a slice of Go values.
func arrayOf(mem arrowmemory.Allocator, name string, values reflect.Value) (arrow.Array, error) {
	switch v := values.Interface().(type) {
	case []float64:
		return built(array.NewFloat64Builder(mem), func(b *array.Float64Builder) { b.AppendValues(v, nil) }), nil
	case []int64:
		return built(array.NewInt64Builder(mem), func(b *array.Int64Builder) { b.AppendValues(v, nil) }), nil
	case []string:
		return built(array.NewStringBuilder(mem), func(b *array.StringBuilder) { b.AppendValues(v, nil) }), nil
	case []bool:
		return built(array.NewBooleanBuilder(mem), func(b *array.BooleanBuilder) { b.AppendValues(v, nil) }), nil
	}
	rows := values.Len()
	c := goColumn{name, values.Type().Elem(), func(i int) reflect.Value { return concrete(values.Index(i)) }}
	t, err := inferColumn(c, rows)
	if err != nil {
		return nil, err
	}
	b := array.NewBuilder(mem, t)
	defer b.Release()
	b.Reserve(rows)
	for i := range rows {
		if err := appendValue(b, c.at(i)); err != nil {
			return nil, fmt.Errorf("column %q, row %d of the batch: %w", name, i, err)
		}
	}
	return b.NewArray(), nil
}

func built[B array.Builder](b B, fill func(B)) arrow.Array {
	defer b.Release()
	fill(b)
	return b.NewArray()
}
