package generator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// listed is a package as go list describes it, and its types.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string

	types *types.Package
}

// load finds packages, without internal ones. What they share has the same identity in all of them.
func load(arch string, patterns ...string) ([]*listed, error) {
	args := append([]string{"list", "-export", "-trimpath", "-json=ImportPath,Name,Dir,Export,GoFiles"}, patterns...)
	command := exec.Command("go", args...)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
	var problem strings.Builder
	command.Stderr = &problem
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("generator: go list: %w: %s", err, strings.TrimSpace(problem.String()))
	}
	var list []*listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listed{}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("generator: go list: %w", err)
		}
		if !internal(p.ImportPath) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return list, check(list)
}

// check reads the types that the compiler wrote.
func check(list []*listed) error {
	files := map[string]string{}
	for _, p := range list {
		files[p.ImportPath] = p.Export
	}
	compiled := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(files[path])
	})
	for _, p := range list {
		var err error
		if p.types, err = compiled.Import(p.ImportPath); err != nil {
			return fmt.Errorf("generator: %s: %w", p.ImportPath, err)
		}
	}
	return nil
}

func internal(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first == "vendor" || slices.Contains(strings.Split(path, "/"), "internal")
}
