package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestPrograms(t *testing.T) {
	list, err := programs()
	if err != nil || len(list) != 8 {
		t.Fatalf("%d programs, %v", len(list), err)
	}
	declared := map[string]string{}
	for _, p := range list {
		file, err := parser.ParseFile(token.NewFileSet(), p.name, "package main;"+p.source+p.timer(), 0)
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		for name := range file.Scope.Objects {
			if other, twice := declared[name]; twice {
				t.Errorf("%s and %s both declare %s: they share a session", p.name, other, name)
			}
			declared[name] = p.name
		}
		if object := file.Scope.Lookup(strings.TrimSuffix(p.call, "()")); object == nil || object.Kind != ast.Fun {
			t.Errorf("%s: %s is not declared", p.name, p.call)
		}
	}
}
