package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// externalType is the text of a type as compiled code knows it.
func (l *Lowering) externalType(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if l.compiled(t) {
			return l.compiledName(t)
		}
		if isInterface(t) {
			return l.externalType(t.Underlying())
		}
	case *types.Pointer:
		return "*" + l.externalType(t.Elem())
	case *types.Slice:
		return "[]" + l.externalType(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.externalType(t.Elem()))
	case *types.Map:
		return "map[" + l.externalType(t.Key()) + "]" + l.externalType(t.Elem())
	case *types.Chan:
		return chanText(t.Dir(), l.externalType(t.Elem()))
	case *types.Signature:
		return "func" + l.externalSignature(t)
	case *types.Interface:
		var methods []string
		for m := range t.Methods() {
			methods = append(methods, m.Name()+l.externalSignature(m.Signature()))
		}
		return "interface{" + strings.Join(methods, "; ") + "}"
	}
	return l.typ(t)
}

func (l *Lowering) externalSignature(t *types.Signature) string {
	var params, results []string
	for v := range t.Params().Variables() {
		params = append(params, l.externalType(v.Type()))
	}
	if t.Variadic() {
		params[len(params)-1] = "..." + l.externalType(variadicElem(t.Params().At(len(params)-1).Type()))
	}
	for v := range t.Results().Variables() {
		results = append(results, l.externalType(v.Type()))
	}
	return "(" + strings.Join(params, ", ") + ")" + resultText(results)
}

// differs reports whether compiled code has another form of a type: it has an interface with methods in it.
func (l *Lowering) differs(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if isInterface(t) {
			return !isEmptyInterface(t)
		}
		if l.compiled(t) {
			if _, ok := t.Underlying().(*types.Signature); ok {
				return l.differs(t.Underlying())
			}
			return false
		}
		if _, ok := t.Underlying().(*types.Struct); ok {
			return false
		}
		key := l.key(t)
		if l.open[key] || l.cut[key] {
			return false
		}
		l.open[key] = true
		defer delete(l.open, key)
		return l.differs(t.Underlying())
	case *types.Pointer:
		return l.differs(t.Elem()) && !isInterface(t.Elem())
	case *types.Slice:
		return l.differs(t.Elem())
	case *types.Array:
		return l.differs(t.Elem())
	case *types.Map:
		return l.differs(t.Key()) || l.differs(t.Elem())
	case *types.Chan:
		return l.differs(t.Elem())
	case *types.Signature:
		for v := range t.Params().Variables() {
			if l.differs(v.Type()) {
				return true
			}
		}
		for v := range t.Results().Variables() {
			if l.differs(v.Type()) {
				return true
			}
		}
	case *types.Interface:
		return t.NumMethods() > 0
	}
	return false
}

// differsBelow reports whether what a compiled type is made of has another form in cells.
func (l *Lowering) differsBelow(t types.Type) bool {
	if _, ok := t.Underlying().(*types.Struct); ok {
		return false
	}
	return l.differs(t.Underlying())
}

// isExternal reports whether a type's parts have the form of compiled code.
func (l *Lowering) isExternal(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && l.compiled(n) && !isInterface(n)
}

// toInternal brings a value of type t from the form of compiled code to that of cells.
func (f *function) toInternal(text string, t types.Type) string {
	switch {
	case isInterface(t):
		return rt("In") + "(" + text + ")"
	case f.isExternal(t) || !f.differs(t):
		return text
	}
	r := f.typ(t)
	return fmt.Sprintf("(*%s(%s, (*%s)(nil)).(*%s))", rt("FromRef"), text, r, r)
}

// recastInternal changes a compiled type into one of the same underlying type that cells have made.
func (f *function) recastInternal(text string, _, to types.Type) string {
	r := f.typ(to)
	return fmt.Sprintf("(*%s(%s, (*%s)(nil)).(*%s))", rt("FromRef"), text, r, r)
}

// toExternal brings a value from the form of cells to that of compiled code.
func (f *function) toExternal(text string, t types.Type) string {
	r := f.externalType(t)
	if _, ok := t.Underlying().(*types.Signature); ok {
		text = f.functionValue(text, t.Underlying()) // as cells have it, also where t is compiled
	}
	return fmt.Sprintf("(*%s(%s, (*%s)(nil)).(*%s))", rt("Ref"), text, r, r)
}

