package lower

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// embedding is a variable that has a go:embed directive.
type embedding struct {
	v        *types.Var
	patterns []string
}

// embeddings are those of a package.
func embeddings(p *Package) []embedding {
	if len(p.Embeds) == 0 {
		return nil
	}
	var found []embedding
	for _, file := range p.Files {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				spec, ok := s.(*ast.ValueSpec)
				if !ok || len(spec.Names) != 1 {
					continue
				}
				patterns := embedPatterns(spec.Doc)
				if len(g.Specs) == 1 && !g.Lparen.IsValid() {
					patterns = append(patterns, embedPatterns(g.Doc)...)
				}
				if v, ok := p.Info.Defs[spec.Names[0]].(*types.Var); ok && len(patterns) > 0 {
					found = append(found, embedding{v, patterns})
				}
			}
		}
	}
	return found
}

// embedded gives a variable its files, which are read when its package starts.
func (f *function) embedded(p *Package, v *types.Var, patterns []string) {
	var names []string
	for _, pattern := range patterns {
		names = append(names, p.Embeds[pattern]...)
	}
	slices.Sort(names)
	args := []string{strconv.Quote(p.Dir), `"files"`}
	underlying, kind := v.Type().Underlying(), ""
	switch {
	case types.Identical(underlying, types.Typ[types.String]):
		args[1], kind = `"string"`, "string"
	case types.Identical(underlying, types.NewSlice(types.Typ[types.Byte])):
		args[1], kind = `"bytes"`, "[]byte"
	default:
		kind = f.typ(v.Type())
	}
	for _, name := range slices.Compact(names) {
		args = append(args, strconv.Quote(name))
	}
	f.printf("%s = %s(%s).(%s)", f.object(v), rt("Embedded"), strings.Join(args, ", "), kind)
}

// embedPatterns are the patterns of the go:embed directives in a comment.
func embedPatterns(doc *ast.CommentGroup) []string {
	if doc == nil {
		return nil
	}
	var patterns []string
	for _, c := range doc.List {
		rest, ok := strings.CutPrefix(c.Text, "//go:embed")
		if !ok || strings.TrimLeft(rest, " \t") == rest {
			continue
		}
		for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
			word, err := strconv.QuotedPrefix(rest)
			if err != nil {
				word, _, _ = strings.Cut(rest, " ")
				word, _, _ = strings.Cut(word, "\t")
			}
			rest = rest[len(word):]
			if plain, err := strconv.Unquote(word); err == nil {
				word = plain
			}
			patterns = append(patterns, word)
		}
	}
	return patterns
}
