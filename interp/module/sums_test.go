package module

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/note"
)

const database = "sums.example.com"

// withSums gives a proxy's settings a checksum database over what the proxy has now, behind the proxy if through is set,
// else at a URL of its own.
func (p *testProxy) withSums(t *testing.T, s Settings, through bool) Settings {
	t.Helper()
	signer, verifier, err := note.GenerateKey(nil, database)
	if err != nil {
		t.Fatal(err)
	}
	honest := t.TempDir()
	if err := os.CopyFS(honest, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	handler := sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) { return goSum(honest, path, version) }))
	s.SumDB = verifier
	if !through {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		s.SumDB += " " + server.URL
		return s
	}
	p.setHook(func(w http.ResponseWriter, r *http.Request) bool {
		path, found := strings.CutPrefix(r.URL.Path, "/sumdb/"+database)
		if !found {
			return false
		}
		if path != "/supported" {
			r.URL.Path = path
			handler.ServeHTTP(w, r)
		}
		return true
	})
	return s
}

// goSum is the two lines of go.sum for a version in a proxy's directory.
func goSum(dir, path, version string) ([]byte, error) {
	escaped, err := gomod.EscapePath(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, filepath.FromSlash(escaped), "@v", version)
	zip, err := dirhash.HashZip(name+".zip", dirhash.Hash1)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(name + ".mod")
	if err != nil {
		return nil, err
	}
	mod, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil })
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %s %s\n%s %s/go.mod %s\n", path, version, zip, path, version, mod), nil
}

func TestSums(t *testing.T) {
	for _, through := range []bool{true, false} {
		t.Run(fmt.Sprintf("through=%v", through), func(t *testing.T) {
			p := newProxy(t, greetings)
			s := p.withSums(t, p.settings(t), through)
			get(t, newGraph(t, s), "example.com/hi")
			// A second kernel with the same cache needs neither the proxy nor the database.
			s.Proxy = "off"
			s.SumDB, _, _ = strings.Cut(s.SumDB, " ")
			g := newGraph(t, s)
			get(t, g, "example.com/hi@v1.2.3")
			if _, err := g.Load(t.Context(), "example.com/hi", nil); err != nil {
				t.Error(err)
			}
			if through && p.count("/supported") == 0 {
				t.Error("the proxy wasn't asked for the database")
			}
		})
	}
}

// TestTampered replaces a file after the database has recorded it.
func TestTampered(t *testing.T) {
	for _, c := range []struct{ suffix, what string }{
		{"zip", "the zip has h1:"},
		{"mod", "its go.mod has h1:"},
	} {
		t.Run(c.suffix, func(t *testing.T) {
			p := newProxy(t, greetings)
			s := p.withSums(t, p.settings(t), true)
			versions := filepath.Join(p.dir, "example.com", "hi", "@v")
			evil, err := os.ReadFile(filepath.Join(newProxy(t, strings.ReplaceAll(greetings, "go 1.20", "go 1.21")).dir, "example.com", "hi", "@v", "v1.2.3."+c.suffix))
			if err != nil {
				t.Fatal(err)
			}
			p.write(t, filepath.Join(versions, "v1.2.3."+c.suffix), evil)
			for range 2 {
				err = refused(t, newGraph(t, s), "example.com/hi@v1.2.3")
				if !errors.Is(err, ErrChecksum) {
					t.Fatalf("%v is no checksum error", err)
				}
				contains(t, err.Error(), "example.com/hi@v1.2.3: checksum mismatch", c.what, "has h1:", "tampered")
			}
			if names, _ := filepath.Glob(filepath.Join(s.ModCache, "cache", "download", "example.com", "hi", "@v", "v1.2.3.*"+c.suffix+"*")); len(names) > 0 {
				t.Errorf("the cache keeps %v", names)
			}
			if _, err := os.Stat(filepath.Join(s.ModCache, "example.com", "hi@v1.2.3")); err == nil {
				t.Error("the refused version is unpacked")
			}
			// It is the database that refuses it, nothing else.
			s.SumDB = "off"
			get(t, newGraph(t, s), "example.com/hi@v1.2.3")
		})
	}
}

// TestTamperedCache is a cache that somebody has filled with something else than was published.
func TestTamperedCache(t *testing.T) {
	p := newProxy(t, greetings)
	s := p.settings(t)
	evil := newProxy(t, strings.ReplaceAll(greetings, "package hi", "package hi // evil"))
	filled := evil.settings(t)
	get(t, newGraph(t, filled), "example.com/hi@v1.2.3")
	s.ModCache = filled.ModCache
	s = p.withSums(t, s, true)
	if err := refused(t, newGraph(t, s), "example.com/hi@v1.2.3"); !errors.Is(err, ErrChecksum) {
		t.Errorf("%v is no checksum error", err)
	}
}

func TestUnverified(t *testing.T) {
	p := newProxy(t, greetings)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, verifier, err := note.GenerateKey(nil, database)
	if err != nil {
		t.Fatal(err)
	}
	for name, setting := range map[string]string{
		"unreachable": verifier + " " + closed.URL,
		"missing":     verifier + " " + p.url + "/nothing",
		"unknown":     "sums.example.org",
		"unset":       "",
	} {
		s := p.settings(t)
		s.SumDB = setting
		err := refused(t, newGraph(t, s), "example.com/hi@v1.2.3")
		if !errors.Is(err, ErrUnverified) {
			t.Errorf("%s: %v", name, err)
		}
		contains(t, err.Error(), "example.com/hi@v1.2.3: the checksum can't be verified", "GONOSUMDB", "GOSUMDB=off")
		if strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v names the host", name, err)
		}
		// A module that is exempt needs no database, but what it requires does.
		s.NoSumDB = "example.com/hi"
		g := newGraph(t, s)
		if err := refused(t, g, "example.com/hi@v1.2.3"); !strings.Contains(err.Error(), "example.com/deep@v1.1.0: the checksum can't be verified") {
			t.Errorf("%s: %v", name, err)
		}
		s.NoSumDB = "example.com"
		get(t, newGraph(t, s), "example.com/hi@v1.2.3")
	}
}

// TestForkedDatabase is a database that shows another history than it did before.
func TestForkedDatabase(t *testing.T) {
	p := newProxy(t, greetings)
	signer, verifier, err := note.GenerateKey(nil, database)
	if err != nil {
		t.Fatal(err)
	}
	s := p.settings(t)
	for i, version := range []string{"v1.2.3", "v1.2.0"} {
		lie := fmt.Sprint(i)
		server := httptest.NewServer(sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
			lines, err := goSum(p.dir, path, version)
			return append(lines, "example.com/lie v1.0.0 h1:"+lie+"\n"...), err
		})))
		s.SumDB = verifier + " " + server.URL
		g := newGraph(t, s)
		if i == 0 {
			get(t, g, "example.com/hi@"+version)
		} else {
			// A longer history that doesn't contain the first.
			err = refused(t, g, "example.com/hi/v2@v2.0.0 example.com/hi@v1.0.0 example.com/deep@v1.0.0")
			contains(t, err.Error(), "contradicts itself")
		}
		server.Close()
	}
}
