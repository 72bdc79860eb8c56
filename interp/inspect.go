package interp

import (
	"fmt"
	"go/ast"
	"maps"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/kernel"
)

// inspectBytes bounds the text of a value.
const inspectBytes = 2000

// inspect describes the name at the cursor, or nil.
func (l *language) inspect(code string, cursor int) *kernel.Bundle {
	l.mu.Lock()
	defer l.mu.Unlock()
	cursor = min(max(cursor, 0), len(code))
	end := wordEnd(code, cursor)
	start := wordStart(code, end)
	name := code[start:end]
	if name == "" || inText(code, start) {
		return nil
	}
	text := ""
	if base, ok := operand(code[:start]); ok {
		text = l.describeMember(base, name)
	} else {
		text = l.describe(name)
	}
	if text == "" {
		return nil
	}
	return &kernel.Bundle{Data: map[string]any{"text/plain": text}}
}

func wordEnd(code string, at int) int {
	for at < len(code) {
		r, n := utf8.DecodeRuneInString(code[at:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		at += n
	}
	return at
}

func (l *language) describeMember(base ast.Expr, name string) string {
	if id, ok := base.(*ast.Ident); ok {
		if path, ok := l.imports[id.Name]; ok {
			v, ok := l.i.Symbols(path)[path][name]
			if !ok {
				return ""
			}
			return symbolText(id.Name+"."+name, v) + "\n\nimport \"" + path + "\""
		}
	}
	if t := memberType(l.typeOf(base), name); t != nil {
		return signature(name, t)
	}
	return ""
}

// describe describes a name in scope.
func (l *language) describe(name string) string {
	if path, ok := l.imports[name]; ok {
		return "package " + name + "\n\nimport \"" + path + "\""
	}
	if d, ok := l.declared[name]; ok {
		return d
	}
	if v, ok := l.global(name); ok {
		return fmt.Sprintf("var %s %v\n\n%s", name, v.Type(), valueSummary(v))
	}
	if v, ok := l.i.Symbols(predeclPath)[predeclPath][name]; ok {
		return symbolText("frame."+name, v)
	}
	return ""
}

func valueSummary(v reflect.Value) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = ""
		}
	}()
	if !v.CanInterface() {
		return ""
	}
	text = valueText(plainValue(v.Interface()))
	if len(text) > inspectBytes {
		text = strings.ToValidUTF8(text[:inspectBytes], "") + " …"
	}
	return text
}

func symbolText(name string, v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Func:
		return signature(name, v.Type())
	case v.Kind() == reflect.Pointer && v.IsNil():
		return "type " + name + " " + v.Type().Elem().Kind().String()
	}
	return name + " " + v.Type().String()
}

// signature writes a function's type after its name.
func signature(name string, t reflect.Type) string {
	if t.Kind() != reflect.Func {
		return name + " " + t.String()
	}
	return "func " + name + strings.TrimPrefix(t.String(), "func")
}

// remember keeps the text of what a cell declares, for inspection.
func (l *language) remember(code string) {
	maps.Copy(l.declared, cell.Declarations(code))
}
