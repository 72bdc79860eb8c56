package interp

import (
	"embed"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
)

//go:embed testdata/repl testdata/basics.txt cell packages/table
var compiledFS embed.FS

// TestEmbedFS compares with what the compiler makes of the same files.
func TestEmbedFS(t *testing.T) {
	want := contents(t, compiledFS)
	var names []string
	for name, text := range want {
		if text != "directory" {
			names = append(names, name)
		}
	}
	fsys := embedded(".", "files", names...).(embed.FS)
	if got := contents(t, fsys); !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if err := fstest.TestFS(fsys, names...); err != nil {
		t.Error(err)
	}
}

func contents(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			found[name] = "directory"
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
