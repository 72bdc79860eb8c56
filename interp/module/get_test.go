package module

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// greetings has versions of every kind.
const greetings = `
-- example.com/hi@v0.9.0/hi.go --
package hi
-- example.com/hi@v1.0.0/go.mod --
module example.com/hi
go 1.20
-- example.com/hi@v1.0.0/hi.go --
package hi
-- example.com/hi@v1.2.0/go.mod --
module example.com/hi
go 1.20
-- example.com/hi@v1.2.0/hi.go --
package hi
import _ "example.com/deep/sub"
-- example.com/hi@v1.2.0/loud/loud.go --
package loud
-- example.com/hi@v1.2.3/go.mod --
module example.com/hi
go 1.20
require example.com/deep v1.1.0
-- example.com/hi@v1.2.3/hi.go --
package hi
import _ "example.com/deep/sub"
-- example.com/hi@v1.2.3/loud/loud.go --
package loud
-- example.com/hi@v1.3.0-rc.1/go.mod --
module example.com/hi
-- example.com/hi@v1.3.0-rc.1/hi.go --
package hi
-- example.com/hi@v1.4.0/go.mod --
module example.com/hi
retract v1.4.0 // greets nobody
retract [v1.0.0, v1.1.9]
-- example.com/hi@v1.4.0/hi.go --
package hi
-- example.com/hi/v2@v2.0.0/go.mod --
module example.com/hi/v2
-- example.com/hi/v2@v2.0.0/hi.go --
package hi
-- example.com/deep@v1.0.0/go.mod --
module example.com/deep
go 1.20
-- example.com/deep@v1.0.0/sub/sub.go --
package sub
-- example.com/deep@v1.1.0/go.mod --
module example.com/deep
go 1.20
-- example.com/deep@v1.1.0/sub/sub.go --
package sub
-- example.com/old@v1.5.0/old.go --
package old
-- example.com/old@v2.1.0+incompatible/old.go --
package old
-- example.com/older@v1.5.0/go.mod --
module example.com/older
require example.com/deep v1.0.0
-- example.com/older@v1.5.0/old.go --
package old
-- example.com/older@v2.1.0+incompatible/old.go --
package old
-- example.com/untagged@v0.0.0-20240506070809-0123456789ab/go.mod --
module example.com/untagged
-- example.com/untagged@v0.0.0-20240506070809-0123456789ab/u.go --
package untagged
-- example.com/fork@v1.0.0/go.mod --
module example.com/original
-- example.com/fork@v1.0.0/f.go --
package fork
-- example.com/future@v1.0.0/go.mod --
// Deprecated: use example.com/present.
module example.com/future
go 1.99
-- example.com/future@v1.0.0/f.go --
package future
-- gopkg.in/dots.v2@v2.0.1/go.mod --
module gopkg.in/dots.v2
-- gopkg.in/dots.v2@v2.0.1/d.go --
package dots
`

func TestVersions(t *testing.T) {
	settings := newProxy(t, greetings).settings(t)
	for _, c := range []struct{ line, want string }{
		{"example.com/hi", "v1.2.3"}, // v1.4.0 is retracted, v1.3.0-rc.1 is no release
		{"example.com/hi@latest", "v1.2.3"},
		{"example.com/hi@v1", "v1.2.3"},
		{"example.com/hi@v1.2", "v1.2.3"},
		{"example.com/hi@v0", "v0.9.0"},
		{"example.com/hi@v1.2.0", "v1.2.0"},
		{"example.com/hi@v1.4.0", "v1.4.0"},
		{"example.com/hi@<v1.2.3", "v1.2.0"},
		{"example.com/hi@<=v1.2.3", "v1.2.3"},
		{"example.com/hi@>v1.2.0", "v1.2.3"},
		{"example.com/hi@>=v1.2", "v1.2.0"},
		{"example.com/hi@>v1.2.3", "v1.3.0-rc.1"},
		{"example.com/hi/v2", "v2.0.0"},
		{"example.com/old", "v2.1.0+incompatible"}, // no go.mod before it
		{"example.com/old@v2.1.0", "v2.1.0+incompatible"},
		{"example.com/older", "v1.5.0"},
		{"example.com/older@v2", "v2.1.0+incompatible"},
		{"example.com/untagged", "v0.0.0-20240506070809-0123456789ab"},
		{"example.com/untagged@main", "v0.0.0-20240506070809-0123456789ab"},
		{"example.com/untagged@0123456789ab", "v0.0.0-20240506070809-0123456789ab"},
		{"gopkg.in/dots.v2", "v2.0.1"},
	} {
		g := newGraph(t, settings)
		added := get(t, g, c.line)
		if got := added.Modules[0].Version; got != c.want {
			t.Errorf("%s: %s, want %s", c.line, got, c.want)
		}
	}
}

