package module

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// revision is what a proxy says about a version, a branch or a commit.
type revision struct {
	Version string
	Time    time.Time
}

// listing is what a proxy lists of a module.
type listing struct {
	tagged []string // lowest first
	commit string   // the newest version without a tag, empty if none is listed
}

// list asks for the versions of a module.
func (t *task) list(ctx context.Context, path string) (listing, error) {
	return once(&t.mu, t.versions, path, func() (listing, error) {
		var l listing
		escaped, err := gomod.EscapePath(path)
		if err != nil {
			return l, &Error{Path: path, Err: err}
		}
		err = t.tryProxies(path, func(base *url.URL) error {
			data, err := t.read(ctx, base.JoinPath(escaped, "@v", "list"))
			if err == nil {
				l = parseListing(string(data))
			}
			return err
		})
		return l, t.failed(ctx, gomod.Version{Path: path}, err)
	})
}

// parseListing takes lines of a version and maybe a time.
func parseListing(text string) listing {
	var l listing
	var newest time.Time
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || !semver.IsValid(words[0]) {
			continue
		}
		if !gomod.IsPseudoVersion(words[0]) {
			l.tagged = append(l.tagged, words[0])
			continue
		}
		if at, err := gomod.PseudoVersionTime(words[0]); err == nil && !at.Before(newest) {
			newest, l.commit = at, words[0]
		}
	}
	semver.Sort(l.tagged)
	return l
}

// info resolves a branch, a commit or a tag; suffix is the file of the proxy that tells.
func (t *task) info(ctx context.Context, path, suffix string) (revision, error) {
	var rev revision
	escaped, err := gomod.EscapePath(path)
	if err != nil {
		return rev, &Error{Path: path, Err: err}
	}
	var data []byte
	err = t.tryProxies(path, func(base *url.URL) error {
		data, err = t.read(ctx, base.JoinPath(escaped, suffix))
		return err
	})
	if err != nil {
		return rev, err
	}
	if err := json.Unmarshal(data, &rev); err != nil {
		return rev, fmt.Errorf("the proxy's answer is no JSON: %w", err)
	}
	m := gomod.Version{Path: path, Version: rev.Version}
	if err := gomod.Check(path, rev.Version); err != nil {
		return rev, fmt.Errorf("the proxy's answer: %w", err)
	}
	// As the go command keeps it, for those that ask the cache for it.
	return rev, t.cache.write(m, "info", data)
}

// pick is the version that a query means. current is the version that is required now, empty if none is.
func (t *task) pick(ctx context.Context, path, query, current string) (string, error) {
	if gomod.CanonicalVersion(query) == query && query != "" {
		return t.exact(ctx, path, query)
	}
	match, err := newMatcher(path, query, current)
	if err != nil {
		return "", &Error{Path: path, Version: query, Err: err}
	}
	if match == nil { // a branch or commit
		return t.commit(ctx, path, query)
	}
	l, err := t.list(ctx, path)
	if err != nil && (!match.latest || !missing(err)) {
		return "", err
	}
	versions := l.tagged
	retracted := t.retractions(ctx, path, versions)
	versions = slices.DeleteFunc(slices.Clone(versions), func(v string) bool {
		return !match.accepts(v) || retracts(retracted, v) != nil
	})
	versions = t.compatible(ctx, path, versions, match)
	if best := match.best(versions); best != "" {
		return best, nil
	}
	if match.latest {
		rev, err := t.info(ctx, path, "@latest")
		if missing(err) && l.commit != "" {
			return l.commit, nil // not every proxy can tell the newest commit
		}
		if err != nil {
			return "", t.failed(ctx, gomod.Version{Path: path}, err)
		}
		return rev.Version, nil
	}
	if current != "" && query == "" {
		return current, nil
	}
	return "", &Error{Path: path, Err: fmt.Errorf("%w: no version matches %q", ErrNotFound, query)}
}

