package udf

import (
	"errors"
	"fmt"
	"go/types"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// mostBytes bounds the source of a function's captured values: more belongs into a Frame.
const mostBytes = 64 << 20

// valueWriter writes Go values as expressions that make them again. Types are those of go/types: how values lie in the
// interpreter need not tell them.
type valueWriter struct {
	dynamic func(v reflect.Value) (types.Type, reflect.Value, bool)
	imports map[string]string // name by path
	used    map[string]bool
	under   []uintptr                    // the pointers above the value: one that comes again is a cycle
	names   func(*types.TypeName) string // what a type of a cell is called in the file; "" for others
	ours    func(*types.TypeName) bool   // whether it is a type of a cell
}

// value is v, of type t, as an expression that can be assigned to a variable of that type.
func (w *valueWriter) value(t types.Type, v reflect.Value) (string, error) {
	text, err := w.write(t, v)
	if err == nil && len(text) > mostBytes {
		err = fmt.Errorf("it takes %d MB (at most %d): make it a Frame and Join it", len(text)>>20, mostBytes>>20)
	}
	return text, err
}

func (w *valueWriter) pkg(path string) string {
	if name, ok := w.imports[path]; ok {
		return name
	}
	name := fresh(path[strings.LastIndexByte(path, '/')+1:], w.used, nil)
	w.imports[path] = name
	return name
}

func (w *valueWriter) typeText(t types.Type) string {
	return typeText(t, func(obj *types.TypeName) string {
		if name := w.names(obj); name != "" {
			return name
		}
		if obj.Pkg() == nil {
			return obj.Name()
		}
		return w.pkg(obj.Pkg().Path()) + "." + obj.Name()
	})
}

func (w *valueWriter) write(t types.Type, v reflect.Value) (string, error) {
	if !v.IsValid() {
		return "nil", nil
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if text, ok, err := w.known(qualified(named), v); ok || err != nil {
			return text, err
		}
	}
	if _, ok := t.Underlying().(*types.Interface); !ok && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	wrong := fmt.Errorf("its value is a %s, not a %s", v.Type(), t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return w.basic(u, v)
	case *types.Interface:
		return w.dynamicValue(v)
	case *types.Pointer:
		if v.Kind() != reflect.Pointer {
			return "", wrong
		}
		return w.pointer(u, v)
	case *types.Slice:
		if v.Kind() != reflect.Slice {
			return "", wrong
		}
		return w.slice(t, u, v)
	case *types.Array:
		if v.Kind() != reflect.Array || int64(v.Len()) != u.Len() {
			return "", wrong
		}
		items, err := w.items(u.Elem(), v)
		return w.typeText(t) + "{" + items + "}", err
	case *types.Map:
		if v.Kind() != reflect.Map {
			return "", wrong
		}
		return w.mapping(t, u, v)
	case *types.Struct:
		if v.Kind() != reflect.Struct || v.NumField() != u.NumFields() {
			return "", wrong
		}
		return w.structure(t, u, v)
	}
	return "", fmt.Errorf("a %s can't be copied", t)
}

// known are values of libraries whose fields are their own.
func (w *valueWriter) known(name string, v reflect.Value) (string, bool, error) {
	if name != "time.Time" {
		return "", false, nil
	}
	t, ok := reflect.TypeAssert[time.Time](v)
	if !ok {
		return "", true, fmt.Errorf("its value is a %s, not a time.Time", v.Type())
	}
	tm := w.pkg("time")
	if t.IsZero() && t.Location() == time.UTC {
		return tm + ".Time{}", true, nil
	}
	text := fmt.Sprintf("%s.Unix(%d, %d)", tm, t.Unix(), t.Nanosecond())
	switch t.Location() {
	case time.Local:
		return text, true, nil
	case time.UTC:
		return text + ".UTC()", true, nil
	}
	return text + ".In(" + w.zone(t.Location(), t) + ")", true, nil
}

// zone is a location: by its name where the time zone database has it, else the offset that it has at t.
func (w *valueWriter) zone(loc *time.Location, t time.Time) string {
	tm := w.pkg("time")
	switch loc {
	case time.UTC:
		return tm + ".UTC"
	case time.Local:
		return tm + ".Local"
	}
	if same, err := time.LoadLocation(loc.String()); err == nil && loc.String() != "" && sameOffset(same, loc, t) {
		return fmt.Sprintf("func() *%s.Location { z, err := %s.LoadLocation(%q); if err != nil { panic(err) }; return z }()", tm, tm, loc.String())
	}
	name, offset := t.In(loc).Zone()
	return fmt.Sprintf("%s.FixedZone(%q, %d)", tm, name, offset)
}

func sameOffset(a, b *time.Location, t time.Time) bool {
	_, x := t.In(a).Zone()
	_, y := t.In(b).Zone()
	return x == y
}

func (w *valueWriter) basic(b *types.Basic, v reflect.Value) (string, error) {
	info := b.Info()
	switch {
	case info&types.IsBoolean != 0 && v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case info&types.IsUnsigned != 0 && v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), nil
	case info&types.IsInteger != 0 && v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case info&types.IsFloat != 0 && v.CanFloat():
		bits := 64
		if b.Kind() == types.Float32 {
			bits = 32
		}
		return w.float(v.Float(), bits), nil
	case info&types.IsComplex != 0 && v.CanComplex():
		c := v.Complex()
		bits := 64
		if b.Kind() == types.Complex64 {
			bits = 32
		}
		return "complex(" + w.float(real(c), bits) + ", " + w.float(imag(c), bits) + ")", nil
	case info&types.IsString != 0 && v.Kind() == reflect.String:
		return strconv.Quote(v.String()), nil
	}
	return "", fmt.Errorf("its value is a %s, not a %s", v.Type(), b)
}

