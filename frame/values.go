package frame

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// value is row i of a as a Go value: nil, bool, int64, uint64, float64, string, []byte, time.Time, time.Duration,
// []any for lists, map[string]any for structs; decimals and the rest are strings. It is a copy.
func value(a arrow.Array, i int) any {
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
		return strings.Clone(a.Value(i))
	case *array.Binary:
		return append([]byte{}, a.Value(i)...)
	case *array.Date32:
		return a.Value(i).ToTime()
	case *array.Timestamp:
		return timeOf(a, i)
	case *array.Duration:
		return time.Duration(a.Value(i)) * a.DataType().(*arrow.DurationType).Unit.Multiplier()
	case *array.Int8: // narrow numbers are in lists and structs alone
		return int64(a.Value(i))
	case *array.Int16:
		return int64(a.Value(i))
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Uint8:
		return int64(a.Value(i))
	case *array.Uint16:
		return int64(a.Value(i))
	case *array.Uint32:
		return int64(a.Value(i))
	case *array.Float32:
		return float64(a.Value(i))
	case *array.List:
		start, end := a.ValueOffsets(i)
		out := make([]any, 0, end-start)
		for j := start; j < end; j++ {
			out = append(out, value(a.ListValues(), int(j)))
		}
		return out
	case *array.Struct:
		out := map[string]any{}
		for j, field := range a.DataType().(*arrow.StructType).Fields() {
			out[field.Name] = value(a.Field(j), i)
		}
		return out
	}
	return strings.Clone(a.ValueStr(i))
}

var zones sync.Map // name → *time.Location

func timeOf(a *array.Timestamp, i int) time.Time {
	t := a.DataType().(*arrow.TimestampType)
	return a.Value(i).ToTime(t.Unit).In(zone(t.TimeZone))
}

// zone is UTC where the name is empty or this machine does not know it.
func zone(name string) *time.Location {
	if name == "" || name == "UTC" {
		return time.UTC
	}
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		l = time.UTC
		if offset, err := time.Parse("-07:00", name); err == nil {
			_, seconds := offset.Zone()
			l = time.FixedZone(name, seconds)
		}
	}
	zones.Store(name, l)
	return l
}

// floatAt is row i as a float; NaN for null.
func floatAt(a arrow.Array, i int) (float64, error) {
	if a.IsNull(i) {
		return math.NaN(), nil
	}
	switch a := a.(type) {
	case *array.Float64:
		return a.Value(i), nil
	case *array.Int64:
		return float64(a.Value(i)), nil
	case *array.Uint64:
		return float64(a.Value(i)), nil
	case *array.Boolean:
		if a.Value(i) {
			return 1, nil
		}
		return 0, nil
	case *array.Decimal128:
		return strconv.ParseFloat(a.ValueStr(i), 64)
	case *array.Duration:
		return float64(value(a, i).(time.Duration)) / float64(time.Second), nil
	case *array.Null:
		return math.NaN(), nil
	}
	return 0, wrongType(a, "a number")
}

// intAt is row i as an int64; 0 for null.
func intAt(a arrow.Array, i int) (int64, error) {
	if a.IsNull(i) {
		return 0, nil
	}
	switch a := a.(type) {
	case *array.Int64:
		return a.Value(i), nil
	case *array.Uint64:
		if v := a.Value(i); v > math.MaxInt64 {
			return 0, fmt.Errorf("%d does not fit an int64", v)
		}
		return int64(a.Value(i)), nil
	case *array.Boolean:
		if a.Value(i) {
			return 1, nil
		}
		return 0, nil
	case *array.Null:
		return 0, nil
	}
	return 0, wrongType(a, "an integer")
}

func stringAt(a arrow.Array, i int) (string, error) {
	if a.IsNull(i) {
		return "", nil
	}
	switch v := value(a, i).(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case time.Time:
		if _, ok := a.(*array.Date32); ok {
			return v.Format(time.DateOnly), nil
		}
		return v.Format(time.RFC3339Nano), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	default:
		return fmt.Sprint(v), nil
	}
}

func boolAt(a arrow.Array, i int) (bool, error) {
	if a.IsNull(i) {
		return false, nil
	}
	if b, ok := a.(*array.Boolean); ok {
		return b.Value(i), nil
	}
	return false, wrongType(a, "a bool")
}

func timeAt(a arrow.Array, i int) (time.Time, error) {
	if a.IsNull(i) {
		return time.Time{}, nil
	}
	switch a := a.(type) {
	case *array.Timestamp:
		return timeOf(a, i), nil
	case *array.Date32:
		return a.Value(i).ToTime(), nil
	}
	return time.Time{}, wrongType(a, "a date or time")
}

func durationAt(a arrow.Array, i int) (time.Duration, error) {
	if a.IsNull(i) {
		return 0, nil
	}
	if d, ok := a.(*array.Duration); ok {
		return value(d, i).(time.Duration), nil
	}
	return 0, wrongType(a, "a duration")
}

func wrongType(a arrow.Array, want string) error {
	return fmt.Errorf("type %s is not %s; use Values, or Cast the column", batch.TypeName(a.DataType()), want)
}
