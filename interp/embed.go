package interp

import (
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// embedded is what a go:embed directive gives its variable: the string or bytes of one file, or several files of a
// directory.
func embedded(dir, kind string, names ...string) any {
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			panic(fmt.Errorf("go:embed %s: %w", name, err))
		}
		return data
	}
	switch kind {
	case "string":
		return string(read(names[0]))
	case "bytes":
		return read(names[0])
	}
	files := map[string]string{}
	for _, name := range names {
		files[name] = string(read(name))
		for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
			files[parent+"/"] = ""
		}
	}
	return embedFS(files)
}

// embedFS makes what otherwise only the compiler makes: a slice of the files, sorted by directory and name. Directories end
// in a slash.
func embedFS(files map[string]string) embed.FS {
	var fs embed.FS
	pointer := reflect.ValueOf(&fs).Elem().Field(0) // *[]struct{name, data string; hash [16]byte}
	list := reflect.New(pointer.Type().Elem())
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		aDir, aName := path.Split(strings.TrimSuffix(a, "/"))
		bDir, bName := path.Split(strings.TrimSuffix(b, "/"))
		if c := strings.Compare(embedDir(aDir), embedDir(bDir)); c != 0 {
			return c
		}
		return strings.Compare(aName, bName)
	})
	made := reflect.MakeSlice(list.Type().Elem(), len(names), len(names))
	for i, name := range names {
		set := func(field, text string) {
			f := made.Index(i).FieldByName(field)
			reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().SetString(text)
		}
		set("name", name)
		set("data", files[name])
	}
	list.Elem().Set(made)
	reflect.NewAt(pointer.Type(), unsafe.Pointer(pointer.UnsafeAddr())).Elem().Set(list)
	return fs
}

// embedDir is a directory as embed compares it: "." for the root, and without a slash at its end.
func embedDir(dir string) string {
	if dir == "" {
		return "."
	}
	return strings.TrimSuffix(dir, "/")
}
