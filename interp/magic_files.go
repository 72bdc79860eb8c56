package interp

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/pipe"
)

// changeDir is %cd.
func (l *language) changeDir(r *run, line cell.Magic) error {
	dir, err := expand(line.Args)
	if err == nil && dir == "" {
		dir, err = os.UserHomeDir()
	}
	if err == nil {
		err = os.Chdir(dir)
	}
	if err != nil {
		return fmt.Errorf("%%cd: %w", err)
	}
	now, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("%%cd: %w", err)
	}
	r.print("stdout", []byte(now+"\n"))
	return nil
}

// expand puts the values of $NAME and ~ into a path, and takes quotes around it away.
func expand(path string) (string, error) {
	path = strings.Trim(path, `"'`)
	if path == "~" || strings.HasPrefix(path, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(home, path[1:])
	}
	return os.ExpandEnv(path), nil
}

// env is %env.
func (l *language) env(r *run, line cell.Magic) error {
	at := strings.IndexAny(line.Args, "= \t")
	switch {
	case line.Args == "":
		vars := map[string]string{}
		for _, pair := range os.Environ() {
			name, value, _ := strings.Cut(pair, "=")
			vars[name] = value
		}
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			r.print("stdout", []byte(name+"="+vars[name]+"\n"))
		}
	case at < 0:
		value, ok := os.LookupEnv(line.Args)
		if !ok {
			return fmt.Errorf("%%env: %s is not set", line.Args)
		}
		r.print("stdout", []byte(value+"\n"))
	default:
		name, value := line.Args[:at], strings.TrimSpace(line.Args[at+1:])
		if err := os.Setenv(name, os.ExpandEnv(strings.Trim(value, `"'`))); err != nil {
			return fmt.Errorf("%%env %s: %w", name, err)
		}
	}
	return nil
}

// loadBytes is how much text %load puts into a cell.
const loadBytes = 1 << 20

// load is %load.
func (l *language) load(r *run, line cell.Magic) error {
	path, err := expand(line.Args)
	if err != nil {
		return fmt.Errorf("%%load: %w", err)
	}
	if path == "" {
		return errors.New("%load: which file? %load path")
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%%load: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, loadBytes+1))
	switch {
	case err != nil:
		return fmt.Errorf("%%load: %w", err)
	case len(text) > loadBytes:
		return fmt.Errorf("%%load %s: more than %d bytes are no text for a cell; Read reads data", path, loadBytes)
	case !utf8.Valid(text):
		return fmt.Errorf("%%load %s: it is not UTF-8 text", path)
	}
	return r.send(&pipe.Message{Kind: pipe.Next, Text: "// " + line.Text + "\n" + string(text), Flag: true})
}

// writeFile is %%file.
func (l *language) writeFile(r *run, line cell.Magic) error {
	path, mode, verb := line.Args, os.O_TRUNC, "wrote"
	if rest, ok := strings.CutPrefix(path, "-a "); ok {
		path, mode, verb = strings.TrimSpace(rest), os.O_APPEND, "appended"
	}
	path, err := expand(path)
	if err != nil {
		return fmt.Errorf("%%%%file: %w", err)
	}
	if path == "" {
		return errors.New("%%file: which file? %%file path")
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|mode, 0o644)
	if err != nil {
		return fmt.Errorf("%%%%file: %w", err)
	}
	_, err = f.WriteString(line.Body)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%%%%file: %w", err)
	}
	r.print("stdout", fmt.Appendf(nil, "%s %d bytes to %s\n", verb, len(line.Body), path))
	return nil
}
