package module

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// machine makes the environment that of a machine with the files of an archive in its home, and no Go.
func machine(t *testing.T, archive string) string {
	t.Helper()
	home := writeTree(t, archive)
	for _, name := range []string{
		"GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GOFLAGS", "GOPATH", "GOMODCACHE", "GOENV", "GOROOT", "GOAUTH", "NETRC",
		"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "PATH",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	return home
}

func TestSettings(t *testing.T) {
	_, key, err := note.GenerateKey(nil, "sums.example.com")
	if err != nil {
		t.Fatal(err)
	}
	home := machine(t, strings.ReplaceAll(`
-- config/go/env --
GOPROXY=https://user.example.com
GOPRIVATE=user.example.com/private
# comment
-- release/go.env --
GOPROXY=https://release.example.com,direct
GOSUMDB=sums.example.com
-- release/src/cmd/go/internal/modfetch/key.go --
package modfetch

var known = map[string]string{
	"sums.example.com": "KEY",
}
-- release/bin/go --
`, "KEY", key))
	read := func() Settings {
		t.Helper()
		s, err := ReadSettings()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := read()
	if s.Proxy != "https://user.example.com" || s.NoProxy != "user.example.com/private" || s.NoSumDB != s.NoProxy || s.SumDB != "" {
		t.Errorf("from the user's file: %+v", s)
	}
	if want := filepath.Join(home, "go", "pkg", "mod"); s.ModCache != want || s.Spare != filepath.Join(home, "cache", "rivulet", "pkg") {
		t.Errorf("cache %s, spare %s, want %s", s.ModCache, s.Spare, want)
	}

	t.Setenv("GOENV", "off")
	if s := read(); s.Proxy != "" {
		t.Errorf("GOENV=off: %+v", s)
	}
	if _, err := Open(read()); err == nil || !strings.Contains(err.Error(), "set GOPROXY") {
		t.Errorf("no proxy at all: %v", err)
	}
	if err := os.Chmod(filepath.Join(home, "release", "bin", "go"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(home, "release", "bin"))
	s = read()
	if s.Proxy != "https://release.example.com,direct" || s.SumDB != "sums.example.com" || s.SumKeys[s.SumDB] != key {
		t.Errorf("from the installed release: %+v", s)
	}
	if _, _, err := parseSumDB(s.SumDB, s.SumKeys); err != nil {
		t.Error(err)
	}

	for name, value := range map[string]string{
		"GOPROXY": "off", "GONOPROXY": "none", "GONOSUMDB": "a.b", "GOSUMDB": "off", "GOPATH": filepath.Join(home, "path") + ":/else",
		"GOFLAGS": "-mod=mod -modcacherw --tags=one,two", "GOAUTH": "off",
	} {
		t.Setenv(name, value)
	}
	s = read()
	if s.Proxy != "off" || s.NoProxy != "none" || s.NoSumDB != "a.b" || s.SumDB != "off" || !s.Writable || s.Netrc != "" ||
		!slices.Equal(s.Tags, []string{"one", "two"}) || s.ModCache != filepath.Join(home, "path", "pkg", "mod") {
		t.Errorf("from the environment: %+v", s)
	}
	t.Setenv("GOMODCACHE", filepath.Join(home, "modules"))
	if s := read(); s.ModCache != filepath.Join(home, "modules") {
		t.Errorf("GOMODCACHE: %s", s.ModCache)
	}
	t.Setenv("GOMODCACHE", "relative")
	if _, err := ReadSettings(); err == nil {
		t.Error("a relative GOMODCACHE is taken")
	}
}

// TestBuiltRelease is a machine without Go: what the linker has set counts.
func TestBuiltRelease(t *testing.T) {
	machine(t, "")
	defer func(proxy, db, key string) { builtProxy, builtSumDB, builtSumKey = proxy, db, key }(builtProxy, builtSumDB, builtSumKey)
	builtProxy, builtSumDB, builtSumKey = "https://built.example.com", "sums.example.com", "sums.example.com+key"
	s, err := ReadSettings()
	if err != nil {
		t.Fatal(err)
	}
	if s.Proxy != builtProxy || s.SumDB != builtSumDB || s.SumKeys["sums.example.com"] != builtSumKey {
		t.Errorf("settings %+v", s)
	}
}

func TestProxyList(t *testing.T) {
	good := newProxy(t, greetings)
	empty := newProxy(t, "")
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "out of order at "+r.Host, http.StatusInternalServerError)
	}))
	t.Cleanup(broken.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, c := range []struct {
		list, want string // want is in the error, empty: it works
		is         error
	}{
		{good.url, "", nil},
		{" " + good.url + "/ ,,direct", "", nil},
		{"file://" + good.dir, "", nil},
		{empty.url + "," + good.url, "", nil},
		{broken.URL + "|" + good.url, "", nil},
		{closed.URL + "|" + good.url, "", nil},
		{broken.URL + "," + good.url, "example.com/hi: status 500: out of order at the proxy; GOPROXY", nil},
		{closed.URL + "," + good.url, "example.com/hi: connection refused; GOPROXY", nil},
		{broken.URL + "|" + empty.url, "status 500", nil},
		{empty.url + "|" + broken.URL, "status 500", nil},
		{empty.url, "not found", ErrNotFound},
		{empty.url + ",direct", "not found", ErrNotFound},
		{empty.url + ",off," + good.url, "not found", ErrNotFound},
		{"file://" + empty.dir, "not found", ErrNotFound},
		{"off", "disabled by GOPROXY=off", ErrOff},
		{"direct", "no version-control client here; set GOPROXY to a module proxy", ErrDirect},
		{"direct," + good.url, "no version-control client", ErrDirect},
	} {
		s := good.settings(t)
		s.Proxy = c.list
		g := newGraph(t, s)
		if c.want == "" {
			get(t, g, "example.com/hi")
			continue
		}
		err := refused(t, g, "example.com/hi")
		contains(t, err.Error(), c.want)
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v is not %v", c.list, err, c.is)
		}
		if strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%v names the host", err)
		}
	}
	for list, want := range map[string]string{
		"":                   "set GOPROXY",
		" , ":                "set GOPROXY",
		"ftp://example.com":  "must begin with",
		"file://host/path":   "absolute path",
		"proxy":              "must begin with",
		"https://a b.com/%%": "not a URL",
	} {
		if _, err := parseProxies(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("GOPROXY=%s: %v, want %q", list, err, want)
		}
	}
	if proxies, err := parseProxies("proxy.example.com/go"); err != nil || proxies[0].base.String() != "https://proxy.example.com/go" {
		t.Errorf("without a scheme: %v, %v", proxies, err)
	}
}

