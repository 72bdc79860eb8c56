package rt

import (
	"fmt"
	"go/ast"
	"go/parser"
	"maps"
	"reflect"
	"runtime"
	"strconv"
	"unsafe"
)

// StructPath is the import path under which lowered code finds the struct types that contain themselves. The interpreter
// makes wrong reflect types of most of them: a pointer to a type that is being made is one to an empty struct for ever.
const StructPath = "rivulet/types"

// structs are the struct types of lowered code. A recursive one is made in two steps: a shell, in which what it reaches
// through a pointer, slice, map, channel or function is replaced by something of the same layout, and then the true types
// of its fields in place of those.
type structs struct {
	texts    map[string]string // by name
	packages map[string]string // import paths by name
	made     map[string]reflect.Type
	pending  []string // recursive types that have not been made
}

// hollow stands for a struct type that has not been made.
type hollow struct{}

// DeclareStruct gives the text of a struct type of lowered code. The names of recursive types are those of StructPath.
func (r *Registry) DeclareStruct(name, text string, recursive bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.structs.texts == nil {
		r.structs = structs{texts: map[string]string{}, packages: map[string]string{}, made: map[string]reflect.Type{}}
	}
	r.structs.texts[name] = text
	delete(r.structs.made, name) // a cell that did not compile has had the name
	if recursive {
		r.structs.pending = append(r.structs.pending, name)
	}
}

// DeclareImport says what a package is called in the texts of structs.
func (r *Registry) DeclareImport(name, path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.structs.packages == nil {
		r.structs = structs{texts: map[string]string{}, packages: map[string]string{}, made: map[string]reflect.Type{}}
	}
	r.structs.packages[name] = path
}

// Structs makes the recursive types that have been declared since the last call, as symbols for the interpreter.
func (r *Registry) Structs() (symbols map[string]map[string]reflect.Value, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		r.structs.pending = nil
		if v := recover(); v != nil {
			err = fmt.Errorf("rt: struct types: %v", v)
		}
	}()
	m := structMaker{r: r, structs: &r.structs, shells: map[string]reflect.Type{}}
	for _, name := range r.structs.pending {
		m.shell(name)
	}
	types := map[string]reflect.Value{}
	for name, t := range m.shells {
		m.fill(name, t)
		_, short, _ := splitName(name)
		types[short] = reflect.Zero(reflect.PointerTo(t))
	}
	maps.Copy(r.structs.made, m.shells)
	return map[string]map[string]reflect.Value{StructPath + "/types": types}, nil
}

func splitName(name string) (pkg, short string, ok bool) {
	for i := range len(name) {
		if name[i] == '.' {
			return name[:i], name[i+1:], true
		}
	}
	return "", name, false
}

// structMaker makes types that refer to each other.
type structMaker struct {
	r *Registry
	*structs
	shells map[string]reflect.Type
	full   bool // shells are used where they are referred to
}

func (m *structMaker) parse(name string) *ast.StructType {
	e, err := parser.ParseExpr(m.texts[name])
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return e.(*ast.StructType)
}

// shell makes a type whose fields have the right layout.
func (m *structMaker) shell(name string) reflect.Type {
	if t, ok := m.shells[name]; ok {
		return t
	}
	t := m.structOf(m.parse(name))
	m.shells[name] = t
	return t
}

// fill gives the fields of a shell their true types.
func (m *structMaker) fill(name string, t reflect.Type) {
	m.full = true
	for i, f := range m.fields(m.parse(name)) {
		if old := t.Field(i).Type; f.Type != old {
			if f.Type.Size() != old.Size() || f.Type.Align() != old.Align() || f.Type.Comparable() != old.Comparable() {
				panic(fmt.Sprintf("%s: field %s is %v, not like %v", name, f.Name, f.Type, old))
			}
			setFieldType(t, i, f.Type)
		}
	}
}

func (m *structMaker) structOf(s *ast.StructType) reflect.Type { return reflect.StructOf(m.fields(s)) }

func (m *structMaker) fields(s *ast.StructType) []reflect.StructField {
	var fields []reflect.StructField
	for _, f := range s.Fields.List {
		tag := ""
		if f.Tag != nil {
			tag, _ = strconv.Unquote(f.Tag.Value)
		}
		t := m.typ(f.Type, true)
		for _, n := range f.Names {
			fields = append(fields, reflect.StructField{Name: n.Name, Type: t, Tag: reflect.StructTag(tag)})
		}
	}
	return fields
}

