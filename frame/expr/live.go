package expr

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// liveFunction is a function of this process.
type liveFunction struct {
	fn any
	id string // in place of a hash
}

var liveFunctions atomic.Int64

// NewFunction makes a Function of a compiled Go function, which stays in this process. names are its parameters', where
// they are known.
func NewFunction(fn any, names ...string) (*Function, error) {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func {
		return nil, errorOf(ErrType, "a %T is no function", fn)
	}
	if v.IsNil() {
		return nil, errorOf(ErrType, "the function is nil")
	}
	t := v.Type()
	f := &Function{
		Version: FunctionVersion, Name: nameOf(v), Reason: "it is compiled Go",
		live: &liveFunction{fn, fmt.Sprintf("%012x", liveFunctions.Add(1))},
	}
	if t.IsVariadic() {
		return nil, errorOf(ErrType, "%s takes any number of arguments: wrap it in a function of as many as there are columns", f.Name)
	}
	for i := range t.NumIn() {
		p := Param{Type: t.In(i).String()}
		if i < len(names) {
			p.Name = names[i]
		}
		p.Kind, p.Null = kindOf(t.In(i))
		f.Params = append(f.Params, p)
	}
	f.Result = resultOf(t)
	return f, nil
}

// WithLive is the function with a value of this process that is called where there is no compiler.
func (f *Function) WithLive(fn any) *Function {
	return &Function{
		Version: f.Version, Name: f.Name, Source: f.Source, Entry: f.Entry, Rows: f.Rows, Folds: f.Folds, Imports: f.Imports, Captures: f.Captures,
		Params: f.Params, Result: f.Result, Program: f.Program, Reason: f.Reason,
		live: &liveFunction{fn: fn, id: fmt.Sprintf("%012x", liveFunctions.Add(1))},
	}
}

// nameOf is a compiled function's name without its package; func for a literal.
func nameOf(v reflect.Value) string {
	name := "func"
	if f := runtime.FuncForPC(v.Pointer()); f != nil {
		full := f.Name()
		full = full[strings.LastIndexByte(full, '/')+1:]
		if _, short, ok := strings.Cut(full, "."); ok && !strings.Contains(short, "func") && !strings.Contains(short, "reflect.") {
			name = strings.TrimSuffix(short, "-fm")
		}
	}
	return name
}

var (
	errorType    = reflect.TypeFor[error]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// resultOf takes the results of a function type apart: T, (T, bool), (T, error), (T, bool, error), or error alone.
func resultOf(t reflect.Type) Result {
	var r Result
	outs := make([]reflect.Type, t.NumOut())
	for i := range outs {
		outs[i] = t.Out(i)
	}
	if n := len(outs); n > 0 && outs[n-1] == errorType {
		r.Err = true
		outs = outs[:n-1]
	}
	if len(outs) == 2 && outs[1].Kind() == reflect.Bool {
		r.OK = true
		outs = outs[:1]
	}
	if len(outs) == 1 {
		r.Type = outs[0].String()
		r.Kind, r.Null = kindOf(outs[0])
		return r
	}
	for i, o := range outs {
		if i > 0 {
			r.Type += ", "
		}
		r.Type += o.String()
	}
	r.Kind = program.Other
	return r
}

// kindOf is the kind of value that a Go type takes of a column.
func kindOf(t reflect.Type) (program.Kind, NullForm) {
	if t.Kind() == reflect.Pointer {
		if k := plainKind(t.Elem()); k != program.Other && k != program.Any {
			return k, NilPointer
		}
		return program.Other, NoNull
	}
	if k := plainKind(t); k != program.Other {
		return k, NoNull
	}
	if value, _, ok := nullFields(t); ok {
		if k := plainKind(t.Field(value).Type); k != program.Other && k != program.Any {
			return k, ValidField
		}
	}
	return program.Other, NoNull
}

// nullFields are the fields of a struct as database/sql has for what may be null: a value and Valid.
func nullFields(t reflect.Type) (value, valid int, ok bool) {
	if t.Kind() != reflect.Struct || t.NumField() != 2 {
		return 0, 0, false
	}
	for i := range 2 {
		if f := t.Field(i); f.Name == "Valid" && f.Type.Kind() == reflect.Bool {
			return 1 - i, i, t.Field(1 - i).IsExported()
		}
	}
	return 0, 0, false
}

var plainKinds = map[reflect.Kind]program.Kind{
	reflect.Bool: program.Bool, reflect.Int: program.Int, reflect.Int8: program.Int8, reflect.Int16: program.Int16,
	reflect.Int32: program.Int32, reflect.Int64: program.Int64, reflect.Uint: program.Uint, reflect.Uint8: program.Uint8,
	reflect.Uint16: program.Uint16, reflect.Uint32: program.Uint32, reflect.Uint64: program.Uint64,
	reflect.Float32: program.Float32, reflect.Float64: program.Float64, reflect.String: program.String,
}

func plainKind(t reflect.Type) program.Kind {
	switch {
	case t == timeType:
		return program.Time
	case t == durationType:
		return program.Duration
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return program.Bytes
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return program.Any
	}
	if k, ok := plainKinds[t.Kind()]; ok {
		return k
	}
	return program.Other
}
