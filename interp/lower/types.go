package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// typ is the text of the representation of t.
func (l *Lowering) typ(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return l.basic(t)
	case *types.Named:
		return l.named(t)
	case *types.Pointer:
		return "*" + l.typ(t.Elem())
	case *types.Slice:
		return "[]" + l.typ(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.typ(t.Elem()))
	case *types.Map:
		return "map[" + l.typ(t.Key()) + "]" + l.typ(t.Elem())
	case *types.Chan:
		return chanText(t.Dir(), l.typ(t.Elem()))
	case *types.Signature:
		return "func" + l.signature(t)
	case *types.Struct:
		return l.structType(t, 0)
	case *types.Interface:
		return "interface{}"
	case *types.TypeParam:
		panic(bug("type parameter " + t.String() + " without a type"))
	}
	panic(bug(fmt.Sprintf("type %v", t)))
}

func chanText(dir types.ChanDir, elem string) string {
	switch dir {
	case types.SendOnly:
		return "chan<- " + elem
	case types.RecvOnly:
		return "<-chan " + elem
	}
	if strings.HasPrefix(elem, "<-") {
		elem = "(" + elem + ")"
	}
	return "chan " + elem
}

func (l *Lowering) basic(t *types.Basic) string {
	switch {
	case t.Kind() == types.UnsafePointer:
		return l.use("unsafe") + ".Pointer"
	case t.Kind() == types.UntypedNil:
		return "interface{}"
	case t.Info()&types.IsUntyped != 0:
		return l.basic(types.Default(t).(*types.Basic))
	case t.Kind() == types.Uint8:
		return "uint8"
	case t.Kind() == types.Int32:
		return "int32"
	}
	return t.Name()
}

// signature is the text of parameters and results.
func (l *Lowering) signature(t *types.Signature) string {
	var params, results []string
	for v := range t.Params().Variables() {
		params = append(params, l.typ(v.Type()))
	}
	if t.Variadic() {
		last := t.Params().At(len(params) - 1).Type()
		params[len(params)-1] = "..." + l.typ(variadicElem(last))
	}
	for v := range t.Results().Variables() {
		results = append(results, l.typ(v.Type()))
	}
	return "(" + strings.Join(params, ", ") + ")" + resultText(results)
}

// variadicElem is the element type of a variadic parameter, which is a slice or, in append, a string.
func variadicElem(t types.Type) types.Type {
	if s, ok := t.Underlying().(*types.Slice); ok {
		return s.Elem()
	}
	return types.Typ[types.Byte]
}

func resultText(results []string) string {
	switch len(results) {
	case 0:
		return ""
	case 1:
		if !strings.Contains(results[0], " ") {
			return " " + results[0]
		}
	}
	return " (" + strings.Join(results, ", ") + ")"
}

// structType is the text of a struct type; a number other than 0 tags its first field with it.
func (l *Lowering) structType(t *types.Struct, number int) string {
	var fields []string
	for i := range t.NumFields() {
		text := fieldName(t, i) + " " + l.typ(t.Field(i).Type())
		tag := t.Tag(i)
		if i == 0 && number != 0 {
			tag = strings.TrimSpace(tag + ` rv:"` + strconv.Itoa(number) + `"`)
		}
		if tag != "" {
			text += " " + strconv.Quote(tag)
		}
		fields = append(fields, text)
	}
	return "struct{" + strings.Join(fields, "; ") + "}"
}

// fieldName is the name of a field, always an exported one: yaegi, too, puts an X before others. Blank fields and those that
// the X makes equal get a name of their own.
func fieldName(t *types.Struct, i int) string {
	name := t.Field(i).Name()
	if name == "_" {
		return "Blank_" + strconv.Itoa(i)
	}
	if strings.HasPrefix(name, "X") && len(name) > 1 {
		for v := range t.Fields() {
			if v.Name() == name[1:] && !v.Exported() {
				return name + "_" + strconv.Itoa(i)
			}
		}
	}
	name = asciiName(name)
	if name[0] < 'A' || name[0] > 'Z' {
		name = "X" + name
	}
	return name
}

// asciiName keeps to the letters that yaegi can export.
func asciiName(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			var b strings.Builder
			for _, r := range s {
				if r < 0x80 {
					b.WriteRune(r)
				} else {
					fmt.Fprintf(&b, "U%x", r)
				}
			}
			return b.String()
		}
	}
	return s
}

