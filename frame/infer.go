package frame

import (
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// concrete follows pointers and interfaces to the value; the zero Value where there is none.
func concrete(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
}

// inferColumn finds the type that holds every value of a column.
func inferColumn(c goColumn, rows int) (arrow.DataType, error) {
	t := arrow.Null
	for i := range rows {
		v := c.at(i)
		if !v.IsValid() || scalar(v) && arrow.TypeEqual(t, simpleTypes[v.Kind()]) {
			continue
		}
		next, err := inferValue(v)
		if err == nil {
			next, err = unify(t, next)
		}
		if err != nil {
			return nil, fmt.Errorf("column %q, row %d: %w", c.name, i+1, err)
		}
		t = next
	}
	if t.ID() == arrow.NULL && c.kind != nil {
		t = declared(c.kind)
	}
	return settle(t), nil
}

// declared is the type of a column without values, from the type of its Go values; null where that does not tell.
func declared(t reflect.Type) arrow.DataType {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == durationType:
		return typeNames["duration"]
	case t == timeType:
		return inferTime(time.Unix(0, 0).UTC())
	case simpleTypes[t.Kind()] != nil:
		return simpleTypes[t.Kind()]
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return arrow.BinaryTypes.Binary
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return arrow.ListOf(declared(t.Elem()))
	}
	return arrow.Null
}

// settle makes what has no value, and no type, a string.
func settle(t arrow.DataType) arrow.DataType {
	if t.ID() == arrow.NULL {
		return arrow.BinaryTypes.String
	}
	if l, ok := t.(*arrow.ListType); ok {
		return arrow.ListOf(settle(l.Elem()))
	}
	return t
}

var simpleTypes = map[reflect.Kind]arrow.DataType{
	reflect.Bool:    arrow.FixedWidthTypes.Boolean,
	reflect.Int:     arrow.PrimitiveTypes.Int64,
	reflect.Int8:    arrow.PrimitiveTypes.Int64,
	reflect.Int16:   arrow.PrimitiveTypes.Int64,
	reflect.Int32:   arrow.PrimitiveTypes.Int64,
	reflect.Int64:   arrow.PrimitiveTypes.Int64,
	reflect.Uint:    arrow.PrimitiveTypes.Uint64,
	reflect.Uint8:   arrow.PrimitiveTypes.Uint64,
	reflect.Uint16:  arrow.PrimitiveTypes.Uint64,
	reflect.Uint32:  arrow.PrimitiveTypes.Uint64,
	reflect.Uint64:  arrow.PrimitiveTypes.Uint64,
	reflect.Uintptr: arrow.PrimitiveTypes.Uint64,
	reflect.Float32: arrow.PrimitiveTypes.Float64,
	reflect.Float64: arrow.PrimitiveTypes.Float64,
	reflect.String:  arrow.BinaryTypes.String,
}

func scalar(v reflect.Value) bool {
	_, ok := simpleTypes[v.Kind()]
	return ok && v.Type() != durationType
}

func inferValue(v reflect.Value) (arrow.DataType, error) {
	switch {
	case !v.IsValid():
		return arrow.Null, nil
	case v.Type() == durationType:
		return typeNames["duration"], nil
	case v.Type() == timeType:
		return inferTime(v.Interface().(time.Time)), nil
	case scalar(v):
		return simpleTypes[v.Kind()], nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return arrow.BinaryTypes.Binary, nil
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		t := arrow.Null
		for i := range v.Len() {
			next, err := inferValue(concrete(v.Index(i)))
			if err == nil {
				t, err = unify(t, next)
			}
			if err != nil {
				return nil, err
			}
		}
		return arrow.ListOf(t), nil
	}
	return nil, fmt.Errorf("a %s can't be a value of a column", v.Type())
}

// inferTime keeps the zone of a time and its nanoseconds, where 64 bits hold them.
func inferTime(t time.Time) arrow.DataType {
	unit := arrow.Nanosecond
	if t.Year() < 1678 || t.Year() > 2261 {
		unit = arrow.Microsecond
	}
	zone := t.Location().String()
	if zone == "Local" || zone == "" {
		zone = "UTC"
	}
	return &arrow.TimestampType{Unit: unit, TimeZone: zone}
}

// unify is the type that holds values of both.
func unify(a, b arrow.DataType) (arrow.DataType, error) {
	switch {
	case arrow.TypeEqual(a, b), b.ID() == arrow.NULL:
		return a, nil
	case a.ID() == arrow.NULL:
		return b, nil
	case number(a) && number(b):
		if a.ID() == arrow.FLOAT64 || b.ID() == arrow.FLOAT64 {
			return arrow.PrimitiveTypes.Float64, nil
		}
		return arrow.PrimitiveTypes.Int64, nil
	case a.ID() == arrow.TIMESTAMP && b.ID() == arrow.TIMESTAMP:
		x, y := a.(*arrow.TimestampType), b.(*arrow.TimestampType)
		out := &arrow.TimestampType{Unit: min(x.Unit, y.Unit), TimeZone: x.TimeZone}
		if x.Unit != y.Unit {
			out.Unit = arrow.Microsecond
		}
		if x.TimeZone != y.TimeZone {
			out.TimeZone = "UTC"
		}
		return out, nil
	case a.ID() == arrow.LIST && b.ID() == arrow.LIST:
		elem, err := unify(a.(*arrow.ListType).Elem(), b.(*arrow.ListType).Elem())
		if err != nil {
			return nil, err
		}
		return arrow.ListOf(elem), nil
	}
	return nil, fmt.Errorf("a value of type %s in a column of type %s", batch.TypeName(b), batch.TypeName(a))
}

func number(t arrow.DataType) bool {
	return t.ID() == arrow.INT64 || t.ID() == arrow.UINT64 || t.ID() == arrow.FLOAT64
}

// appendValue adds v to the builder of its inferred type.
func appendValue(b array.Builder, v reflect.Value) error {
	if !v.IsValid() {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.Bool())
	case *array.Int64Builder:
		n, err := intOf(v)
		if err != nil {
			return err
		}
		b.Append(n)
	case *array.Uint64Builder:
		b.Append(v.Uint())
	case *array.Float64Builder:
		b.Append(floatOf(v))
	case *array.StringBuilder:
		b.Append(v.String())
	case *array.BinaryBuilder:
		if v.IsNil() {
			b.AppendNull()
			return nil
		}
		b.Append(v.Bytes())
	case *array.DurationBuilder:
		b.Append(arrow.Duration(v.Int()))
	case *array.TimestampBuilder:
		t := v.Interface().(time.Time)
		if b.Type().(*arrow.TimestampType).Unit == arrow.Microsecond {
			b.Append(arrow.Timestamp(t.UnixMicro()))
		} else {
			b.Append(arrow.Timestamp(t.UnixNano()))
		}
	case *array.ListBuilder:
		if v.Kind() == reflect.Slice && v.IsNil() {
			b.AppendNull()
			return nil
		}
		b.Append(true)
		for i := range v.Len() {
			if err := appendValue(b.ValueBuilder(), concrete(v.Index(i))); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("no builder for %s", b.Type())
	}
	return nil
}

func intOf(v reflect.Value) (int64, error) {
	if v.CanInt() {
		return v.Int(), nil
	}
	if u := v.Uint(); u <= math.MaxInt64 {
		return int64(u), nil
	}
	return 0, fmt.Errorf("%d does not fit the other values' int64", v.Uint())
}

func floatOf(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}
