package generator

import (
	"bytes"
	"cmp"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/interp/packages/archive"
)

// Module is the path of the module that own packages belong to.
const Module = "github.com/rivulet-go/rivulet"

// OwnPackages are those of the module that cells can import, and that of the records which frames give.
var OwnPackages = []string{"github.com/apache/arrow/go/v17/arrow", Module + "/display", Module + "/display/comm", Module + "/display/widget", Module + "/frame"}

// supportPath is the package that overlays import. Cells can't.
const supportPath = Module + "/interp/packages/support"

// wiring are names that only the session process calls.
var wiring = []string{
	"SetRunner", "SetContext", "SetSurface", "SetTableSize", "TableSize", "SetHost", "Deliver", "Flush", "Packet", "Owner",
	"Captured", "StreamOutput", "ShowOutput", "UpdateOutput", "ClearOutput",
}

// Sourced are the packages that the front end checks from source, each after those that it imports.
var Sourced = []string{"cmp", "iter", "maps", "slices"}

// Everything is made for amd64. For arm64 there is what differs: the tables of these packages, and the types of more.
const amd64, arm64 = "amd64", "arm64"

var perArchitecture = []string{"syscall"}

// Files are contents by their name below interp/packages.
type Files map[string][]byte

// Std makes everything of the standard library.
func Std() (Files, error) {
	list, err := load(amd64, "std")
	if err != nil {
		return nil, err
	}
	files := Files{}
	for _, p := range list {
		if p.ImportPath == "unsafe" {
			continue // yaegi brings its own
		}
		if files[p.tableName(amd64)], err = tableFile("std", p, nil); err != nil {
			return nil, err
		}
	}
	types, err := exportData(list)
	if err != nil {
		return nil, err
	}
	docs, err := documents(append(slices.Clip(list), builtin()), nil)
	if err != nil {
		return nil, err
	}
	sources, err := plainSources(list)
	if err != nil {
		return nil, err
	}
	if err := files.archive(map[string][]archive.Entry{
		"data/std.types.zst": types, "data/std.docs.zst": docs, "data/std.sources.zst": sources,
	}); err != nil {
		return nil, err
	}
	if files["std/std.go"], err = indexFile("std", list); err != nil {
		return nil, err
	}
	files["std/std.go"] = fmt.Appendf(files["std/std.go"],
		"\n// GoVersion is the Go release that the tables were made for.\nconst GoVersion = %q\n", runtime.Version())
	if files["native/native.go"], err = nativeFile(list); err != nil {
		return nil, err
	}
	if files["data/std.methods.txt"], err = methods(stdSource()); err != nil {
		return nil, err
	}
	return files, files.differences(types)
}

// differences adds what is not the same for arm64.
func (f Files) differences(types []archive.Entry) error {
	list, err := load(arm64, "std")
	if err != nil {
		return err
	}
	for _, p := range list {
		if slices.Contains(perArchitecture, p.ImportPath) {
			if f[p.tableName(arm64)], err = tableFile("std", p, nil); err != nil {
				return err
			}
		}
	}
	other, err := exportData(list)
	if err != nil {
		return err
	}
	other = slices.DeleteFunc(other, func(e archive.Entry) bool {
		return slices.ContainsFunc(types, func(t archive.Entry) bool { return t.Name == e.Name && bytes.Equal(t.Text, e.Text) })
	})
	return f.archive(map[string][]archive.Entry{"data/std.types.arm64.zst": other})
}

func (p *listed) tableName(arch string) string {
	name := "std/" + strings.ReplaceAll(p.ImportPath, "/", "_")
	if slices.Contains(perArchitecture, p.ImportPath) {
		name += "_linux_" + arch
	}
	return name + ".go"
}

// archive adds archives of the entries.
func (f Files) archive(all map[string][]archive.Entry) error {
	for name, entries := range all {
		data, err := archive.Write(entries)
		if err != nil {
			return fmt.Errorf("generator: %s: %w", name, err)
		}
		f[name] = data
	}
	return nil
}

// builtin is the package that documents what needs no import. It has no other use.
func builtin() *listed {
	const path = "builtin"
	return &listed{ImportPath: path, Name: path, Dir: filepath.Join(stdSource(), path), GoFiles: []string{"builtin.go"}}
}

// Own makes everything of the module's own packages.
func Own() (Files, error) {
	list, err := load(amd64, append(slices.Clip(OwnPackages), supportPath)...)
	if err != nil {
		return nil, err
	}
	files := Files{}
	var folders []string
	for _, p := range list {
		if strings.HasPrefix(p.ImportPath, Module) { // nothing of arrow's calls what a cell has made
			folders = append(folders, p.Dir)
		}
	}
	if files["data/own.methods.txt"], err = methods(folders...); err != nil {
		return nil, err
	}
	for _, p := range list {
		if files["own/"+path.Base(p.ImportPath)+".go"], err = tableFile("own", p, wiring); err != nil {
			return nil, err
		}
	}
	if files["own/own.go"], err = indexFile("own", list); err != nil {
		return nil, err
	}
	types, err := exportData(list)
	if err != nil {
		return nil, err
	}
	docs, err := documents(slices.DeleteFunc(list, func(p *listed) bool { return p.ImportPath == supportPath }), wiring)
	if err != nil {
		return nil, err
	}
	return files, files.archive(map[string][]archive.Entry{"data/own.types.zst": types, "data/own.docs.zst": docs})
}

// Write puts files below dir and removes generated ones that are no longer made.
func Write(dir string, files Files) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		old, err := os.ReadFile(path)
		if err == nil && string(old) == string(files[name]) {
			continue
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return fmt.Errorf("generator: %w", err)
		}
	}
	folders := map[string]bool{}
	for name := range files {
		if folder := filepath.Dir(name); folder != "data" {
			folders[folder] = true
		}
	}
	for folder := range folders {
		present, err := filepath.Glob(filepath.Join(dir, folder, "*.go"))
		if err != nil {
			return fmt.Errorf("generator: %w", err)
		}
		for _, path := range present {
			if _, made := files[folder+"/"+filepath.Base(path)]; made {
				continue
			}
			text, err := os.ReadFile(path)
			if err == nil && strings.HasPrefix(string(text), header) {
				err = os.Remove(path)
			}
			if err != nil {
				return fmt.Errorf("generator: %w", err)
			}
		}
	}
	return nil
}

// variable is the Go name of a package's table.
func variable(path string) string {
	return "p_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
}

// exported are the exported objects of a package, by name.
func exported(p *types.Package, exclude []string) []types.Object {
	var list []types.Object
	for _, name := range p.Scope().Names() {
		if o := p.Scope().Lookup(name); o.Exported() && !slices.Contains(exclude, name) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b types.Object) int { return cmp.Compare(a.Name(), b.Name()) })
	return list
}
