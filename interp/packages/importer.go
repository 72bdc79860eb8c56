package packages

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// ErrUnknown is a path that cells can't import.
var ErrUnknown = errors.New("only the standard library and Rivulet's packages frame and display can be imported")

// Importer gives the types of packages, each read when it is first imported. Types are identical across all packages of one
// Importer. Import is safe for concurrent use.
//
// The packages cmp, iter, maps and slices can be checked from source, so that the checker's information covers their code:
// then Source, or Add before any package that refers to them, puts them in the place of the compiled ones, for their own imports and
// for the types of all other packages (strings.Lines gives an iter.Seq).
type Importer struct {
	// Source, where it is set, makes the packages for which there is a Source, at the first import of each. It may call Import. Set it
	// before the first Import.
	Source func(path string) (*types.Package, error)

	fset     *token.FileSet
	mu       sync.Mutex // packages
	packages map[string]*types.Package
	source   sync.Mutex // calls of Source
}

// NewImporter makes an Importer. Objects of compiled packages have no position.
func NewImporter(fset *token.FileSet) *Importer {
	return &Importer{fset: fset, packages: map[string]*types.Package{}}
}

// Import gives a complete package.
func (im *Importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := im.loaded(path); p != nil {
		return p, nil
	}
	known, ok := index().info[path]
	if !ok {
		return nil, unknown(path)
	}
	if im.Source != nil {
		if err := im.fromSource(path, known.refers); err != nil {
			return nil, err
		}
	}
	return im.read(path, known)
}

// Add makes p the package of its path, also for packages that are imported later. It is an error where one of that path has
// been imported or referred to.
func (im *Importer) Add(p *types.Package) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.packages[p.Path()] != nil {
		return fmt.Errorf("packages: %q: added after it was imported", p.Path())
	}
	im.packages[p.Path()] = p
	return nil
}

// loaded is a package that is complete.
func (im *Importer) loaded(path string) *types.Package {
	im.mu.Lock()
	defer im.mu.Unlock()
	if p := im.packages[path]; p != nil && p.Complete() {
		return p
	}
	return nil
}

// fromSource has Source make those of path and refers that it can make.
func (im *Importer) fromSource(path string, refers []string) error {
	if slices.Contains(sourced, path) {
		refers = append(slices.Clip(refers), path)
	}
	if len(refers) == 0 {
		return nil
	}
	// What a package imports comes before it, so Source finds it loaded and does not come here again.
	if !slices.ContainsFunc(refers, func(p string) bool { return im.loaded(p) == nil }) {
		return nil
	}
	im.source.Lock()
	defer im.source.Unlock()
	for _, p := range refers {
		if im.loaded(p) != nil {
			continue
		}
		made, err := im.Source(p)
		if err != nil {
			return err
		}
		if err := im.Add(made); err != nil {
			return err
		}
	}
	return nil
}

// read reads the export data of a package.
func (im *Importer) read(path string, known info) (*types.Package, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if p := im.packages[path]; p != nil && p.Complete() {
		return p, nil
	}
	data, err := known.archive.Get(path)
	if err != nil {
		return nil, fmt.Errorf("packages: %s: %w", path, err)
	}
	p, err := gcexportdata.Read(bytes.NewReader(data), im.fset, im.packages, path)
	if err != nil {
		return nil, fmt.Errorf("packages: %s: %w", path, err)
	}
	return p, nil
}

// unknown says what the user may have meant.
func unknown(path string) error {
	if path == "C" {
		return errors.New("cgo is not available in cells")
	}
	base := path[strings.LastIndexByte(path, '/')+1:]
	if paths := ByName(base); len(paths) > 0 {
		return fmt.Errorf("package %q is not available: %w; did you mean %s?", path, ErrUnknown, either(paths))
	}
	return fmt.Errorf("package %q is not available: %w", path, ErrUnknown)
}

func either(paths []string) string {
	var b strings.Builder
	for i, p := range paths {
		switch {
		case i > 0 && i == len(paths)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", p)
	}
	return b.String()
}
