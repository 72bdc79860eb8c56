package module

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// source is a local module with packages of every kind; ARCH and OTHER stand for this architecture and another one.
const source = `
-- go.mod --
module example.com/kinds
go 1.21
-- plain/a.go --
package plain
import ("fmt"; "example.com/kinds/plain/internal/deep")
var _ = fmt.Sprint(deep.X)
-- plain/b_ARCH.go --
package plain
-- plain/c_OTHER.go --
package plain
-- plain/d_test.go --
package plain
-- plain/gen.go --
//go:build ignore

package main
-- plain/new.go --
//go:build go1.18 && !go1.999

package plain
-- plain/internal/deep/deep.go --
package deep
const X = 1
-- cgo/a.go --
package cgo
-- cgo/b.go --
package cgo

import "C"
-- cgoonly/a.go --
package cgoonly

// int f();
import "C"
-- other/a.go --
//go:build OTHER

package other
-- tests/a_test.go --
package tests
-- empty/readme.md --
nothing
-- program/main.go --
package main
func main() {}
-- plugins/a.go --
package plugins

import "plugin"

var _ plugin.Plugin
-- link/a.go --
package link

import _ "unsafe"

//go:linkname now runtime.nanotime
func now() int64
-- linkvar/a.go --
package linkvar

import _ "unsafe"

//go:linkname state internal/cpu.X86
var state struct{}
-- push/a.go --
package push

import _ "unsafe"

//go:linkname give example.com/kinds/other.take
func give() {}
-- two/a.go --
package two
-- two/b.go --
package three
-- broken/a.go --
package broken

import "fmt
-- imports/a.go --
package imports

import _ "example.com/kinds/imports/second"
-- imports/second/a.go --
package second

import _ "example.com/kinds/linkvar"
-- trespass/a.go --
package trespass

import _ "example.com/kinds/plain/internal/deep"
-- cycle/a.go --
package cycle

import _ "example.com/kinds/cycle/back"
-- cycle/back/a.go --
package back

import _ "example.com/kinds/cycle"
-- lost/a.go --
package lost

import _ "example.com/kinds/nowhere"
-- embed/a.go --
package embed

import _ "embed"

//go:embed one.txt dir
var one string

//go:embed all:dir *.md
var all string
-- embed/one.txt --
-- embed/x.md --
-- embed/dir/two.txt --
-- embed/dir/.hidden --
-- embed/dir/sub/_three --
-- embed/dir/sub/four --
-- embed/dir/other/go.mod --
-- embed/dir/other/five --
-- badembed/a.go --
package badembed

import _ "embed"

//go:embed nothing.txt
var one string
-- nested/go.mod --
module example.com/kinds/nested
-- nested/a.go --
package nested
`

// sourceTree writes the archive for this machine's architecture.
func sourceTree(t *testing.T, archive string) string {
	t.Helper()
	other := "s390x"
	if runtime.GOARCH == other {
		other = "ppc64le"
	}
	return writeTree(t, strings.NewReplacer("ARCH", runtime.GOARCH, "OTHER", other).Replace(archive))
}

// localGraph has the module of a directory and no proxy.
func localGraph(t *testing.T, dir string) *Graph {
	t.Helper()
	s := newProxy(t, "").settings(t)
	s.Proxy = "off"
	g := newGraph(t, s)
	get(t, g, fmt.Sprintf("%%get %q", dir))
	return g
}

// problems is the problem of a package, else what it lacks.
func problems(p Package) string {
	text := p.Problem
	for _, name := range slices.Sorted(maps.Keys(p.Lacks)) {
		text += "; " + name + ": " + p.Lacks[name]
	}
	return strings.TrimPrefix(text, "; ")
}

