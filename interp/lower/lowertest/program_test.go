package lowertest

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"testing"
)

// checker checks programs.
type checker struct {
	fset *token.FileSet
	conf types.Config
	info *types.Info
}

func newChecker() *checker {
	fset := token.NewFileSet()
	return &checker{fset: fset, conf: types.Config{Importer: importer.ForCompiler(fset, "source", nil)}}
}

func (c *checker) check(source string) (*ast.File, *types.Package, error) {
	f, err := parser.ParseFile(c.fset, "main.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	c.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}}
	pkg, err := c.conf.Check("main", c.fset, []*ast.File{f}, c.info)
	return f, pkg, err
}

// TestProgram checks the types of programs, and that a seed always gives the same one.
func TestProgram(t *testing.T) {
	c := newChecker()
	for seed := range uint64(100) {
		source := Program(seed)
		if Program(seed) != source {
			t.Fatalf("seed %d gives two programs", seed)
		}
		if _, _, err := c.check(source); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// TestRewrite checks the types of programs that are written in other ways.
func TestRewrite(t *testing.T) {
	c := newChecker()
	const n = 60
	accepted := 0
	for seed := range uint64(n) {
		source := Program(seed)
		f, pkg, err := c.check(source)
		if err != nil {
			t.Fatal(err)
		}
		text := Rewrite(Source{
			Text: source, Files: []*ast.File{f}, Info: c.info, Pkg: pkg,
			Offset: func(p token.Pos) (int, bool) { return c.fset.Position(p).Offset, true },
		}, rand.New(rand.NewPCG(seed, 0)), 10)
		if text == source {
			t.Errorf("seed %d: nothing is written in another way", seed)
		}
		if _, _, err := c.check(text); err == nil {
			accepted++
		} else {
			t.Logf("seed %d: %v", seed, err)
		}
	}
	if accepted < n*3/4 {
		t.Errorf("of %d, %d have no errors", n, accepted)
	}
}
