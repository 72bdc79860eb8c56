package generator

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/interp/packages/archive"
)

// documents are the documentation of packages: for each a list of pairs, the name of a symbol and its text, every part ended by a zero
// byte. The first pair is the package's, with an empty name. Methods and fields are "Type.Name".
func documents(list []*listed, exclude []string) ([]archive.Entry, error) {
	var entries []archive.Entry
	for _, p := range list {
		text, err := document(p, exclude)
		if err != nil {
			return nil, fmt.Errorf("generator: %s: %w", p.ImportPath, err)
		}
		entries = append(entries, archive.Entry{Name: p.ImportPath, Text: text})
	}
	return entries, nil
}

func document(p *listed, exclude []string) ([]byte, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	w := &docWriter{exclude: exclude}
	var mode doc.Mode
	if p.ImportPath == "builtin" {
		mode, w.all = doc.AllDecls, true
	}
	d, err := doc.NewFromFiles(fset, files, p.ImportPath, mode)
	if err != nil {
		return nil, err
	}
	w.b.WriteString("\x00" + strings.TrimSpace(d.Doc) + "\x00")
	w.values(d.Consts)
	w.values(d.Vars)
	w.functions("", d.Funcs)
	for _, t := range d.Types {
		w.values(t.Consts)
		w.values(t.Vars)
		w.functions("", t.Funcs)
		w.add(t.Name, t.Doc)
		w.functions(t.Name+".", t.Methods)
		w.fields(t)
	}
	return []byte(w.b.String()), nil
}

type docWriter struct {
	b       strings.Builder
	exclude []string
	all     bool // names need not be exported
}

func (w *docWriter) add(name, text string) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))
	if text == "" || slices.Contains(w.exclude, name) {
		return
	}
	w.b.WriteString(name + "\x00" + text + "\x00")
}

func (w *docWriter) functions(prefix string, list []*doc.Func) {
	for _, f := range list {
		w.add(prefix+f.Name, f.Doc)
	}
}

// values gives each name of a group its own comment, or that of the group.
func (w *docWriter) values(list []*doc.Value) {
	for _, v := range list {
		for _, s := range v.Decl.Specs {
			spec, ok := s.(*ast.ValueSpec)
			if !ok {
				continue
			}
			text := comment(spec.Doc, spec.Comment)
			if grouped := v.Decl.Lparen.IsValid(); text == "" || v.Doc != "" && !grouped {
				text = v.Doc
			}
			for _, name := range spec.Names {
				if w.all || name.IsExported() {
					w.add(name.Name, text)
				}
			}
		}
	}
}

// fields documents the fields of a struct and the methods of an interface.
func (w *docWriter) fields(t *doc.Type) {
	for _, s := range t.Decl.Specs {
		spec, ok := s.(*ast.TypeSpec)
		if !ok || spec.Name.Name != t.Name {
			continue
		}
		var list *ast.FieldList
		switch x := spec.Type.(type) {
		case *ast.StructType:
			list = x.Fields
		case *ast.InterfaceType:
			list = x.Methods
		default:
			continue
		}
		for _, f := range list.List {
			for _, name := range f.Names {
				if name.IsExported() {
					w.add(t.Name+"."+name.Name, comment(f.Doc, f.Comment))
				}
			}
		}
	}
}

func comment(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if text := g.Text(); text != "" {
			return text
		}
	}
	return ""
}