// float is exact. What has no literal is made of its bits.
func (w *valueWriter) float(f float64, bits int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) || f == 0 && math.Signbit(f) {
		if bits == 32 {
			return fmt.Sprintf("%s.Float32frombits(%#x)", w.pkg("math"), math.Float32bits(float32(f)))
		}
		return fmt.Sprintf("%s.Float64frombits(%#x)", w.pkg("math"), math.Float64bits(f))
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

func (w *valueWriter) pointer(p *types.Pointer, v reflect.Value) (string, error) {
	if v.IsNil() {
		return "nil", nil
	}
	if named, ok := types.Unalias(p.Elem()).(*types.Named); ok {
		if text, ok, err := w.knownPointer(qualified(named), v); ok || err != nil {
			return text, err
		}
	}
	if slices.Contains(w.under, v.Pointer()) {
		return "", errors.New("it points to itself, and a copy would have no end")
	}
	w.under = append(w.under, v.Pointer())
	defer func() { w.under = w.under[:len(w.under)-1] }()
	text, err := w.write(p.Elem(), v.Elem())
	if err != nil {
		return "", err
	}
	elem := w.typeText(p.Elem())
	if strings.HasPrefix(text, elem+"{") {
		return "&" + text, nil
	}
	return fmt.Sprintf("func() *%s { var v %s = %s; return &v }()", elem, elem, text), nil
}

// items are the elements of a slice or array.
func (w *valueWriter) items(elem types.Type, v reflect.Value) (string, error) {
	parts := make([]string, v.Len())
	for i := range parts {
		text, err := w.write(elem, v.Index(i))
		if err != nil {
			return "", fmt.Errorf("[%d]: %w", i, err)
		}
		parts[i] = text
	}
	return strings.Join(parts, ", "), nil
}

func (w *valueWriter) slice(t types.Type, s *types.Slice, v reflect.Value) (string, error) {
	if v.IsNil() {
		return "nil", nil
	}
	if b, ok := s.Elem().(*types.Basic); ok {
		if b.Kind() == types.Byte && v.Type().Elem().Kind() == reflect.Uint8 {
			return w.typeText(t) + "(" + strconv.Quote(string(v.Bytes())) + ")", nil
		}
		if v.Len() >= bulk {
			return w.bulkSlice(t, v)
		}
	}
	items, err := w.items(s.Elem(), v)
	return w.typeText(t) + "{" + items + "}", err
}

func (w *valueWriter) mapping(t types.Type, m *types.Map, v reflect.Value) (string, error) {
	if v.IsNil() {
		return "nil", nil
	}
	_, key := m.Key().(*types.Basic)
	_, elem := m.Elem().(*types.Basic)
	if key && elem && v.Len() >= bulk {
		return w.bulkMap(t, m, v)
	}
	var parts []string
	for it := v.MapRange(); it.Next(); {
		if k := it.Key(); k.CanFloat() && math.IsNaN(k.Float()) {
			return "", errors.New("a key is NaN")
		}
		k, err := w.write(m.Key(), it.Key())
		if err != nil {
			return "", fmt.Errorf("a key: %w", err)
		}
		e, err := w.write(m.Elem(), it.Value())
		if err != nil {
			return "", fmt.Errorf("[%s]: %w", k, err)
		}
		parts = append(parts, k+": "+e)
	}
	slices.Sort(parts) // the same value is the same text
	return w.typeText(t) + "{" + strings.Join(parts, ", ") + "}", nil
}

func (w *valueWriter) structure(t types.Type, s *types.Struct, v reflect.Value) (string, error) {
	var parts []string
	for i := range s.NumFields() {
		f := s.Field(i)
		if f.Name() == "_" {
			continue
		}
		text, err := w.write(f.Type(), v.Field(i))
		if err != nil {
			return "", fmt.Errorf("field %s: %w", f.Name(), err)
		}
		name := f.Name()
		if f.Embedded() { // it may have another name in the file
			elem := f.Type()
			if p, ok := elem.(*types.Pointer); ok {
				elem = p.Elem()
			}
			name = w.typeText(elem)
			name, _, _ = strings.Cut(name[strings.LastIndexByte(name, '.')+1:], "[")
		}
		parts = append(parts, name+": "+text)
	}
	return w.typeText(t) + "{" + strings.Join(parts, ", ") + "}", nil
}

// dynamicValue is what an interface holds.
func (w *valueWriter) dynamicValue(v reflect.Value) (string, error) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return "nil", nil
	}
	if w.dynamic != nil {
		if t, held, ok := w.dynamic(v); ok {
			return w.converted(t, held)
		}
	}
	if v.Type() == errorString {
		return w.pkg("errors") + ".New(" + strconv.Quote(v.Interface().(error).Error()) + ")", nil
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		text, _, err := w.known("time.Time", v)
		return text, err
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		return fmt.Sprintf("%s.Duration(%d)", w.pkg("time"), v.Int()), nil
	}
	if t := plainType(v.Type()); t != nil {
		return w.converted(t, v)
	}
	return "", fmt.Errorf("it holds a %s in an interface. Capture a variable of that type instead", v.Type())
}

