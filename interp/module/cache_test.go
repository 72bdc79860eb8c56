package module

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gomod "golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// TestSharedCache has several kernels fill the same cache at once.
func TestSharedCache(t *testing.T) {
	p := newProxy(t, greetings)
	s := p.withSums(t, p.settings(t), true)
	sums := p.hook
	p.setHook(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, ".zip") {
			time.Sleep(50 * time.Millisecond) // let the others come to the lock
		}
		return sums(w, r)
	})
	var group sync.WaitGroup
	for range 8 {
		g := newGraph(t, s)
		group.Go(func() {
			if _, err := g.Get(t.Context(), Query{Requests: []Request{{Path: "example.com/hi"}}}, nil); err != nil {
				t.Error(err)
				return
			}
			loaded, err := g.Load(t.Context(), "example.com/hi", nil)
			if err != nil || paths(loaded) != "example.com/deep/sub@v1.1.0 example.com/hi@v1.2.3" {
				t.Errorf("loaded %s, %v", paths(loaded), err)
			}
		})
	}
	group.Wait()
	for _, zip := range []string{"hi/@v/v1.2.3.zip", "deep/@v/v1.1.0.zip"} {
		if n := p.count(zip); n != 1 {
			t.Errorf("%s was downloaded %d times", zip, n)
		}
	}
}

// TestGoCommandCache has the go command use what was downloaded here, and the other way round, both without a network.
func TestGoCommandCache(t *testing.T) {
	p := newProxy(t, greetings)
	ours := p.settings(t)
	get(t, newGraph(t, ours), "example.com/hi@v1.2.3")
	command := newGoCommand(t, ours)
	command.env = append(command.env, "GOMODCACHE="+ours.ModCache, "GOPROXY=off")
	command.run(t, "mod", "edit", "-require=example.com/hi@v1.2.3")
	if deps := command.deps(t, "example.com/hi"); len(deps) != 2 || len(deps["example.com/hi"].GoFiles) != 1 {
		t.Errorf("go list: %v", deps)
	}
	if out := command.run(t, "mod", "verify"); !strings.Contains(out, "all modules verified") {
		t.Errorf("go mod verify: %s", out)
	}

	theirs := p.settings(t)
	command = newGoCommand(t, theirs)
	command.env = append(command.env, "GOMODCACHE="+theirs.ModCache)
	command.run(t, "get", "example.com/hi@v1.2.3")
	before := treeTimes(t, theirs.ModCache)
	theirs.Proxy = "off"
	g := newGraph(t, theirs)
	get(t, g, "example.com/hi@v1.2.3")
	if _, err := g.Load(t.Context(), "example.com/hi", nil); err != nil {
		t.Error(err)
	}
	for name, at := range treeTimes(t, theirs.ModCache) {
		if before[name] != at {
			t.Errorf("%s was written", name)
		}
	}
	get(t, newGraph(t, theirs), "example.com/hi/loud@v1.2.3")
	err := refused(t, g, "example.com/hi/loud@v1.2.0")
	contains(t, err.Error(), "example.com/hi/loud@v1.2.0: downloads are disabled by GOPROXY=off")
	err = refused(t, g, "example.com/hi")
	contains(t, err.Error(), "downloads are disabled by GOPROXY=off", "the cache has it: %get example.com/hi@v1.2.3 needs no network")
}

// treeTimes is when each file below a directory was written.
func treeTimes(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	times := map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		times[path] = info.ModTime()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return times
}

// TestReadOnlyCache uses a cache that can't be written, and puts what it lacks beside it.
func TestReadOnlyCache(t *testing.T) {
	p := newProxy(t, greetings)
	s := p.withSums(t, p.settings(t), true)
	get(t, newGraph(t, s), "example.com/deep@v1.1.0")
	s.Spare = t.TempDir()
	t.Cleanup(func() { _ = removeTree(s.Spare) })
	// A file in place of the directory can't be written by root either.
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []cache{
		openCache(Settings{ModCache: filepath.Join(blocked, "mod"), SumDir: filepath.Join(blocked, "sumdb"), Spare: s.Spare}),
		openCache(Settings{Spare: s.Spare}),
	} {
		if c.dirs[0] != filepath.Join(s.Spare, "mod") || c.sumDirs[0] != filepath.Join(s.Spare, "sumdb") {
			t.Errorf("it writes %v, %v", c.dirs, c.sumDirs)
		}
	}
	store, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	store.cache = cache{
		dirs:    []string{filepath.Join(s.Spare, "mod"), s.ModCache},
		sumDirs: []string{filepath.Join(s.Spare, "sumdb"), s.SumDir},
	}
	before := treeTimes(t, s.ModCache)
	g := NewGraph(store, Options{})
	get(t, g, "example.com/hi@v1.2.3")
	loaded, err := g.Load(t.Context(), "example.com/hi", nil)
	if err != nil || !strings.HasPrefix(loaded[0].Dir, s.ModCache) || !strings.HasPrefix(loaded[1].Dir, s.Spare) {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	if after := treeTimes(t, s.ModCache); len(after) != len(before) {
		t.Errorf("the cache had %d files, and has %d", len(before), len(after))
	}
	if n := p.count("deep/@v/v1.1.0.zip"); n != 1 {
		t.Errorf("what the cache had was downloaded %d times", n)
	}
}

// TestInterrupted finds what a process that died has left behind.
func TestInterrupted(t *testing.T) {
	p := newProxy(t, greetings)
	s := p.settings(t)
	m := gomod.Version{Path: "example.com/hi", Version: "v1.2.3"}
	get(t, newGraph(t, s), "example.com/hi@v1.2.3")
	c := openCache(s)
	dir, err := c.dir(s.ModCache, m)
	if err != nil {
		t.Fatal(err)
	}
	partial, err := c.file(s.ModCache, m, "partial")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o222 != 0 {
		t.Errorf("the directory is not read-only: %v, %v", info, err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "hi.go")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(partial, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	g := newGraph(t, s)
	get(t, g, "example.com/hi@v1.2.3")
	if _, err := os.Stat(filepath.Join(dir, "hi.go")); err != nil {
		t.Error(err)
	}
	if n := p.count("hi/@v/v1.2.3.zip"); n != 1 {
		t.Errorf("the zip was downloaded %d times", n)
	}
}

// TestHostileZip refuses a zip that would write elsewhere.
func TestHostileZip(t *testing.T) {
	p := newProxy(t, greetings)
	name := filepath.Join(p.dir, "example.com", "hi", "@v", "v1.2.3.zip")
	zip, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"../../../../../x/evil.go!", "example.com/other@v1.2.3/"} {
		from := "example.com/hi@v1.2.3/hi.go"
		to += strings.Repeat("x", len(from)-len(to))
		p.write(t, name, []byte(strings.ReplaceAll(string(zip), from, to)))
		err := refused(t, newGraph(t, p.settings(t)), "example.com/hi@v1.2.3")
		contains(t, err.Error(), "example.com/hi@v1.2.3", "example.com/hi@v1.2.3/")
	}
}

// TestNewModules puts a version into a proxy after a first Get, which must be seen by the next.
func TestNewModules(t *testing.T) {
	p := newProxy(t, greetings)
	g := newGraph(t, p.settings(t))
	get(t, g, "example.com/deep")
	p.add(t, gomod.Version{Path: "example.com/deep", Version: "v1.9.0"}, []modzip.File{memoryFile{name: "d.go", data: []byte("package deep")}})
	if added := get(t, g, "example.com/deep"); added.Modules[0].Version != "v1.9.0" {
		t.Errorf("got %s", added.Modules[0].Version)
	}
}
