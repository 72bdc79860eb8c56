package lowertest

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

// TestProgram checks the types of programs, and that a seed always gives the same one.
func TestProgram(t *testing.T) {
	fset := token.NewFileSet()
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	for seed := range uint64(100) {
		source := Program(seed)
		if Program(seed) != source {
			t.Fatalf("seed %d gives two programs", seed)
		}
		f, err := parser.ParseFile(fset, "main.go", source, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		if _, err := conf.Check("main", fset, []*ast.File{f}, nil); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}
