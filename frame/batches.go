package frame

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Batch is some rows of a frame as columns of Go values: what the function of MapBatches is given, and what it gives. It
// is immutable; accessors copy. A column that does not exist, or has another type, panics, which ends the computation
// with an error that says so. A Batch is good while the function runs.
type Batch struct {
	rows    int
	columns []batchColumn
	open    *bool // false once the function it was given to has returned; nil for a Batch of Go values
}

// batchColumn is a column of the frame, or Go values in its place.
type batchColumn struct {
	name   string
	array  arrow.Array
	values reflect.Value // a slice
}

// MapBatches gives what a function makes of each batch of rows: a func(Batch) Batch or func(Batch) (Batch, error). It
// is called in all lanes at once; how the rows are parted into batches is not in its hands. outputs are the columns that
// it gives, in order: "name type", or the name of a column of the frame that it leaves as it is. Without outputs they
// are the columns of the frame.
//
//	df.MapBatches(func(b frame.Batch) frame.Batch {
//		x, out := b.Floats("x"), make([]float64, b.Len())
//		for i := 1; i < len(x); i++ {
//			out[i] = x[i] - x[i-1]
//		}
//		return b.With("step", out)
//	}, "x", "step float")
func (f *Frame) MapBatches(fn Func, outputs ...string) *Frame {
	return f.derive("MapBatches", func(n plan.Node) (plan.Node, error) {
		function, err := functionOf(fn)
		if err != nil {
			return nil, err
		}
		const batch = "frame.Batch"
		if p, r := function.Params, function.Result; len(p) != 1 || p[0].Type != batch || r.Type != batch || r.OK {
			return nil, fmt.Errorf("want a func(frame.Batch) frame.Batch, or one that gives an error too, not a %s", function.Signature())
		}
		fields, err := outputFields(outputs, n.Schema())
		if err != nil {
			return nil, err
		}
		return plan.NewMapBatches(n, function, fields)
	})
}

// outputFields reads "name type" and names of columns.
func outputFields(outputs []string, s *arrow.Schema) ([]arrow.Field, error) {
	if len(outputs) == 0 {
		return s.Fields(), nil
	}
	fields := make([]arrow.Field, len(outputs))
	for i, text := range outputs {
		if at := s.FieldIndices(text); len(at) > 0 {
			fields[i] = s.Field(at[0])
			continue
		}
		name, typ, ok := cutLast(strings.TrimSpace(text))
		if !ok {
			return nil, fmt.Errorf("output %q: write its name and type (\"%s float\"): %w", text, text, unknownColumn(text, s))
		}
		t, err := parseType(typ)
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", text, err)
		}
		fields[i] = arrow.Field{Name: name, Type: t, Nullable: true}
	}
	return fields, nil
}

func cutLast(text string) (before, after string, ok bool) {
	i := strings.LastIndexByte(text, ' ')
	if i < 0 {
		return "", "", false
	}
	return strings.TrimSpace(text[:i]), text[i+1:], true
}

// NewBatch is a batch of Go values: names and slices in turn, of one length. nil pointers and nil interfaces are null.
//
//	frame.NewBatch("name", names, "count", counts)
func NewBatch(namesAndSlices ...any) Batch {
	if len(namesAndSlices)%2 != 0 {
		panic(errors.New("NewBatch: want names and slices in turn"))
	}
	var b Batch
	for i := 0; i < len(namesAndSlices); i += 2 {
		name, ok := namesAndSlices[i].(string)
		if !ok {
			panic(fmt.Errorf("NewBatch: a name is a string, not a %T", namesAndSlices[i]))
		}
		if i == 0 {
			b.rows = sliceOf("NewBatch", name, namesAndSlices[1]).Len()
		}
		b = b.with("NewBatch", name, namesAndSlices[i+1])
	}
	return b
}

// Len is the number of rows.
func (b Batch) Len() int { return b.rows }

// Columns is the names of the columns, in order.
func (b Batch) Columns() []string {
	names := make([]string, len(b.columns))
	for i, c := range b.columns {
		names[i] = c.name
	}
	return names
}

// With is the batch with a column more, or with another of that name: a slice of as many values as there are rows.
//
//	return b.With("z", z)
func (b Batch) With(name string, values any) Batch { return b.with("With", name, values) }

func sliceOf(call, name string, values any) reflect.Value {
	v := reflect.ValueOf(values)
	if v.Kind() != reflect.Slice {
		panic(fmt.Errorf("%s: column %q is a %T, not a slice", call, name, values))
	}
	return v
}

func (b Batch) with(call, name string, values any) Batch {
	v := sliceOf(call, name, values)
	if v.Len() != b.rows {
		panic(fmt.Errorf("%s: column %q has %d values for %d rows", call, name, v.Len(), b.rows))
	}
	c := batchColumn{name: name, values: v}
	out := b
	out.columns = slices.Clone(b.columns)
	if i := b.index(name); i >= 0 {
		out.columns[i] = c
	} else {
		out.columns = append(out.columns, c)
	}
	return out
}

func (b Batch) index(name string) int {
	return slices.IndexFunc(b.columns, func(c batchColumn) bool { return c.name == name })
}

