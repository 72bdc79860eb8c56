package module

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// forbidden are packages of the standard library that mean nothing without compiled code.
var forbidden = []struct{ path, why string }{
	{"plugin", "loads compiled plugins"},
	{"runtime/cgo", "needs cgo"},
}

// problem says why the chosen files of a package can't be interpreted; it is empty if they can. What they can't be without is
// told apart from functions that they lack.
func problem(p Package, built *build.Package, arch string) (why string, lacks map[string]string) {
	if built.Name == "main" {
		return fmt.Sprintf("it is a program (%s is of package main), not a package to import", built.GoFiles[0]), nil
	}
	for _, f := range forbidden {
		if positions := built.ImportPos[f.path]; len(positions) > 0 {
			return fmt.Sprintf("it %s (%s:%d imports %s)", f.why, filepath.Base(positions[0].Filename), positions[0].Line, f.path), nil
		}
	}
	compiles := arch == runtime.GOARCH // then a function without a body is in assembly, or linked
	assembly := append(built.SFiles, built.SysoFiles...)
	set := token.NewFileSet()
	var files []*ast.File
	links := map[string]string{}
	for _, name := range built.GoFiles {
		text, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return err.Error(), nil
		}
		if len(assembly) == 0 && compiles && !bytes.Contains(text, []byte("//go:linkname ")) {
			continue
		}
		file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err.Error(), nil
		}
		files = append(files, file)
		maps.Copy(links, linknames(file))
	}
	for _, file := range files {
		for _, declaration := range file.Decls {
			what, at := undefined(declaration, links, assembly)
			if what == "" {
				continue
			}
			where := set.Position(at)
			text := fmt.Sprintf("it %s (%s:%d)", what, where.Filename, where.Line)
			f, ok := declaration.(*ast.FuncDecl)
			if !ok {
				return text, nil
			}
			if lacks == nil {
				lacks = map[string]string{}
			}
			lacks[lackName(f)] = text
		}
	}
	return "", lacks
}

// lackName is a function's name, or Type.Method.
func lackName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// undefined finds what a declaration declares but doesn't define: a function without a body, a variable that is linked to
// another package's.
func undefined(declaration ast.Decl, links map[string]string, assembly []string) (what string, at token.Pos) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		target, linked := links[d.Name.Name]
		switch {
		case d.Body != nil:
		case linked:
			return fmt.Sprintf("reaches into %s: func %s is linked to %s", packageOf(target), d.Name.Name, target), d.Pos()
		case len(assembly) > 0:
			return fmt.Sprintf("needs assembly: func %s has no body in Go, but in %s", d.Name.Name, strings.Join(assembly[:min(3, len(assembly))], ", ")), d.Pos()
		default:
			return fmt.Sprintf("declares func %s without a body", d.Name.Name), d.Pos()
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || len(value.Values) > 0 {
				continue
			}
			for _, ident := range value.Names {
				if target, linked := links[ident.Name]; linked {
					return fmt.Sprintf("reaches into %s: var %s is linked to %s", packageOf(target), ident.Name, target), ident.Pos()
				}
			}
		}
	}
	return "", token.NoPos
}

// linknames are the go:linkname directives of a file that name a symbol of another package.
func linknames(file *ast.File) map[string]string {
	links := map[string]string{}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			rest, found := strings.CutPrefix(comment.Text, "//go:linkname ")
			if words := strings.Fields(rest); found && len(words) == 2 {
				links[words[0]] = words[1]
			}
		}
	}
	return links
}

// packageOf is the package of a linker symbol such as internal/cpu.X86 or github.com/a/b.f.
func packageOf(symbol string) string {
	slash := strings.LastIndexByte(symbol, '/') + 1
	if dot := strings.IndexByte(symbol[slash:], '.'); dot >= 0 {
		return symbol[:slash+dot]
	}
	return symbol
}

// importLine is the line on which a file imports a path, 0 if it doesn't.
func importLine(file, path string) int {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.ImportsOnly|parser.SkipObjectResolution)
	if err != nil {
		return 0
	}
	for _, spec := range parsed.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil && imported == path {
			return set.Position(spec.Pos()).Line
		}
	}
	return 0
}
