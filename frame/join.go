package frame

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Keys are the pairs of columns that a Join compares, and what else has to be true of the rows that it pairs; On and Where make them.
type Keys struct {
	left, right []any
	where       []any
}

// On pairs a column of the left frame with one of the right, for Join: names, expressions or their text.
//
//	flights.Join(airports, On("dest", "faa"))
//	flights.Join(airlines, On(Col("carrier").Lower(), "lower(code)"))
func On(left, right any) Keys { return Keys{left: []any{left}, right: []any{right}} }

// And adds a pair.
//
//	flights.Join(weather, On("origin", "airport").And("time_hour", "hour"))
func (k Keys) And(left, right any) Keys {
	k.left, k.right = append(slices.Clone(k.left), left), append(slices.Clone(k.right), right)
	return k
}

// Where adds a condition on the columns that the joined rows have, by the names that Join gives them. Rows are paired only where it
// is true, which for a left join is not the same as to filter what it gives.
//
//	flights.Join(fares, On("carrier", "carrier").Where("distance >= miles_from && distance < miles_to"), "left")
func (k Keys) Where(condition any) Keys {
	k.where = append(slices.Clone(k.where), condition)
	return k
}

// Where is a join on a condition alone. Where it compares a number, date, time or duration of one frame with one of the other, the other
// frame's rows are sorted by theirs and searched; else every row is compared with every row, which equal keys, where there are
// some, save.
//
//	readings.Join(shifts, Where("at >= begin && at < end"))
func Where(condition any) Keys { return Keys{}.Where(condition) }

// Join puts the columns of other beside those of f, for each pair of rows whose keys are equal; nulls equal nothing. on is a column
// name, a []string, an On, a Where, or a map from f's names to other's. The kind is one of
//
//	"inner"  the pairs (the default)
//	"left"   and the rows of f that find no partner, with nulls for other
//	"right"  the pairs, and the rows of other that find no partner, in the order of other
//	"full"   and both, other's last
//	"semi"   the rows of f that find a partner, once each, with the columns of f alone
//	"anti"   the rows of f that find none
//	"cross"  every row of f with every row of other; on is nil
//
// The keys of other are left out: where a row of other finds no partner, they stand in place of f's. A column of other that is
// compared with an expression stays. Columns of other whose names are taken get "_right". But for a right join other is held in memory: make it
// the smaller one. Of an inner join on columns f is held instead where other is much the larger by the footers of its Parquet files, its
// size as CSV, or its rows in memory, and what is above does not ask for the order of rows, or few rows come out (Explain: build side). Rows come
// in the order of f; where other is larger than memory, part by part, in an order that is the same each time.
//
//	flights.Join(airlines, "carrier")
//	flights.Join(weather, []string{"origin", "time_hour"}, "left")
//	flights.Join(airports, map[string]string{"dest": "faa"})
//	flights.Join(cancelled, "flight", "anti")
func (f *Frame) Join(other *Frame, on any, kind ...string) *Frame {
	return f.derive("Join", func(n plan.Node) (plan.Node, error) {
		if err := other.Err(); err != nil {
			return nil, fmt.Errorf("right side: %w", err)
		}
		if len(kind) > 1 {
			return nil, fmt.Errorf("%d kinds given, want one", len(kind))
		}
		name := strings.Join(kind, "")
		if name == "cross" {
			if on != nil {
				return nil, errors.New("a cross join has no keys: give nil for them")
			}
			return plan.NewCrossJoin(n, other.node, "")
		}
		make, ok := joinKinds[name]
		if !ok {
			return nil, fmt.Errorf("unknown kind %q; kinds: inner, left, right, full, semi, anti, cross", name)
		}
		keys, err := joinKeys(on)
		if err != nil {
			return nil, err
		}
		return keys.join(n, other.node, make)
	})
}

// newJoin makes a join on columns.
type newJoin func(left, right plan.Node, leftKeys, rightKeys []string, suffix string, where expr.Expr) (plan.Node, error)

var joinKinds = map[string]newJoin{
	"": joinOf(plan.Inner), "inner": joinOf(plan.Inner), "left": joinOf(plan.Left), "right": plan.NewRightJoin,
	"full": joinOf(plan.Full), "semi": joinOf(plan.Semi), "anti": joinOf(plan.Anti),
}

func joinOf(kind plan.JoinKind) newJoin {
	return func(left, right plan.Node, leftKeys, rightKeys []string, suffix string, where expr.Expr) (plan.Node, error) {
		return plan.NewJoinWhere(left, right, leftKeys, rightKeys, kind, suffix, where)
	}
}

// join resolves the keys over both sides and joins on columns that have them.
func (k Keys) join(left, right plan.Node, make newJoin) (plan.Node, error) {
	left, l, err := k.side("left side", left, k.left, nil)
	if err != nil {
		return nil, err
	}
	right, r, err := k.side("right side", right, k.right, l)
	if err != nil {
		return nil, err
	}
	where, err := k.condition()
	if err != nil {
		return nil, err
	}
	joined, err := make(left, right, l, r, "", where)
	if err != nil {
		return nil, err
	}
	return plan.WithoutKeys(joined)
}

// side gives one side with columns for its keys, and their names; partners are those of the other side's. All rows have the key of a
// condition alone.
func (k Keys) side(name string, n plan.Node, keys []any, partners []string) (plan.Node, []string, error) {
	list, err := columns(keys, n.Schema())
	if len(list) == 0 && len(k.where) > 0 {
		list = plan.EveryRow
	}
	var names []string
	if err == nil {
		n, names, err = plan.KeyColumns(n, list, partners)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return n, names, nil
}

// condition is what all conditions say together, nil where there are none.
func (k Keys) condition() (whole expr.Expr, err error) {
	for _, c := range k.where {
		x, err := expression(c)
		if err != nil {
			return nil, err
		}
		if whole != nil {
			x = expr.Binary{Op: expr.And, Left: whole, Right: x}
		}
		whole = x
	}
	return whole, nil
}

func joinKeys(on any) (Keys, error) {
	switch on := on.(type) {
	case string:
		return On(on, on), nil
	case Keys:
		return on, nil
	case map[string]string:
		var k Keys
		for _, left := range sortedKeys(on) {
			k = k.And(left, on[left])
		}
		return k, nil
	case nil:
		return Keys{}, errors.New("no keys given")
	}
	if reflect.ValueOf(on).Kind() == reflect.Slice {
		var k Keys
		for _, v := range flatten([]any{on}) {
			name, ok := v.(string)
			if !ok {
				return Keys{}, fmt.Errorf("a %T is no column name", v)
			}
			k = k.And(name, name)
		}
		return k, nil
	}
	return Keys{}, fmt.Errorf("keys are a name, a []string, an On, a Where or a map from left to right names, not a %T", on)
}
