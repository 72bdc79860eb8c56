package module

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// What the Go release that builds the program ships as its settings, set by the linker (see the Makefile), so that a user
// without a Go toolchain has the same as one with it.
var (
	builtProxy  string // GOPROXY of its go.env
	builtSumDB  string // GOSUMDB of its go.env
	builtSumKey string // the verifier key of that database
)

// release is what a Go release ships.
type release struct {
	env    map[string]string // its go.env
	sumKey string            // the verifier key of its checksum database, "name+hash+key"
}

func builtRelease() release {
	return release{env: map[string]string{"GOPROXY": builtProxy, "GOSUMDB": builtSumDB}, sumKey: builtSumKey}
}

var sumKeyLine = regexp.MustCompile(`"([^"+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+)"`)

// installedRelease reads the release at root, or the one whose go command is on PATH; without one it is empty. The
// command isn't run.
func installedRelease(root string) release {
	if root == "" {
		command, err := exec.LookPath("go")
		if err != nil {
			return release{}
		}
		if command, err = filepath.EvalSymlinks(command); err != nil {
			return release{}
		}
		root = filepath.Dir(filepath.Dir(command))
	}
	r := release{env: readEnv(filepath.Join(root, "go.env"))}
	source, err := os.ReadFile(filepath.Join(root, "src", "cmd", "go", "internal", "modfetch", "key.go"))
	if err != nil {
		return r
	}
	for line := range strings.Lines(string(source)) {
		if match := sumKeyLine.FindStringSubmatch(line); match != nil {
			r.sumKey = match[1]
		}
	}
	return r
}