// exact takes a version as it is, if there is one. A go.mod in the cache is enough: no network is needed then.
func (t *task) exact(ctx context.Context, path, version string) (string, error) {
	m := gomod.Version{Path: path, Version: version}
	_, major, ok := gomod.SplitPathVersion(path)
	if ok && gomod.CheckPathMajor(version, major) != nil {
		if major != "" || strings.Contains(version, "+") {
			return "", &Error{Path: path, Version: version, Err: gomod.CheckPathMajor(version, major), Hint: t.otherMajor(ctx, path, version)}
		}
		m.Version += "+incompatible"
	}
	err := t.exists(ctx, m)
	if missing(err) {
		e := &Error{Path: path, Version: version, Err: err, Hint: t.otherMajor(ctx, path, version)}
		if e.Hint == "" {
			e.Hint = t.newest(ctx, path)
		}
		return "", e
	}
	if err == nil {
		_, err = t.goMod(ctx, m)
	}
	return m.Version, t.failed(ctx, m, err)
}

// exists asks the cache and then the proxies for a version. It is the file about the version that is asked for, as the go
// command does: what proxies say to requests for other files of what doesn't exist differs.
func (t *task) exists(ctx context.Context, m gomod.Version) error {
	if _, dir := t.changes.of(m); dir != "" {
		return nil
	}
	if _, err := t.cache.read(m, "mod"); err == nil {
		return nil
	}
	version, err := gomod.EscapeVersion(m.Version)
	if err != nil {
		return err
	}
	_, err = t.info(ctx, m.Path, "@v/"+version+".info")
	return err
}

// otherMajor says under which path a version is, when it isn't under this one.
func (t *task) otherMajor(ctx context.Context, path, version string) string {
	prefix, major, ok := gomod.SplitPathVersion(path)
	want := semver.Major(version)
	if !ok || want == "" || gomod.PathMajorPrefix(major) == want {
		return ""
	}
	switch {
	case strings.HasPrefix(path, "gopkg.in/"):
		prefix += "." + want
	case want != "v0" && want != "v1":
		prefix += "/" + want
	}
	version = strings.TrimSuffix(version, "+incompatible")
	m := gomod.Version{Path: prefix, Version: version}
	if prefix == path || gomod.Check(m.Path, m.Version) != nil {
		return ""
	}
	if t.exists(ctx, m) != nil {
		return ""
	}
	return fmt.Sprintf("did you mean %s@%s?", prefix, version)
}

// newest names the highest version there is, for an error about one that isn't.
func (t *task) newest(ctx context.Context, path string) string {
	l, err := t.list(ctx, path)
	if err != nil || len(l.tagged) == 0 {
		return ""
	}
	return "the newest version is " + l.tagged[len(l.tagged)-1]
}

func (t *task) commit(ctx context.Context, path, query string) (string, error) {
	escaped, err := gomod.EscapeVersion(query)
	if err != nil {
		return "", &Error{Path: path, Version: query, Err: err, Hint: "a branch whose name has a slash can't be asked for: name its commit"}
	}
	rev, err := t.info(ctx, path, "@v/"+escaped+".info")
	if err != nil {
		return "", t.failed(ctx, gomod.Version{Path: path, Version: query}, err)
	}
	return rev.Version, nil
}

// retractions are those that the newest version of a module declares. What can't be read retracts nothing.
func (t *task) retractions(ctx context.Context, path string, versions []string) []*modfile.Retract {
	f := t.newestFile(ctx, path, versions)
	if f == nil {
		return nil
	}
	return f.retract
}

// newestFile is the go.mod of the newest version, retracted or not: what it says holds for all.
func (t *task) newestFile(ctx context.Context, path string, versions []string) *goMod {
	match := &matcher{}
	best := match.best(t.compatible(ctx, path, versions, match))
	if best == "" {
		return nil
	}
	f, err := t.goMod(ctx, gomod.Version{Path: path, Version: best})
	if err != nil {
		return nil
	}
	return f
}

// retracts finds what retracts a version.
func retracts(retracted []*modfile.Retract, version string) *modfile.Retract {
	for _, r := range retracted {
		if semver.Compare(r.Low, version) <= 0 && semver.Compare(version, r.High) <= 0 {
			return r
		}
	}
	return nil
}

// compatible leaves out +incompatible versions when the highest other one has a go.mod: since then the module's path
// would say its major version.
func (t *task) compatible(ctx context.Context, path string, versions []string, match *matcher) []string {
	first := slices.IndexFunc(versions, func(v string) bool { return strings.HasSuffix(v, "+incompatible") })
	if first <= 0 || match.incompatible {
		return versions
	}
	f, err := t.goMod(ctx, gomod.Version{Path: path, Version: versions[first-1]})
	if err == nil && !f.synthetic {
		return versions[:first]
	}
	return versions
}