// column is a column's values as an array; release it.
func (b Batch) column(name string) arrow.Array {
	i := b.index(name)
	if i < 0 {
		panic(expr.UnknownColumn(name, b.Columns()))
	}
	return b.array(b.columns[i])
}

func (b Batch) array(c batchColumn) arrow.Array {
	if c.array != nil {
		if b.open != nil && !*b.open {
			panic(errors.New("the batch is no longer there: it is good while the function that was given it runs"))
		}
		c.array.Retain()
		return c.array
	}
	a, err := arrayOf(arrowmemory.DefaultAllocator, c.name, c.values)
	if err != nil {
		panic(err)
	}
	return a
}

func copied[T any](b Batch, name string, at func(arrow.Array, int) (T, error)) []T {
	a := b.column(name)
	defer a.Release()
	out := make([]T, a.Len())
	for i := range out {
		v, err := at(a, i)
		if err != nil {
			panic(fmt.Errorf("column %q: %w", name, err))
		}
		out[i] = v
	}
	return out
}

// Floats is a column of numbers; nulls are NaN.
func (b Batch) Floats(column string) []float64 {
	a := b.column(column)
	defer a.Release()
	if f, ok := a.(*array.Float64); ok && f.NullN() == 0 {
		return slices.Clone(f.Float64Values())
	}
	return copied(b, column, floatAt)
}

// Ints is a column of integers; nulls are 0: Nulls tells which.
func (b Batch) Ints(column string) []int64 {
	a := b.column(column)
	defer a.Release()
	if f, ok := a.(*array.Int64); ok && f.NullN() == 0 {
		return slices.Clone(f.Int64Values())
	}
	return copied(b, column, intAt)
}

// Strings is a column as text, of whatever type it is; nulls are "".
func (b Batch) Strings(column string) []string { return copied(b, column, stringAt) }

// Bools is a column of bools; nulls are false.
func (b Batch) Bools(column string) []bool { return copied(b, column, boolAt) }

// Times is a column of dates or times; nulls are the zero time.
func (b Batch) Times(column string) []time.Time { return copied(b, column, timeAt) }

// Durations is a column of durations; nulls are 0.
func (b Batch) Durations(column string) []time.Duration { return copied(b, column, durationAt) }

// Values is a column of any type, as Frame.Values gives it; nulls are nil.
func (b Batch) Values(column string) []any {
	return copied(b, column, func(a arrow.Array, i int) (any, error) { return value(a, i), nil })
}

// Nulls says for each row of a column whether it is null.
func (b Batch) Nulls(column string) []bool {
	return copied(b, column, func(a arrow.Array, i int) (bool, error) { return a.IsNull(i), nil })
}

// Select is the batch with these columns only, in this order.
func (b Batch) Select(columns ...string) Batch {
	out := b
	out.columns = nil
	for _, name := range columns {
		i := b.index(name)
		if i < 0 {
			panic(expr.UnknownColumn(name, b.Columns()))
		}
		out.columns = append(out.columns, b.columns[i])
	}
	return out
}

// Filter is the rows for which keep holds, of every column.
//
//	return b.Filter(keep)
func (b Batch) Filter(keep []bool) Batch {
	if len(keep) != b.rows {
		panic(fmt.Errorf("Filter: %d bools for %d rows", len(keep), b.rows)) //nolint:staticcheck // it begins with the call as written
	}
	out := Batch{open: b.open}
	for _, k := range keep {
		if k {
			out.rows++
		}
	}
	for _, c := range b.columns {
		var kept reflect.Value
		if c.array != nil {
			all := b.Values(c.name)
			some := make([]any, 0, out.rows)
			for i, k := range keep {
				if k {
					some = append(some, all[i])
				}
			}
			kept = reflect.ValueOf(some)
		} else {
			kept = reflect.MakeSlice(c.values.Type(), 0, out.rows)
			for i, k := range keep {
				if k {
					kept = reflect.Append(kept, c.values.Index(i))
				}
			}
		}
		out.columns = append(out.columns, batchColumn{name: c.name, values: kept})
	}
	return out
}

// String says what the batch is.
func (b Batch) String() string {
	return fmt.Sprintf("Batch(%d %s: %s)", b.rows, plural(b.rows, "row"), strings.Join(b.Columns(), ", "))
}

func init() { exec.SetBatchAdapter(adaptBatches) }

// adaptBatches makes a function over records of one over Batches.
func adaptBatches(fn any) (exec.BatchFunc, error) {
	var call func(Batch) (Batch, error)
	switch f := fn.(type) {
	case func(Batch) Batch:
		call = func(b Batch) (Batch, error) { return f(b), nil } //nolint:unparam // the other kind of function gives errors
	case func(Batch) (Batch, error):
		call = f
	default:
		return nil, fmt.Errorf("want a func(frame.Batch) frame.Batch, not a %T", fn)
	}
	return func(mem arrowmemory.Allocator, rec arrow.Record, out *arrow.Schema) (arrow.Record, error) {
		open := true
		defer func() { open = false }()
		in := Batch{rows: int(rec.NumRows()), open: &open}
		for i, c := range rec.Columns() {
			in.columns = append(in.columns, batchColumn{name: rec.ColumnName(i), array: c})
		}
		result, err := call(in)
		if err != nil {
			return nil, err
		}
		return result.record(mem, out)
	}, nil
}
