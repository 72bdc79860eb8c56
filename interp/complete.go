package interp

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/packages"
	"github.com/rivulet-go/rivulet/kernel"
)

// complete finds what can stand at the cursor: a member after a dot, else a name in scope.
func (l *language) complete(code string, cursor int) *kernel.Completion {
	l.mu.Lock()
	defer l.mu.Unlock()
	cursor = min(max(cursor, 0), len(code))
	start := wordStart(code, cursor)
	prefix := code[start:cursor]
	c := &kernel.Completion{Start: start, End: cursor}
	if inText(code, start) {
		return c
	}
	var found map[string]string
	if base, ok := operand(code[:start]); ok {
		found = l.members(base)
	} else {
		found = l.visible(code, start)
	}
	for name := range found {
		if strings.HasPrefix(name, prefix) {
			c.Matches = append(c.Matches, name)
		}
	}
	sort.Strings(c.Matches)
	for _, m := range c.Matches {
		c.Types = append(c.Types, found[m])
	}
	return c
}

// wordStart is where the identifier that ends at the cursor begins.
func wordStart(code string, cursor int) int {
	for cursor > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:cursor])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		cursor -= n
	}
	return cursor
}

// inText says whether an offset lies in a string or a comment.
func inText(code string, off int) bool {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		at := file.Offset(pos)
		if tok == token.EOF || at >= off {
			return false
		}
		if (tok == token.STRING || tok == token.CHAR || tok == token.COMMENT) && off < at+len(lit) {
			return true
		}
	}
}

// operand is the expression before the dot that text ends in.
func operand(text string) (ast.Expr, bool) {
	text = strings.TrimRight(text, " \t")
	text, ok := strings.CutSuffix(text, ".")
	if !ok {
		return nil, false
	}
	i := len(text)
	for i > 0 {
		switch ch := text[i-1]; {
		case ch == ')' || ch == ']':
			open := matching(text[:i])
			if open < 0 {
				return nil, true
			}
			i = open
		case ch == '.' || ch == '_' || ch >= utf8.RuneSelf || unicode.IsLetter(rune(ch)) || unicode.IsDigit(rune(ch)):
			i--
		default:
			x, err := parser.ParseExpr(text[i:])
			return x, err == nil || x == nil
		}
	}
	x, err := parser.ParseExpr(text)
	if err != nil {
		return nil, true
	}
	return x, true
}

