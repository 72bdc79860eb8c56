package generator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// listed is a package as go list describes it, and its types.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
	DepOnly                       bool

	types *types.Package
}

// load finds packages, without internal ones.
func load(arch string, patterns ...string) ([]*listed, error) {
	args := append([]string{"list", "-export", "-trimpath", "-deps", "-json=ImportPath,Name,Dir,Export,GoFiles,DepOnly"}, patterns...)
	command := exec.Command("go", args...)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
	var problem strings.Builder
	command.Stderr = &problem
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("generator: go list: %w: %s", err, strings.TrimSpace(problem.String()))
	}
	var list []*listed
	exports := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listed{}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("generator: go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && !internal(p.ImportPath) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return list, check(list, exports)
}

// check reads the types that the compiler wrote, from the files in exports.
func check(list []*listed, exports map[string]string) error {
	compiled := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	for _, p := range list {
		var err error
		if slices.Contains(OwnPackages, p.ImportPath) {
			p.types, err = p.withoutWiring(compiled)
		} else {
			p.types, err = compiled.Import(p.ImportPath)
		}
		if err != nil {
			return fmt.Errorf("generator: %s: %w", p.ImportPath, err)
		}
	}
	return nil
}

func internal(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first == "vendor" || slices.Contains(strings.Split(path, "/"), "internal")
}

// withoutWiring checks a package as if it did not have what only the session calls: cells can't use what their checker does not know.
func (p *listed) withoutWiring(im types.Importer) (*types.Package, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
			function, ok := d.(*ast.FuncDecl)
			return ok && function.Recv == nil && slices.Contains(wiring, function.Name.Name)
		})
		files = append(files, f)
	}
	var problem error
	config := types.Config{
		Importer: im, IgnoreFuncBodies: true, Sizes: types.SizesFor("gc", amd64),
		Error: func(err error) {
			e, ok := errors.AsType[types.Error](err)
			if soft := ok && e.Soft; problem == nil && !soft { // such as an import for what is left out
				problem = err
			}
		},
	}
	checked, _ := config.Check(p.ImportPath, fset, files, nil)
	return checked, problem
}
