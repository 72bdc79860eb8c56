package frame

import (
	"errors"
	"fmt"
	"time"

	"github.com/rivulet-go/rivulet/frame/plan"
)

// AsOf is what JoinAsOf can be told: Same, Direction and Within make it.
type AsOf struct{ set func(*asOfJoin) error }

type asOfJoin struct {
	by        Keys
	direction plan.Direction
	tolerance any
}

// Same has JoinAsOf look only among the rows with equal keys: a column name, a []string, an On or a map from left to right names.
func Same(keys any) AsOf {
	return AsOf{func(j *asOfJoin) (err error) {
		j.by, err = joinKeys(keys)
		if err == nil && len(j.by.where) > 0 {
			return errors.New("Same takes no Where")
		}
		return err
	}}
}

// Direction says where JoinAsOf looks: "backward" (the default) for the last row that is not later, "forward" for the first that is not
// earlier, "nearest" for the one with the smallest distance, and the earlier one of two.
func Direction(name string) AsOf {
	return AsOf{func(j *asOfJoin) error {
		for _, d := range []plan.Direction{plan.Backward, plan.Forward, plan.Nearest} {
			if d.String() == name {
				j.direction = d
				return nil
			}
		}
		return fmt.Errorf("unknown direction %q; directions: backward, forward, nearest", name)
	}}
}

// Within is how far away the row of JoinAsOf may be: a time.Duration for dates, timestamps and durations, otherwise a number.
func Within(tolerance any) AsOf {
	return AsOf{func(j *asOfJoin) error {
		switch x := tolerance.(type) {
		case time.Duration, float64, int64:
			j.tolerance = x
		case int:
			j.tolerance = int64(x)
		default:
			return fmt.Errorf("a tolerance is a number or a time.Duration, not a %T", tolerance)
		}
		return nil
	}}
}

// JoinAsOf puts beside each row of f the row of other that was in force at its time: that of the last row whose on is not later. on is a
// column of both frames, or an On; numbers, dates, timestamps and durations have an order to look in. Rows need not be sorted. A row that
// finds nothing keeps nulls; a null or NaN finds nothing and is not found. Both columns stay.
//
//	trades.JoinAsOf(quotes, "time", Same("symbol"), Within(2*time.Second))
//
// other is held in memory, parted by keys where it does not fit; the rows that have the same keys have to.
func (f *Frame) JoinAsOf(other *Frame, on any, options ...AsOf) *Frame {
	return f.derive("JoinAsOf", func(n plan.Node) (plan.Node, error) {
		if err := other.Err(); err != nil {
			return nil, fmt.Errorf("right side: %w", err)
		}
		var j asOfJoin
		for _, o := range options {
			if o.set == nil {
				return nil, errors.New("an empty option; start one with Same, Direction or Within")
			}
			if err := o.set(&j); err != nil {
				return nil, err
			}
		}
		order, err := joinKeys(on)
		if err != nil {
			return nil, err
		}
		if len(order.left) != 1 || len(order.where) > 0 {
			return nil, fmt.Errorf("one column orders the rows, not %d; name keys in Same", len(order.left))
		}
		return j.join(n, other.node, order)
	})
}

func (j *asOfJoin) join(left, right plan.Node, order Keys) (plan.Node, error) {
	order.left, order.right = append(order.left, j.by.left...), append(order.right, j.by.right...)
	left, l, err := order.side("left side", left, order.left, nil)
	if err != nil {
		return nil, err
	}
	right, r, err := order.side("right side", right, order.right, nil)
	if err != nil {
		return nil, err
	}
	joined, err := plan.NewAsOfJoin(left, right, l[1:], r[1:], plan.AsOf{Left: l[0], Right: r[0], Direction: j.direction}, j.tolerance, "")
	if err != nil {
		return nil, err
	}
	return plan.WithoutKeys(joined)
}