// fromContainer brings a part of a compiled type's value to the form of cells.
func (f *function) fromContainer(container types.Type, text string, t types.Type) string {
	if !f.isExternal(container) {
		return text
	}
	return f.toInternal(text, t)
}

// toContainer brings a value to the form of a part of a compiled type.
func (f *function) toContainer(container types.Type, text string, t types.Type) string {
	if !f.isExternal(container) {
		return text
	}
	return f.outValue(target{}, text, t, t)
}

// outArgument is an argument for compiled code.
func (f *function) outArgument(c target, e ast.Expr, t types.Type, last bool) string {
	if strings.HasSuffix(c.path, "/template.Template).Funcs") {
		return rt("TemplateFuncs") + "(" + f.expr(e) + ")"
	}
	if f.isNil(e) {
		return "nil"
	}
	if _, ok := t.Underlying().(*types.Signature); ok && starters[c.path] {
		return rt("Guarded") + "(" + f.outValue(c, f.expr(e), f.typeOf(e), t) + ")"
	}
	if c.path == "runtime.SetFinalizer" {
		return rt("GuardedValue") + "(" + f.outValue(c, f.expr(e), f.typeOf(e), t) + ")"
	}
	if c.path == "reflect.TypeOf" {
		if text := f.interfaceType(e); text != "" {
			return text
		}
	}
	if tv := f.info.Types[e]; tv.Value != nil {
		from := plainDefault(f.subst(f.env, tv.Type))
		if !isInterface(t) {
			return f.constant(tv.Value, t)
		}
		return f.outValue(c, f.constant(tv.Value, from), from, t)
	}
	if last {
		return f.outSlice(c, f.expr(e), f.typeOf(e))
	}
	return unboxedArgument(c, f.outValue(c, f.expr(e), f.typeOf(e), t), t)
}

// starters are the compiled functions that call a function in a goroutine of its own which belongs to no cell, or must go on.
var starters = map[string]bool{
	"(*sync.WaitGroup).Go": true, "time.AfterFunc": true, "context.AfterFunc": true,
	"github.com/rivulet-go/rivulet/interp/packages/support.AddCleanup": true,
}

// outSlice is the slice that is passed for a variadic parameter.
func (f *function) outSlice(c target, text string, t types.Type) string {
	elem := variadicElem(t)
	if isInterface(elem) && isEmptyInterface(elem) {
		if how := policy(c.path); how != "" {
			return rt(how+"Slice") + "(" + text + ")"
		}
		return text
	}
	if f.differs(t) {
		return f.toExternal(text, t)
	}
	return text
}

// outValue is a value of type from for a parameter of type to.
func (f *function) outValue(c target, text string, from, to types.Type) string {
	switch {
	case isUntypedNil(from):
		return "nil"
	case isInterface(to) && isEmptyInterface(to):
		return f.outAny(c, text, from)
	case isInterface(to):
		if !isInterface(from) && f.plain(from) {
			if _, ok := from.Underlying().(*types.Signature); !ok {
				return text
			}
		}
		if !isInterface(from) {
			text = f.box(text, from)
		}
		return f.toExternal(text, to)
	case f.differs(to) && !f.isExternal(from):
		return f.toExternal(text, to)
	}
	return f.functionValue(f.convert(text, from, to), to)
}

// outAny is a value for a parameter of type any.
func (f *function) outAny(c target, text string, from types.Type) string {
	how := policy(c.path)
	if !isInterface(from) {
		if f.plain(from) && !holdsInterface(from, 0) {
			return f.functionValue(text, from)
		}
		text = f.box(text, from)
	}
	if how == "" {
		return text
	}
	return rt(how) + "(" + text + ")"
}

// holdsInterface reports whether a plain value can hold one of a cell's.
func holdsInterface(t types.Type, depth int) bool {
	if depth > 4 {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Pointer:
		return holdsInterface(u.Elem(), depth+1)
	case *types.Slice:
		return holdsInterface(u.Elem(), depth+1)
	case *types.Array:
		return holdsInterface(u.Elem(), depth+1)
	case *types.Map:
		return holdsInterface(u.Key(), depth+1) || holdsInterface(u.Elem(), depth+1)
	case *types.Struct:
		return types.TypeString(t, nil) == "reflect.Value"
	}
	return false
}

