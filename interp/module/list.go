package module

import (
	"context"
	"fmt"
	"maps"
	"slices"

	gomod "golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/sync/errgroup"
)

// buildList is the version of each module that minimal version selection chooses.
type buildList struct {
	selected map[string]string
	required map[gomod.Version][]gomod.Version // who requires a version, for errors
}

// visit is a go.mod to read. unpruned: what it requires is to be read too, whatever it says itself.
type visit struct {
	mod      gomod.Version
	unpruned bool
}

// build selects versions for a module that requires roots. A root that something else requires in a higher version is
// raised to that, until nothing changes.
func (t *task) build(ctx context.Context, roots map[string]string) (*buildList, error) {
	roots = maps.Clone(roots)
	for {
		list, err := t.graph(ctx, roots)
		if err != nil {
			return nil, err
		}
		raised := false
		for path, version := range roots {
			if list.selected[path] != version {
				roots[path] = list.selected[path]
				raised = true
			}
		}
		if !raised {
			return list, nil
		}
	}
}

// graph reads the go.mod files that count, wave by wave, and keeps the highest version of each module that any requires.
func (t *task) graph(ctx context.Context, roots map[string]string) (*buildList, error) {
	list := &buildList{selected: maps.Clone(roots), required: map[gomod.Version][]gomod.Version{}}
	var wave []visit
	for path, version := range roots {
		wave = append(wave, visit{mod: gomod.Version{Path: path, Version: version}})
	}
	seen := map[visit]bool{}
	for len(wave) > 0 {
		files, err := t.readWave(ctx, wave)
		if err != nil {
			return nil, err
		}
		var next []visit
		for i, file := range files {
			for _, m := range file.require {
				list.required[m] = append(list.required[m], wave[i].mod)
				if now, ok := list.selected[m.Path]; !ok || semver.Compare(now, m.Version) < 0 {
					list.selected[m.Path] = m.Version
				}
				v := visit{mod: m, unpruned: true}
				if (wave[i].unpruned || !file.pruned()) && !seen[v] {
					seen[v] = true
					next = append(next, v)
				}
			}
		}
		wave = next
	}
	return list, nil
}

func (t *task) readWave(ctx context.Context, wave []visit) ([]*goMod, error) {
	slices.SortFunc(wave, func(a, b visit) int { return compareModules(a.mod, b.mod) })
	files := make([]*goMod, len(wave))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	for i, v := range wave {
		group.Go(func() error {
			var err error
			files[i], err = t.goMod(ctx, v.mod)
			return err
		})
	}
	return files, group.Wait()
}

func compareModules(a, b gomod.Version) int {
	if a.Path != b.Path {
		if a.Path < b.Path {
			return -1
		}
		return 1
	}
	return semver.Compare(a.Version, b.Version)
}

// conflict explains why a version that was asked for is not the one selected.
func (l *buildList) conflict(path, asked string) error {
	selected := l.selected[path]
	e := &Error{Path: path, Version: asked, Err: fmt.Errorf("%w: %s is needed", ErrConflict, selected)}
	for _, by := range l.required[gomod.Version{Path: path, Version: selected}] {
		e.Err = fmt.Errorf("%w: %s@%s requires %s", ErrConflict, by.Path, by.Version, selected)
		break
	}
	e.Hint = fmt.Sprintf("get %s@%s, or an older version of what requires it", path, selected)
	return e
}
