package rt

import (
	"fmt"
	"go/types"
	"io"
	"os"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/types/typeutil"
)

// Registry knows the types of one interpreter's cells. The fields are set before the first cell runs.
type Registry struct {
	// Stdout is where the printing functions of fmt write, Stderr where the builtins print and println do.
	Stdout, Stderr io.Writer
	// Wrapper finds the struct type with the methods of a compiled interface: an IValue of type any, then one function
	// field for each method, named W and the method.
	Wrapper func(path, name string) (reflect.Type, bool)
	// Symbol finds what a compiled package exports; a type is a nil pointer to it.
	Symbol func(path, name string) (reflect.Value, bool)
	// Panicked is told of a panic that ended a goroutine which a cell started.
	Panicked func(v any)
	// Join is called where a function is made that compiled code will run in a goroutine of its own; what it gives is called
	// there first.
	Join func() func()
	// Traced is how much of panics the calling goroutine's cell has traced; Recovered is told that a panic was
	// recovered, so that what was traced beyond mark is void.
	Traced    func() int
	Recovered func(mark int)

	reflections func() map[string]reflect.Value // reflection, made once

	templateMu sync.Mutex
	goroutines atomic.Int64
	owned      sync.Map // goroutines in which a panic is taken care of
	unwinding  sync.Map // goroutines whose deferred calls run because of a panic

	mu      sync.Mutex
	ids     map[int]*Type
	tags    map[int]*Type // struct types by the number in the tag of their first field
	byType  typeutil.Map  // types.Type to *Type
	structs structs
	lastID  int // that newID has given: they count down from 0

	infos  sync.Map // reflect.Type to *info
	named  sync.Map // types.Type to *Type, nil if there is none: byType without its lock
	ifaces sync.Map // int to *Interface
	fills  sync.Map // int to func(reflect.Value)

	conversions sync.Map // conversionKey to *conversion
	plans       sync.Map // planKey to plan
	jsonStructs sync.Map // types.Type or reflect.Type to []jsonField
}

// New makes an empty registry.
func New() *Registry {
	r := &Registry{Stdout: os.Stdout, Stderr: os.Stderr, ids: map[int]*Type{}, tags: map[int]*Type{}}
	r.reflections = sync.OnceValue(r.reflection)
	return r
}

// Declare says that values of type t will be in interfaces, as a box if boxed, and which methods Bind will give.
func (r *Registry) Declare(id int, t types.Type, boxed bool, methods []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.ids[id]; old != nil && types.Identical(old.typ, t) {
		old.names = methods
		return
	}
	nt := &Type{r: r, id: id, typ: t, box: boxed, names: methods, str: typeString(t)}
	nt.bound.Store(&binding{})
	r.ids[id] = nt
	r.byType.Set(t, nt)
	r.named.Clear()
}

// DeclareInterface gives an interface type its number.
func (r *Registry) DeclareInterface(id int, t types.Type) {
	it, ok := t.Underlying().(*types.Interface)
	if !ok {
		panic(fmt.Sprintf("rt: %s is not an interface", t))
	}
	r.ifaces.Store(id, &Interface{r: r, typ: t, iface: it, str: typeString(t)})
}

// DeclareLiteral says what fills the value of a composite literal.
func (r *Registry) DeclareLiteral(id int, fill func(reflect.Value)) { r.fills.Store(id, fill) }

// Literal is a pointer to the value of a literal, made anew: a *T, where proto is a nil *T.
func (r *Registry) Literal(id int, proto any) any {
	fill, ok := r.fills.Load(id)
	if !ok {
		panic(fmt.Sprintf("rt: literal %d is not declared", id))
	}
	p := reflect.New(reflect.TypeOf(proto).Elem())
	fill.(func(reflect.Value))(p.Elem())
	return p.Interface()
}

// Bind connects a declared type with the form that its values have in an interface, and with its methods' functions,
// which take the receiver first. To bind again replaces the methods. It is called at the top level, as in
//
//	var bound_7 = rv.Bind(7, T_7{}, T_7_String)
//
// because functions that become values inside a function do nothing any more once a cell has been cancelled.
func (r *Registry) Bind(id int, zero any, funcs ...any) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.ids[id]
	if t == nil {
		panic(fmt.Sprintf("rt: type %d is not declared", id))
	}
	if len(funcs) != len(t.names) {
		panic(fmt.Sprintf("rt: %s has %d methods, not %d", t.str, len(t.names), len(funcs)))
	}
	b := &binding{rtype: reflect.TypeOf(zero), methods: make(map[string]*method, len(funcs))}
	for i, f := range funcs {
		b.methods[t.names[i]] = newMethod(t, b, t.names[i], reflect.ValueOf(f))
	}
	b.kind = adapterKind(b)
	t.bound.Store(b)
	r.plans.Clear()
	r.tag(t, b.rtype)
	r.infos.Store(b.rtype, &info{typ: t, equal: comparabilityOf(b.rtype)})
	return true
}

// Of is the type of a value that a cell holds in an interface; nil if it is of no registered one.
func (r *Registry) Of(x any) *Type {
	switch x.(type) {
	case nil, int, string, bool, float64:
		return nil
	}
	return r.info(reflect.TypeOf(x)).typ
}

// declared is the registered type of a static type; nil if there is none.
func (r *Registry) declared(t types.Type) *Type {
	if t == nil {
		return nil
	}
	if v, ok := r.named.Load(t); ok {
		return v.(*Type)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	nt, _ := r.byType.At(t).(*Type)
	r.named.Store(t, nt)
	return nt
}

// tag notes the number that a struct type carries.
func (r *Registry) tag(t *Type, rtype reflect.Type) {
	if rtype.Kind() != reflect.Struct || rtype.NumField() == 0 {
		return
	}
	if n, err := strconv.Atoi(rtype.Field(0).Tag.Get("rv")); err == nil {
		r.tags[n] = t
	}
}

// byTag is the type whose struct type, or box, carries a number.
func (r *Registry) byTag(n int) *Type {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tags[n]; t != nil {
		return t
	}
	return r.ids[n]
}

// byID is the type of a number.
func (r *Registry) byID(id int) *Type {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[id]
}
