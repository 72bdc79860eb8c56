package udf

import (
	"cmp"
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// name gives everything at the top of the file a name of its own: its own name where that is free.
func (x *extractor) name() {
	x.names, x.aliases, x.used = map[types.Object]string{}, map[string]string{}, map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(x.imports)) {
		x.aliases[path] = x.alias(x.imports[path])
	}
	for _, d := range x.order {
		if f, ok := d.object.(*types.Func); ok && f.Signature().Recv() != nil {
			continue
		}
		x.names[d.object] = x.fresh(d.object.Name())
	}
	for _, c := range x.captures {
		c.name = x.fresh(c.object.Name())
		x.names[c.object] = c.name
	}
	for _, c := range x.captures {
		c.text = x.typeText(c.typ)
	}
}

// alias is the name of an import: the one under which all the code has it, else one that no name in the code hides.
func (x *extractor) alias(use *importUse) string {
	name := use.pkg.Name()
	switch {
	case len(use.names) == 0: // only at the top of the file
		return x.fresh(name)
	case len(use.names) == 1 && !use.names["."]:
		for own := range use.names {
			return x.fresh(own)
		}
	}
	if x.identifiers[name] && !x.used[name] {
		x.used[name] = true
		defer delete(x.used, name)
	}
	return x.fresh(name)
}

// fresh is a name that nothing at the top of the file has. A name of the universe is not free: a declaration of it would
// hide it from the others. init and main are no names of ours to give.
func (x *extractor) fresh(name string) string {
	return fresh(name, x.used, x.identifiers)
}

func fresh(name string, used, identifiers map[string]bool) string {
	name = strings.Map(func(r rune) rune { // names that the checker made have runes that no source can have
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
	if !used[name] && types.Universe.Lookup(name) == nil && name != "init" && name != "main" && name != "_" {
		used[name] = true
		return name
	}
	for i := 2; ; i++ {
		n := fmt.Sprintf("%s_%d", name, i)
		if !used[n] && !identifiers[n] {
			used[n] = true
			return n
		}
	}
}

func (x *extractor) importList() []expr.Import {
	var out []expr.Import
	for path, alias := range x.aliases {
		out = append(out, expr.Import{Name: alias, Path: path})
	}
	slices.SortFunc(out, func(a, b expr.Import) int { return cmp.Compare(a.Path, b.Path) })
	return out
}
