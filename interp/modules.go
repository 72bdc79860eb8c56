package interp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/module"
	"github.com/rivulet-go/rivulet/interp/packages"
)

// modules are other people's modules that cells can import.
type modules struct {
	graph *module.Graph             // nil before the first %get
	found map[string]module.Package // by import path: what the graph has loaded
	named map[string][]string       // paths of the packages that a %get has named, by their names
	run   atomic.Pointer[run]       // for whose sake packages are loaded
}

var _ check.Loader = (*modules)(nil)

// get is the magic %get.
func (l *language) get(r *run, line cell.Magic) error {
	q, err := module.ParseGet(line.Text)
	if err != nil {
		return err
	}
	g, err := l.modules.open()
	if err != nil {
		return err
	}
	p := r.progress()
	added, err := g.Get(r.halt, q, p.say)
	p.end()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.modules.found = map[string]module.Package{}
	l.modules.name(added.Packages)
	text := added.String()
	if gone := l.check.Forget(added.Stale); len(gone) > 0 {
		text += "cells that use " + strings.Join(gone, ", ") + " keep what they had until they run again\n"
	}
	r.print("stderr", []byte(text))
	return nil
}

// name notes packages, so that cells that use their names need not import them.
func (m *modules) name(paths []string) {
	for _, path := range paths {
		if p, err := m.graph.Package(path); err == nil && p.Problem == "" && !slices.Contains(m.named[p.Name], path) {
			m.named[p.Name] = append(m.named[p.Name], path)
		}
	}
}

// byName are the packages of a name that cells can import: compiled ones, and those of modules.
func (m *modules) byName(name string) []string {
	return slices.Concat(packages.ByName(name), m.named[name])
}

// open makes the graph, of the settings that the go command has on this machine.
func (m *modules) open() (*module.Graph, error) {
	if m.graph != nil {
		return m.graph, nil
	}
	settings, err := module.ReadSettings()
	if err != nil {
		return nil, err
	}
	store, err := module.Open(settings)
	if err != nil {
		return nil, err
	}
	m.graph = module.NewGraph(store, module.Options{Native: packages.Known})
	return m.graph, nil
}

// Load is the source of a package of a module.
func (m *modules) Load(path string) (*check.Files, error) {
	if packages.Known(path) || strings.HasPrefix(path, modulePrefix) {
		return nil, nil //nolint:nilnil // the importer has it
	}
	p, ok := m.found[path]
	if !ok {
		if err := m.load(path); err != nil {
			return nil, err
		}
		if p, ok = m.found[path]; !ok {
			return nil, nil //nolint:nilnil // as above
		}
	}
	if p.Problem != "" {
		return nil, unavailable(path, "it can't be interpreted: "+p.Problem)
	}
	return files(p)
}

// load has the graph load a package with all that it imports.
func (m *modules) load(path string) error {
	provided := false
	if m.graph != nil {
		_, provided = m.graph.Provides(path)
	}
	if !provided {
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			return unavailable(path, "it is of no module that a %get has brought; write %get "+path)
		}
		return nil
	}
	r := m.run.Load()
	if r == nil {
		return unavailable(path, "no cell has imported it yet") // whoever completes a name can't wait for a download
	}
	p := r.progress()
	defer p.end()
	list, err := m.graph.Load(r.halt, path, p.say)
	if err != nil {
		if errors.Is(err, module.ErrUnknown) {
			return unavailable(path, err.Error())
		}
		return fmt.Errorf("package %s is not available: %w", strconv.Quote(path), err)
	}
	for _, p := range list {
		m.found[p.ImportPath] = p
	}
	return nil
}

func unavailable(path, why string) error {
	return fmt.Errorf("package %s is not available: %s", strconv.Quote(path), why)
}

// files reads the source of a package.
func files(p module.Package) (*check.Files, error) {
	f := &check.Files{Dir: p.Dir, Text: map[string]string{}, GoVersion: p.GoVersion, Embeds: p.Embeds, Lacks: p.Lacks}
	for _, name := range p.Files {
		data, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, err
		}
		f.Text[name] = string(data)
	}
	return f, nil
}
