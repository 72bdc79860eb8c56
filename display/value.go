package display

import (
	"context"
	"fmt"
	"reflect"
)

// Value renders a Go value; false where there is nothing to show (nil).
func Value(_ context.Context, v any) (b Bundle, ok bool) {
	if v == nil {
		return Bundle{}, false
	}
	return textBundle(fmt.Sprint(v)), true
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface:
		return r.IsNil()
	}
	return !r.IsValid()
}
