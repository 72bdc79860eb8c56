package generator

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// methods are the names of all exported methods of interfaces in the Go files of folders, tests and commands left out: what
// compiled code may call of a value that it is given. One a line.
func methods(folders ...string) ([]byte, error) {
	names := map[string]bool{}
	set := token.NewFileSet()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && name != folder && (entry.Name() == "testdata" || entry.Name() == "cmd"):
				return fs.SkipDir
			case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if t, ok := n.(*ast.InterfaceType); ok {
					addMethods(names, t)
				}
				return true
			})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("generator: methods: %w", err)
		}
	}
	return []byte(strings.Join(slices.Sorted(maps.Keys(names)), "\n") + "\n"), nil
}

func addMethods(names map[string]bool, t *ast.InterfaceType) {
	for _, field := range t.Methods.List {
		for _, name := range field.Names {
			if name.IsExported() {
				names[name.Name] = true
			}
		}
	}
}

func stdSource() string { return filepath.Join(build.Default.GOROOT, "src") }
