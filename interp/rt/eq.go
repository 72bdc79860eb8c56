package rt

import (
	"reflect"
	"strings"
)

// comparability is what a type says of comparing its values.
type comparability uint8

const (
	alwaysComparable comparability = iota
	neverComparable
	maybeComparable // what is in its interfaces decides
	hasBlank        // it has blank fields, which do not count
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
		all := alwaysComparable
		for f := range t.Fields() {
			c := comparabilityOf(f.Type)
			if strings.HasPrefix(f.Name, blankPrefix) {
				c = hasBlank
			}
			all = max(all, c)
		}
		return all
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
	if r.info(t).equal == hasBlank {
		return r.eqFields(reflect.ValueOf(x), reflect.ValueOf(y))
	}
	return r.eqParts(x, y)
}

// blankPrefix begins the names that blank fields have.
const blankPrefix = "Blank_"

// eqFields compares values of one type without their blank fields.
func (r *Registry) eqFields(v, w reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		for f := range v.Type().Fields() {
			if !strings.HasPrefix(f.Name, blankPrefix) && !r.eqFields(v.FieldByIndex(f.Index), w.FieldByIndex(f.Index)) {
				return false
			}
		}
		return true
	case reflect.Array:
		for i := range v.Len() {
			if !r.eqFields(v.Index(i), w.Index(i)) {
				return false
			}
		}
		return true
	}
	return r.Eq(v.Interface(), w.Interface())
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
