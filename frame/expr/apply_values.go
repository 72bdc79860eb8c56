package expr

import (
	"fmt"
	"reflect"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// resultSetter writes a result, given as a Go value, to a column of type dt.
func resultSetter(r Result, out *resultWriter, dt arrow.DataType) (func(i int, v reflect.Value) error, error) {
	write := plainResult(r.Kind, out, dt)
	if write == nil {
		return nil, fmt.Errorf("a result of type %s can't be put into a column", r.Type)
	}
	return func(i int, v reflect.Value) error {
		for v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		switch r.Null {
		case NilPointer:
			if v.IsNil() {
				out.null(i)
				return nil
			}
			v = v.Elem()
		case ValidField:
			value, valid, ok := nullFields(v.Type())
			if !ok {
				return fmt.Errorf("a %s is not a %s", v.Type(), r.Type)
			}
			if !v.Field(valid).Bool() {
				out.null(i)
				return nil
			}
			v = v.Field(value)
		}
		return write(i, v)
	}, nil
}

func plainResult(k program.Kind, out *resultWriter, dt arrow.DataType) func(i int, v reflect.Value) error {
	switch {
	case k == program.Time:
		unit := unitOf(dt)
		return func(i int, v reflect.Value) error {
			t, ok := reflect.TypeAssert[time.Time](v)
			if !ok {
				return fmt.Errorf("a %s is not a time.Time", v.Type())
			}
			n, ok := timeResult(t.Unix(), t.Nanosecond(), unit)
			if !ok {
				return fmt.Errorf("time %s does not fit a column of times", t)
			}
			out.int(i, n)
			return nil
		}
	case k == program.Bytes:
		return func(i int, v reflect.Value) error {
			if v.IsNil() {
				out.null(i)
				return nil
			}
			out.string(i, string(v.Bytes()))
			return nil
		}
	case k == program.Bool:
		return func(i int, v reflect.Value) error { out.bool(i, v.Bool()); return nil }
	case k == program.String:
		return func(i int, v reflect.Value) error { out.string(i, v.String()); return nil }
	case k.Float():
		return func(i int, v reflect.Value) error { out.float(i, v.Float()); return nil }
	case k.Signed() || k == program.Duration:
		return func(i int, v reflect.Value) error { out.int(i, v.Int()); return nil }
	case k.Unsigned():
		return func(i int, v reflect.Value) error { out.int(i, int64(v.Uint())); return nil }
	}
	return nil
}

// timeGetter reads dates and timestamps, in the column's zone.
func timeGetter(a arrow.Array) func(i int) time.Time {
	if d, ok := a.(*array.Date32); ok {
		return func(i int) time.Time { return d.Value(i).ToTime() }
	}
	v, unit := values[int64](a), unitOf(a.DataType())
	zone, err := zoneOf(a.DataType(), Literal{})
	if err != nil || zone == nil {
		return func(i int) time.Time { return timeOf(v[i], unit) }
	}
	return func(i int) time.Time { return timeOf(v[i], unit).In(zone) }
}

func boolGetter(a arrow.Array) func(i int) bool {
	bits, off := boolBits(a.(*array.Boolean))
	return func(i int) bool { return bitAt(bits, off+i) }
}

// anyAt is row i as a Go value: nil, bool, int64, uint64, float64, string, []byte, time.Time, time.Duration, and the text
// of all other types.
func anyAt(a arrow.Array, i int) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(i)
	case *array.Int64:
		return a.Value(i)
	case *array.Uint64:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.String:
		return string(textsOf(a).at(i))
	case *array.Binary:
		return append([]byte{}, a.Value(i)...)
	case *array.Date32, *array.Timestamp:
		return timeGetter(a)(i)
	case *array.Duration:
		ns, _ := rescale(values[int64](a)[i], unitOf(a.DataType()), arrow.Nanosecond)
		return time.Duration(ns)
	}
	return a.ValueStr(i)
}
