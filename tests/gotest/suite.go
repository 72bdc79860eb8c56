package main

import (
	"bufio"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// recipe is the first line of the tests that are run here: a single file, without flags for the toolchain.
const recipe = "// run"

// folders of GOROOT/test that hold such tests.
var folders = []string{".", "abi", "chan", "dwarf", "fixedbugs", "interface", "ken", "typeparam"}

// suite lists the tests of a Go tree, as paths below GOROOT/test.
func suite(goroot string) ([]string, error) {
	var tests []string
	for _, folder := range folders {
		entries, err := os.ReadDir(filepath.Join(goroot, "test", folder))
		if err != nil {
			return nil, fmt.Errorf("suite: %w", err)
		}
		for _, entry := range entries {
			name := path.Join(folder, entry.Name())
			if entry.IsDir() || path.Ext(name) != ".go" {
				continue
			}
			line, err := firstLine(filepath.Join(goroot, "test", name))
			if err != nil {
				return nil, fmt.Errorf("suite: %w", err)
			}
			if line == recipe {
				tests = append(tests, name)
			}
		}
	}
	slices.Sort(tests)
	return tests, nil
}

func firstLine(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Scan()
	return strings.TrimSpace(s.Text()), s.Err()
}

// blankPackage puts spaces in the place of the package clause, so that every line and column stays.
func blankPackage(source []byte) (string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.PackageClauseOnly)
	if err != nil {
		return "", fmt.Errorf("package clause: %w", err)
	}
	blanked := slices.Clone(source)
	for i := fset.Position(file.Package).Offset; i < fset.Position(file.Name.End()).Offset; i++ {
		if blanked[i] != '\n' {
			blanked[i] = ' '
		}
	}
	return string(blanked), nil
}

// expected is what a test has to print.
func expected(file string) (string, error) {
	out, err := os.ReadFile(strings.TrimSuffix(file, ".go") + ".out")
	if os.IsNotExist(err) {
		return "", nil
	}
	return string(out), err
}
