package plan

import (
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// AsOf makes a Left join one in which a row has at most one partner: of the rows with its keys, the one whose column Right is nearest to
// its column Left, in a direction and no further away than a tolerance.
type AsOf struct {
	Left, Right string
	Direction   Direction
	Bounded     bool   // there is a tolerance, Within
	Within      uint64 // in steps of the columns' unit; for float64 the bits of one, which are ordered as it is
}

// Direction is where an as-of join looks for the partner of a row.
type Direction uint8

// The directions. Equal values are partners in all of them; Nearest takes the earlier of two that are equally near.
const (
	Backward Direction = iota // the last value that is not later
	Forward                   // the first value that is not earlier
	Nearest
)

// String is the direction's name, as in "backward".
func (d Direction) String() string { return [...]string{"backward", "forward", "nearest"}[d] }

// NewAsOfJoin joins each row of left with at most one row of right. leftKeys and rightKeys, which may be empty, are equal as in NewJoin.
// tolerance is nil, a time.Duration, an int64 or a float64, as the columns' type asks.
func NewAsOfJoin(left, right Node, leftKeys, rightKeys []string, a AsOf, tolerance any, suffix string) (Node, error) {
	for _, side := range []struct {
		name   string
		n      Node
		column string
	}{{"left side", left, a.Left}, {"right side", right, a.Right}} {
		if err := checkColumn("JoinAsOf: "+side.name, side.column, side.n.Schema()); err != nil {
			return nil, err
		}
	}
	l, r := fieldType(left.Schema(), a.Left), fieldType(right.Schema(), a.Right)
	if !arrow.TypeEqual(l, r) {
		return nil, fmt.Errorf("JoinAsOf: column %q is %s on the left, %q is %s on the right: cast one of them", a.Left, l, a.Right, r)
	}
	if err := a.bound(l, tolerance); err != nil {
		return nil, err
	}
	if len(leftKeys) == 0 {
		return everyRow(left, right, func(left, right Node, leftKeys, rightKeys []string) (Node, error) {
			return newAsOfJoin(left, right, leftKeys, rightKeys, a, suffix)
		})
	}
	return newAsOfJoin(left, right, leftKeys, rightKeys, a, suffix)
}

func newAsOfJoin(left, right Node, leftKeys, rightKeys []string, a AsOf, suffix string) (Node, error) {
	n, err := NewJoin(left, right, leftKeys, rightKeys, Left, suffix)
	if err != nil {
		return nil, err
	}
	n.(*Join).AsOf = &a
	return n, nil
}

// bound checks the type of the columns, and sets the tolerance in their unit.
func (a *AsOf) bound(dt arrow.DataType, tolerance any) error {
	a.Bounded = tolerance != nil
	var unit time.Duration
	switch t := dt.(type) {
	case *arrow.TimestampType:
		unit = t.Unit.Multiplier()
	case *arrow.DurationType:
		unit = t.Unit.Multiplier()
	case *arrow.Date32Type:
		const day = 24 * time.Hour
		unit = day
	case *arrow.Int64Type, *arrow.Uint64Type:
	case *arrow.Float64Type:
		return a.boundFloat(tolerance)
	default:
		return fmt.Errorf("JoinAsOf: column %q is %s; it has to be a number, a date, a timestamp or a duration", a.Left, dt)
	}
	var steps int64
	switch x := tolerance.(type) {
	case nil:
		return nil
	case int64:
		if unit != 0 {
			return wrongTolerance(dt, tolerance)
		}
		steps = x
	case time.Duration:
		if unit == 0 {
			return wrongTolerance(dt, tolerance)
		}
		steps = int64(x / unit)
	default:
		return wrongTolerance(dt, tolerance)
	}
	if steps < 0 {
		return fmt.Errorf("JoinAsOf: the tolerance is %v, less than 0", tolerance)
	}
	a.Within = uint64(steps)
	return nil
}

func (a *AsOf) boundFloat(tolerance any) error {
	var within float64
	switch x := tolerance.(type) {
	case nil:
		return nil
	case float64:
		within = x
	case int64:
		within = float64(x)
	default:
		return wrongTolerance(arrow.PrimitiveTypes.Float64, tolerance)
	}
	if math.IsNaN(within) || within < 0 {
		return fmt.Errorf("JoinAsOf: the tolerance is %v, less than 0", tolerance)
	}
	a.Within = math.Float64bits(math.Abs(within))
	return nil
}

func wrongTolerance(dt arrow.DataType, tolerance any) error {
	want := "a time.Duration"
	switch dt.ID() {
	case arrow.INT64, arrow.UINT64:
		want = "an int"
	case arrow.FLOAT64:
		want = "a float64"
	}
	return fmt.Errorf("JoinAsOf: the tolerance of %s columns is %s, not a %T", dt, want, tolerance)
}

// everyRow joins on a key that all rows of both sides have.
func everyRow(left, right Node, join func(left, right Node, leftKeys, rightKeys []string) (Node, error)) (Node, error) {
	left, l, err := KeyColumns(left, EveryRow, nil)
	if err != nil {
		return nil, err
	}
	right, r, err := KeyColumns(right, EveryRow, nil)
	if err != nil {
		return nil, err
	}
	n, err := join(left, right, l, r)
	if err != nil {
		return nil, err
	}
	return WithoutKeys(n)
}
