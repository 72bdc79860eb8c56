package kernelspec

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestInstallWritesWhatJupyterReads(t *testing.T) {
	prefix := filepath.Join(t.TempDir(), "with space")
	dir, err := Install(t.Context(), Target{Prefix: prefix}, "go-test", New("/opt/my tools/rivulet"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(prefix, "share", "jupyter", "kernels", "go-test"); dir != want {
		t.Errorf("directory %q, want %q", dir, want)
	}
	spec, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(spec.Argv, "|"); got != "/opt/my tools/rivulet|kernel|--connection-file|{connection_file}" {
		t.Errorf("argv %s", got)
	}
	if spec.InterruptMode != "message" || spec.Protocol != "5.5" || spec.Language != "go" || spec.Metadata["debugger"] != false {
		t.Errorf("spec %+v", spec)
	}
	for _, logo := range []string{"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"} {
		if info, err := os.Stat(filepath.Join(dir, logo)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", logo, err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside the kernelspec: %v %v", entries, err)
	}
}

func TestInstallReplacesItsOwn(t *testing.T) {
	target := Target{Prefix: t.TempDir()}
	for _, executable := range []string{"/old/rivulet", "/new/rivulet"} {
		if _, err := Install(t.Context(), target, DefaultName, New(executable)); err != nil {
			t.Fatal(err)
		}
	}
	parent, _ := target.Dir(t.Context())
	if spec, err := Load(filepath.Join(parent, DefaultName)); err != nil || spec.Executable(parent) != "/new/rivulet" {
		t.Errorf("%v %v", spec, err)
	}
}

func TestAnotherKernelIsLeftAlone(t *testing.T) {
	target := Target{Prefix: t.TempDir()}
	parent, _ := target.Dir(t.Context())
	foreign := filepath.Join(parent, "python3")
	if err := os.MkdirAll(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	text := []byte(`{"argv":["python","-f","{connection_file}"],"display_name":"Python 3","language":"python"}`)
	if err := os.WriteFile(filepath.Join(foreign, "kernel.json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(t.Context(), target, "python3", New("/bin/rivulet")); !errors.Is(err, ErrForeign) {
		t.Errorf("install over another kernel: %v", err)
	}
	if _, err := Uninstall(t.Context(), target, "python3"); !errors.Is(err, ErrForeign) {
		t.Errorf("uninstall of another kernel: %v", err)
	}
	if got, err := os.ReadFile(filepath.Join(foreign, "kernel.json")); err != nil || !bytes.Equal(got, text) {
		t.Errorf("the other kernel's file changed: %s %v", got, err)
	}
}

func TestUninstall(t *testing.T) {
	target := Target{Prefix: t.TempDir()}
	if _, err := Uninstall(t.Context(), target, DefaultName); !errors.Is(err, ErrMissing) {
		t.Errorf("nothing there: %v", err)
	}
	dir, err := Install(t.Context(), target, DefaultName, New("/bin/rivulet"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Uninstall(t.Context(), target, DefaultName); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

func TestNames(t *testing.T) {
	for name, good := range map[string]bool{
		"rivulet": true, "go-1.26": true, "Go_2": true,
		"": false, ".": false, "..": false, "a/b": false, "a b": false, "ström": false, "../up": false,
	} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestUnwritableTargetNamesThePlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o444); err != nil {
		t.Fatal(err)
	}
	_, err := Install(t.Context(), Target{Prefix: file}, DefaultName, New("/bin/rivulet"))
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "--prefix") {
		t.Errorf("error %v does not name the place and the way out", err)
	}
}

func TestSysPrefixIsTheActiveEnvironment(t *testing.T) {
	t.Setenv("VIRTUAL_ENV", "/some/env")
	dir, err := Target{SysPrefix: true}.Dir(t.Context())
	if err != nil || dir != filepath.Join("/some/env", "share", "jupyter", "kernels") {
		t.Errorf("%q %v", dir, err)
	}
}

// doctorEnvironment hides the machine's own Jupyter.
func doctorEnvironment(t *testing.T) Target {
	t.Helper()
	prefix := t.TempDir()
	t.Setenv("PATH", t.TempDir())
	t.Setenv("JUPYTER_PATH", "")
	t.Setenv("JUPYTER_DATA_DIR", t.TempDir())
	t.Setenv("VIRTUAL_ENV", prefix)
	return Target{Prefix: prefix}
}

// fakeBinary stands for an installed rivulet that says it is version.
func fakeBinary(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rivulet")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho "+version+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDoctor(t *testing.T) {
	cases := []struct {
		name      string
		installed string // version of the installed binary; "" is none, "gone" a binary that was deleted
		facts     Facts
		want      []string
		healthy   bool
	}{
		{"healthy", "v1", Facts{Version: "v1"}, []string{"ok     kernelspec", "ok     binary", "ok     memory", "ok     spill"}, true},
		{"not installed", "", Facts{Version: "v1"}, []string{"WRONG  kernelspec", "rivulet install"}, false},
		{"binary gone", "gone", Facts{Version: "v1"}, []string{"WRONG  binary", "rivulet install again"}, false},
		{"other version", "v0", Facts{Version: "v1"}, []string{"is v0, this is v1"}, false},
		{"bad budget", "v1", Facts{Version: "v1", BudgetError: errors.New("RIVULET_MEMORY: bad size")}, []string{"WRONG  memory", "512MiB"}, false},
		{"no spill directory", "v1", Facts{Version: "v1", SpillDir: filepath.Join(t.TempDir(), "none")}, []string{"WRONG  spill", "RIVULET_SPILL_DIR"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			target := doctorEnvironment(t)
			if c.installed != "" {
				binary := fakeBinary(t, c.installed)
				if _, err := Install(t.Context(), target, DefaultName, New(binary)); err != nil {
					t.Fatal(err)
				}
				if c.installed == "gone" {
					if err := os.Remove(binary); err != nil {
						t.Fatal(err)
					}
				}
			}
			facts := c.facts
			facts.Name = DefaultName
			if facts.SpillDir == "" {
				facts.SpillDir = t.TempDir()
			}
			var report strings.Builder
			if err := Check(t.Context(), &report, facts); (err == nil) != c.healthy {
				t.Errorf("healthy %v, want %v\n%s", err == nil, c.healthy, &report)
			}
			for _, want := range c.want {
				if !strings.Contains(report.String(), want) {
					t.Errorf("report lacks %q:\n%s", want, &report)
				}
			}
		})
	}
}

func TestPortableIsFoundFromItsEnvironment(t *testing.T) {
	target := doctorEnvironment(t)
	dir, err := Install(t.Context(), target, DefaultName, Portable())
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(target.Prefix, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fakeBinary(t, "v1"), filepath.Join(bin, "rivulet")); err != nil {
		t.Fatal(err)
	}
	var report strings.Builder
	if err := Check(t.Context(), &report, Facts{Name: DefaultName, Version: "v1", SpillDir: t.TempDir()}); err != nil {
		t.Errorf("%v\n%s", err, &report)
	}
	spec, err := Load(dir)
	if err != nil || filepath.Clean(spec.Executable(dir)) != filepath.Join(bin, "rivulet") {
		t.Errorf("%q %v", spec.Executable(dir), err)
	}
}

func TestList(t *testing.T) {
	target := doctorEnvironment(t)
	if found := List(t.Context()); len(found) != 0 {
		t.Errorf("nothing is installed: %v", found)
	}
	second := New("/opt/rivulet")
	second.DisplayName = DisplayName("go-test")
	for name, spec := range map[string]Spec{DefaultName: Portable(), "go-test": second} {
		if _, err := Install(t.Context(), target, name, spec); err != nil {
			t.Fatal(err)
		}
	}
	parent, _ := target.Dir(t.Context())
	foreign := filepath.Join(parent, "python3")
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "kernel.json"), []byte(`{"argv":["python"]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	want := []Installed{
		{"go-test", "Go (go-test)", filepath.Join(parent, "go-test"), "/opt/rivulet"},
		{DefaultName, "Go (Rivulet)", filepath.Join(parent, DefaultName), filepath.Join(target.Prefix, "bin", "rivulet")},
	}
	if got := List(t.Context()); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFindAsksJupyter(t *testing.T) {
	doctorEnvironment(t)
	bin := t.TempDir()
	script := "#!/bin/sh\necho '{\"kernelspecs\": {\"rivulet\": {\"resource_dir\": \"/from/jupyter\", \"spec\": {}}}}'\n"
	if err := os.WriteFile(filepath.Join(bin, "jupyter"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	if dir, _, err := Find(t.Context(), "rivulet"); err != nil || dir != "/from/jupyter" {
		t.Errorf("%q %v", dir, err)
	}
	if _, _, err := Find(t.Context(), "other"); !errors.Is(err, ErrMissing) {
		t.Errorf("a kernel that jupyter does not list: %v", err)
	}
}
