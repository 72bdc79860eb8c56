package rt

import "reflect"

// comparability is what a type says of comparing its values.
type comparability uint8

const (
	alwaysComparable comparability = iota
	neverComparable
	maybeComparable // what is in its interfaces decides
)

func comparabilityOf(t reflect.Type) comparability {
	if !t.Comparable() {
		return neverComparable
	}
	switch t.Kind() {
	case reflect.Interface:
		return maybeComparable
	case reflect.Array:
		return comparabilityOf(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if c := comparabilityOf(f.Type); c != alwaysComparable {
				return c
			}
		}
	}
	return alwaysComparable
}

// Eq is the equality of two interface values; it panics where Go does.
func (r *Registry) Eq(x, y any) bool {
	switch v := x.(type) {
	case nil:
		return y == nil
	case int:
		w, ok := y.(int)
		return ok && v == w
	case string:
		w, ok := y.(string)
		return ok && v == w
	}
	t := reflect.TypeOf(x)
	if t != reflect.TypeOf(y) {
		return false
	}
	switch r.info(t).equal {
	case alwaysComparable:
		return x == y
	case neverComparable:
		panic(runtimeError("comparing uncomparable type " + r.typeName(t, nil)))
	}
	return r.eqParts(x, y)
}

// eqParts compares values whose parts may turn out not to be comparable.
func (r *Registry) eqParts(x, y any) bool {
	defer func() {
		if v := recover(); v != nil {
			panic(r.Normalize(v))
		}
	}()
	return x == y
}
