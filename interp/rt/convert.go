package rt

import (
	"fmt"
	"reflect"
)

// direction is which way a value crosses the boundary to compiled code.
type direction bool

const (
	outward direction = true
	inward  direction = false
)

func (d direction) back() direction { return !d }

// conversion makes values of one type from those of another.
type conversion struct {
	same bool // values pass unchanged
	from reflect.Type
	to   reflect.Type
	f    func(reflect.Value) reflect.Value
}

func (c *conversion) apply(v reflect.Value) reflect.Value {
	if c.same {
		return v
	}
	return c.f(v)
}

type conversionKey struct {
	from, to reflect.Type
	d        direction
}

// conversionError is the panic of a value that can't cross.
type conversionError string

func (e conversionError) Error() string { return string(e) }

// As makes a value of a compiled type from one of a cell. proto is a nil pointer to that type.
func (r *Registry) As(x, proto any) any {
	t := reflect.TypeOf(proto).Elem()
	if x == nil {
		return reflect.Zero(t).Interface()
	}
	if t.Kind() == reflect.Interface {
		if t.NumMethod() == 0 {
			return x
		}
		return r.implement(x, t)
	}
	return r.conversion(reflect.TypeOf(x), t, outward).apply(reflect.ValueOf(x)).Interface()
}

// From makes a value of a cell's type from one of a compiled type. proto is a nil pointer to the cell's type.
func (r *Registry) From(x, proto any) any {
	t := reflect.TypeOf(proto).Elem()
	if x == nil {
		return reflect.Zero(t).Interface()
	}
	if t.Kind() == reflect.Interface {
		return r.In(x)
	}
	return r.conversion(reflect.TypeOf(x), t, inward).apply(reflect.ValueOf(x)).Interface()
}

// conversion is the way from one type to another.
func (r *Registry) conversion(from, to reflect.Type, d direction) *conversion {
	key := conversionKey{from, to, d}
	if c, ok := r.conversions.Load(key); ok {
		return c.(*conversion)
	}
	c := &conversion{from: from, to: to}
	r.build(c, d)
	got, _ := r.conversions.LoadOrStore(key, c)
	return got.(*conversion)
}

func (r *Registry) build(c *conversion, d direction) {
	from, to := c.from, c.to
	switch {
	case d == inward && to == anyType:
		r.buildInterface(c, d)
	case from == to && !carriesFunctions(to, map[reflect.Type]bool{}):
		c.same = true
	case from == to && r.mentions(to, map[reflect.Type]bool{}, hasMethods):
		c.same = true // only compiled code makes such
	case to.Kind() == reflect.Interface:
		r.buildInterface(c, d)
	case from.Kind() == reflect.Interface:
		c.f = func(v reflect.Value) reflect.Value {
			if v.IsNil() {
				return reflect.Zero(to)
			}
			return r.conversion(v.Elem().Type(), to, d).apply(v.Elem())
		}
	case r.isBox(from) && !r.isBox(to):
		inner := r.conversion(from.Field(0).Type, to, d)
		c.f = func(v reflect.Value) reflect.Value { return inner.apply(v.Field(0)) }
	case from.Kind() == to.Kind() && r.buildComposite(c, d):
	case from.Kind() == to.Kind() && from.ConvertibleTo(to), isNumber(from) && isNumber(to):
		c.f = func(v reflect.Value) reflect.Value { return v.Convert(to) }
	default:
		panic(conversionError(fmt.Sprintf("a %s can't be handed over as %s", r.typeName(from, nil), r.typeName(to, nil))))
	}
}

func isNumber(t reflect.Type) bool { return t.Kind() >= reflect.Int && t.Kind() <= reflect.Complex128 }

// hasMethods says whether a type is an interface type that no cell has.
func hasMethods(t reflect.Type) bool { return t.Kind() == reflect.Interface && t.NumMethod() > 0 }

func (r *Registry) isBox(t reflect.Type) bool {
	ty := r.tagged(t)
	return ty != nil && ty.box
}

// buildInterface makes conversions to interface types.
func (r *Registry) buildInterface(c *conversion, d direction) {
	to := c.to
	c.f = func(v reflect.Value) reflect.Value {
		for v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		out := reflect.New(to).Elem()
		if !v.IsValid() {
			return out
		}
		x := v.Interface()
		switch {
		case d == inward:
			x = r.In(x)
		case to.NumMethod() > 0:
			x = r.implement(x, to)
		}
		if x != nil {
			out.Set(reflect.ValueOf(x))
		}
		return out
	}
}

