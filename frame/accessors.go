package frame

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// gather copies a column out, row by row.
func gather[T any](ctx context.Context, f *Frame, call, name string, at func(arrow.Array, int) (T, error)) ([]T, error) {
	out := []T{}
	err := f.column(ctx, call, name, func(a arrow.Array) error {
		for i := range a.Len() {
			v, err := at(a, i)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Floats computes a column of numbers as a copy; nulls are NaN, bools 0 and 1, durations seconds.
//
//	delays, err := df.Floats("dep_delay")
func (f *Frame) Floats(column string) ([]float64, error) {
	return f.FloatsContext(cellContext(), column)
}

// FloatsContext is Floats with a context, for compiled Go.
func (f *Frame) FloatsContext(ctx context.Context, column string) ([]float64, error) {
	return gather(ctx, f, "Floats", column, floatAt)
}

// Ints computes a column of integers as a copy. Nulls are 0: Nulls tells which.
func (f *Frame) Ints(column string) ([]int64, error) { return f.IntsContext(cellContext(), column) }

// IntsContext is Ints with a context, for compiled Go.
func (f *Frame) IntsContext(ctx context.Context, column string) ([]int64, error) {
	return gather(ctx, f, "Ints", column, intAt)
}

// Strings computes a column as text, of whatever type it is. Nulls are "": Nulls tells which.
func (f *Frame) Strings(column string) ([]string, error) {
	return f.StringsContext(cellContext(), column)
}

// StringsContext is Strings with a context, for compiled Go.
func (f *Frame) StringsContext(ctx context.Context, column string) ([]string, error) {
	return gather(ctx, f, "Strings", column, stringAt)
}

// Bools computes a column of bools as a copy. Nulls are false: Nulls tells which.
func (f *Frame) Bools(column string) ([]bool, error) { return f.BoolsContext(cellContext(), column) }

// BoolsContext is Bools with a context, for compiled Go.
func (f *Frame) BoolsContext(ctx context.Context, column string) ([]bool, error) {
	return gather(ctx, f, "Bools", column, boolAt)
}

// Times computes a column of dates or times, in the column's zone. Nulls are the zero time.
func (f *Frame) Times(column string) ([]time.Time, error) {
	return f.TimesContext(cellContext(), column)
}

// TimesContext is Times with a context, for compiled Go.
func (f *Frame) TimesContext(ctx context.Context, column string) ([]time.Time, error) {
	return gather(ctx, f, "Times", column, timeAt)
}

// Durations computes a column of durations. Nulls are 0: Nulls tells which.
func (f *Frame) Durations(column string) ([]time.Duration, error) {
	return gather(cellContext(), f, "Durations", column, durationAt)
}

// Values computes a column of any type: nil for null, bool, int64, uint64, float64, string, []byte, time.Time,
// time.Duration, []any for lists, map[string]any for structs, and text for decimals.
func (f *Frame) Values(column string) ([]any, error) { return f.ValuesContext(cellContext(), column) }

// ValuesContext is Values with a context, for compiled Go.
func (f *Frame) ValuesContext(ctx context.Context, column string) ([]any, error) {
	return gather(ctx, f, "Values", column, func(a arrow.Array, i int) (any, error) { return value(a, i), nil })
}

// Nulls computes, for each row of a column, whether it is null.
func (f *Frame) Nulls(column string) ([]bool, error) {
	return gather(cellContext(), f, "Nulls", column, func(a arrow.Array, i int) (bool, error) { return a.IsNull(i), nil })
}
