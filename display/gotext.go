package display

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	lineWidth   = 90   // a composite that does not fit is put on lines of its own
	maxDepth    = 8    // of nested values
	maxNodes    = 2000 // values drawn in all
	maxElements = 100  // of one slice or map, drawn whole up to this
	headOfMany  = 50   // of a longer one
	tailOfMany  = 5
	maxString   = 2000 // bytes of one string inside a composite
)

// goText draws a value in Go's syntax, in a bounded number of lines and depth; cycles are cut.
func goText(v reflect.Value) string {
	p := &printer{visiting: map[uintptr]bool{}}
	return p.value(v, 0, true)
}

type printer struct {
	nodes    int
	visiting map[uintptr]bool
}

func (p *printer) value(v reflect.Value, depth int, top bool) string {
	p.nodes++
	switch {
	case !v.IsValid():
		return "nil"
	case p.nodes > maxNodes || depth > maxDepth:
		return "…"
	}
	if s, ok := saysItself(v); ok && !top {
		return s
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.String:
		return quoted(v.String())
	case reflect.Pointer:
		return p.pointer(v, depth)
	case reflect.Interface:
		return p.value(v.Elem(), depth, false)
	case reflect.Struct:
		return p.structure(v, depth)
	case reflect.Slice, reflect.Array:
		return p.list(v, depth)
	case reflect.Map:
		return p.mapping(v, depth)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			return "nil"
		}
		return v.Type().String()
	}
	return number(v)
}

// saysItself lets times, durations, errors and Stringers inside a composite speak. Unexported fields can't be asked.
func saysItself(v reflect.Value) (s string, ok bool) {
	if !v.CanInterface() || v.Kind() == reflect.Interface {
		return "", false
	}
	if k := v.Kind(); (k == reflect.Pointer || k == reflect.Map || k == reflect.Slice || k == reflect.Func) && v.IsNil() {
		return "", false
	}
	defer func() {
		if r := recover(); r != nil {
			s, ok = fmt.Sprintf("<panic: %v>", r), true
		}
	}()
	switch x := v.Interface().(type) {
	case time.Time:
		return timeText(x), true
	case error:
		return x.Error(), true
	case fmt.Stringer:
		return x.String(), true
	}
	return "", false
}

func number(v reflect.Value) string {
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	case v.CanComplex():
		return strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits())
	}
	return v.Type().String()
}

func quoted(s string) string {
	if len(s) > maxString {
		return fmt.Sprintf("%q… (%s)", s[:cutAt(s, maxString)], byteText(int64(len(s))))
	}
	return strconv.Quote(s)
}

func (p *printer) pointer(v reflect.Value, depth int) string {
	if v.IsNil() {
		return "nil"
	}
	return p.once(v, func() string { return "&" + p.value(v.Elem(), depth, false) })
}

// once cuts cycles: what is being drawn already is only named.
func (p *printer) once(v reflect.Value, draw func() string) string {
	at := v.Pointer()
	if at == 0 {
		return draw()
	}
	if p.visiting[at] {
		return "<cycle: " + typeText(v.Type()) + ">"
	}
	p.visiting[at] = true
	defer delete(p.visiting, at)
	return draw()
}

// TypeTag is the key of a tag that names a type which reflection has no name for: that of the first field of a struct
// which stands for one of a cell.
const TypeTag = "rivulet"

// typeName is the name of a type, empty if it has none.
func typeName(t reflect.Type) string {
	switch {
	case t.Name() != "":
		return t.String()
	case t.Kind() == reflect.Struct && t.NumField() > 0:
		return t.Field(0).Tag.Get(TypeTag)
	}
	return ""
}

// typeText is the name of a named type; the text of a literal type would only repeat what is drawn.
func typeText(t reflect.Type) string {
	switch {
	case typeName(t) != "":
		return typeName(t)
	case t.Kind() == reflect.Pointer:
		return "*" + typeText(t.Elem())
	}
	return t.Kind().String()
}