// buildComposite makes conversions between types of the same kind, if it can.
func (r *Registry) buildComposite(c *conversion, d direction) bool {
	from, to := c.from, c.to
	switch to.Kind() {
	case reflect.Func:
		r.buildFunc(c, d)
	case reflect.Slice, reflect.Array:
		if to.Kind() == reflect.Array && from.Len() != to.Len() {
			return false
		}
		elem := r.conversion(from.Elem(), to.Elem(), d)
		if elem.same {
			return false
		}
		c.f = func(v reflect.Value) reflect.Value { return convertList(v, to, elem) }
	case reflect.Map:
		key, elem := r.conversion(from.Key(), to.Key(), d), r.conversion(from.Elem(), to.Elem(), d)
		if key.same && elem.same {
			return false
		}
		c.f = func(v reflect.Value) reflect.Value { return convertMap(v, to, key, elem) }
	case reflect.Struct:
		return r.buildStruct(c, d)
	case reflect.Pointer, reflect.Chan:
		return r.buildShared(c, d)
	default:
		return false
	}
	return true
}

func convertList(v reflect.Value, to reflect.Type, elem *conversion) reflect.Value {
	out := reflect.New(to).Elem()
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return out
		}
		out.Set(reflect.MakeSlice(to, v.Len(), v.Len()))
	}
	for i := range v.Len() {
		out.Index(i).Set(elem.apply(v.Index(i)))
	}
	return out
}

func convertMap(v reflect.Value, to reflect.Type, key, elem *conversion) reflect.Value {
	if v.IsNil() {
		return reflect.Zero(to)
	}
	out := reflect.MakeMapWithSize(to, v.Len())
	for it := v.MapRange(); it.Next(); {
		out.SetMapIndex(key.apply(it.Key()), elem.apply(it.Value()))
	}
	return out
}

func (r *Registry) buildStruct(c *conversion, d direction) bool {
	from, to := c.from, c.to
	if from.NumField() != to.NumField() || from.ConvertibleTo(to) && !carriesFunctions(to, map[reflect.Type]bool{}) {
		return false
	}
	fields := make([]*conversion, to.NumField())
	for i := range fields {
		if !to.Field(i).IsExported() || !from.Field(i).IsExported() {
			return false
		}
		fields[i] = r.conversion(from.Field(i).Type, to.Field(i).Type, d)
	}
	c.f = func(v reflect.Value) reflect.Value {
		out := reflect.New(to).Elem()
		for i, f := range fields {
			out.Field(i).Set(f.apply(v.Field(i)))
		}
		return out
	}
	return true
}

// buildShared makes conversions of pointers and channels, through which both sides would have to see the same
// variable: that works only where the elements are the same.
func (r *Registry) buildShared(c *conversion, d direction) bool {
	from, to := c.from, c.to
	if from == to {
		c.same = true
		return true
	}
	if from.ConvertibleTo(to) {
		return false
	}
	c.f = func(v reflect.Value) reflect.Value {
		if v.IsNil() {
			return reflect.Zero(to)
		}
		other, where := r.typeName(to, nil), "compiled code"
		if d == inward {
			where = "a cell"
		}
		panic(conversionError(fmt.Sprintf("%s can't be shared with %s: its elements are kept in another form there", other, where)))
	}
	return true
}

// carriesFunctions says whether values of a type that both sides have hold functions with interfaces in their
// signatures: what goes through those is converted all the same.
func carriesFunctions(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || t.PkgPath() != "" {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Func:
		for p := range t.Ins() {
			if hasInterface(p, map[reflect.Type]bool{}) {
				return true
			}
		}
		for p := range t.Outs() {
			if hasInterface(p, map[reflect.Type]bool{}) {
				return true
			}
		}
	case reflect.Slice, reflect.Array, reflect.Map:
		return carriesFunctions(t.Elem(), seen)
	}
	return false
}

// hasInterface says whether a type is, or is composed of, an interface type.
func hasInterface(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice, reflect.Array:
		return hasInterface(t.Elem(), seen)
	case reflect.Map:
		return hasInterface(t.Key(), seen) || hasInterface(t.Elem(), seen)
	case reflect.Func:
		return carriesFunctions(t, map[reflect.Type]bool{})
	}
	return false
}
