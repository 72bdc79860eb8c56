package module

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
)

func TestParseGet(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"%get github.com/a/b", "[{github.com/a/b  }]"},
		{"github.com/a/b@v1.2.3", "[{github.com/a/b v1.2.3 }]"},
		{"%get github.com/a/b@latest gopkg.in/yaml.v2@<v2.3 // why", "[{github.com/a/b latest } {gopkg.in/yaml.v2 <v2.3 }]"},
		{"%get github.com/a/b@none", "[{github.com/a/b none }]"},
		{"%get github.com/a/b => ../b", "[{github.com/a/b  ../b}]"},
		{`%get github.com/a/b => "../my b" c.org/d`, "[{github.com/a/b  ../my b} {c.org/d  }]"},
		{"%get ./dir", "[{  ./dir}]"},
		{"%get ..", "[{  ..}]"},
		{"%get ~/dir", "[{  ~/dir}]"},
		{"%get /abs/dir\r\n", "[{  /abs/dir}]"},
	} {
		q, err := ParseGet(c.line)
		if got := fmt.Sprint(fields(q)); err != nil || got != c.want {
			t.Errorf("ParseGet(%q) = %s, %v, want %s", c.line, got, err, c.want)
		}
	}
}

func fields(q Query) []string {
	var list []string
	for _, r := range q.Requests {
		list = append(list, fmt.Sprintf("{%s %s %s}", r.Path, r.Version, r.Dir))
	}
	return list
}

func TestParseGetErrors(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"%get", "nothing to get"},
		{"%get // only a comment", "nothing to get"},
		{"%get fmt", "the standard library needs no %get"},
		{"%get mine/b", "a local directory is written ./mine/b"},
		{"%get github.com/a/b@", "no version after @"},
		{"%get https://github.com/a/b.git", "did you mean github.com/a/b?"},
		{"%get github.com/a/...", "patterns"},
		{"%get github.com/a/b => c", "a local directory must follow"},
		{"%get github.com/a/b =>", "a local directory must follow"},
		{"%get github.com/a/b@v1 => ../b", "without a version"},
		{"%get => ../b", "no module path before =>"},
		{`%get "../b`, "no closing quote"},
		{`%get ""`, "empty path"},
		{"%get github.com/a//b", "double slash"},
	} {
		_, err := ParseGet(c.line)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseGet(%q): %v, want %q", c.line, err, c.want)
		}
	}
}

func FuzzParseGet(f *testing.F) {
	f.Add("%get a.b/c@v1 => ../d // e")
	f.Add(`%get "../a b" c.d/e@<v2`)
	f.Fuzz(func(t *testing.T, line string) {
		q, err := ParseGet(line)
		if err != nil {
			return
		}
		var words []string
		for _, r := range q.Requests {
			words = append(words, r.String())
			if strings.Contains(r.Dir, `"`) {
				return // can't be written
			}
		}
		again, err := ParseGet(strings.Join(words, " "))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(q) {
			t.Errorf("%q is %v; written as %q it is %v, %v", line, q, words, again, err)
		}
	})
}

func FuzzMatcher(f *testing.F) {
	f.Add("example.com/a", "<=v1.2.3", "v1.0.0")
	f.Add("example.com/a/v2", ">v1", "")
	f.Add("gopkg.in/a.v1", "v1.2", "v1.3.0+incompatible")
	versions := []string{"v0.1.0", "v1.0.0-rc.1", "v1.0.0", "v1.2.3", "v1.3.0-alpha", "v2.0.0+incompatible"}
	f.Fuzz(func(t *testing.T, path, query, current string) {
		m, err := newMatcher(path, query, current)
		if err != nil || m == nil {
			return
		}
		matching := slices.DeleteFunc(slices.Clone(versions), func(v string) bool { return !m.accepts(v) })
		best := m.best(matching)
		if (best == "") != (len(matching) == 0) || best != "" && !slices.Contains(matching, best) {
			t.Errorf("%q of %v is %q", query, matching, best)
		}
		if bound, found := strings.CutPrefix(query, "<="); found && best != "" && semver.Compare(best, bound) > 0 {
			t.Errorf("%q takes %s", query, best)
		}
	})
}

func FuzzParseProxies(f *testing.F) {
	f.Add("https://a.b,direct")
	f.Add("a.b/c|file:///d,off,x")
	f.Fuzz(func(t *testing.T, list string) {
		proxies, err := parseProxies(list)
		if err == nil && len(proxies) == 0 {
			t.Errorf("%q: no proxy and no error", list)
		}
		for i, p := range proxies {
			if (p.base == nil) == (p.word == "") || p.base == nil && i < len(proxies)-1 {
				t.Errorf("%q: %v", list, proxies)
			}
		}
	})
}