// standIns are functions of the run-time that take and give values as cells have them, in place of compiled ones.
var standIns = map[string]string{
	"fmt.Printf": "Printf", "fmt.Sprintf": "Sprintf", "fmt.Fprintf": "Fprintf", "fmt.Appendf": "Appendf", "fmt.Errorf": "Errorf",
	"(*text/template.Template).Execute": "TemplateExecute", "(*text/template.Template).ExecuteTemplate": "TemplateExecuteNamed",
	"(*html/template.Template).Execute": "TemplateExecute", "(*html/template.Template).ExecuteTemplate": "TemplateExecuteNamed",
	"(*log.Logger).Fatal": "LogFatal", "(*log.Logger).Fatalf": "LogFatalf", "(*log.Logger).Fatalln": "LogFatalln",
	"runtime.Breakpoint":     "Breakpoint",
	"(*sync.WaitGroup).Wait": "Wait", "(*sync.Mutex).Lock": "Lock", "(*sync.RWMutex).Lock": "LockWrite", "(*sync.RWMutex).RLock": "LockRead",
	"(*net/http.Server).ListenAndServe": "ServerListen", "(*net/http.Server).ListenAndServeTLS": "ServerListenTLS",
	"(*net/http.Server).Serve": "ServerServe", "(*net/http.Server).ServeTLS": "ServerServeTLS",
	"(*os/exec.Cmd).Run": "CmdRun", "(*os/exec.Cmd).Wait": "CmdWait",
	"(*os/exec.Cmd).Output": "CmdOutput", "(*os/exec.Cmd).CombinedOutput": "CmdCombinedOutput",
	"(*sync.Cond).Wait": "WaitSignal", "(*testing.T).Run": "RunTest", "testing/synctest.Test": "RunSynctest",
	"errors.Is": "ErrorsIs", "errors.Unwrap": "ErrorsUnwrap",
	"reflect.New": "ReflectNew", "reflect.Zero": "ReflectZero", "reflect.MakeSlice": "ReflectMakeSlice", "reflect.MakeMap": "ReflectMakeMap",
	"reflect.MakeMapWithSize": "ReflectMakeMapWithSize", "reflect.MakeChan": "ReflectMakeChan", "reflect.MakeFunc": "ReflectMakeFunc",
	"reflect.PointerTo": "ReflectPointerTo", "reflect.PtrTo": "ReflectPointerTo", "reflect.SliceOf": "ReflectSliceOf",
	"reflect.Indirect": "ReflectIndirect", "reflect.Append": "ReflectAppend", "reflect.AppendSlice": "ReflectAppendSlice",
}

// policies say what compiled functions do with a value of type any: they format it, look into it by reflection, or
// only keep it. The longest prefix counts.
var policies = []struct{ prefix, how string }{
	{"fmt.Sscan", "ScanTarget"},
	{"fmt.Fscan", "ScanTarget"},
	{"fmt.Scan", "ScanTarget"},
	{"fmt.", "Out"},
	{"log.", "Out"},
	{"(*log.", "Out"},
	{"log/slog.", "Out"},
	{"(*log/slog.", "Out"},
	{"testing.", "Out"},
	{"(*testing.", "Out"},
	{"encoding/json.Marshal", "JSON"},
	{"(*encoding/json.Encoder).Encode", "JSON"},
	{"encoding/json.Unmarshal", "JSONTarget"},
	{"(*encoding/json.Decoder).Decode", "JSONTarget"},
	{"(*text/template.", "Template"},
	{"(*html/template.", "Template"},
	{"container/", ""},
	{"(*container/", ""},
	{"(*sync", ""},
	{"sync", ""},
	{"(*sync/atomic", ""},
	{"context.", ""},
	{"(context.", ""},
	{"reflect.Swapper", "Raw"},
	{"reflect.", ""},
	{"runtime.SetFinalizer", "Raw"},
	{"runtime.", ""},
}

func policy(path string) string {
	if path == "" {
		return ""
	}
	for _, p := range policies {
		if strings.HasPrefix(path, p.prefix) {
			return p.how
		}
	}
	return "Raw"
}
