package packages

import (
	_ "embed"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/rivulet-go/rivulet/interp/packages/archive"
)

//go:embed data/std.types.zst
var stdTypes string

//go:embed data/own.types.zst
var ownTypes string

// sourced are the packages that have nothing but generic code: whoever wants to run it checks them from source. Each comes
// after those that it imports.
var sourced = []string{"cmp", "iter", "maps", "slices"}

// supportPath is the package that overlays import. Cells can't: it is importable, but not known.
const supportPath = "github.com/rivulet-go/rivulet/interp/packages/support"

// known is what there is to import.
type known struct {
	paths  []string            // sorted
	info   map[string]info     // by path
	byName map[string][]string // paths by package name
}

type info struct {
	name    string
	archive *archive.Archive
	refers  []string // those of sourced that its types refer to
}

var index = sync.OnceValue(func() *known {
	k := &known{info: map[string]info{}, byName: map[string][]string{}}
	for _, data := range []string{stdTypes, ownTypes, archTypes} {
		if data == "" {
			continue
		}
		a := mustOpen(data)
		for _, p := range a.Names() {
			note, _ := a.Note(p)
			name, refers, _ := strings.Cut(note, " ")
			_, again := k.info[p]
			k.info[p] = info{name, a, strings.Fields(refers)}
			if again || p == supportPath {
				continue
			}
			k.paths = append(k.paths, p)
			k.byName[name] = append(k.byName[name], p)
		}
	}
	slices.Sort(k.paths)
	return k
})

// mustOpen opens an archive of the binary.
func mustOpen(data string) *archive.Archive {
	a, err := archive.Open(data)
	if err != nil {
		panic(err)
	}
	return a
}

// Paths are the packages that cells can import, sorted; "unsafe" is among them. The caller may change the slice.
func Paths() []string { return slices.Clone(index().paths) }

// Known says whether cells can import a path.
func Known(path string) bool {
	_, ok := index().info[path]
	return ok && path != supportPath
}

// Name is the name of a known package, such as "rand" for math/rand/v2, else the last element of its path.
func Name(p string) string {
	if i, ok := index().info[p]; ok {
		return i.name
	}
	return path.Base(p)
}

// ByName are the paths of the packages of that name, sorted. The caller may not change the slice.
func ByName(name string) []string { return index().byName[name] }
