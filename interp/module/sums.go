package module

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

// sumHint is the way out that the go command has too.
const sumHint = "to do without the checksum database for it, set GONOSUMDB (or GOPRIVATE) to a pattern that matches its path, or GOSUMDB=off"

// verify holds a hash against the checksum database. m.Version ends in /go.mod for the hash of a go.mod file.
func (t *task) verify(ctx context.Context, m gomod.Version, hash string) error {
	version, isMod := strings.CutSuffix(m.Version, "/go.mod")
	if t.settings.SumDB == "off" || gomod.MatchPrefixPatterns(t.settings.NoSumDB, m.Path) {
		return nil
	}
	known := m.Path + " " + m.Version + " " + hash
	if _, ok := t.verified.Load(known); ok {
		return nil
	}
	lines, err := t.sums.lookup(ctx, m)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &Error{Path: m.Path, Version: version, Err: fmt.Errorf("%w: %w", ErrUnverified, err), Hint: sumHint}
	}
	prefix := m.Path + " " + m.Version + " h1:"
	for _, line := range lines {
		if line == known {
			t.verified.Store(known, true)
			return nil
		}
		if recorded, found := strings.CutPrefix(line, prefix); found {
			what := "the zip"
			if isMod {
				what = "its go.mod"
			}
			return &Error{
				Path: m.Path, Version: version,
				Err:  fmt.Errorf("%w: %s has %s, the checksum database has h1:%s on record", ErrChecksum, what, hash, recorded),
				Hint: "what was downloaded is not what its author published: it is refused, as it may have been tampered with",
			}
		}
	}
	return &Error{Path: m.Path, Version: version, Err: fmt.Errorf("%w: the checksum database has no record of it", ErrUnverified), Hint: sumHint}
}

// sums asks the checksum database. It lives as long as one task: a lookup that failed is not tried again within it.
type sums struct {
	client *sumdb.Client
	ops    *sumOps
	err    error // of GOSUMDB itself
}

func newSums(ctx context.Context, s *Store) *sums {
	key, base, err := parseSumDB(s.settings.SumDB, s.settings.SumKeys)
	if err != nil {
		return &sums{err: err}
	}
	ops := &sumOps{key: key, cache: s.cache}
	ops.name, _, _ = strings.Cut(key, "+")
	ops.base = sync.OnceValues(func() (*url.URL, error) {
		if base != nil {
			return base, nil
		}
		return s.sumBase(ctx, ops.name)
	})
	ops.remote = func(u *url.URL) ([]byte, error) { return s.read(ctx, u) }
	ops.lock = ctx
	return &sums{client: sumdb.NewClient(ops), ops: ops}
}

// parseSumDB parses GOSUMDB: a verifier key or the name of a known one, then maybe the URL to ask.
func parseSumDB(setting string, keys map[string]string) (key string, base *url.URL, err error) {
	words := strings.Fields(setting)
	switch {
	case len(words) == 0:
		return "", nil, errors.New("GOSUMDB: no checksum database is set; set it to the key of one, or to off")
	case len(words) > 2:
		return "", nil, errors.New("GOSUMDB: more than a key and a URL")
	}
	key = words[0]
	if known, ok := keys[key]; ok {
		key = known
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return "", nil, fmt.Errorf("GOSUMDB: %s is neither a known checksum database nor the key of one", words[0])
	}
	if u, err := url.Parse("https://" + verifier.Name()); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", nil, fmt.Errorf("GOSUMDB: the name of the database is not a host: %s", verifier.Name())
	}
	if len(words) == 2 {
		if base, err = url.Parse(words[1]); err != nil {
			return "", nil, errors.New("GOSUMDB: what follows the key is not a URL")
		}
	}
	return key, base, nil
}

// sumBase finds where a database is asked: at the first proxy that says it passes questions on, else at its own host.
func (s *Store) sumBase(ctx context.Context, name string) (*url.URL, error) {
	for _, p := range s.proxies {
		if p.base == nil {
			break
		}
		_, err := s.read(ctx, p.base.JoinPath("sumdb", name, "supported"))
		if err == nil {
			return p.base.JoinPath("sumdb", name), nil
		}
		if !missing(err) && !p.fallBack {
			return nil, err
		}
	}
	return url.Parse("https://" + name)
}

// lookup is the database's lines for a version.
func (s *sums) lookup(ctx context.Context, m gomod.Version) ([]string, error) {
	if s.err != nil {
		return nil, s.err
	}
	lines, err := await(ctx, func() ([]string, error) { return s.client.Lookup(m.Path, m.Version) })
	if err == nil {
		return lines, nil
	}
	s.ops.mu.Lock()
	defer s.ops.mu.Unlock()
	switch {
	case s.ops.security != "":
		return nil, fmt.Errorf("the checksum database contradicts itself: %s", s.ops.security)
	case s.ops.failed != nil:
		// Not wrapped: what the database hasn't got isn't missing from the proxy.
		return nil, errors.New("no answer from the checksum database: " + s.ops.failed.Error())
	}
	return nil, err
}

// sumOps is the outside world of the database's client: where the go command keeps its records, so does it.
type sumOps struct {
	key, name string
	cache     cache
	base      func() (*url.URL, error)
	remote    func(*url.URL) ([]byte, error)
	lock      context.Context // ends the wait for a lock; the client's interface has no context

	mu       sync.Mutex
	security string // what the client says of a database that misbehaves
	failed   error  // the last request that failed: the client's own errors don't wrap it
}

func (o *sumOps) ReadRemote(path string) ([]byte, error) {
	base, err := o.base()
	if err == nil {
		var data []byte
		if data, err = o.remote(base.JoinPath(path)); err == nil {
			return data, nil
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed = err
	return nil, err
}

func (o *sumOps) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(o.key), nil
	}
	var failed error
	for _, dir := range o.cache.sumDirs {
		data, err := readLocked(o.lock, filepath.Join(dir, filepath.FromSlash(file)))
		if err == nil {
			return data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			failed = err
		}
	}
	return nil, failed // empty: the first time that this database is asked
}

func (o *sumOps) WriteConfig(file string, old, data []byte) error {
	name := filepath.Join(o.cache.sumDirs[0], filepath.FromSlash(file))
	replaced, err := edit(o.lock, name, old, data)
	if err == nil && !replaced {
		return sumdb.ErrWriteConflict
	}
	return err
}

func (o *sumOps) ReadCache(file string) ([]byte, error) {
	err := fs.ErrNotExist
	for _, dir := range o.cache.dirs {
		data, failed := readLocked(o.lock, filepath.Join(dir, "cache", "download", "sumdb", filepath.FromSlash(file)))
		if failed == nil {
			return data, nil
		}
		err = failed
	}
	return nil, err
}

// WriteCache may fail: the next task asks again.
func (o *sumOps) WriteCache(file string, data []byte) {
	_ = writeAtomic(filepath.Join(o.cache.dirs[0], "cache", "download", "sumdb", filepath.FromSlash(file)), data)
}

func (o *sumOps) Log(string) {}

func (o *sumOps) SecurityError(message string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.security = message
}
