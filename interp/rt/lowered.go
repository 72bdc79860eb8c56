package rt

import (
	"fmt"
	"math"
	"reflect"
	"unicode/utf8"
	"unsafe"
)

// lowered are the functions that only lowered code calls.
func (r *Registry) lowered() map[string]reflect.Value {
	v := reflect.ValueOf
	return map[string]reflect.Value{
		"Literal": v(r.Literal), "Length": v(length), "RecoveredUnless": v(recoveredUnless), "Uintptr": v(func(n int) uintptr { return uintptr(n) }), "Capacity": v(capacity),
		"Ref": v(r.Ref), "FromRef": v(r.FromRef),
		"NilDereference": v(r.NilDeref), "Holds": v(holds), "Index": v(index), "ShiftCount": v(shiftCount),
		"Var": v(r.variable), "AfterRune": v(afterRune), "Breakpoint": v(func() {}), "SameChannel": v(sameChannel), "Bound": v(bound), "SliceBound": v(sliceBound), "StringBound": v(stringBound), "Clear": v(clearValue), "FloatMin": v(func(a, b float64) float64 { return min(a, b) }),
		"FloatMax":   v(func(a, b float64) float64 { return max(a, b) }),
		"Complex128": v(func(a, b float64) complex128 { return complex(a, b) }),
		"Complex64":  v(func(a, b float64) complex64 { return complex(float32(a), float32(b)) }),
		"OutSlice":   v(each(r.Out)), "RawSlice": v(each(r.Raw)), "ScanTargetSlice": v(each(r.ScanTarget)), "JSONSlice": v(each(r.JSON)), "JSONTargetSlice": v(each(r.JSONTarget)),
		"TemplateSlice": v(each(r.Template)), "CallSlice": v(r.Call),
		"UnsafeStringData": v(func(s string) *byte { return unsafe.StringData(s) }), "UnsafeSliceData": v(sliceData),
		"UnsafeString": v(func(p *byte, n int) string { return unsafe.String(p, n) }), "UnsafeSlice": v(unsafeSlice),
		"UnsafeAdd": v(func(p unsafe.Pointer, n int) unsafe.Pointer { return unsafe.Add(p, n) }),
	}
}

// FromRef is a pointer to what From gives: a *T, where proto is a nil *T.
func (r *Registry) FromRef(x, proto any) any {
	p := reflect.New(reflect.TypeOf(proto).Elem())
	if v := r.From(x, proto); v != nil {
		p.Elem().Set(reflect.ValueOf(v))
	}
	return p.Interface()
}

// Ref is a pointer to the compiled form of a cell's value: a *T, where proto is a nil *T. A pointer carries an interface
// that is nil as well as any other.
func (r *Registry) Ref(x, proto any) any {
	p := reflect.New(reflect.TypeOf(proto).Elem())
	if v := r.As(x, proto); v != nil {
		p.Elem().Set(reflect.ValueOf(v))
	}
	return p.Interface()
}

// holds reports whether x is exactly of the type that proto, a nil pointer, points to.
func holds(x, proto any) bool { return reflect.TypeOf(x) == reflect.TypeOf(proto).Elem() }

// variable is a pointer to a variable of a compiled package.
func (r *Registry) variable(path, name string) any {
	v, ok := r.Symbol(path, name)
	if !ok || !v.CanAddr() {
		panic(runtimeError(path + "." + name + " can't be set"))
	}
	return v.Addr().Interface()
}

// afterRune is where the rune after the one at i begins.
func afterRune(s string, i int) int {
	_, size := utf8.DecodeRuneInString(s[i:])
	return i + size
}

// recoveredUnless is a deferred call of recover: it sees the panic that runs the function which defers it, where that function
// does not panic itself.
func recoveredUnless(own, outer *Defers) any {
	if own.panics != nil {
		return nil
	}
	return outer.Recover()
}

// maxCapacity is more than any make can give.
const maxCapacity = 1 << 46

// capacity is a capacity that make is given; -1 is out of its range as well.
func capacity(n int) int {
	if n > maxCapacity {
		return -1
	}
	return n
}

// length is a length that make is given; -1 is out of its range as well.
func length(n uint64) int {
	if n > math.MaxInt {
		return -1
	}
	return int(n)
}

func index(i uint64) int {
	if i > math.MaxInt {
		panic(runtimeError(fmt.Sprintf("index out of range [%d]", i)))
	}
	return int(i)
}

// sameChannel compares channels whose types differ by their directions.
func sameChannel(x, y any) bool { return reflect.ValueOf(x).Pointer() == reflect.ValueOf(y).Pointer() }

// bound is i, which must be an index of n elements.
func bound(i, n int) int {
	switch {
	case i < 0:
		panic(runtimeError(fmt.Sprintf("index out of range [%d]", i)))
	case i >= n:
		panic(runtimeError(fmt.Sprintf("index out of range [%d] with length %d", i, n)))
	}
	return i
}

// sliceBound is low, the lower index of a slice expression of a slice.
func sliceBound(low, high, capacity int) int { return limits(low, high, capacity, "capacity") }

// stringBound is the same for a string or an array.
func stringBound(low, high, length int) int { return limits(low, high, length, "length") }

func limits(low, high, limit int, of string) int {
	switch {
	case high < 0:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d]", high)))
	case high > limit:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d] with %s %d", high, of, limit)))
	case low < 0:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:]", low)))
	case low > high:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:%d]", low, high)))
	}
	return low
}

func shiftCount(n int64) uint {
	if n < 0 {
		panic(runtimeError("negative shift amount"))
	}
	return uint(n)
}

func clearValue(x any) {
	if v := reflect.ValueOf(x); v.IsValid() {
		v.Clear()
	}
}

func each(f func(any) any) func([]any) []any {
	return func(list []any) []any {
		if list == nil {
			return nil
		}
		out := make([]any, len(list))
		for i, x := range list {
			out[i] = f(x)
		}
		return out
	}
}

func sliceData(s any) any {
	v := reflect.ValueOf(s)
	return reflect.NewAt(v.Type().Elem(), v.UnsafePointer()).Interface()
}

func unsafeSlice(p any, n int) any {
	v := reflect.ValueOf(p)
	if v.IsNil() {
		if n == 0 {
			return reflect.Zero(reflect.SliceOf(v.Type().Elem())).Interface()
		}
		panic(runtimeError("unsafe.Slice: ptr is nil and len is not zero"))
	}
	size := v.Type().Elem().Size()
	if n < 0 || size > 0 && uintptr(n) > -v.Pointer()/size {
		panic(runtimeError("unsafe.Slice: len out of range"))
	}
	a := reflect.NewAt(reflect.ArrayOf(n, v.Type().Elem()), v.UnsafePointer()).Elem()
	return a.Slice3(0, n, n).Interface()
}