func TestPrivate(t *testing.T) {
	p := newProxy(t, greetings)
	s := p.settings(t)
	s.NoProxy = "example.com/hi"
	err := refused(t, newGraph(t, s), "example.com/hi")
	contains(t, err.Error(), "example.com/hi: its repository", "GONOPROXY or GOPRIVATE matches it", "%get example.com/hi => directory")
	if n := p.count("/hi/@v/list"); n > 0 {
		t.Errorf("the proxy was asked %d times for a private module", n)
	}
	get(t, newGraph(t, s), "example.com/deep")
}

func TestNetrc(t *testing.T) {
	name := filepath.Join(t.TempDir(), "netrc")
	text := "machine a.com login me password secret\nmachine b.com\n\tlogin you\n\tpassword other\nmachine c.com login nobody\ndefault login x password y\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ host, user, password string }{
		{"a.com", "me", "secret"},
		{"b.com", "you", "other"},
	} {
		user, password, found := netrcLogin(name, c.host)
		if !found || user != c.user || password != c.password {
			t.Errorf("%s: %s, %s, %v", c.host, user, password, found)
		}
	}
	for _, host := range []string{"c.com", "d.com"} {
		if user, _, found := netrcLogin(name, host); found {
			t.Errorf("%s: %s", host, user)
		}
	}

	// What a proxy's URL says about the user is sent, and never shown.
	p := newProxy(t, greetings)
	p.setHook(func(w http.ResponseWriter, r *http.Request) bool {
		if _, password, _ := r.BasicAuth(); password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		return false
	})
	s := p.settings(t)
	s.Proxy = strings.Replace(p.url, "http://", "http://me:secret@", 1)
	get(t, newGraph(t, s), "example.com/hi")
	s.Proxy = strings.Replace(p.url, "http://", "http://me:wrong@", 1)
	err := refused(t, newGraph(t, s), "example.com/deep")
	contains(t, err.Error(), "example.com/deep: status 401")
	if strings.Contains(err.Error(), "wrong") {
		t.Errorf("%v shows the password", err)
	}
}
