package rt

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// Print is the builtin print.
func (r *Registry) Print(a ...any) {
	var b []byte
	for _, x := range a {
		b = appendBuiltin(b, r.Raw(x))
	}
	_, _ = r.Stderr.Write(b)
}

// Println is the builtin println.
func (r *Registry) Println(a ...any) {
	var b []byte
	for i, x := range a {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendBuiltin(b, r.Raw(x))
	}
	_, _ = r.Stderr.Write(append(b, '\n'))
}

// appendBuiltin writes a value as the builtins do.
func appendBuiltin(b []byte, x any) []byte {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Invalid:
		return append(b, "(0x0,0x0)"...)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.String:
		return append(b, v.String()...)
	case reflect.Float32:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 32)
	case reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
	case reflect.Complex64:
		return append(b, strconv.FormatComplex(v.Complex(), 'g', -1, 64)...)
	case reflect.Complex128:
		return append(b, strconv.FormatComplex(v.Complex(), 'g', -1, 128)...)
	case reflect.Slice:
		return fmt.Appendf(b, "[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	case reflect.Pointer, reflect.Chan, reflect.Map, reflect.Func, reflect.UnsafePointer:
		return fmt.Appendf(b, "%#x", v.Pointer())
	}
	switch {
	case v.CanInt():
		return strconv.AppendInt(b, v.Int(), 10)
	case v.CanUint():
		return strconv.AppendUint(b, v.Uint(), 10)
	}
	words := *(*[2]uintptr)(unsafe.Pointer(&x))
	return fmt.Appendf(b, "(%#x,%#x)", words[0], words[1])
}

// Text is a panic value as Go's runtime prints it after "panic: ", with those that it replaced before it.
func (r *Registry) Text(v any) string {
	p, ok := v.(*PanicError)
	if !ok {
		return r.panicText(v)
	}
	var chain []*PanicError
	for ; p != nil; p = p.Earlier {
		chain = append(chain, p)
	}
	var b strings.Builder
	for i := len(chain) - 1; i >= 0; i-- {
		p := chain[i]
		if i < len(chain)-1 {
			b.WriteString("\n\tpanic: ")
		}
		again := i > 0 && same(p.Value, chain[i-1].Value)
		b.WriteString(r.panicText(p.Value))
		switch {
		case again && p.Recovered:
			b.WriteString(" [recovered, repanicked]")
		case p.Recovered:
			b.WriteString(" [recovered]")
		}
		if again {
			i--
		}
	}
	return b.String()
}

// same compares values that may not be comparable.
func same(x, y any) bool {
	t := reflect.TypeOf(x)
	return t != nil && t == reflect.TypeOf(y) && reflect.ValueOf(x).Comparable() && reflect.ValueOf(y).Comparable() && x == y
}

func (r *Registry) panicText(v any) (text string) {
	x := r.Normalize(v)
	out := r.Out(x)
	defer func() {
		if recover() != nil {
			text = "(" + r.TypeString(x) + ") panicked while it was printed"
		}
	}()
	switch y := out.(type) {
	case nil:
		return "nil"
	case error:
		return indented(y.Error())
	case fmt.Stringer:
		return indented(y.String())
	case string:
		return indented(y)
	}
	ty := r.Of(x)
	plain := reflect.ValueOf(ty.plain(x))
	text = string(appendBuiltin(nil, plain.Interface()))
	switch {
	case plain.Kind() >= reflect.Bool && plain.Kind() <= reflect.Float64 && plain.Kind() != reflect.String:
		if ty == nil && plain.Type().PkgPath() == "" {
			return text
		}
		return r.TypeString(x) + "(" + text + ")"
	case plain.Kind() == reflect.Complex64, plain.Kind() == reflect.Complex128:
		if ty == nil && plain.Type().PkgPath() == "" {
			return text
		}
		return r.TypeString(x) + text
	case plain.Kind() == reflect.String:
		return r.TypeString(x) + `("` + indented(text) + `")`
	}
	return fmt.Sprintf("(%s) %+v", r.TypeString(x), out)
}

// indented keeps further lines apart from those of a stack trace.
func indented(s string) string { return strings.ReplaceAll(s, "\n", "\n\t") }
