package rt

import (
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"text/template/parse"
)

// Template makes what text/template and html/template are given for a value where TemplateExecute is not used: fields
// are there, methods other than Error and String are not.
func (r *Registry) Template(x any) any { return r.Display(x) }

// executor is a text/template.Template or an html/template.Template.
type executor interface {
	Execute(w io.Writer, data any) error
	ExecuteTemplate(w io.Writer, name string, data any) error
	Name() string
}

// TemplateExecute is the method Execute of a template of either package. The template's trees are changed: where they
// ask a value for a field or a method, they ask the registry.
func (r *Registry) TemplateExecute(t, w, data any) any {
	e := t.(executor)
	r.templates(t)
	return r.templateError(e.Execute(r.writer(w), data))
}

// TemplateExecuteNamed is the method ExecuteTemplate.
func (r *Registry) TemplateExecuteNamed(t, w any, name string, data any) any {
	e := t.(executor)
	r.templates(t)
	return r.templateError(e.ExecuteTemplate(r.writer(w), name, data))
}

// TemplateFuncs makes a FuncMap of functions of cells, whose errors have another type than templates want.
func (r *Registry) TemplateFuncs(funcs map[string]any) map[string]any {
	out := make(map[string]any, len(funcs))
	for name, f := range funcs {
		out[name] = r.templateFunc(f)
	}
	return out
}

func (r *Registry) templateFunc(f any) any {
	v := reflect.ValueOf(r.Raw(f))
	if v.Kind() != reflect.Func || v.Type().NumOut() != 2 || v.Type().Out(1) != anyType {
		return r.Raw(f)
	}
	t := v.Type()
	var in []reflect.Type
	for p := range t.Ins() {
		in = append(in, p)
	}
	call := direct(v)
	return reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{t.Out(0), errorType}, t.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		out := call(args)
		err := reflect.New(errorType).Elem()
		if e := r.asError(out[1]); e != nil {
			err.Set(reflect.ValueOf(e))
		}
		return []reflect.Value{out[0], err}
	}).Interface()
}

var errorType = reflect.TypeFor[error]()

// The functions that rewritten trees call.
const (
	marker    = "_rivulet_"
	fieldFunc = marker + "field"
	outFunc   = marker + "out"
	plainFunc = marker + "plain"
	keptFunc  = marker + "kept"
)

// templates rewrites the trees of a template and of those that belong to it.
func (r *Registry) templates(t any) {
	funcs := map[string]any{
		fieldFunc: r.templateField,
		outFunc: func(x reflect.Value) any {
			for x.Kind() == reflect.Interface && !x.IsNil() {
				x = x.Elem()
			}
			if n := r.dynamic(x, open); n.v.IsValid() {
				return r.templatePrinted(n)
			}
			return nil
		},
		plainFunc: func(x reflect.Value) any { return r.Raw(anyOf(x)) },
		keptFunc: func(x reflect.Value) any {
			for x.Kind() == reflect.Interface && !x.IsNil() {
				x = x.Elem()
			}
			if n := r.dynamic(x, open); n.v.IsValid() {
				return r.ranged(n)
			}
			return nil
		},
	}
	v := reflect.ValueOf(t)
	v.MethodByName("Funcs").Call([]reflect.Value{reflect.ValueOf(funcs).Convert(v.MethodByName("Funcs").Type().In(0))})
	r.templateMu.Lock()
	defer r.templateMu.Unlock()
	list := v.MethodByName("Templates").Call(nil)[0]
	for i := range list.Len() {
		r.rewriteTree(list.Index(i))
	}
	r.rewriteTree(v)
}

func (r *Registry) rewriteTree(t reflect.Value) {
	tree, _ := reflect.TypeAssert[*parse.Tree](t.Elem().FieldByName("Tree"))
	if tree == nil || tree.Root == nil || strings.Contains(tree.Root.String(), marker) {
		return
	}
	rewriteList(tree.Root)
}

func anyOf(v reflect.Value) any {
	if !v.IsValid() || v.Kind() == reflect.Interface && v.IsNil() {
		return nil
	}
	return v.Interface()
}

var (
	callPattern  = regexp.MustCompile(`error calling ` + fieldFunc + `: `)
	placePattern = regexp.MustCompile(fieldFunc + ` "\w" (\S*) "([^"]*)"`)
	plainPattern = regexp.MustCompile(`( \| )?(` + outFunc + `|` + plainFunc + `|` + keptFunc + `) ?`)
)

// templateError takes what the rewriting did out of an error's text.
func (r *Registry) templateError(err error) any {
	if err == nil {
		return nil
	}
	text := err.Error()
	if !strings.Contains(text, marker) {
		return r.In(err)
	}
	text = callPattern.ReplaceAllString(text, "")
	text = placePattern.ReplaceAllStringFunc(text, func(s string) string {
		m := placePattern.FindStringSubmatch(s)
		return strings.TrimSuffix(m[1], ".") + "." + m[2]
	})
	return &templateError{plainPattern.ReplaceAllString(text, ""), err}
}

// templateError is an error of a template without the names that rewriting put in.
type templateError struct {
	text string
	err  error
}

func (e *templateError) Error() string { return e.text }
func (e *templateError) Unwrap() error { return errors.Unwrap(e.err) }
