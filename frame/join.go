package frame

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/rivulet-go/rivulet/frame/plan"
)

// Keys are the pairs of columns that a Join compares, where their names differ; On makes them.
type Keys struct{ left, right []string }

// On pairs a column of the left frame with one of the right, for Join.
//
//	flights.Join(airports, On("dest", "faa"))
func On(left, right string) Keys { return Keys{[]string{left}, []string{right}} }

// And adds a pair.
//
//	flights.Join(weather, On("origin", "airport").And("time_hour", "hour"))
func (k Keys) And(left, right string) Keys {
	return Keys{append(append([]string(nil), k.left...), left), append(append([]string(nil), k.right...), right)}
}

// Join puts the columns of other beside those of f, for each pair of rows whose keys are equal; nulls equal nothing.
// on is a column name, a []string, an On, or a map from f's names to other's. The kind is "inner" (the default) or
// "left", which also keeps the rows of f that find no partner. The keys of other are left out, and its columns whose
// names are taken get "_right". other is held in memory (or spilled to disk): make it the smaller one.
//
//	flights.Join(airlines, "carrier")
//	flights.Join(weather, []string{"origin", "time_hour"}, "left")
//	flights.Join(airports, map[string]string{"dest": "faa"})
func (f *Frame) Join(other *Frame, on any, kind ...string) *Frame {
	return f.derive("Join", func(n plan.Node) (plan.Node, error) {
		if err := other.Err(); err != nil {
			return nil, fmt.Errorf("right side: %w", err)
		}
		keys, err := joinKeys(on)
		if err != nil {
			return nil, err
		}
		k := plan.Inner
		switch {
		case len(kind) > 1:
			return nil, fmt.Errorf("%d kinds given, want one", len(kind))
		case len(kind) == 0 || kind[0] == "inner" || kind[0] == "":
		case kind[0] == "left":
			k = plan.Left
		default:
			return nil, fmt.Errorf("unknown kind %q; kinds: inner, left", kind[0])
		}
		return plan.NewJoin(n, other.node, keys.left, keys.right, k, "")
	})
}

func joinKeys(on any) (Keys, error) {
	switch on := on.(type) {
	case string:
		return On(on, on), nil
	case []string:
		return Keys{on, on}, nil
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
	r := reflect.ValueOf(on)
	if r.Kind() == reflect.Slice {
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
	return Keys{}, fmt.Errorf("keys are a name, a []string, an On or a map from left to right names, not a %T", on)
}
