package kernelspec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Target is where a kernelspec goes. The zero Target is the user's own data directory.
type Target struct {
	SysPrefix bool   // the active Python environment
	Prefix    string // an environment's root; wins over SysPrefix
}

// Dir is the directory that holds kernelspecs, one folder each.
func (t Target) Dir(ctx context.Context) (string, error) {
	switch {
	case t.Prefix != "":
		root, err := filepath.Abs(t.Prefix)
		if err != nil {
			return "", err
		}
		return prefixDir(root), nil
	case t.SysPrefix:
		root, err := sysPrefix(ctx)
		if err != nil {
			return "", err
		}
		return prefixDir(root), nil
	}
	data, err := userDataDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(data, "kernels"), nil
}

func prefixDir(root string) string { return filepath.Join(root, "share", "jupyter", "kernels") }

// sysPrefix is the active virtual or conda environment, else that of the first Python on PATH.
func sysPrefix(ctx context.Context) (string, error) {
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if root := os.Getenv(variable); root != "" {
			return root, nil
		}
	}
	for _, python := range []string{"python3", "python"} {
		out, err := exec.CommandContext(ctx, python, "-c", "import sys; print(sys.prefix)").Output()
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
	}
	return "", errors.New("--sys-prefix: no active environment and no python3 on PATH (give --prefix DIR)")
}

// userDataDir follows jupyter_core.paths.jupyter_data_dir.
func userDataDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Jupyter"), nil
	case "windows":
		if dir := os.Getenv("APPDATA"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// searchDirs are the kernel directories that Jupyter looks into, first match first, without asking Jupyter.
func searchDirs(ctx context.Context) []string {
	var dirs []string
	for _, data := range filepath.SplitList(os.Getenv("JUPYTER_PATH")) {
		dirs = append(dirs, filepath.Join(data, "kernels"))
	}
	if data, err := userDataDir(); err == nil {
		dirs = append(dirs, filepath.Join(data, "kernels"))
	}
	if root, err := sysPrefix(ctx); err == nil {
		dirs = append(dirs, prefixDir(root))
	}
	return append(dirs, prefixDir("/usr/local"), prefixDir("/usr"))
}

// specDir is the directory of the kernelspec name, there or not.
func (t Target) specDir(ctx context.Context, name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	parent, err := t.Dir(ctx)
	return filepath.Join(parent, name), err
}

// Install writes spec as the kernelspec name and returns its directory. A spec of ours is replaced; another kernel's is
// ErrForeign.
func Install(ctx context.Context, t Target, name string, spec Spec) (string, error) {
	dir, err := t.specDir(ctx, name)
	if err != nil {
		return "", err
	}
	if err := checkOwner(dir); err != nil && !errors.Is(err, ErrMissing) {
		return "", err
	}
	parent := filepath.Dir(dir)
	if err := replace(parent, dir, spec); err != nil {
		return "", fmt.Errorf("install: %w (is %s writable? --user and --prefix DIR choose another place)", err, parent)
	}
	return dir, nil
}

func replace(parent, dir string, spec Spec) error {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(parent, ".rivulet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	if err := spec.write(fresh); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(fresh, dir)
}

// Uninstall removes the kernelspec name and returns the directory that it was in.
func Uninstall(ctx context.Context, t Target, name string) (string, error) {
	dir, err := t.specDir(ctx, name)
	if err != nil {
		return "", err
	}
	if err := checkOwner(dir); err != nil {
		return "", err
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("uninstall: %w", err)
	}
	return dir, nil
}

// checkOwner is nil where dir holds a kernelspec that Install wrote. A directory without a kernel.json is foreign too:
// nothing in it is known to be ours to delete.
func checkOwner(dir string) error {
	if _, err := os.Lstat(dir); err != nil {
		return fmt.Errorf("%s: %w", dir, ErrMissing)
	}
	spec, err := Load(dir)
	if err != nil {
		return fmt.Errorf("%s: %w (%w)", dir, ErrForeign, err)
	}
	if !spec.owned() {
		return fmt.Errorf("%s: %w (%q): choose another --name", dir, ErrForeign, spec.DisplayName)
	}
	return nil
}