// converted is a value with its type, for an interface.
func (w *valueWriter) converted(t types.Type, v reflect.Value) (string, error) {
	missing := ""
	eachNamed(t, func(obj *types.TypeName) {
		if w.ours(obj) && w.names(obj) == "" {
			missing = obj.Name()
		}
	})
	if missing != "" {
		return "", fmt.Errorf("it holds a %s in an interface, a type that the function does not mention. Capture a variable of that type instead", missing)
	}
	text, err := w.write(t, v)
	if err != nil {
		return "", err
	}
	name := w.typeText(t)
	if strings.HasPrefix(text, name+"{") || strings.HasPrefix(text, "&") || strings.HasPrefix(text, "func()") {
		return text, nil
	}
	return "(" + name + ")(" + text + ")", nil
}

var errorString = reflect.TypeOf(errors.New(""))

var plainTypes = map[reflect.Kind]types.BasicKind{
	reflect.Bool: types.Bool, reflect.Int: types.Int, reflect.Int8: types.Int8, reflect.Int16: types.Int16, reflect.Int32: types.Int32,
	reflect.Int64: types.Int64, reflect.Uint: types.Uint, reflect.Uint8: types.Uint8, reflect.Uint16: types.Uint16,
	reflect.Uint32: types.Uint32, reflect.Uint64: types.Uint64, reflect.Float32: types.Float32, reflect.Float64: types.Float64,
	reflect.String: types.String, reflect.Complex64: types.Complex64, reflect.Complex128: types.Complex128,
}

// plainType is the type of a value that needs no name: basic types, and slices and maps of those; nil for others.
func plainType(t reflect.Type) types.Type {
	if k, ok := plainTypes[t.Kind()]; ok && t.PkgPath() == "" && t.Name() == t.Kind().String() {
		return types.Typ[k]
	}
	switch {
	case t.Kind() == reflect.Slice && t.Name() == "":
		if e := plainType(t.Elem()); e != nil {
			return types.NewSlice(e)
		}
	case t.Kind() == reflect.Map && t.Name() == "":
		if k, e := plainType(t.Key()), plainType(t.Elem()); k != nil && e != nil {
			return types.NewMap(k, e)
		}
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return types.NewInterfaceType(nil, nil)
	}
	return nil
}

// constant is a captured value, or a field of one, as a constant of a program.
func (s *Static) constant(path string, values []reflect.Value) (program.Const, error) {
	name, fields, _ := strings.Cut(path, ".")
	for i, c := range s.captures {
		if c.name != name {
			continue
		}
		v, t := values[i], c.typ
		for fields != "" {
			var field string
			field, fields, _ = strings.Cut(fields, ".")
			if v.Kind() == reflect.Pointer {
				if v.IsNil() {
					return program.Const{}, fmt.Errorf("%s is nil", name)
				}
				v, t = v.Elem(), t.Underlying().(*types.Pointer).Elem()
			}
			st, ok := t.Underlying().(*types.Struct)
			if !ok || v.Kind() != reflect.Struct || v.NumField() != st.NumFields() {
				return program.Const{}, fmt.Errorf("%s has no fields", name)
			}
			for k := range st.NumFields() {
				if st.Field(k).Name() == field {
					v, t = v.Field(k), st.Field(k).Type()
					break
				}
			}
		}
		return constantOf(path, v)
	}
	return program.Const{}, fmt.Errorf("%s is not captured", path)
}

func constantOf(path string, v reflect.Value) (program.Const, error) {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return program.Const{Bits: 1}, nil
		}
		return program.Const{}, nil
	case v.CanInt():
		return program.Const{Bits: uint64(v.Int())}, nil
	case v.CanUint():
		return program.Const{Bits: v.Uint()}, nil
	case v.CanFloat():
		return program.Const{Bits: math.Float64bits(v.Float())}, nil
	case v.Kind() == reflect.String:
		return program.Const{Text: strings.Clone(v.String())}, nil
	}
	return program.Const{}, fmt.Errorf("%s is a %s", path, v.Type())
}
