package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// key identifies a type: two types are identical if and only if their keys are equal. Defined types count by their
// declaration, so that those of the same name in two cells differ.
func (l *Lowering) key(t types.Type) string {
	var b strings.Builder
	l.writeKey(&b, t)
	return b.String()
}

func (l *Lowering) writeKey(b *strings.Builder, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		b.WriteString(types.Typ[t.Kind()].Name())
	case *types.Named:
		t = l.twin(t)
		o := t.Origin().Obj()
		b.WriteString(o.Name())
		b.WriteByte('#')
		b.WriteString(strconv.Itoa(l.objectID(o)))
		if args := t.TypeArgs(); args.Len() > 0 {
			b.WriteByte('[')
			for a := range args.Types() {
				l.writeKey(b, a)
				b.WriteByte(',')
			}
			b.WriteByte(']')
		}
	case *types.Pointer:
		b.WriteByte('*')
		l.writeKey(b, t.Elem())
	case *types.Slice:
		b.WriteString("[]")
		l.writeKey(b, t.Elem())
	case *types.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		l.writeKey(b, t.Elem())
	case *types.Map:
		b.WriteString("map[")
		l.writeKey(b, t.Key())
		b.WriteByte(']')
		l.writeKey(b, t.Elem())
	case *types.Chan:
		fmt.Fprintf(b, "chan%d ", t.Dir())
		l.writeKey(b, t.Elem())
	case *types.Signature:
		l.writeSignature(b, t)
	case *types.Tuple:
		l.writeTuple(b, t)
	case *types.Struct:
		l.writeStruct(b, t)
	case *types.Interface:
		l.writeInterface(b, t)
	case *types.TypeParam:
		fmt.Fprintf(b, "%s$%d", t.Obj().Name(), l.objectID(t.Obj()))
	case nil:
		b.WriteString("nil")
	default:
		panic(bug(fmt.Sprintf("key of %T", t)))
	}
}

func (l *Lowering) writeSignature(b *strings.Builder, t *types.Signature) {
	b.WriteString("func")
	if t.Variadic() {
		b.WriteByte('v')
	}
	l.writeTuple(b, t.Params())
	l.writeTuple(b, t.Results())
}

func (l *Lowering) writeTuple(b *strings.Builder, t *types.Tuple) {
	b.WriteByte('(')
	for v := range t.Variables() {
		l.writeKey(b, v.Type())
		b.WriteByte(',')
	}
	b.WriteByte(')')
}

func (l *Lowering) writeStruct(b *strings.Builder, t *types.Struct) {
	b.WriteString("struct{")
	for i := range t.NumFields() {
		v := t.Field(i)
		if v.Embedded() {
			b.WriteByte('+')
		}
		b.WriteString(qualified(v))
		b.WriteByte(' ')
		l.writeKey(b, v.Type())
		b.WriteString(strconv.Quote(t.Tag(i)))
		b.WriteByte(';')
	}
	b.WriteByte('}')
}

func (l *Lowering) writeInterface(b *strings.Builder, t *types.Interface) {
	b.WriteString("interface{")
	for m := range t.Methods() {
		b.WriteString(qualified(m))
		l.writeSignature(b, m.Signature())
		b.WriteByte(';')
	}
	b.WriteByte('}')
}

// qualified is a field's or method's name as identity has it: unexported names of two packages differ.
func qualified(o types.Object) string {
	if o.Exported() || o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

func (l *Lowering) objectID(o types.Object) int {
	id, ok := l.objects[o]
	if !ok {
		id = len(l.objects) + 1
		l.objects[o] = id
	}
	return id
}
