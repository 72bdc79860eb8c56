package module

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/modfile"
	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	modzip "golang.org/x/mod/zip"
	"golang.org/x/tools/txtar"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testProxy is a module proxy over a directory that the test fills.
type testProxy struct {
	dir string
	url string

	mu    sync.Mutex
	asked []string
	// hook may answer a request itself: it then returns true.
	hook func(w http.ResponseWriter, r *http.Request) bool
}

// newProxy makes a proxy with the modules of a txtar archive, whose file names are path@version/file. A module whose
// archive has no go.mod gets the one that a proxy makes.
func newProxy(t *testing.T, archive string) *testProxy {
	t.Helper()
	p := &testProxy{dir: t.TempDir()}
	modules := map[gomod.Version][]modzip.File{}
	for _, file := range txtar.Parse([]byte(archive)).Files {
		path, rest, _ := strings.Cut(file.Name, "@")
		version, name, _ := strings.Cut(rest, "/")
		m := gomod.Version{Path: path, Version: version}
		modules[m] = append(modules[m], memoryFile{name: name, data: file.Data})
	}
	for m, files := range modules {
		p.add(t, m, files)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *testProxy) add(t *testing.T, m gomod.Version, files []modzip.File) {
	t.Helper()
	path, err := gomod.EscapePath(m.Path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(p.dir, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	mod := []byte("module " + modfile.AutoQuote(m.Path) + "\n")
	for _, file := range files {
		if file.Path() == "go.mod" {
			mod = file.(memoryFile).data
		}
	}
	var zip bytes.Buffer
	if err := modzip.Create(&zip, m, files); err != nil {
		t.Fatal(err)
	}
	info := fmt.Appendf(nil, `{"Version":%q,"Time":"2024-05-06T07:08:09Z"}`, m.Version)
	for suffix, data := range map[string][]byte{"info": info, "mod": mod, "zip": zip.Bytes()} {
		p.write(t, filepath.Join(dir, m.Version+"."+suffix), data)
	}
	if gomod.IsPseudoVersion(m.Version) {
		p.write(t, filepath.Join(filepath.Dir(dir), "@latest"), info)
		rev, _ := gomod.PseudoVersionRev(m.Version)
		p.write(t, filepath.Join(dir, rev+".info"), info)
		p.write(t, filepath.Join(dir, "main.info"), info)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.mod"))
	var versions []string
	for _, name := range names {
		if v := strings.TrimSuffix(filepath.Base(name), ".mod"); !gomod.IsPseudoVersion(v) {
			versions = append(versions, v)
		}
	}
	semver.Sort(versions)
	slices.Reverse(versions) // no order is promised
	p.write(t, filepath.Join(dir, "list"), []byte(strings.Join(versions, "\n")))
}

func (p *testProxy) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func (p *testProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.URL.Path)
	hook := p.hook
	p.mu.Unlock()
	if hook != nil && hook(w, r) {
		return
	}
	data, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(r.URL.Path)))
	if err != nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, "not found: %s: git ls-remote -q origin: exit status 128\n\tfatal: no such thing", strings.Trim(r.URL.Path, "/"))
		return
	}
	_, _ = w.Write(data)
}

func (p *testProxy) setHook(hook func(w http.ResponseWriter, r *http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hook = hook
}

// count is how many requests had the suffix.
func (p *testProxy) count(suffix string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, path := range p.asked {
		if strings.HasSuffix(path, suffix) {
			n++
		}
	}
	return n
}

// settings are those of a machine that has this proxy and an empty cache.
func (p *testProxy) settings(t *testing.T) Settings {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() { _ = removeTree(dir) })
	return Settings{Proxy: p.url, SumDB: "off", ModCache: filepath.Join(dir, "mod"), SumDir: filepath.Join(dir, "sumdb")}
}

func newGraph(t *testing.T, s Settings) *Graph {
	t.Helper()
	store, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return NewGraph(store, Options{Dir: t.TempDir()})
}

func query(t *testing.T, line string) Query {
	t.Helper()
	q, err := ParseGet(line)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func get(t *testing.T, g *Graph, line string) Added {
	t.Helper()
	added, err := g.Get(t.Context(), query(t, line), nil)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return added
}

// refused is the error that a line must end with.
func refused(t *testing.T, g *Graph, line string) error {
	t.Helper()
	before := fmt.Sprint(g.Modules())
	added, err := g.Get(t.Context(), query(t, line), nil)
	if err == nil {
		t.Fatalf("%s: no error, but %+v", line, added)
	}
	if after := fmt.Sprint(g.Modules()); after != before {
		t.Errorf("%s failed and changed the modules:\n%s\n%s", line, before, after)
	}
	return err
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q\nlacks %q", text, part)
		}
	}
}

// writeTree writes the files of a txtar archive below a new directory.
func writeTree(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, file.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

type memoryFile struct {
	name string
	data []byte
}

func (f memoryFile) Path() string                 { return f.name }
func (f memoryFile) Lstat() (os.FileInfo, error)  { return memoryInfo{f}, nil }
func (f memoryFile) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.data)), nil }

type memoryInfo struct{ memoryFile }

func (i memoryInfo) Name() string       { return filepath.Base(i.name) }
func (i memoryInfo) Size() int64        { return int64(len(i.data)) }
func (i memoryInfo) Mode() os.FileMode  { return 0o644 }
func (i memoryInfo) ModTime() time.Time { return time.Time{} }
func (i memoryInfo) IsDir() bool        { return false }
func (i memoryInfo) Sys() any           { return nil }