// named is the text of a defined type: compiled types have their own name, structs of cells one of ours, and all
// others are what they are made of.
func (l *Lowering) named(t *types.Named) string {
	t = l.twin(t)
	switch {
	case isInterface(t):
		return "interface{}"
	case l.compiled(t):
		return l.compiledName(t)
	}
	if s, ok := t.Underlying().(*types.Struct); ok {
		if s.NumFields() == 0 {
			return "struct{}"
		}
		return l.structName(t, s)
	}
	key := l.key(t)
	if l.cut[key] || l.open[key] {
		// A type that contains itself other than through a struct is an interface{} wherever it stands.
		l.cut[key] = true
		return "interface{}"
	}
	if text, ok := l.flat[key]; ok {
		return text
	}
	l.open[key] = true
	text := l.typ(t.Underlying())
	delete(l.open, key)
	if l.cut[key] {
		return "interface{}"
	}
	l.flat[key] = text
	return text
}

func (l *Lowering) compiledName(t *types.Named) string {
	o := t.Obj()
	if o.Pkg() == nil {
		return o.Name()
	}
	if o.Pkg().Path() == "unsafe" {
		return l.use("unsafe") + "." + o.Name()
	}
	return l.use(o.Pkg().Path()) + "." + o.Name()
}

// structName declares the struct type t once.
func (l *Lowering) structName(t *types.Named, s *types.Struct) string {
	key := l.key(t)
	if name, ok := l.structs[key]; ok {
		return name
	}
	number := l.next()
	name := identifier(t.Obj().Name()) + "_" + strconv.Itoa(number)
	recursive := l.recursive(t)
	if recursive {
		if l.imports[StructPath] == "" {
			l.imports[StructPath] = l.global("rvt")
			l.unit.imports = append(l.unit.imports, fmt.Sprintf("import %s %q", l.imports[StructPath], StructPath))
		}
		name = l.imports[StructPath] + "." + name
	}
	l.structs[key] = name
	text := l.structType(s, number)
	l.registry.DeclareStruct(name, text, recursive)
	if !recursive {
		fmt.Fprintf(&l.unit.types, "type %s %s\n", name, text)
	}
	return name
}

// recursive reports whether a struct type contains itself, be it through other types.
func (l *Lowering) recursive(t *types.Named) bool {
	key := l.key(t)
	seen := map[string]bool{}
	var visit func(types.Type) bool
	visit = func(t types.Type) bool {
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			t = l.twin(t)
			if isInterface(t) || l.compiled(t) {
				return false
			}
			k := l.key(t)
			if k == key && len(seen) > 0 {
				return true
			}
			if seen[k] {
				return false
			}
			seen[k] = true
			return visit(t.Underlying())
		case *types.Pointer:
			return visit(t.Elem())
		case *types.Slice:
			return visit(t.Elem())
		case *types.Array:
			return visit(t.Elem())
		case *types.Chan:
			return visit(t.Elem())
		case *types.Map:
			return visit(t.Key()) || visit(t.Elem())
		case *types.Signature:
			return slices.ContainsFunc(slices.Concat(variables(t.Params()), variables(t.Results())), visit)
		case *types.Struct:
			for v := range t.Fields() {
				if visit(v.Type()) {
					return true
				}
			}
		}
		return false
	}
	return visit(t)
}

func variables(t *types.Tuple) []types.Type {
	var list []types.Type
	for v := range t.Variables() {
		list = append(list, v.Type())
	}
	return list
}

func isInterface(t types.Type) bool {
	if t == nil {
		return false
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return false
	}
	_, ok := t.Underlying().(*types.Interface)
	return ok
}

func isEmptyInterface(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0
}

func isUntypedNil(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.UntypedNil
}

// compiled reports whether a defined type is compiled into the binary; instances of generic types are not.
func (l *Lowering) compiled(t *types.Named) bool {
	return t.TypeArgs().Len() == 0 && !l.world.IsSource(t.Obj().Pkg())
}

// twin is the instance of the source that stands in for a generic type of a compiled package, else t itself.
func (l *Lowering) twin(t *types.Named) *types.Named {
	if t.TypeArgs().Len() == 0 || l.world.IsSource(t.Obj().Pkg()) {
		return t
	}
	o := l.world.Twin(t.Origin().Obj())
	if o == nil {
		return t
	}
	var args []types.Type
	for a := range t.TypeArgs().Types() {
		args = append(args, a)
	}
	return l.instance(o.Type().(*types.Named), args).(*types.Named)
}

// plainDefault is the type that a constant or nil has by itself.
func plainDefault(t types.Type) types.Type {
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && b.Kind() != types.UntypedNil {
		return types.Default(t)
	}
	return t
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
