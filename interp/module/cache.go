package module

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	gomod "golang.org/x/mod/module"
)

// cache is the module cache. Every directory is read; the first is the one that is written.
//
//	cache/download/<path>/@v/<version>.{info,mod,zip,ziphash,lock,partial}
//	<path>@<version>/                     what the zip holds
type cache struct {
	dirs    []string // module caches
	sumDirs []string // beside them: signed trees
}

// openCache takes the module cache of the settings, or puts the spare one before it if that can't be written.
func openCache(s Settings) cache {
	var c cache
	if s.ModCache != "" {
		c.dirs = []string{s.ModCache}
		c.sumDirs = []string{s.SumDir}
	}
	if s.Spare != "" && (s.ModCache == "" || !writable(filepath.Join(s.ModCache, "cache", "download"))) {
		c.dirs = append([]string{filepath.Join(s.Spare, "mod")}, c.dirs...)
	}
	if s.Spare != "" && (s.SumDir == "" || !writable(s.SumDir)) {
		c.sumDirs = append([]string{filepath.Join(s.Spare, "sumdb")}, c.sumDirs...)
	}
	return c
}

// writable tries it: permissions alone don't tell of a read-only file system.
func writable(dir string) bool {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return false
	}
	file, err := os.CreateTemp(dir, "rivulet*.tmp")
	if err != nil {
		return false
	}
	file.Close()
	return os.Remove(file.Name()) == nil
}

// file is a file about one version; of names the directory of all versions, and a zip's directory, see dir.
func (c cache) file(root string, m gomod.Version, suffix string) (string, error) {
	path, err := gomod.EscapePath(m.Path)
	if err != nil {
		return "", err
	}
	version, err := gomod.EscapeVersion(m.Version)
	if err != nil {
		return "", err
	}
	return filepath.Join(root, "cache", "download", filepath.FromSlash(path), "@v", version+"."+suffix), nil
}

// dir is where a version is unpacked.
func (c cache) dir(root string, m gomod.Version) (string, error) {
	path, err := gomod.EscapePath(m.Path)
	if err != nil {
		return "", err
	}
	version, err := gomod.EscapeVersion(m.Version)
	if err != nil {
		return "", err
	}
	return filepath.Join(root, filepath.FromSlash(path)+"@"+version), nil
}

// read finds a file about one version in any of the directories.
func (c cache) read(m gomod.Version, suffix string) ([]byte, error) {
	var first error
	for _, root := range c.dirs {
		name, err := c.file(root, m, suffix)
		if err != nil {
			return nil, err
		}
		data, err := os.ReadFile(name)
		if err == nil && len(data) > 0 {
			return data, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = fs.ErrNotExist
	}
	return nil, first
}

// write puts a file about one version into the cache.
func (c cache) write(m gomod.Version, suffix string, data []byte) error {
	name, err := c.file(c.dirs[0], m, suffix)
	if err != nil {
		return err
	}
	return writeAtomic(name, data)
}

// versions are those that the cache has whole.
func (c cache) versions(path string) []string {
	escaped, err := gomod.EscapePath(path)
	if err != nil {
		return nil
	}
	var versions []string
	for _, root := range c.dirs {
		names, _ := filepath.Glob(filepath.Join(root, "cache", "download", filepath.FromSlash(escaped), "@v", "*.ziphash"))
		for _, name := range names {
			base := filepath.Base(name)
			if version, err := gomod.UnescapeVersion(base[:len(base)-len(".ziphash")]); err == nil {
				versions = append(versions, version)
			}
		}
	}
	return versions
}

// writeAtomic makes readers see the file whole or not at all.
func writeAtomic(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+"*.tmp")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}

// edit replaces the content of a file while no other process that locks it can, if it still is old.
func edit(ctx context.Context, name string, old, data []byte) (replaced bool, err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return false, err
	}
	file, unlock, err := lockFile(ctx, name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return false, err
	}
	defer unlock()
	var now bytes.Buffer
	if _, err := now.ReadFrom(file); err != nil {
		return false, err
	}
	if now.Len() > 0 && !bytes.Equal(now.Bytes(), old) {
		return false, nil
	}
	if err := file.Truncate(0); err != nil {
		return false, err
	}
	_, err = file.WriteAt(data, 0)
	return err == nil, err
}

// readLocked reads a file that another process writes in place while it holds the lock.
func readLocked(ctx context.Context, name string) ([]byte, error) {
	file, unlock, err := lockFile(ctx, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var data bytes.Buffer
	if _, err := data.ReadFrom(file); err != nil {
		return nil, err
	}
	if data.Len() == 0 {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist} // created, not written yet
	}
	return data.Bytes(), nil
}
