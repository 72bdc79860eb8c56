package kernelspec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// widgetManager is what draws widgets in JupyterLab and Notebook 7, below a data directory of Jupyter.
const widgetManager = "labextensions/@jupyter-widgets/jupyterlab-manager/package.json"

// savedWidgets is a default of JupyterLab, which a user's own setting overrides: notebooks are saved with the state of their widgets.
// Without it a notebook that is opened again shows an error in the place of each.
var savedWidgets = []byte(`{"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": true}}` + "\n")

// SavedWidgets is the file that has JupyterLab save the state of widgets with notebooks, relative to the root of an environment.
func SavedWidgets() File { return File{"etc/jupyter/" + settingsFile(DefaultName), savedWidgets} }

func settingsFile(name string) string {
	return "labconfig/default_setting_overrides.d/rivulet-" + name + ".json"
}

// SaveWidgets has JupyterLab save the state of widgets with notebooks, of all kernels, as Install does for one at t. It gives the file.
func SaveWidgets(ctx context.Context, t Target, name string) (string, error) {
	path, err := t.settings(ctx, name)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("install: %w", err)
	}
	if err := os.WriteFile(path, savedWidgets, 0o644); err != nil {
		return "", fmt.Errorf("install: %w", err)
	}
	return path, nil
}

// ForgetWidgets takes back what SaveWidgets did.
func ForgetWidgets(ctx context.Context, t Target, name string) error {
	path, err := t.settings(ctx, name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("uninstall: %w", err)
	}
	return nil
}

// settings is the file of SaveWidgets: in the environment's configuration, or the user's.
func (t Target) settings(ctx context.Context, name string) (string, error) {
	if t.Prefix != "" || t.SysPrefix {
		kernels, err := t.Dir(ctx)
		root := filepath.Dir(filepath.Dir(filepath.Dir(kernels)))
		return filepath.Join(root, "etc", "jupyter", filepath.FromSlash(settingsFile(name))), err
	}
	config := os.Getenv("JUPYTER_CONFIG_DIR")
	if config == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		config = filepath.Join(home, ".jupyter")
	}
	return filepath.Join(config, filepath.FromSlash(settingsFile(name))), nil
}

// advice is a finding that is no fault.
type advice struct{ text string }

func (a advice) Error() string { return a.text }

// checkWidgets looks for what draws widgets where Jupyter looks.
func checkWidgets(ctx context.Context) Finding {
	dirs, how := dataDirs(ctx)
	for _, dir := range dirs {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(widgetManager)))
		var found struct {
			Version string `json:"version"`
		}
		if err == nil && json.Unmarshal(text, &found) == nil {
			return Finding{What: "widgets", Value: "jupyterlab_widgets " + found.Version + " in " + dir}
		}
	}
	return Finding{
		What: "widgets", Err: advice{"jupyterlab_widgets is not where Jupyter looks" + how + "; front ends show widgets as text"},
		Fix: "run: pip install jupyterlab_widgets, in the environment of JupyterLab",
	}
}

// dataDirs are Jupyter's data directories, as jupyter says, or else as far as they can be guessed.
func dataDirs(ctx context.Context) (dirs []string, how string) {
	if jupyter, err := exec.LookPath("jupyter"); err == nil {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		var paths struct {
			Data []string `json:"data"`
		}
		out, err := exec.CommandContext(ctx, jupyter, "--paths", "--json").Output()
		if err == nil && json.Unmarshal(out, &paths) == nil {
			return paths.Data, ""
		}
	}
	for _, kernels := range searchDirs(ctx) {
		dirs = append(dirs, filepath.Dir(kernels))
	}
	return dirs, ", as far as can be told without jupyter on PATH"
}