func TestInspect(t *testing.T) {
	g := localGraph(t, sourceTree(t, source))
	for _, c := range []struct{ path, files, problem string }{
		{"plain", "a.go b_" + runtime.GOARCH + ".go new.go", ""},
		{"cgo", "a.go", ""},
		{"push", "a.go", ""},
		{"cgoonly", "", "it needs cgo (a.go:4 imports C), and has no Go code to do without"},
		{"other", "", "its build constraints leave no file for " + runtime.GOOS + "/" + runtime.GOARCH + " (a.go)"},
		{"tests", "", "it has only tests"},
		{"program", "main.go", "it is a program (main.go is of package main), not a package to import"},
		{"plugins", "a.go", "it loads compiled plugins (a.go:3 imports plugin)"},
		{"link", "a.go", "now: it reaches into runtime: func now is linked to runtime.nanotime (a.go:6)"},
		{"linkvar", "a.go", "it reaches into internal/cpu: var state is linked to internal/cpu.X86 (a.go:6)"},
		{"two", "a.go b.go", "a.go and b.go are of different packages, two and three"},
		{"broken", "a.go", "a.go:3:8: string literal not terminated"},
		{"imports", "a.go", "it imports example.com/kinds/imports/second: example.com/kinds/linkvar: it reaches into internal/cpu: var state is linked to internal/cpu.X86 (a.go:6)"},
		{"trespass", "a.go", "example.com/kinds/plain/internal/deep: use of internal package not allowed; example.com/kinds/trespass is outside of example.com/kinds/plain"},
		{"embed", "a.go", ""},
		{"badembed", "a.go", "a.go:5: pattern nothing.txt: no matching files found"},
	} {
		loaded, err := g.Load(t.Context(), "example.com/kinds/"+c.path, nil)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		p := loaded[len(loaded)-1]
		if files := strings.Join(p.Files, " "); files != c.files || problems(p) != c.problem {
			t.Errorf("%s: files %s, problem %q\nwant %s, %q", c.path, files, problems(p), c.files, c.problem)
		}
		if p.Version != "" || !p.Local() || p.GoVersion != "go1.21" || p.Module != "example.com/kinds" {
			t.Errorf("%s: %+v", c.path, p)
		}
	}
	for path, want := range map[string]string{
		"empty":               "no module provides it",
		"nested":              "no module provides it", // it is another module
		"nowhere":             "no module provides it",
		"cycle":               "and that imports it",
		"plain/internal/deep": "only packages below example.com/kinds/plain may import it",
		"lost":                "example.com/kinds/lost: it imports example.com/kinds/nowhere: no module provides it",
	} {
		if _, err := g.Load(t.Context(), "example.com/kinds/"+path, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	p, _ := g.Package("example.com/kinds/embed")
	if got, want := fmt.Sprint(p.Embeds), "map[*.md:[x.md] all:dir:[dir/.hidden dir/sub/_three dir/sub/four dir/two.txt] dir:[dir/sub/four dir/two.txt] one.txt:[one.txt]]"; got != want {
		t.Errorf("embeds %s\nwant %s", got, want)
	}
	if got := g.Packages("example.com/kinds"); !slices.Contains(got, "example.com/kinds/plain") || slices.ContainsFunc(got, func(p string) bool {
		return strings.Contains(p, "internal") || strings.HasSuffix(p, "/program") || strings.HasSuffix(p, "/nested") || strings.HasSuffix(p, "/tests")
	}) {
		t.Errorf("packages to import: %v", got)
	}
}

// assembly is a module each of whose packages does without assembly in another way, or not at all.
const assembly = `
-- go.mod --
module example.com/fast
-- fast.go --
package fast
import (_ "example.com/fast/pure"; _ "example.com/fast/safe")
-- pure/asm.go --
//go:build !purego

package pure
func Sum() int
-- pure/sum_ARCH.s --
//go:build !purego

-- pure/go.go --
//go:build purego

package pure
func Sum() int { return 1 }
-- safe/asm.go --
//go:build !appengine

package safe
func Sum() int
-- safe/sum.s --
//go:build !appengine

-- safe/go.go --
//go:build appengine

package safe
func Sum() int { return 1 }
-- only/a.go --
package only

func Sum() int
func Max() int
-- only/sum_ARCH.s --
-- elsewhere/a.go --
package elsewhere
func Sum() int { return 1 }
-- elsewhere/sum_OTHER.s --
-- tagged/a.go --
//go:build mine

package tagged
-- arch/sum_amd64.go --
package arch

func Sum(x []int) int
-- arch/sum_amd64.s --
-- arch/sum_arm64.go --
package arch

func Sum(x []int) int
-- arch/sum_arm64.s --
-- arch/other.go --
//go:build !amd64 && !arm64

package arch

func Sum(x []int) int { return len(x) }
-- calls/a.go --
package calls

import _ "syscall"

type Sum int

func (s *Sum) Of(x []int) int
-- calls/sum_amd64.s --
-- calls/sum_arm64.s --
-- tagged/b.go --
//go:build !mine

package tagged
`

func TestAssembly(t *testing.T) {
	dir := sourceTree(t, assembly)
	g := localGraph(t, dir)
	for _, c := range []struct{ path, files, problem string }{
		{"pure", "go.go", ""},
		{"safe", "go.go", ""},
		{"elsewhere", "a.go", ""},
		{"tagged", "b.go", ""},
		{"arch", "other.go", ""},
		{"calls", "a.go", "Sum.Of: it needs assembly: func Of has no body in Go, but in sum_" + runtime.GOARCH + ".s (a.go:7)"},
		{"only", "a.go", "Max: it needs assembly: func Max has no body in Go, but in sum_" + runtime.GOARCH + ".s (a.go:4); Sum: it needs assembly: func Sum has no body in Go, but in sum_" + runtime.GOARCH + ".s (a.go:3)"},
	} {
		loaded, err := g.Load(t.Context(), "example.com/fast/"+c.path, nil)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		p := loaded[0]
		if files := strings.Join(p.Files, " "); files != c.files || problems(p) != c.problem {
			t.Errorf("%s: files %s, problem %q\nwant %s, %q", c.path, files, problems(p), c.files, c.problem)
		}
		if !slices.Contains(p.Tags, "purego") || slices.Contains(p.Tags, "safe") != (c.path == "safe") {
			t.Errorf("%s: tags %v", c.path, p.Tags)
		}
	}
	// Tags of the user's come on top.
	s := newProxy(t, "").settings(t)
	s.Tags = []string{"mine"}
	g = newGraph(t, s)
	get(t, g, fmt.Sprintf("%%get %q", dir))
	loaded, err := g.Load(t.Context(), "example.com/fast/tagged", nil)
	if err != nil || !slices.Equal(loaded[0].Files, []string{"a.go"}) {
		t.Errorf("with a tag: %v, %v", loaded, err)
	}
	// A package that is compiled in isn't looked at.
	g.options.Native = func(path string) bool { return path == "example.com/fast/pure" }
	loaded, err = g.Load(t.Context(), "example.com/fast", nil)
	if err != nil || paths(loaded) != "example.com/fast/safe example.com/fast" {
		t.Errorf("with a native package: %s, %v", paths(loaded), err)
	}
}

func TestImportable(t *testing.T) {
	for _, c := range []struct {
		from, path string
		ok         bool
	}{
		{"", "a.b/c", true},
		{"", "a.b/c/internal", false},
		{"", "a.b/c/internal/d", false},
		{"", "a.b/c/internals", true},
		{"a.b/c", "a.b/c/internal/d", true},
		{"a.b/c/x/y", "a.b/c/internal/d", true},
		{"a.b/cc", "a.b/c/internal/d", false},
		{"a.b/c", "a.b/c/x/internal/d", false},
		{"a.b/c", "a.b/c/internal/x/internal/d", false},
		{"a.b/c/internal/x", "a.b/c/internal/x/internal/d", true},
	} {
		if err := Importable(c.from, c.path); (err == nil) != c.ok {
			t.Errorf("%q imports %q: %v", c.from, c.path, err)
		}
	}
}

const unsafeChoice = `
-- go.mod --
module example.com/peek
-- both/unsafe.go --
//go:build !safe

package both

import _ "unsafe"
-- both/safe.go --
//go:build safe

package both
-- both/both.go --
package both
-- needed/a.go --
//go:build !safe

package needed

import _ "unsafe"
-- needed/b.go --
//go:build safe

package needed

import "unsafe"

var P unsafe.Pointer
-- only/a.go --
//go:build !purego

package only

import _ "unsafe"
`

func TestUnsafe(t *testing.T) {
	g := localGraph(t, sourceTree(t, unsafeChoice))
	for _, c := range []struct{ path, files, tags string }{
		{"both", "both.go safe.go", "disableunsafe nounsafe purego safe"},
		{"needed", "a.go", ""},
		{"only", "a.go", ""},
	} {
		loaded, err := g.Load(t.Context(), "example.com/peek/"+c.path, nil)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if p := loaded[0]; strings.Join(p.Files, " ") != c.files || strings.Join(p.Tags, " ") != c.tags || p.Problem != "" {
			t.Errorf("%s: files %v, tags %v, problem %q", c.path, p.Files, p.Tags, p.Problem)
		}
	}
}
