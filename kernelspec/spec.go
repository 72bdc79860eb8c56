package kernelspec

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// DefaultName is the directory's and so the kernel's name where the user gives none.
const DefaultName = "rivulet"

// Protocol is the version of the Jupyter messaging protocol that the kernel speaks.
const Protocol = "5.5"

// DisplayName is what a front end shows in its launcher.
const DisplayName = "Go (Rivulet)"

//go:embed logo-32x32.png logo-64x64.png logo-svg.svg
var logos embed.FS

// Spec is the content of kernel.json.
type Spec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Protocol      string            `json:"kernel_protocol_version"`
	Env           map[string]string `json:"env,omitempty"`
	Metadata      map[string]any    `json:"metadata"`
}

// New describes a kernel that runs executable, an absolute path.
func New(executable string) Spec {
	return Spec{
		Argv:          []string{executable, "kernel", "--connection-file", "{connection_file}"},
		DisplayName:   DisplayName,
		Language:      "go",
		InterruptMode: "message",
		Protocol:      Protocol,
		Metadata:      map[string]any{"debugger": false, "rivulet": true},
	}
}

// Executable is the binary that the spec starts; empty where argv is.
func (s Spec) Executable() string {
	if len(s.Argv) == 0 {
		return ""
	}
	return s.Argv[0]
}

// owned says whether the spec was written by Install.
func (s Spec) owned() bool {
	mark, _ := s.Metadata["rivulet"].(bool)
	return mark && slices.Contains(s.Argv, "--connection-file")
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// CheckName says whether Jupyter accepts name as a kernel's name.
func CheckName(name string) error {
	if !namePattern.MatchString(name) || name == "." || name == ".." {
		return fmt.Errorf("%w: %q (use ASCII letters, digits, '-', '_' and '.')", ErrName, name)
	}
	return nil
}

// Load reads the kernelspec in dir.
func Load(dir string) (Spec, error) {
	var s Spec
	path := filepath.Join(dir, "kernel.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// write fills the existing directory dir.
func (s Spec) write(dir string) error {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return fs.WalkDir(logos, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		image, err := logos.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, path), image, 0o644)
	})
}
