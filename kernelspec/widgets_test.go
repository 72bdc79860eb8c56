package kernelspec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSaveWidgets(t *testing.T) {
	prefix, config := t.TempDir(), t.TempDir()
	t.Setenv("JUPYTER_CONFIG_DIR", config)
	for _, tt := range []struct {
		target Target
		want   string
	}{
		{Target{Prefix: prefix}, filepath.Join(prefix, "etc", "jupyter", "labconfig", "default_setting_overrides.d", "rivulet-go.json")},
		{Target{}, filepath.Join(config, "labconfig", "default_setting_overrides.d", "rivulet-go.json")},
	} {
		path, err := SaveWidgets(t.Context(), tt.target, "go")
		if err != nil || path != tt.want {
			t.Errorf("%+v: %s, %v", tt.target, path, err)
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), `"saveState": true`) {
			t.Errorf("%s: %s, %v", path, text, err)
		}
		for range 2 {
			if err := ForgetWidgets(t.Context(), tt.target, "go"); err != nil {
				t.Error(err)
			}
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s stays: %v", path, err)
		}
	}
}

func TestCheckWidgets(t *testing.T) {
	data := t.TempDir()
	t.Setenv("PATH", "")
	t.Setenv("VIRTUAL_ENV", t.TempDir())
	t.Setenv("JUPYTER_PATH", data)
	t.Setenv("JUPYTER_DATA_DIR", t.TempDir())
	f := checkWidgets(t.Context())
	if f.Err == nil || !strings.Contains(f.Fix, "pip install jupyterlab_widgets") {
		t.Errorf("without: %+v", f)
	}
	var b strings.Builder
	if wrong := report(&b, []Finding{f}); wrong || !strings.HasPrefix(b.String(), "note   widgets") {
		t.Errorf("reported as\n%s", b.String())
	}
	manager := filepath.Join(data, filepath.FromSlash(widgetManager))
	if err := os.MkdirAll(filepath.Dir(manager), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manager, []byte(`{"version": "5.0.1"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := checkWidgets(t.Context()); f.Err != nil || !strings.Contains(f.Value, "5.0.1") {
		t.Errorf("with: %+v", f)
	}
}
