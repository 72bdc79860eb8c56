package generator

import (
	"cmp"
	"fmt"
	"go/build"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Module is the path of the module that own packages belong to.
const Module = "github.com/rivulet-go/rivulet"

// OwnPackages are those of the module that cells can import.
var OwnPackages = []string{Module + "/display", Module + "/frame"}

// supportPath is the package that overlays import. Cells can't.
const supportPath = Module + "/interp/packages/support"

// wiring are names that only the session process calls.
var wiring = []string{"SetRunner", "SetContext", "SetSurface"}

// Sourced are the packages that the front end checks from source, each after those that it imports.
var Sourced = []string{"cmp", "iter", "maps", "slices"}

// architectures are those that tables are made for, the first for all packages, the others only where they differ.
var architectures = []string{"amd64", "arm64"}

// perArchitecture are the packages whose exported names depend on the architecture.
var perArchitecture = []string{"syscall"}

// Files are contents by their name below interp/packages.
type Files map[string][]byte

// Std makes everything of the standard library.
func Std() (Files, error) {
	files := Files{}
	var all []*listed
	var archive []archived
	for i, arch := range architectures {
		patterns := []string{"std"}
		if i > 0 {
			patterns = perArchitecture
		}
		list, err := load(arch, patterns...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			name, file := p.ImportPath, fileName(p.ImportPath)
			if slices.Contains(perArchitecture, p.ImportPath) {
				name += "@" + arch
				file += "_linux_" + arch
			}
			archive = append(archive, archived{name, p})
			if p.ImportPath == "unsafe" {
				continue // yaegi brings its own
			}
			if files["std/"+file+".go"], err = tableFile("std", p, nil); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			all = list
		}
	}
	var err error
	if files["std/std.go"], err = indexFile("std", all); err == nil {
		files["std/std.go"] = fmt.Appendf(files["std/std.go"], "\n// GoVersion is the Go release that the tables were made for.\nconst GoVersion = %q\n", runtime.Version())
	}
	if err != nil {
		return nil, err
	}
	if files["native/native.go"], err = nativeFile(all); err != nil {
		return nil, err
	}
	if files["data/std.types.zst"], err = exportArchive(archive); err != nil {
		return nil, err
	}
	if files["data/std.docs.zst"], err = docArchive(append(slices.Clip(all), builtin()), nil); err != nil {
		return nil, err
	}
	if files["data/std.sources.zst"], err = sourceArchive(all); err != nil {
		return nil, err
	}
	return files, nil
}

// builtin is the package that documents what needs no import. It has no other use.
func builtin() *listed {
	const path = "builtin"
	return &listed{ImportPath: path, Name: path, Dir: filepath.Join(build.Default.GOROOT, "src", path), GoFiles: []string{"builtin.go"}}
}

// Own makes everything of the module's own packages.
func Own() (Files, error) {
	files := Files{}
	list, err := load(architectures[0], append(slices.Clip(OwnPackages), supportPath)...)
	if err != nil {
		return nil, err
	}
	var archive []archived
	for _, p := range list {
		archive = append(archive, archived{p.ImportPath, p})
		name := "own/" + path.Base(p.ImportPath) + ".go"
		if files[name], err = tableFile("own", p, wiring); err != nil {
			return nil, err
		}
	}
	if files["own/own.go"], err = indexFile("own", list); err != nil {
		return nil, err
	}
	if files["data/own.types.zst"], err = exportArchive(archive); err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(p *listed) bool { return p.ImportPath == supportPath })
	if files["data/own.docs.zst"], err = docArchive(list, wiring); err != nil {
		return nil, err
	}
	return files, nil
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

// fileName is a package path as the name of a file, without its ending.
func fileName(path string) string { return strings.ReplaceAll(path, "/", "_") }

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