// TestLatestCommit has a proxy that lists commits, as there is no tag, and can't tell the newest.
func TestLatestCommit(t *testing.T) {
	p := newProxy(t, greetings)
	p.setHook(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/untagged/@latest"):
			w.WriteHeader(http.StatusNotFound)
		case strings.HasSuffix(r.URL.Path, "/untagged/@v/list"):
			fmt.Fprint(w, "v0.0.0-20240506070809-0123456789ab\nv0.0.0-20230506070809-fff456789abc\n")
		default:
			return false
		}
		return true
	})
	if added := get(t, newGraph(t, p.settings(t)), "example.com/untagged"); added.Modules[0].Version != "v0.0.0-20240506070809-0123456789ab" {
		t.Errorf("got %s", added.Modules[0].Version)
	}
}

func TestGetErrors(t *testing.T) {
	settings := newProxy(t, greetings).settings(t)
	for _, c := range []struct {
		line string
		want []string
		is   error
	}{
		{"example.com/nothing", []string{"example.com/nothing: not found: ", "doesn't exist or isn't public"}, ErrNotFound},
		{"example.com/hi@v1.9.9", []string{"example.com/hi@v1.9.9: not found", "the newest version is v1.4.0"}, ErrNotFound},
		{"example.com/hi@v7", []string{`example.com/hi: not found: no version matches "v7"`}, ErrNotFound},
		{"example.com/hi@v2.0.0", []string{"did you mean example.com/hi/v2@v2.0.0?"}, ErrNotFound},
		{"example.com/hi/v2@v1.0.0", []string{"did you mean example.com/hi@v1.0.0?"}, nil},
		{"gopkg.in/dots.v1@v2.0.1", []string{"did you mean gopkg.in/dots.v2@v2.0.1?"}, nil},
		{"example.com/hi/quiet", []string{"module example.com/hi@v1.2.3 has no package quiet"}, ErrNotFound},
		{"example.com/hi/quiet/loud", []string{"did you mean example.com/hi/loud?"}, ErrNotFound},
		{"example.com/fork", []string{"its go.mod calls the module example.com/original", "did you mean example.com/original?"}, nil},
		{"example.com/hi@<=v1.2", []string{"ambiguous", "<=v1.2.0"}, nil},
		{"example.com/hi@feature/x", []string{"name its commit"}, nil},
		{"example.com/hi@patch", []string{"no version of it is required yet"}, nil},
		{"example.com/hi@none", []string{"no %get has asked for it"}, nil},
	} {
		err := refused(t, newGraph(t, settings), c.line)
		contains(t, err.Error(), c.want...)
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v is not %v", c.line, err, c.is)
		}
		if strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "http:") {
			t.Errorf("%s: %v names the proxy", c.line, err)
		}
	}
}

func TestGet(t *testing.T) {
	g := newGraph(t, newProxy(t, greetings).settings(t))
	var told []string
	added, err := g.Get(t.Context(), query(t, "%get example.com/hi/loud example.com/deep@v1.1.0"), func(text string) { told = append(told, text) })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := added.String(), "example.com/hi v1.2.3\nexample.com/deep v1.1.0\n"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	contains(t, strings.Join(told, "\n"), "looking up example.com/hi/loud", "downloading example.com/hi v1.2.3", "downloading example.com/deep v1.1.0")
	if got, want := fmt.Sprint(added.Changed), "[{example.com/deep  v1.1.0} {example.com/hi  v1.2.3}]"; got != want {
		t.Errorf("changed %s, want %s", got, want)
	}
	if want := []string{"example.com/hi/loud"}; !slices.Equal(added.Packages, want) {
		t.Errorf("packages %v, want %v: example.com/deep has none at its root", added.Packages, want)
	}
	if got, want := g.Packages("example.com/hi"), []string{"example.com/hi", "example.com/hi/loud"}; !slices.Equal(got, want) {
		t.Errorf("packages of the module: %v, want %v", got, want)
	}
	loaded, err := g.Load(t.Context(), "example.com/hi", nil)
	if err != nil || paths(loaded) != "example.com/deep/sub@v1.1.0 example.com/hi@v1.2.3" {
		t.Errorf("loaded %s, %v", paths(loaded), err)
	}
	p, err := g.Package("example.com/deep/sub")
	if err != nil || p.Name != "sub" || p.Module != "example.com/deep" || !slices.Equal(p.Files, []string{"sub.go"}) || p.GoVersion != "go1.20" {
		t.Errorf("package %+v, %v", p, err)
	}
	if _, err := g.Package("example.com/hi/other"); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("a package that wasn't loaded: %v", err)
	}
	if _, err := g.Package("example.com/else"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a package of no module: %v", err)
	}
	if _, err := g.Load(t.Context(), "example.com/else", nil); !errors.Is(err, ErrUnknown) {
		t.Errorf("a package of no module: %v", err)
	}
	if m, ok := g.Provides("example.com/hi/other"); !ok || m.Version != "v1.2.3" || !m.Asked {
		t.Errorf("its module is %v, %v", m, ok)
	}
}

