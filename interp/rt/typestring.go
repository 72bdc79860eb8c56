package rt

import (
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// TypeText is a type as Go's run-time names it.
func (r *Registry) TypeText(t types.Type) string { return typeString(t) }

// typeString is a type as package reflect writes it.
func typeString(t types.Type) string {
	var b strings.Builder
	writeType(&b, t, false)
	return b.String()
}

// writeType writes a type. In type arguments reflect writes whole import paths.
func writeType(b *strings.Builder, t types.Type, inArgs bool) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		writeNamed(b, t, inArgs)
	case *types.Pointer:
		b.WriteByte('*')
		writeType(b, t.Elem(), inArgs)
	case *types.Slice:
		b.WriteString("[]")
		writeType(b, t.Elem(), inArgs)
	case *types.Array:
		b.WriteString("[" + strconv.FormatInt(t.Len(), 10) + "]")
		writeType(b, t.Elem(), inArgs)
	case *types.Map:
		b.WriteString("map[")
		writeType(b, t.Key(), inArgs)
		b.WriteByte(']')
		writeType(b, t.Elem(), inArgs)
	case *types.Chan:
		writeChan(b, t, inArgs)
	case *types.Signature:
		b.WriteString("func")
		writeSignature(b, t, inArgs)
	case *types.Struct:
		writeStruct(b, t, inArgs)
	case *types.Interface:
		writeInterface(b, t, inArgs)
	case *types.Basic:
		b.WriteString(basicName(t))
	case nil:
		b.WriteString("<nil>")
	default:
		b.WriteString(t.String())
	}
}

// basicName is the name that reflect has for a basic type: byte and rune are aliases.
func basicName(t *types.Basic) string {
	switch t.Kind() {
	case types.Uint8:
		return "uint8"
	case types.Int32:
		return "int32"
	case types.UnsafePointer:
		return "unsafe.Pointer"
	}
	return t.Name()
}

func writeNamed(b *strings.Builder, t *types.Named, inArgs bool) {
	if pkg := t.Obj().Pkg(); pkg != nil {
		if inArgs {
			b.WriteString(pkg.Path())
		} else {
			b.WriteString(pkg.Name())
		}
		b.WriteByte('.')
	}
	b.WriteString(t.Obj().Name())
	if t.TypeArgs().Len() == 0 {
		return
	}
	b.WriteByte('[')
	for i := range t.TypeArgs().Len() {
		if i > 0 {
			b.WriteByte(',')
		}
		writeType(b, t.TypeArgs().At(i), true)
	}
	b.WriteByte(']')
}

func writeChan(b *strings.Builder, t *types.Chan, inArgs bool) {
	switch t.Dir() {
	case types.SendOnly:
		b.WriteString("chan<- ")
	case types.RecvOnly:
		b.WriteString("<-chan ")
	default:
		b.WriteString("chan ")
	}
	if c, ok := types.Unalias(t.Elem()).(*types.Chan); ok && t.Dir() != types.SendOnly && c.Dir() == types.RecvOnly {
		b.WriteByte('(')
		writeType(b, c, inArgs)
		b.WriteByte(')')
		return
	}
	writeType(b, t.Elem(), inArgs)
}

func writeSignature(b *strings.Builder, t *types.Signature, inArgs bool) {
	b.WriteByte('(')
	n := t.Params().Len()
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		p := t.Params().At(i).Type()
		if s, ok := p.(*types.Slice); ok && t.Variadic() && i == n-1 {
			b.WriteString("...")
			p = s.Elem()
		}
		writeType(b, p, inArgs)
	}
	b.WriteByte(')')
	switch n := t.Results().Len(); n {
	case 0:
	case 1:
		b.WriteByte(' ')
		writeType(b, t.Results().At(0).Type(), inArgs)
	default:
		b.WriteString(" (")
		for i := range n {
			if i > 0 {
				b.WriteString(", ")
			}
			writeType(b, t.Results().At(i).Type(), inArgs)
		}
		b.WriteByte(')')
	}
}

func writeStruct(b *strings.Builder, t *types.Struct, inArgs bool) {
	if t.NumFields() == 0 {
		b.WriteString("struct {}")
		return
	}
	b.WriteString("struct {")
	for i := range t.NumFields() {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteByte(' ')
		f := t.Field(i)
		if !f.Embedded() {
			b.WriteString(f.Name() + " ")
		}
		writeType(b, f.Type(), inArgs)
		if tag := t.Tag(i); tag != "" {
			b.WriteString(" " + strconv.Quote(tag))
		}
	}
	b.WriteString(" }")
}

func writeInterface(b *strings.Builder, t *types.Interface, inArgs bool) {
	if t.NumMethods() == 0 {
		b.WriteString("interface {}")
		return
	}
	b.WriteString("interface {")
	for i := range t.NumMethods() {
		if i > 0 {
			b.WriteByte(';')
		}
		m := t.Method(i)
		b.WriteByte(' ')
		if !m.Exported() && m.Pkg() != nil {
			b.WriteString(m.Pkg().Path() + ".")
		}
		b.WriteString(m.Name())
		writeSignature(b, m.Type().(*types.Signature), inArgs)
	}
	b.WriteString(" }")
}

// TypeString is the name that %T prints for a value of a cell.
func (r *Registry) TypeString(x any) string {
	x = r.In(x)
	if x == nil {
		return "<nil>"
	}
	return r.typeName(reflect.TypeOf(x), nil)
}

// typeName is the name of a type of which the reflect type is known and perhaps the static type.
func (r *Registry) typeName(t reflect.Type, static types.Type) string {
	if static != nil {
		return typeString(static)
	}
	if ty := r.info(t).typ; ty != nil {
		return ty.str
	}
	if t.Name() != "" {
		return t.String()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + r.typeName(t.Elem(), nil)
	case reflect.Slice:
		return "[]" + r.typeName(t.Elem(), nil)
	case reflect.Array:
		return "[" + strconv.Itoa(t.Len()) + "]" + r.typeName(t.Elem(), nil)
	case reflect.Map:
		return "map[" + r.typeName(t.Key(), nil) + "]" + r.typeName(t.Elem(), nil)
	}
	return t.String()
}
