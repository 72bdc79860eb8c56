package rt

import (
	"errors"
	"reflect"
)

// ErrorsUnwrap is errors.Unwrap.
func (r *Registry) ErrorsUnwrap(err any) any {
	if t := r.Of(err); t != nil {
		if m := t.method("Unwrap"); m != nil && m.str == "func() error" {
			return m.call(err)[0].Interface()
		}
		return nil
	}
	e, _ := err.(error)
	return r.In(errors.Unwrap(e))
}

// causes are the errors that an error wraps.
func (r *Registry) causes(err any) []any {
	if m := r.Of(err).method("Unwrap"); m != nil {
		switch m.str {
		case "func() error":
			return []any{m.call(err)[0].Interface()}
		case "func() []error":
			list := m.call(err)[0]
			all := make([]any, list.Len())
			for i := range all {
				all[i] = list.Index(i).Interface()
			}
			return all
		}
		return nil
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return []any{r.In(e.Unwrap())}
	case interface{ Unwrap() []error }:
		var all []any
		for _, c := range e.Unwrap() {
			all = append(all, r.In(c))
		}
		return all
	}
	return nil
}

// ErrorsIs is errors.Is.
func (r *Registry) ErrorsIs(err, target any) bool {
	if err == nil || target == nil {
		return err == nil && target == nil
	}
	return r.errorIs(err, target, reflect.TypeOf(target).Comparable())
}

func (r *Registry) errorIs(err, target any, comparable bool) bool {
	if comparable && r.Eq(err, target) {
		return true
	}
	if m := r.Of(err).method("Is"); m != nil {
		if m.str == "func(error) bool" && m.call(err, anyValue(target))[0].Bool() {
			return true
		}
	} else if e, ok := err.(interface{ Is(error) bool }); ok && e.Is(r.asError(reflect.ValueOf(target))) {
		return true
	}
	for _, c := range r.causes(err) {
		if c != nil && r.errorIs(c, target, comparable) {
			return true
		}
	}
	return false
}

// ErrorsAs is errors.As: take is asked for each error of the tree, and stores and accepts it if it is of the target's
// type. Errors with a method As are given the target itself, if it is given.
func (r *Registry) ErrorsAs(err any, take func(any) bool, target ...any) bool {
	if err == nil {
		return false
	}
	if take(err) {
		return true
	}
	if len(target) > 0 && r.asMethod(err, target[0]) {
		return true
	}
	for _, c := range r.causes(err) {
		if r.ErrorsAs(c, take, target...) {
			return true
		}
	}
	return false
}

func (r *Registry) asMethod(err, target any) bool {
	if m := r.Of(err).method("As"); m != nil {
		return m.str == "func(interface {}) bool" && m.call(err, anyValue(target))[0].Bool()
	}
	e, ok := err.(interface{ As(any) bool })
	return ok && e.As(r.Raw(target))
}