func TestWarnings(t *testing.T) {
	g := newGraph(t, newProxy(t, greetings).settings(t))
	contains(t, strings.Join(get(t, g, "example.com/hi@v1.0.0").Warnings, "\n"), "example.com/hi@v1.0.0 is retracted by its author")
	contains(t, strings.Join(get(t, g, "example.com/hi@v1.4.0").Warnings, "\n"), "is retracted by its author: greets nobody")
	contains(t, strings.Join(get(t, g, "example.com/future").Warnings, "\n"),
		"module example.com/future is deprecated: use example.com/present.", "example.com/future@v1.0.0 needs go1.99, and this is "+ownVersion())
	if added := get(t, g, "example.com/hi@v1.2.3"); len(added.Warnings) > 0 {
		t.Errorf("warned: %q", added.Warnings)
	}
}

func TestUpgrade(t *testing.T) {
	g := newGraph(t, newProxy(t, greetings).settings(t))
	get(t, g, "example.com/hi@v1.2.0")
	loaded, err := g.Load(t.Context(), "example.com/hi", nil)
	if err != nil {
		t.Fatal(err)
	}
	// hi v1.2.0 forgets to require deep: like go get, the newest is taken.
	if got := paths(loaded); got != "example.com/deep/sub@v1.1.0 example.com/hi@v1.2.0" {
		t.Errorf("loaded %s", got)
	}
	if added := get(t, g, "example.com/hi@v1.2.0"); len(added.Changed)+len(added.Stale) > 0 {
		t.Errorf("the same again changes %+v", added)
	}
	added := get(t, g, "example.com/hi")
	if added.String() != "example.com/hi v1.2.3\n" {
		t.Errorf("it says %q", added.String())
	}
	if want := []Change{{"example.com/hi", "v1.2.0", "v1.2.3"}}; !slices.Equal(added.Changed, want) {
		t.Errorf("changed %v, want %v", added.Changed, want)
	}
	if want := []string{"example.com/hi"}; !slices.Equal(added.Stale, want) {
		t.Errorf("stale %v, want %v", added.Stale, want)
	}
	get(t, g, "example.com/hi@v1.3.0-rc.1")
	if added := get(t, g, "example.com/hi"); added.Modules[0].Version != "v1.3.0-rc.1" {
		t.Errorf("%%get without a version went back to %s", added.Modules[0].Version)
	}
	if added := get(t, g, "example.com/hi@latest"); added.Modules[0].Version != "v1.2.3" {
		t.Errorf("@latest is %s", added.Modules[0].Version)
	}
	err = refused(t, g, "example.com/deep@v1.0.0")
	contains(t, err.Error(), "example.com/hi@v1.2.3 requires v1.1.0")
	if !errors.Is(err, ErrConflict) {
		t.Errorf("%v is no conflict", err)
	}
	contains(t, get(t, g, "example.com/hi@none example.com/deep@v1.0.0").String(), "example.com/deep v1.0.0\n", "example.com/hi v1.2.3 is no longer needed\n")
	if got := fmt.Sprint(g.Requests().Requests); got != "[example.com/deep@v1.0.0]" {
		t.Errorf("requests: %s", got)
	}
}

func paths(packages []Package) string {
	var list []string
	for _, p := range packages {
		list = append(list, strings.TrimSuffix(p.ImportPath+"@"+p.Version, "@"))
	}
	return strings.Join(list, " ")
}
