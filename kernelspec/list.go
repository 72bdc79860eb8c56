package kernelspec

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Installed is a kernelspec of Rivulet's that Jupyter finds.
type Installed struct {
	Name, DisplayName string
	Dir               string // its directory
	Executable        string // the binary that it starts
}

// List gives the kernelspecs of Rivulet's that Jupyter finds, by name. Where there is no jupyter on PATH, it looks in
// Jupyter's data directories itself; of kernels of one name the first counts, as it does there.
func List(ctx context.Context) []Installed {
	var found []Installed
	for name, dir := range allDirs(ctx) {
		spec, err := Load(dir)
		if err != nil || !spec.owned() {
			continue
		}
		found = append(found, Installed{Name: name, DisplayName: spec.DisplayName, Dir: dir, Executable: filepath.Clean(spec.Executable(dir))})
	}
	slices.SortFunc(found, func(a, b Installed) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// allDirs are the directories of all kernels by name.
func allDirs(ctx context.Context) map[string]string {
	if jupyter, err := exec.LookPath("jupyter"); err == nil {
		if dirs, err := listed(ctx, jupyter); err == nil {
			return dirs
		}
	}
	dirs := map[string]string{}
	for _, parent := range searchDirs(ctx) {
		entries, _ := os.ReadDir(parent) // most are not there
		for _, e := range entries {
			if dirs[e.Name()] == "" {
				dirs[e.Name()] = filepath.Join(parent, e.Name())
			}
		}
	}
	return dirs
}