func (p *printer) structure(v reflect.Value, depth int) string {
	name := typeName(v.Type())
	parts := make([]string, v.NumField())
	for i := range parts {
		parts[i] = v.Type().Field(i).Name + ": " + p.value(v.Field(i), depth+1, false)
	}
	return compose(name+"{", parts, ", ", "}")
}

func (p *printer) list(v reflect.Value, depth int) string {
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return "nil"
		}
		if v.Len() > 0 {
			return p.once(v, func() string { return p.elements(v, depth) })
		}
	}
	return p.elements(v, depth)
}

func (p *printer) elements(v reflect.Value, depth int) string {
	n := v.Len()
	var parts []string
	for i := range n {
		if n > maxElements && i == headOfMany {
			parts = append(parts, "…")
		}
		if n > maxElements && i >= headOfMany && i < n-tailOfMany {
			continue
		}
		parts = append(parts, p.value(v.Index(i), depth+1, false))
	}
	text := compose("[", parts, " ", "]")
	if n > maxElements {
		text += fmt.Sprintf(" (%s elements)", grouped(int64(n)))
	}
	return text
}

func (p *printer) mapping(v reflect.Value, depth int) string {
	if v.IsNil() {
		return "nil"
	}
	return p.once(v, func() string {
		keys := sortedMapKeys(v)
		var parts []string
		for i, k := range keys {
			if len(keys) > maxElements && i == headOfMany {
				parts = append(parts, "…")
				break
			}
			parts = append(parts, p.value(k, depth+1, false)+": "+p.value(v.MapIndex(k), depth+1, false))
		}
		text := compose("map[", parts, " ", "]")
		if len(keys) > maxElements {
			text += fmt.Sprintf(" (%s keys)", grouped(int64(len(keys))))
		}
		return text
	})
}

// sortedMapKeys orders keys as fmt does for the usual kinds, and by their text for others.
func sortedMapKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	sort.SliceStable(keys, func(i, j int) bool {
		a, b := concrete(keys[i]), concrete(keys[j])
		switch {
		case !a.IsValid() || !b.IsValid():
			return !a.IsValid() && b.IsValid()
		case a.CanInt() && b.CanInt():
			return a.Int() < b.Int()
		case a.CanUint() && b.CanUint():
			return a.Uint() < b.Uint()
		case a.CanFloat() && b.CanFloat():
			return a.Float() < b.Float()
		case a.Kind() == reflect.String && b.Kind() == reflect.String:
			return a.String() < b.String()
		}
		return goText(a) < goText(b)
	})
	return keys
}

// concrete follows pointers and interfaces; the zero Value where they end in nil.
func concrete(v reflect.Value) reflect.Value {
	for range 16 { // a pointer to itself has no end
		if !v.IsValid() || v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface {
			return v
		}
		v = v.Elem()
	}
	return reflect.Value{}
}

// compose puts the parts on one line, or each on its own where that is too long. Scalars of a long list are filled
// into lines.
func compose(open string, parts []string, separator, end string) string {
	total, multi, longest := len(open)+len(end), false, 0
	for _, s := range parts {
		total += len(s) + len(separator)
		longest = max(longest, len(s))
		multi = multi || strings.Contains(s, "\n")
	}
	if !multi && total <= lineWidth || len(parts) == 0 {
		return open + strings.Join(parts, separator) + end
	}
	var b strings.Builder
	b.WriteString(open)
	if !multi && longest <= 16 {
		column := lineWidth // begin with a line of its own
		for _, s := range parts {
			if column+len(s)+len(separator) > lineWidth {
				b.WriteString("\n  ")
				column = 2
			} else {
				b.WriteString(separator)
			}
			b.WriteString(s)
			column += len(s) + len(separator)
		}
		return b.String() + "\n" + end
	}
	for _, s := range parts {
		b.WriteString("\n  " + strings.ReplaceAll(s, "\n", "\n  "))
		if separator == ", " {
			b.WriteString(",")
		}
	}
	return b.String() + "\n" + end
}
