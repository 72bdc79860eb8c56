package module

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"go/version"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
)

// goMod is what counts of a go.mod file.
type goMod struct {
	path       string // as it calls itself
	goVersion  string // such as 1.21; empty if it doesn't say
	require    []gomod.Version
	replace    []*modfile.Replace // of local modules alone
	retract    []*modfile.Retract
	deprecated string
	synthetic  bool // made by a proxy, as the version has none
}

// pruned reports whether the file lists all that its packages need, so that its requirements' own files don't count.
func (f *goMod) pruned() bool { return version.Compare("go"+f.goVersion, "go1.17") >= 0 }

// language is the version of the language that the module's packages are written in.
func (f *goMod) language() string {
	if f.goVersion == "" {
		return "go1.16" // what the go command takes a file without a go line to mean
	}
	return version.Lang("go" + f.goVersion)
}

// ownVersion is the language version of the release that built this program.
func ownVersion() string {
	tags := build.Default.ReleaseTags
	return tags[len(tags)-1]
}

// goMod reads the go.mod of a version, or of what replaces it.
func (t *task) goMod(ctx context.Context, m gomod.Version) (*goMod, error) {
	return once(&t.mu, t.files, m, func() (*goMod, error) {
		actual, dir := t.changes.of(m)
		if dir != "" {
			return localGoMod(m.Path, dir)
		}
		data, err := t.goModText(ctx, actual)
		if err != nil {
			return nil, err
		}
		f, err := parseGoMod(data)
		if err != nil {
			return nil, &Error{Path: actual.Path, Version: actual.Version, Err: err}
		}
		if f.path != "" && f.path != m.Path && actual == m {
			return nil, &Error{
				Path: m.Path, Version: m.Version,
				Err:  fmt.Errorf("its go.mod calls the module %s", f.path),
				Hint: "did you mean " + f.path + "?",
			}
		}
		return f, nil
	})
}

// goModText reads it from the cache or a proxy, and verifies it in both cases.
func (t *task) goModText(ctx context.Context, m gomod.Version) ([]byte, error) {
	data, err := t.cache.read(m, "mod")
	cached := err == nil
	if !cached {
		if data, err = t.proxyFile(ctx, m, "mod"); err != nil {
			return nil, err
		}
	}
	hash, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(data))), nil
	})
	if err != nil {
		return nil, err
	}
	if err := t.verify(ctx, gomod.Version{Path: m.Path, Version: m.Version + "/go.mod"}, hash); err != nil {
		return nil, err
	}
	if !cached {
		if err := t.cache.write(m, "mod", data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// proxyFile reads a file about one version from the proxies.
func (t *task) proxyFile(ctx context.Context, m gomod.Version, suffix string) ([]byte, error) {
	path, err := gomod.EscapePath(m.Path)
	if err != nil {
		return nil, &Error{Path: m.Path, Err: err}
	}
	version, err := gomod.EscapeVersion(m.Version)
	if err != nil {
		return nil, &Error{Path: m.Path, Version: m.Version, Err: err, Hint: "a branch whose name has a slash can't be asked for: name its commit"}
	}
	var data []byte
	err = t.tryProxies(m.Path, func(base *url.URL) error {
		var err error
		data, err = t.read(ctx, base.JoinPath(path, "@v", version+"."+suffix))
		return err
	})
	return data, t.failed(ctx, m, err)
}

// failed names the module in an error that has no name yet, and says what may help.
func (t *task) failed(ctx context.Context, m gomod.Version, err error) error {
	if err == nil || isAs[*Error](err) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	e := &Error{Path: m.Path, Version: m.Version, Err: err}
	if missing(err) {
		return e
	}
	if versions := t.cache.versions(m.Path); len(versions) > 0 && m.Version == "" {
		semver.Sort(versions)
		e.Hint = fmt.Sprintf("the cache has it: %%get %s@%s needs no network", m.Path, versions[len(versions)-1])
	} else if errors.Is(err, ErrDirect) {
		e.Hint = "set GOPROXY to a module proxy, or clone it and %get " + m.Path + " => directory"
	} else if !errors.Is(err, ErrOff) {
		e.Hint = "GOPROXY says where modules come from"
	}
	return e
}

func parseGoMod(data []byte) (*goMod, error) {
	file, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	return summary(file), nil
}

func summary(file *modfile.File) *goMod {
	f := &goMod{retract: file.Retract, replace: file.Replace}
	if file.Module != nil {
		f.path = file.Module.Mod.Path
		f.deprecated = file.Module.Deprecated
	}
	if file.Go != nil {
		f.goVersion = file.Go.Version
	}
	for _, r := range file.Require {
		f.require = append(f.require, r.Mod)
	}
	f.synthetic = file.Go == nil && len(file.Require) == 0 && len(file.Retract) == 0
	return f
}

// localGoMod reads the go.mod of a directory; without one, the module is called path and requires nothing.
func localGoMod(path, dir string) (*goMod, error) {
	name := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return &goMod{path: path, goVersion: strings.TrimPrefix(ownVersion(), "go")}, nil
	}
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(name, data, nil)
	if err != nil {
		return nil, err
	}
	return summary(file), nil
}