// matching is the offset of the bracket that the last byte of text closes, or -1. Brackets in strings are skipped.
func matching(text string) int {
	depth := 0
	quote := byte(0)
	for i := len(text) - 1; i >= 0; i-- {
		ch := text[i]
		switch {
		case quote != 0:
			if ch == quote && (i == 0 || text[i-1] != '\\') {
				quote = 0
			}
		case ch == '"' || ch == '`' || ch == '\'':
			quote = ch
		case ch == ')' || ch == ']' || ch == '}':
			depth++
		case ch == '(' || ch == '[' || ch == '{':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// visible are the names in scope with their kinds: keywords, predeclared names, packages, names of earlier cells and
// of this one.
func (l *language) visible(code string, start int) map[string]string {
	found := map[string]string{}
	for t := token.BREAK; t <= token.VAR; t++ {
		found[t.String()] = "keyword"
	}
	for _, n := range []string{"append", "cap", "close", "complex", "copy", "delete", "imag", "len", "make", "new", "panic", "print", "println", "real", "recover"} {
		found[n] = "function"
	}
	for _, n := range []string{
		"any", "bool", "byte", "comparable", "complex64", "complex128", "error", "float32", "float64", "int", "int8", "int16", "int32",
		"int64", "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr",
	} {
		found[n] = "class"
	}
	for _, n := range []string{"true", "false", "nil", "iota"} {
		found[n] = "constant"
	}
	for name := range l.imports {
		found[name] = "module"
	}
	for name, kind := range l.scope.kinds() {
		if !strings.Contains(name, "/") && !strings.HasPrefix(name, cell.Runtime) {
			found[name] = kindName(kind)
		}
	}
	maps.Copy(found, cell.Names(code, start))
	delete(found, "main")
	return found
}

func kindName(kind int) string {
	switch kind {
	case symBin, symBuiltin, symFunc:
		return "function"
	case symConst:
		return "constant"
	case symType, symVarType:
		return "class"
	case symPackage:
		return "module"
	}
	return "instance"
}

// members are the names that can follow "x.".
func (l *language) members(x ast.Expr) map[string]string {
	found := map[string]string{}
	if id, ok := x.(*ast.Ident); ok {
		path, ok := l.imports[id.Name]
		if !ok && l.typeOf(x) == nil {
			path, ok = standardPackage(id.Name)
		}
		if ok {
			for name, v := range l.i.Symbols(path)[path] {
				if token.IsExported(name) {
					found[name] = symbolKind(v)
				}
			}
			return found
		}
		for _, m := range l.scope.methods(id.Name) {
			found[m] = "function"
		}
	}
	t := l.typeOf(x)
	if t == nil {
		return found
	}
	for m := range t.Methods() {
		if m.IsExported() {
			found[m.Name] = "function"
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			// yaegi puts an X before the names of unexported fields.
			if name, ok := strings.CutPrefix(f.Name, "X"); ok && name != "" && !token.IsExported(name) {
				found[name] = "instance"
			} else if f.IsExported() {
				found[f.Name] = "instance"
			}
		}
	}
	return found
}

// standardPackage is the import path of the only package of a name that no cell has imported yet.
func standardPackage(name string) (path string, ok bool) {
	if paths := packages.ByName(name); len(paths) == 1 {
		return paths[0], true
	}
	return "", false
}

func symbolKind(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Func:
		return "function"
	case v.Kind() == reflect.Pointer && v.IsNil():
		return "class"
	}
	return "instance"
}

// typeOf is the type of an expression over global variables and packages, as far as reflection knows it; else nil.
func (l *language) typeOf(x ast.Expr) reflect.Type {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return l.typeOf(x.X)
	case *ast.Ident:
		if v, ok := l.global(x.Name); ok {
			return v.Type()
		}
		if v, ok := l.i.Symbols(predeclPath)[predeclPath][x.Name]; ok {
			return v.Type()
		}
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			if path, ok := l.imports[id.Name]; ok {
				if v, ok := l.i.Symbols(path)[path][x.Sel.Name]; ok {
					return v.Type()
				}
				return nil
			}
		}
		return memberType(l.typeOf(x.X), x.Sel.Name)
	case *ast.CallExpr:
		if t := l.typeOf(x.Fun); t != nil && t.Kind() == reflect.Func && t.NumOut() > 0 {
			return t.Out(0)
		}
	case *ast.IndexExpr:
		switch t := l.typeOf(x.X); {
		case t == nil:
		case t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map:
			return t.Elem()
		}
	}
	return nil
}

// memberType is the type of t's method or field; that of a method leaves the receiver out.
func memberType(t reflect.Type, name string) reflect.Type {
	if t == nil {
		return nil
	}
	if m, ok := t.MethodByName(name); ok {
		if t.Kind() == reflect.Interface {
			return m.Type
		}
		in, out := slices.Collect(m.Type.Ins()), slices.Collect(m.Type.Outs())
		return reflect.FuncOf(in[1:], out, m.Type.IsVariadic())
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		if f, ok := t.FieldByName(name); ok {
			return f.Type
		}
	}
	return nil
}

// global is a variable or constant of the cells.
func (l *language) global(name string) (v reflect.Value, ok bool) {
	defer func() {
		if recover() != nil { // a variable that is compiled but has no place yet
			ok = false
		}
	}()
	v, ok = l.i.Globals()[name]
	return v, ok && v.IsValid()
}
