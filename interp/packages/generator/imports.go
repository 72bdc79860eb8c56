package generator

import (
	"fmt"
	"go/types"
	"io"
	"maps"
	"path"
	"slices"
)

// imports gives every package that a file names a name of its own.
type imports struct {
	self  *types.Package
	names map[string]string // by path
	paths map[string]string // by name
}

func newImports(self *types.Package) *imports {
	im := &imports{self: self, names: map[string]string{}, paths: map[string]string{"table": tablePath}}
	im.add(self)
	return im
}

func (im *imports) add(p *types.Package) string {
	name := p.Name()
	for n := 2; im.paths[name] != ""; n++ {
		name = fmt.Sprint(p.Name(), n)
	}
	im.names[p.Path()], im.paths[name] = name, p.Path()
	return name
}

func (im *imports) name(p *types.Package) string {
	if n, ok := im.names[p.Path()]; ok {
		return n
	}
	return im.add(p)
}

func (im *imports) qualify(p *types.Package) string { return im.name(p) }

// write writes the import specs; a package of which nothing is named is imported for what it does.
func (im *imports) write(w io.Writer, used bool) {
	for _, p := range slices.Sorted(maps.Keys(im.names)) {
		name := im.names[p]
		switch {
		case p == im.self.Path() && !used:
			name = "_ "
		case name == path.Base(p):
			name = ""
		}
		fmt.Fprintf(w, "%s %q\n", name, p)
	}
}
