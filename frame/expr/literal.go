package expr

import (
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// constant is a value that is the same for every row. v is nil (null) or of the physical type: bool, int32, int64,
// uint64, float64, string (of String and Binary), decimal128.Num.
type constant struct {
	dt arrow.DataType
	v  any
}

func (c *constant) typ() arrow.DataType { return c.dt }

func literalConstant(l Literal) (*constant, error) {
	switch v := l.Value.(type) {
	case nil:
		return &constant{dt: arrow.Null}, nil
	case bool:
		return &constant{arrow.FixedWidthTypes.Boolean, v}, nil
	case int64:
		return &constant{arrow.PrimitiveTypes.Int64, v}, nil
	case int:
		return &constant{arrow.PrimitiveTypes.Int64, int64(v)}, nil
	case uint64:
		return &constant{arrow.PrimitiveTypes.Uint64, v}, nil
	case float64:
		return &constant{arrow.PrimitiveTypes.Float64, v}, nil
	case string:
		return &constant{arrow.BinaryTypes.String, v}, nil
	case []byte:
		return &constant{arrow.BinaryTypes.Binary, string(v)}, nil
	case time.Time:
		unit := timeUnit(v)
		ticks, err := arrow.TimestampFromTime(v, unit)
		if err != nil {
			return nil, errorOf(ErrCast, "%s: %v", l, err)
		}
		return &constant{&arrow.TimestampType{Unit: unit, TimeZone: "UTC"}, int64(ticks)}, nil
	case time.Duration:
		return &constant{arrow.FixedWidthTypes.Duration_ns, int64(v)}, nil
	default:
		return nil, errorOf(ErrType, "%T is not a literal (take bool, int64, uint64, float64, string, []byte, time.Time or time.Duration)", v)
	}
}

// timeUnit is the coarsest unit from microseconds that holds the time exactly; years beyond the range of nanoseconds
// are held in microseconds.
func timeUnit(t time.Time) arrow.TimeUnit {
	if t.Nanosecond()%1000 == 0 || t.Year() < 1678 || t.Year() > 2261 {
		return arrow.Microsecond
	}
	return arrow.Nanosecond
}

// eval repeats the value for every row: for operators that have no form for a constant, and for a constant column.
func (c *constant) eval(b *block) (arrow.Array, error) {
	n := b.rows
	if c.v == nil {
		return nullArray(b.mem, c.dt, n), nil
	}
	switch v := c.v.(type) {
	case bool:
		buf, bits := newBits(b.mem, n)
		fillBits(bits, n, v)
		return makeArray(c.dt, n, nil, buf), nil
	case int32:
		return repeated(b.mem, c.dt, v, n), nil
	case int64:
		return repeated(b.mem, c.dt, v, n), nil
	case uint64:
		return repeated(b.mem, c.dt, v, n), nil
	case float64:
		return repeated(b.mem, c.dt, v, n), nil
	case decimal128.Num:
		return repeated(b.mem, c.dt, v, n), nil
	case string:
		if n*len(v) > math.MaxInt32 {
			return nil, errorOf(ErrOverflow, "a literal of %d bytes in %d rows is more than 2 GiB", len(v), n)
		}
		offsets, at := newFixed[int32](b.mem, n+1)
		data := newBuffer(b.mem, n*len(v))
		out := data.Bytes()
		for i := range at {
			at[i] = int32(i * len(v))
			if i > 0 {
				copy(out[at[i-1]:], v)
			}
		}
		return makeArray(c.dt, n, nil, offsets, data), nil
	default:
		return nil, fmt.Errorf("constant of %T", v)
	}
}

func repeated[T fixed](mem memory.Allocator, dt arrow.DataType, v T, n int) arrow.Array {
	buf, out := newFixed[T](mem, n)
	for i := range out {
		out[i] = v
	}
	return makeArray(dt, n, nil, buf)
}

// nullArray is n nulls of any type.
func nullArray(mem memory.Allocator, dt arrow.DataType, n int) arrow.Array {
	if dt.ID() == arrow.NULL {
		return array.NewNull(n)
	}
	b := array.NewBuilder(mem, dt)
	defer b.Release()
	b.AppendNulls(n)
	return b.NewArray()
}

// constantOf reads the only row of an array.
func constantOf(a arrow.Array) *constant {
	c := &constant{dt: a.DataType()}
	if a.DataType().ID() == arrow.NULL || a.IsNull(0) {
		return c
	}
	switch physicalOf(a.DataType()) {
	case physBool:
		c.v = a.(*array.Boolean).Value(0)
	case physInt32:
		c.v = values[int32](a)[0]
	case physInt64:
		c.v = values[int64](a)[0]
	case physUint64:
		c.v = values[uint64](a)[0]
	case physFloat:
		c.v = values[float64](a)[0]
	case physBytes:
		c.v = string(textsOf(a).at(0))
	case physDec:
		c.v = values[decimal128.Num](a)[0]
	}
	return c
}
