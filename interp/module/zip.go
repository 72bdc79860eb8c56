package module

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

// dir is the directory with a version's files, or of what replaces it; they are downloaded if they aren't there.
func (t *task) dir(ctx context.Context, m gomod.Version) (string, error) {
	m, local := t.changes.of(m)
	if local != "" {
		return local, nil
	}
	dir, err := t.cached(ctx, m)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	if dir, err = t.fill(ctx, m); err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil && !isAs[*Error](err) {
		err = &Error{Path: m.Path, Version: m.Version, Err: err}
	}
	return dir, err
}

// cached finds a version that is unpacked whole, and verifies the hash that its zip had.
func (t *task) cached(ctx context.Context, m gomod.Version) (string, error) {
	dir, hash, err := t.cache.unpacked(m)
	if err != nil {
		return "", err
	}
	return dir, t.verify(ctx, m, hash)
}

// unpacked finds the directory of a version that was unpacked to the end.
func (c cache) unpacked(m gomod.Version) (dir, hash string, err error) {
	for _, root := range c.dirs {
		dir, err := c.dir(root, m)
		if err != nil {
			return "", "", err
		}
		partial, err := c.file(root, m, "partial")
		if err != nil {
			return "", "", err
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue
		}
		if _, err := os.Stat(partial); err == nil {
			continue
		}
		name, err := c.file(root, m, "ziphash")
		if err != nil {
			return "", "", err
		}
		if hash, err := os.ReadFile(name); err == nil && len(hash) > 0 {
			return dir, strings.TrimSpace(string(hash)), nil
		}
	}
	return "", "", fs.ErrNotExist
}

// fill brings a version into the cache. The version's lock keeps other processes from doing the same.
func (t *task) fill(ctx context.Context, m gomod.Version) (string, error) {
	root := t.cache.dirs[0]
	lock, err := t.cache.file(root, m, "lock")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(lock), 0o777); err != nil {
		return "", err
	}
	_, unlock, err := lockFile(ctx, lock, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return "", err
	}
	release := unlock
	defer func() { release() }()
	if dir, err := t.cached(ctx, m); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	name, err := t.zip(ctx, m)
	if err != nil {
		return "", err
	}
	// Unpacking goes on when the context ends, and so must the lock.
	release = func() {}
	return await(ctx, func() (string, error) {
		defer unlock()
		return t.unpack(m, name)
	})
}

// zip is the file name of a version's verified zip.
func (t *task) zip(ctx context.Context, m gomod.Version) (string, error) {
	for _, root := range t.cache.dirs {
		name, err := t.cache.file(root, m, "zip")
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(name); err != nil {
			continue
		}
		hash, err := os.ReadFile(name + "hash")
		if err == nil && len(hash) > 0 {
			return name, t.verify(ctx, m, strings.TrimSpace(string(hash)))
		}
	}
	name, err := t.cache.file(t.cache.dirs[0], m, "zip")
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+"*.tmp")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := t.download(ctx, m, file); err != nil {
		return "", err
	}
	hash, err := await(ctx, func() (string, error) {
		if _, err := modzip.CheckZip(m, file.Name()); err != nil {
			return "", err
		}
		return dirhash.HashZip(file.Name(), dirhash.DefaultHash)
	})
	if err != nil {
		return "", err
	}
	if err := t.verify(ctx, m, hash); err != nil {
		return "", err
	}
	err = errors.Join(file.Chmod(0o644), file.Close(), os.Rename(file.Name(), name))
	if err != nil {
		return "", err
	}
	return name, writeAtomic(name+"hash", []byte(hash))
}

// download writes a version's zip to an empty file.
func (t *task) download(ctx context.Context, m gomod.Version, file *os.File) error {
	path, err := gomod.EscapePath(m.Path)
	if err != nil {
		return err
	}
	version, err := gomod.EscapeVersion(m.Version)
	if err != nil {
		return err
	}
	t.progress(fmt.Sprintf("downloading %s %s", m.Path, m.Version))
	err = t.tryProxies(m.Path, func(base *url.URL) error {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := file.Truncate(0); err != nil {
			return err
		}
		body, size, err := t.open(ctx, base.JoinPath(path, "@v", version+".zip"))
		if err != nil {
			return err
		}
		defer body.Close()
		meter := &meter{task: t, module: m, size: size, next: time.Now().Add(time.Second)}
		n, err := io.Copy(io.MultiWriter(file, meter), io.LimitReader(body, modzip.MaxZipFile+1))
		switch {
		case err != nil:
			return hostless(err)
		case n > modzip.MaxZipFile:
			return fmt.Errorf("the zip is larger than the %d MB that a module may have", modzip.MaxZipFile>>20)
		case size >= 0 && n != size:
			return fmt.Errorf("the download ended after %d of %d bytes", n, size)
		}
		return nil
	})
	return t.failed(ctx, m, err)
}

// meter reports once a second how far a download is.
type meter struct {
	task   *task
	module gomod.Version
	size   int64 // -1: not known
	done   int64
	next   time.Time
}

func (p *meter) Write(data []byte) (int, error) {
	p.done += int64(len(data))
	if now := time.Now(); now.After(p.next) {
		p.next = now.Add(time.Second)
		text := fmt.Sprintf("downloading %s %s: %.1f MB", p.module.Path, p.module.Version, float64(p.done)/1e6)
		if p.size > 0 {
			text += fmt.Sprintf(" of %.1f MB", float64(p.size)/1e6)
		}
		p.task.progress(text)
	}
	return len(data), nil
}

// unpack unpacks a zip in place. While the .partial file is there, nobody takes the directory for complete.
func (t *task) unpack(m gomod.Version, zip string) (string, error) {
	root := t.cache.dirs[0]
	dir, err := t.cache.dir(root, m)
	if err != nil {
		return "", err
	}
	partial, err := t.cache.file(root, m, "partial")
	if err != nil {
		return "", err
	}
	if err := removeTree(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return "", err
	}
	if err := os.WriteFile(partial, nil, 0o666); err != nil {
		return "", err
	}
	if err := modzip.Unzip(dir, m, zip); err != nil {
		if removeTree(dir) == nil {
			os.Remove(partial)
		}
		return "", err
	}
	if err := os.Remove(partial); err != nil {
		return "", err
	}
	// A zip that came from a directory that is only read has its hash there.
	if name, err := t.cache.file(root, m, "ziphash"); err == nil {
		if hash, err := os.ReadFile(zip + "hash"); err == nil && name != zip+"hash" {
			if err := writeAtomic(name, hash); err != nil {
				return "", err
			}
		}
	}
	if !t.settings.Writable {
		protect(dir)
	}
	return dir, nil
}

// protect makes the directories read-only, as far as that goes: an editor that follows a stack trace shall not change what
// every program on the machine uses.
func protect(dir string) {
	var dirs []string
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	for _, dir := range dirs {
		_ = os.Chmod(dir, 0o555)
	}
}

// removeTree removes a directory that may be read-only.
func removeTree(dir string) error {
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = os.Chmod(path, 0o777)
		}
		return nil
	})
	return os.RemoveAll(dir)
}