// typ is the type of an expression. inside says that a value of it lies in the struct itself.
func (m *structMaker) typ(e ast.Expr, inside bool) reflect.Type {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return m.typ(e.X, inside)
	case *ast.Ident:
		if t, ok := basicByName[e.Name]; ok {
			return t
		}
		return m.structOf(m.parse(e.Name))
	case *ast.SelectorExpr:
		return m.selected(e.X.(*ast.Ident).Name, e.Sel.Name, inside)
	case *ast.StarExpr:
		return reflect.PointerTo(m.typ(e.X, false))
	case *ast.ArrayType:
		if e.Len == nil {
			return reflect.SliceOf(m.typ(e.Elt, false))
		}
		n, err := strconv.Atoi(e.Len.(*ast.BasicLit).Value)
		if err != nil {
			panic(err)
		}
		return reflect.ArrayOf(n, m.typ(e.Elt, inside))
	case *ast.MapType:
		return reflect.MapOf(m.typ(e.Key, false), m.typ(e.Value, false))
	case *ast.ChanType:
		dir := map[ast.ChanDir]reflect.ChanDir{ast.SEND: reflect.SendDir, ast.RECV: reflect.RecvDir}[e.Dir]
		if dir == 0 {
			dir = reflect.BothDir
		}
		return reflect.ChanOf(dir, m.typ(e.Value, false))
	case *ast.FuncType:
		in, variadic := m.list(e.Params)
		out, _ := m.list(e.Results)
		return reflect.FuncOf(in, out, variadic)
	case *ast.StructType:
		return m.structOf(e)
	case *ast.InterfaceType:
		return reflect.TypeFor[any]()
	}
	panic(fmt.Sprintf("type %T", e))
}

func (m *structMaker) list(fields *ast.FieldList) (types []reflect.Type, variadic bool) {
	if fields == nil {
		return nil, false
	}
	for _, f := range fields.List {
		if e, ok := f.Type.(*ast.Ellipsis); ok {
			return append(types, reflect.SliceOf(m.typ(e.Elt, false))), true
		}
		types = append(types, m.typ(f.Type, false))
	}
	return types, false
}

// selected is a recursive type, or one of a compiled package.
func (m *structMaker) selected(pkg, name string, inside bool) reflect.Type {
	qualified := pkg + "." + name
	if _, ok := m.texts[qualified]; ok {
		if t, ok := m.made[qualified]; ok {
			return t
		}
		if m.full || inside {
			return m.shell(qualified)
		}
		return reflect.TypeFor[hollow]()
	}
	path, ok := m.packages[pkg]
	if !ok {
		panic("package " + pkg)
	}
	if path == "unsafe" && name == "Pointer" {
		return reflect.TypeFor[unsafe.Pointer]()
	}
	v, ok := m.r.Symbol(path, name)
	if !ok {
		panic("type " + path + "." + name)
	}
	return v.Type().Elem()
}

var basicByName = map[string]reflect.Type{
	"bool": reflect.TypeFor[bool](), "string": reflect.TypeFor[string](), "int": reflect.TypeFor[int](), "int8": reflect.TypeFor[int8](),
	"int16": reflect.TypeFor[int16](), "int32": reflect.TypeFor[int32](), "int64": reflect.TypeFor[int64](), "uint": reflect.TypeFor[uint](),
	"uint8": reflect.TypeFor[uint8](), "uint16": reflect.TypeFor[uint16](), "uint32": reflect.TypeFor[uint32](),
	"uint64": reflect.TypeFor[uint64](), "uintptr": reflect.TypeFor[uintptr](), "float32": reflect.TypeFor[float32](),
	"float64": reflect.TypeFor[float64](), "complex64": reflect.TypeFor[complex64](), "complex128": reflect.TypeFor[complex128](),
}

// structLayout is how the run-time lays out a struct type (internal/abi). setFieldType asks reflect whether that is so.
type structLayout struct {
	size, pointers            uintptr
	hash                      uint32
	tflag, align, field, kind uint8
	equal, collector          unsafe.Pointer
	text, pointer             int32
	path                      *byte
	fields                    []fieldLayout
}

type fieldLayout struct {
	_   *byte // the name
	typ unsafe.Pointer
	_   uintptr // the offset
}

// setFieldType replaces the type of a field by one of the same layout. reflect has no way to make a type that contains
// itself.
func setFieldType(s reflect.Type, i int, t reflect.Type) {
	fields := (*structLayout)(typePointer(s)).fields
	if len(fields) != s.NumField() || fields[i].typ != typePointer(s.Field(i).Type) {
		panic("unknown layout of struct types in " + runtime.Version())
	}
	fields[i].typ = typePointer(t)
}

// typePointer is the pointer in a reflect.Type.
func typePointer(t reflect.Type) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1] }
