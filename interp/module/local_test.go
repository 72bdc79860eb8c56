package module

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// workspace is a directory with modules that use each other and example.com/hi.
const workspace = `
-- app/go.mod --
module example.com/app
go 1.21
require (
	example.com/hi v1.0.0
	example.com/lib v0.0.0
	example.com/deep v1.0.0
)
replace example.com/lib => ../lib
replace example.com/deep v1.0.0 => example.com/deep v1.1.0
-- app/app.go --
package app
import (_ "example.com/hi"; _ "example.com/lib"; _ "example.com/deep/sub")
-- app/sub/sub.go --
package sub
-- lib/go.mod --
module example.com/lib
-- lib/lib.go --
package lib
-- fork of hi/go.mod --
module example.com/hi
-- fork of hi/hi.go --
package hi
-- rival/go.mod --
module example.com/rival
replace example.com/lib => ../other
-- loose/loose.go --
package loose
func F() {}
-- bad/go.mod --
nonsense
-- file --
`

func TestLocal(t *testing.T) {
	dir := writeTree(t, workspace)
	p := newProxy(t, greetings)
	store, err := Open(p.settings(t))
	if err != nil {
		t.Fatal(err)
	}
	g := NewGraph(store, Options{Dir: filepath.Join(dir, "app")})

	added := get(t, g, "%get .")
	if m := added.Modules[0]; m.Path != "example.com/app" || m.Version != "" || m.Dir != filepath.Join(dir, "app") {
		t.Errorf("module %+v", m)
	}
	loaded, err := g.Load(t.Context(), "example.com/app", nil)
	if want := "example.com/deep/sub@v1.1.0 example.com/hi@v1.0.0 example.com/lib example.com/app"; err != nil || paths(loaded) != want {
		t.Errorf("loaded %s, %v, want %s", paths(loaded), err, want)
	}
	if added := get(t, g, "%get ./sub"); !slices.Equal(added.Packages, []string{"example.com/app/sub"}) {
		t.Errorf("packages of a directory inside: %v", added.Packages)
	}

	// The fork takes the place of a version that is required.
	added = get(t, g, `%get example.com/hi => "../fork of hi"`)
	if want := []string{"example.com/hi"}; !slices.Equal(added.Stale, want) {
		t.Errorf("stale: %v, want %v", added.Stale, want)
	}
	loaded, err = g.Load(t.Context(), "example.com/hi", nil)
	if err != nil || loaded[0].Dir != filepath.Join(dir, "fork of hi") {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	contains(t, refused(t, g, "%get example.com/hi@v1.2.3").Error(), "example.com/hi: it comes from a local directory", "@none lets go")
	if got, want := fmt.Sprint(g.Requests().Requests), fmt.Sprintf(`[%s %s]`, "example.com/app => "+filepath.Join(dir, "app"), `example.com/hi => "`+filepath.Join(dir, "fork of hi")+`"`); got != want {
		t.Errorf("requests %s\nwant %s", got, want)
	}
	get(t, g, "%get example.com/hi@none")
	loaded, err = g.Load(t.Context(), "example.com/hi", nil)
	if err != nil || loaded[0].Version != "v1.0.0" {
		t.Errorf("loaded %+v, %v", loaded, err)
	}

	// Without a go.mod, the request says the path.
	get(t, g, "%get example.com/loose => ../loose")
	loaded, err = g.Load(t.Context(), "example.com/loose", nil)
	if err != nil || loaded[0].GoVersion != ownVersion() {
		t.Errorf("loaded %+v, %v", loaded, err)
	}

	// Files may change between cells, and a Get says that what was handed out is another now.
	if err := os.WriteFile(filepath.Join(dir, "loose", "more.go"), []byte("package loose\nimport _ \"example.com/lib\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	loaded, err = g.Load(t.Context(), "example.com/loose", nil)
	if err != nil || paths(loaded) != "example.com/lib example.com/loose" || len(loaded[1].Files) != 2 {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	if added := get(t, g, "%get example.com/loose => ../loose"); !slices.Equal(added.Stale, []string{"example.com/loose"}) {
		t.Errorf("stale: %v", added.Stale)
	}
}

func TestLocalErrors(t *testing.T) {
	dir := writeTree(t, workspace)
	p := newProxy(t, greetings)
	store, err := Open(p.settings(t))
	if err != nil {
		t.Fatal(err)
	}
	g := NewGraph(store, Options{Dir: dir})
	get(t, g, "%get ./app")
	for line, want := range map[string]string{
		"%get ./nothing":                      "no such file or directory",
		"%get ./file":                         "it is not a directory",
		"%get ./loose":                        "say the module's path: %get path => ./loose",
		"%get ./bad":                          "has no module line",
		"%get ./rival":                        "replace it differently",
		"%get example.com/app/s => ./app/sub": "part of the one in",
		"%get example.com/app/nothing":        "has no such package",
		"%get example.com/app@v1":             "it comes from a local directory",
	} {
		if err := refused(t, g, line); !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
	if err := refused(t, g, "%get ./rival"); !errors.Is(err, ErrConflict) {
		t.Errorf("%v is no conflict", err)
	}
}

// TestConflictInUse keeps a version that cells use when an import would raise it.
func TestConflictInUse(t *testing.T) {
	p := newProxy(t, `
-- example.com/a@v1.0.0/go.mod --
module example.com/a
go 1.20
require example.com/c v1.0.0
require example.com/b v1.0.0
-- example.com/a@v1.0.0/one/one.go --
package one
import _ "example.com/c"
-- example.com/a@v1.0.0/two/two.go --
package two
import _ "example.com/b"
-- example.com/b@v1.0.0/go.mod --
module example.com/b
go 1.20
require example.com/c v1.1.0
-- example.com/b@v1.0.0/b.go --
package b
import _ "example.com/c"
-- example.com/c@v1.0.0/c.go --
package c
-- example.com/c@v1.1.0/c.go --
package c
`)
	g := newGraph(t, p.settings(t))
	get(t, g, "example.com/a/one")
	loaded, err := g.Load(t.Context(), "example.com/a/one", nil)
	if err != nil || paths(loaded) != "example.com/c@v1.0.0 example.com/a/one@v1.0.0" {
		t.Fatalf("loaded %s, %v", paths(loaded), err)
	}
	_, err = g.Load(t.Context(), "example.com/a/two", nil)
	if !errors.Is(err, ErrConflict) {
		t.Fatalf("%v is no conflict", err)
	}
	contains(t, err.Error(), "example.com/a/two", "it needs example.com/c@v1.1.0, and v1.0.0 is in use", "%get example.com/c@v1.1.0")
	added := get(t, g, "example.com/c@v1.1.0")
	if !slices.Equal(added.Stale, []string{"example.com/c"}) {
		t.Errorf("stale: %v", added.Stale)
	}
	loaded, err = g.Load(t.Context(), "example.com/a/two", nil)
	if err != nil || paths(loaded) != "example.com/c@v1.1.0 example.com/b@v1.0.0 example.com/a/two@v1.0.0" {
		t.Errorf("loaded %s, %v", paths(loaded), err)
	}
}
