package udf

import (
	"fmt"
	"go/types"
	"strings"
)

// eachNamed calls f for the declared types that t mentions itself, not through their declarations.
func eachNamed(t types.Type, f func(obj *types.TypeName)) {
	switch t := t.(type) {
	case *types.Alias:
		f(t.Obj())
		for a := range t.TypeArgs().Types() {
			eachNamed(a, f)
		}
	case *types.Named:
		f(t.Obj())
		for a := range t.TypeArgs().Types() {
			eachNamed(a, f)
		}
	case *types.Pointer:
		eachNamed(t.Elem(), f)
	case *types.Slice:
		eachNamed(t.Elem(), f)
	case *types.Array:
		eachNamed(t.Elem(), f)
	case *types.Map:
		eachNamed(t.Key(), f)
		eachNamed(t.Elem(), f)
	case *types.Chan:
		eachNamed(t.Elem(), f)
	case *types.Struct:
		for field := range t.Fields() {
			eachNamed(field.Type(), f)
		}
	case *types.Signature:
		for v := range t.Params().Variables() {
			eachNamed(v.Type(), f)
		}
		for v := range t.Results().Variables() {
			eachNamed(v.Type(), f)
		}
	case *types.Interface:
		for m := range t.Methods() {
			eachNamed(m.Type(), f)
		}
	}
}

// typeText is a type as the file writes it, with the names that things have there.
func (x *extractor) typeText(t types.Type) string {
	return typeText(t, func(obj *types.TypeName) string {
		if name := x.typeName(obj); name != "" {
			return name
		}
		if obj.Pkg() == nil {
			return obj.Name()
		}
		return x.aliases[obj.Pkg().Path()] + "." + obj.Name()
	})
}

// typeName is what a type of a cell is called in the file; "" for others.
func (x *extractor) typeName(obj *types.TypeName) string {
	if name, ok := x.names[obj]; ok {
		return name
	}
	if decl, ok := x.find(obj); ok {
		return x.names[decl.Object]
	}
	return ""
}

func typeText(t types.Type, name func(*types.TypeName) string) string {
	text := func(t types.Type) string { return typeText(t, name) }
	switch t := t.(type) {
	case *types.Basic:
		return t.Name()
	case *types.Alias:
		return name(t.Obj()) + argumentText(t.TypeArgs(), text)
	case *types.Named:
		return name(t.Obj()) + argumentText(t.TypeArgs(), text)
	case *types.Pointer:
		return "*" + text(t.Elem())
	case *types.Slice:
		return "[]" + text(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), text(t.Elem()))
	case *types.Map:
		return "map[" + text(t.Key()) + "]" + text(t.Elem())
	case *types.Chan:
		return "chan " + text(t.Elem())
	case *types.Struct:
		var fields []string
		for i := range t.NumFields() {
			f := t.Field(i)
			field := text(f.Type())
			if !f.Embedded() {
				field = f.Name() + " " + field
			}
			if tag := t.Tag(i); tag != "" {
				field += fmt.Sprintf(" %q", tag)
			}
			fields = append(fields, field)
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	case *types.Signature:
		return "func" + signatureText(t, text)
	case *types.Interface:
		if t.Empty() {
			return "any"
		}
		var methods []string
		for m := range t.Methods() {
			methods = append(methods, m.Name()+signatureText(m.Signature(), text))
		}
		return "interface{" + strings.Join(methods, "; ") + "}"
	}
	return t.String()
}

func argumentText(args *types.TypeList, text func(types.Type) string) string {
	if args.Len() == 0 {
		return ""
	}
	var parts []string
	for a := range args.Types() {
		parts = append(parts, text(a))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func signatureText(s *types.Signature, text func(types.Type) string) string {
	var params, results []string
	for i := range s.Params().Len() {
		t := s.Params().At(i).Type()
		if s.Variadic() && i == s.Params().Len()-1 {
			params = append(params, "..."+text(t.(*types.Slice).Elem()))
			continue
		}
		params = append(params, text(t))
	}
	for v := range s.Results().Variables() {
		results = append(results, text(v.Type()))
	}
	out := "(" + strings.Join(params, ", ") + ")"
	switch len(results) {
	case 0:
		return out
	case 1:
		return out + " " + results[0]
	}
	return out + " (" + strings.Join(results, ", ") + ")"
}

const framePath = "github.com/rivulet-go/rivulet/frame"

// copiedByName are types of libraries that have fields of their own, and that capture.go knows how to write.
var copiedByName = map[string]bool{
	"time.Time": true, "time.Location": true, "regexp.Regexp": true, "math/big.Int": true, "math/big.Float": true, "math/big.Rat": true,
}

func qualified(n *types.Named) string {
	if n.Obj().Pkg() == nil {
		return n.Obj().Name()
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name()
}

// uncopyable says why no value of a type can be copied, and what to do; "" where that depends on the value.
func (x *extractor) uncopyable(t types.Type, seen map[types.Type]bool) string {
	if seen[t] {
		return ""
	}
	if seen == nil {
		seen = map[types.Type]bool{}
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return x.uncopyableNamed(t, seen)
	case *types.TypeParam:
		return "its type is a parameter of the function around, and not known here"
	case *types.Chan:
		return "it is a channel, which joins goroutines of one process. Send on what the frame gives instead (Each, Rows)"
	case *types.Signature:
		return "it is a function without a declaration whose source could be sent along. Declare it with func, or as a variable that nothing else assigns to"
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return "it is an unsafe.Pointer. Capture the values that it points to"
		}
	case *types.Pointer:
		return x.uncopyable(t.Elem(), seen)
	case *types.Slice:
		return x.uncopyable(t.Elem(), seen)
	case *types.Array:
		return x.uncopyable(t.Elem(), seen)
	case *types.Map:
		if why := x.uncopyable(t.Key(), seen); why != "" {
			return why
		}
		return x.uncopyable(t.Elem(), seen)
	case *types.Struct:
		for f := range t.Fields() {
			if why := x.uncopyable(f.Type(), seen); why != "" {
				return "field " + f.Name() + ": " + why
			}
		}
	}
	return ""
}

func (x *extractor) uncopyableNamed(n *types.Named, seen map[types.Type]bool) string {
	name := qualified(n)
	switch {
	case copiedByName[name] || name == "error":
		return ""
	case name == framePath+".Frame" || name == framePath+".Groups" || name == framePath+".Rows":
		return "it is a " + n.Obj().Name() + ". Take the values that you need out of it first (Floats, Strings, …), or use Join"
	case name == "os.File":
		return "it is an open file, of this process. Read what you need of it first"
	case name == "sync.Mutex" || name == "sync.RWMutex" || name == "sync.WaitGroup" || name == "sync.Once" || name == "sync.Map":
		return "it is a " + n.String() + ", which means nothing in a copy. A function for a frame shares nothing, and needs no lock"
	}
	if s, ok := n.Underlying().(*types.Struct); ok && n.Obj().Pkg() != nil && !x.ours(n.Obj()) {
		for f := range s.Fields() {
			if !f.Exported() {
				return "a " + n.String() + " has fields that only its package can copy. Capture the values that the function needs, or make it inside the function"
			}
		}
	}
	return x.uncopyable(n.Underlying(), seen)
}

// ours says whether a type is declared in a cell.
func (x *extractor) ours(obj *types.TypeName) bool {
	if _, ok := x.find(obj); ok {
		return true
	}
	return obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope()
}
