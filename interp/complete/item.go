package complete

import (
	"go/types"
	"strings"
)

// maxDetail bounds details: the text of a struct type may be long.
const maxDetail = 200

// add adds an object under its name.
func (q *query) add(obj types.Object, c class) {
	q.found = append(q.found, candidate{Item: Item{obj.Name(), kindOf(obj), q.detail(obj)}, obj: obj, class: c})
}

// addText adds what is no object.
func (q *query) addText(kind Kind, c class, detail string, texts ...string) {
	for _, t := range texts {
		q.found = append(q.found, candidate{Item: Item{t, kind, detail}, class: c, rank: fitsNot})
	}
}

func kindOf(obj types.Object) Kind {
	switch obj := obj.(type) {
	case *types.Func:
		if obj.Signature().Recv() != nil {
			return Method
		}
		return Function
	case *types.Builtin:
		return Function
	case *types.Var:
		if obj.IsField() {
			return Field
		}
	case *types.Const, *types.Nil:
		return Constant
	case *types.TypeName:
		return Type
	case *types.PkgName:
		return Module
	case *types.Label:
		return Label
	}
	return Variable
}

// detail is a signature, type, value or path.
func (q *query) detail(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Func:
		return shorten(q.signature(obj.Signature()))
	case *types.Var:
		return shorten(q.typeText(obj.Type()))
	case *types.Const:
		return shorten(q.typeText(obj.Type()) + " = " + obj.Val().String())
	case *types.TypeName:
		return shorten(q.typeKind(obj))
	case *types.PkgName:
		return obj.Imported().Path()
	case *types.Builtin:
		return builtinSignatures[obj.Name()]
	}
	return ""
}

// typeKind says what a type is made of: "struct" where that is long.
func (q *query) typeKind(obj *types.TypeName) string {
	switch u := obj.Type().Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	case *types.Basic:
		if u.Name() == obj.Name() {
			return ""
		}
	}
	if obj.IsAlias() {
		return "= " + q.typeText(types.Unalias(obj.Type()))
	}
	return q.typeText(obj.Type().Underlying())
}

func shorten(s string) string {
	if len(s) <= maxDetail {
		return s
	}
	return strings.ToValidUTF8(s[:maxDetail], "") + "…"
}

// signature is a signature without the word func.
func (q *query) signature(sig *types.Signature) string {
	var b strings.Builder
	if list := sig.TypeParams(); list.Len() > 0 {
		b.WriteString(q.typeParams(list))
	}
	b.WriteString("(" + q.tuple(sig.Params(), sig.Variadic()) + ")")
	switch r := sig.Results(); {
	case r.Len() == 1 && r.At(0).Name() == "":
		b.WriteString(" " + q.typeText(r.At(0).Type()))
	case r.Len() > 0:
		b.WriteString(" (" + q.tuple(r, false) + ")")
	}
	return b.String()
}

func (q *query) typeParams(list *types.TypeParamList) string {
	var texts []string
	for p := range list.TypeParams() {
		texts = append(texts, p.Obj().Name()+" "+q.typeText(p.Constraint()))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// tuple writes parameters as people do: those that follow each other share their type.
func (q *query) tuple(t *types.Tuple, variadic bool) string {
	var b strings.Builder
	last := ""
	for i := range t.Len() {
		v := t.At(i)
		text := q.typeText(v.Type())
		if s, ok := v.Type().(*types.Slice); ok && variadic && i == t.Len()-1 {
			text = "..." + q.typeText(s.Elem())
		}
		if i > 0 {
			if text != last || v.Name() == "" {
				b.WriteString(pending(last, t.At(i-1)))
			}
			b.WriteString(", ")
		}
		b.WriteString(v.Name())
		last = text
	}
	if t.Len() > 0 {
		b.WriteString(pending(last, t.At(t.Len()-1)))
	}
	return b.String()
}

// pending is the type of a parameter, after its name.
func pending(text string, v *types.Var) string {
	if v.Name() == "" {
		return text
	}
	return " " + text
}

func (q *query) typeText(t types.Type) string { return types.TypeString(t, q.qualifier) }

// qualifier names packages as cells do.
func (q *query) qualifier(pkg *types.Package) string {
	if pkg == q.p.Pkg {
		return ""
	}
	return pkg.Name()
}

// builtinSignatures are the builtin functions as package builtin documents them.
var builtinSignatures = map[string]string{
	"append": "(slice []Type, elems ...Type) []Type", "cap": "(v Type) int", "clear": "(t Type)", "close": "(c chan<- Type)",
	"complex": "(r, i FloatType) ComplexType", "copy": "(dst, src []Type) int", "delete": "(m map[Type]Type1, key Type)",
	"imag": "(c ComplexType) FloatType", "len": "(v Type) int", "make": "(t Type, size ...IntegerType) Type",
	"max": "(x Type, y ...Type) Type", "min": "(x Type, y ...Type) Type", "new": "(Type) *Type", "panic": "(v any)",
	"print": "(args ...Type)", "println": "(args ...Type)", "real": "(c ComplexType) FloatType", "recover": "() any",
	"Add": "(ptr Pointer, len IntegerType) Pointer", "Alignof": "(x ArbitraryType) uintptr", "Offsetof": "(x ArbitraryType) uintptr",
	"Sizeof": "(x ArbitraryType) uintptr", "Slice": "(ptr *ArbitraryType, len IntegerType) []ArbitraryType",
	"SliceData": "(slice []ArbitraryType) *ArbitraryType", "String": "(ptr *byte, len IntegerType) string", "StringData": "(str string) *byte",
}
