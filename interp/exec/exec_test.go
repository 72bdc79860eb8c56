package exec

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/kernel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// puppet is an interpreter whose cells are lists of commands, one a line.
type puppet struct{ kernel.Interpreter }

func bundle(text string) kernel.Bundle {
	return kernel.Bundle{Data: map[string]any{"text/plain": text}}
}

func (puppet) Execute(ctx context.Context, code string, c kernel.Cell) error {
	for line := range strings.Lines(code) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var err error
		switch word {
		case "out":
			err = c.Stream("stdout", rest+"\n")
		case "err":
			err = c.Stream("stderr", rest+"\n")
		case "result":
			err = c.Result("", bundle(rest))
		case "show":
			err = c.Show("id", bundle(rest))
		case "update":
			err = c.Update("id", bundle(rest))
		case "clear":
			err = c.Clear(false)
		case "ask":
			var s string
			if s, err = c.Input(ctx, "? ", false); err == nil {
				err = c.Stream("stdout", "got "+s+"\n")
			}
		case "fail":
			return &kernel.CellError{Name: "e", Value: rest, Traceback: []string{"trace: " + rest}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func write(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	tests := []struct {
		name, file, text, out, errOut string
		fails                         bool
	}{
		{"cells", "a.go", "// %% first\nout 1\n// %% [markdown]\n// out 2\n// %%\nout 3\n", "1\n3\n", "", false},
		{"streams", "a.go", "out 1\nerr 2\nresult 3", "1\n3\n", "2\n", false},
		{"only the final state", "a.go", "out a\nshow 1\nout b\nupdate 2\nupdate 3\nout c", "a\n3\nb\nc\n", "", false},
		{"clear", "a.go", "show 1\nclear\nout c", "c\n", "", false},
		{"stops at the first failure", "a.go", "out 1\nfail why\n// %%\nout 2", "1\n", "trace: why\n", true},
		{"input", "a.go", "ask", "? got line\n", "", false},
		{"notebook", "a.ipynb", `{"nbformat":4,"cells":[{"cell_type":"code","source":["out 1\n","out 2"]},{"cell_type":"markdown","source":"out 3"},{"cell_type":"code","source":"out 4"}]}`, "1\n2\n4\n", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			err := Run(t.Context(), puppet{}, write(t, tt.file, tt.text), &out, &errOut, Options{Input: strings.NewReader("line\n")})
			if errors.Is(err, ErrFailed) != tt.fails || (err != nil && !tt.fails) {
				t.Errorf("error %v", err)
			}
			if out.String() != tt.out || errOut.String() != tt.errOut {
				t.Errorf("got %q and %q, want %q and %q", out.String(), errOut.String(), tt.out, tt.errOut)
			}
		})
	}
}

func TestBadFiles(t *testing.T) {
	for name, text := range map[string]string{"broken.ipynb": "{", "old.ipynb": `{"nbformat":3}`} {
		path := write(t, name, text)
		if err := Run(t.Context(), puppet{}, path, &bytes.Buffer{}, &bytes.Buffer{}, Options{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Run(t.Context(), puppet{}, "/no/such/file.go", &bytes.Buffer{}, &bytes.Buffer{}, Options{}); err == nil {
		t.Error("a missing file is no error")
	}
}

func TestEvents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events")
	var out bytes.Buffer
	if err := Run(t.Context(), puppet{}, write(t, "a.go", "out x\nshow 1\nupdate 2"), &out, &out, Options{Events: path}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	last := -1.0
	for line := range strings.Lines(string(data)) {
		var e struct {
			T    float64
			Type string
			Cell int
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.T < last || e.Cell != 1 {
			t.Errorf("%s after %v", line, last)
		}
		last = e.T
		kinds = append(kinds, e.Type)
	}
	if got := strings.Join(kinds, " "); got != "start stream display_data update_display_data done" {
		t.Errorf("got %q", got)
	}
}
