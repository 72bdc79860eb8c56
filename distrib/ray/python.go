package ray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// PythonEnv names the Python interpreter that runs the glue.
const PythonEnv = "RIVULET_PYTHON"

// FindPython is the interpreter that has package ray: RIVULET_PYTHON, else the virtual environment that is active, else
// python3 in PATH.
func FindPython() (string, error) {
	if p := os.Getenv(PythonEnv); p != "" {
		path, err := exec.LookPath(p)
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w", PythonEnv, p, err)
		}
		return path, nil
	}
	if venv := os.Getenv("VIRTUAL_ENV"); venv != "" {
		if path, err := exec.LookPath(venv + "/bin/python"); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		return "", fmt.Errorf("no python3 in PATH: set %s to a Python that has package ray", PythonEnv)
	}
	return path, nil
}

// probeTimeout bounds the look at whether an address answers: Ray itself tries for minutes.
const probeTimeout = 4 * time.Second

// probe checks that something listens at HOST:PORT.
func probe(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("no answer in %v", probeTimeout)
		}
		return fmt.Errorf("no Ray cluster at %s: %w", address, err)
	}
	return conn.Close()
}

// advice says what to do about an error of the glue's start.
func advice(python, text string) string {
	switch {
	case strings.Contains(text, "has no package ray"):
		return fmt.Sprintf("; install the cluster's version with %s -m pip install ray==VERSION, or set %s to a Python that has it", python, PythonEnv)
	case strings.Contains(text, "ersion mismatch"):
		return fmt.Sprintf("; set %s to a Python of that version with that version of ray", PythonEnv)
	}
	return ""
}
