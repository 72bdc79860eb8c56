package module

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	gomod "golang.org/x/mod/module"
)

// embeds resolves the go:embed patterns of a package as the go command does.
func embeds(dir string, built *build.Package) (map[string][]string, string) {
	resolved := map[string][]string{}
	for _, pattern := range built.EmbedPatterns {
		files, err := embedded(dir, pattern)
		if err == nil && len(files) == 0 {
			err = errors.New("no matching files found")
		}
		if err != nil {
			where := ""
			if positions := built.EmbedPatternPos[pattern]; len(positions) > 0 {
				where = fmt.Sprintf("%s:%d: ", filepath.Base(positions[0].Filename), positions[0].Line)
			}
			return nil, fmt.Sprintf("%spattern %s: %v", where, pattern, err)
		}
		resolved[pattern] = files
	}
	return resolved, ""
}

func embedded(dir, pattern string) ([]string, error) {
	glob, all := strings.CutPrefix(pattern, "all:")
	if _, err := path.Match(glob, ""); err != nil || glob != "." && !fs.ValidPath(glob) {
		return nil, errors.New("invalid pattern syntax")
	}
	// The directory as a file system: its own name may have the characters of a pattern.
	root := os.DirFS(dir)
	matches, err := fs.Glob(root, glob)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, match := range matches {
		info, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(match)))
		if err != nil {
			return nil, err
		}
		if err := embeddable(dir, match); err != nil {
			return nil, err
		}
		switch {
		case info.Mode().IsRegular():
			files = append(files, match)
		case info.IsDir():
			inside, err := embeddedDir(root, match, all)
			if err != nil {
				return nil, err
			}
			if len(inside) == 0 {
				return nil, fmt.Errorf("cannot embed directory %s: contains no embeddable files", match)
			}
			files = append(files, inside...)
		default:
			return nil, fmt.Errorf("cannot embed irregular file %s", match)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// embeddable refuses names that no module can have, and what belongs to another module.
func embeddable(dir, match string) error {
	for name := match; name != "."; name = path.Dir(name) {
		if badName(path.Base(name)) {
			return fmt.Errorf("cannot embed %s: invalid name %s", match, path.Base(name))
		}
		if isFile(filepath.Join(dir, filepath.FromSlash(name), "go.mod")) {
			return fmt.Errorf("cannot embed %s: in different module", match)
		}
	}
	return nil
}

func badName(name string) bool {
	if gomod.CheckFilePath(name) != nil {
		return true
	}
	switch name {
	case "", ".bzr", ".hg", ".git", ".svn":
		return true
	}
	return false
}

// embeddedDir is all files below a directory, without hidden ones unless all is set.
func embeddedDir(root fs.FS, dir string, all bool) ([]string, error) {
	var files []string
	err := fs.WalkDir(root, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		hidden := strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
		if name != dir && (badName(base) || hidden && !all) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			if badName(base) && !hidden {
				return fmt.Errorf("cannot embed file %s: invalid name %s", name, base)
			}
			return nil
		}
		if entry.IsDir() {
			if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil && name != dir {
				return fs.SkipDir
			}
			return nil
		}
		if entry.Type().IsRegular() {
			files = append(files, name)
		}
		return nil
	})
	return files, err
}
