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
	"strings"

	"github.com/rivulet-go/rivulet/kernel"
)

// DefaultName is the directory's and so the kernel's name where the user gives none.
const DefaultName = "rivulet"

// DisplayName is what a front end shows of the kernel name in its launcher. Kernels side by side differ in it.
func DisplayName(name string) string {
	if name == DefaultName {
		return "Go (Rivulet)"
	}
	return "Go (" + name + ")"
}

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

// New describes the default kernel, which runs executable, an absolute path.
func New(executable string) Spec {
	return Spec{
		Argv:          []string{executable, "kernel", "--connection-file", "{connection_file}"},
		DisplayName:   DisplayName(DefaultName),
		Language:      "go",
		InterruptMode: "message",
		Protocol:      kernel.ProtocolVersion,
		Metadata:      map[string]any{"debugger": false, "rivulet": true},
	}
}

// resourceDir stands in argv for the kernelspec's own directory; Jupyter replaces it.
const resourceDir = "{resource_dir}"

// Portable describes a kernel whose binary is bin/rivulet of the environment that holds the spec, wherever that is: the
// spec lies in share/jupyter/kernels/NAME of it. Nothing needs to be on PATH.
func Portable() Spec { return New(resourceDir + "/../../../../bin/rivulet") }

// Executable is the binary that the spec in dir starts; empty where argv is.
func (s Spec) Executable(dir string) string {
	if len(s.Argv) == 0 {
		return ""
	}
	return strings.ReplaceAll(s.Argv[0], resourceDir, dir)
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

// File is one of a kernelspec's directory.
type File struct {
	Name string
	Data []byte
}

// Files are those of the kernelspec's directory: kernel.json and the logos.
func (s Spec) Files() ([]File, error) {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, err
	}
	files := []File{{"kernel.json", append(text, '\n')}}
	err = fs.WalkDir(logos, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		image, err := logos.ReadFile(path)
		files = append(files, File{path, image})
		return err
	})
	return files, err
}

// write fills the existing directory dir.
func (s Spec) write(dir string) error {
	files, err := s.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
