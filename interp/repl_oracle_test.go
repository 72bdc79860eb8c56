package interp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/importer"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReplOracle compiles the scripts of testdata/repl that have a compiled equivalent into one program, and compares
// what that prints with what the scripts say.
func TestReplOracle(t *testing.T) {
	dir := t.TempDir()
	std, exports := standardPackages(t)
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	files := map[string][]replScript{}
	var imports, table strings.Builder
	compiled := 0
	for _, file := range replFiles(t) {
		files[file] = readReplFile(t, file)
		for i := range files[file] {
			s := &files[file][i]
			if s.cellsOnly {
				continue
			}
			p := &replProgram{name: fmt.Sprintf("script%04d", compiled), importer: imp, std: std}
			compiled++
			source, err := p.source(s)
			if err != nil {
				t.Errorf("%s: %v", s.name, err)
				continue
			}
			write(t, filepath.Join(dir, p.name, p.name+".go"), source)
			fmt.Fprintf(&imports, "import %q\n", "oracle/"+p.name)
			fmt.Fprintf(&table, "%q: %s.Cells,\n", s.name, p.name)
		}
	}
	runtime, err := os.ReadFile("testdata/repl/oracle/oracle.go")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "oracle", "oracle.go"), string(runtime))
	write(t, filepath.Join(dir, "go.mod"), "module oracle\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), "package main\nimport \"oracle/oracle\"\n"+imports.String()+
		"func main() { oracle.Main(map[string][]oracle.Cell{\n"+table.String()+"}) }\n")
	binary := buildOracle(t, dir)
	t.Logf("%d scripts are compiled", compiled)
	for _, file := range replFiles(t) {
		for i := range files[file] {
			if s := &files[file][i]; !s.cellsOnly {
				t.Run(s.name, func(t *testing.T) { compareOracle(t, binary, s) })
			}
		}
		if *rewrite {
			writeReplFile(t, file, files[file])
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func goCommand(t testing.TB, dir string, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), "go", args...)
	c.Dir, c.Stderr = dir, &stderr
	c.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", args[0], err, stderr.Bytes())
	}
	return out
}

// standardPackages gives the paths of the standard library by name, and the files of its export data by path.
func standardPackages(t *testing.T) (std, exports map[string]string) {
	std, exports = map[string]string{}, map[string]string{}
	list := goCommand(t, ".", "list", "-export", "-f", "{{.ImportPath}} {{.Name}} {{.Export}}", "std")
	for line := range strings.Lines(string(list)) {
		path, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, export, _ := strings.Cut(rest, " ")
		exports[path] = export
		if strings.Contains(path, "internal") || strings.Contains(path, "vendor") {
			continue
		}
		if _, several := std[name]; several {
			path = ""
		}
		std[name] = path
	}
	return std, exports
}

func buildOracle(t *testing.T, dir string) string {
	binary := filepath.Join(dir, "oracle.exe")
	goCommand(t, dir, "build", "-trimpath", "-gcflags=-l", "-ldflags=-s -w", "-o", binary, ".")
	return binary
}

// scriptPackage is the name that a script's package has where a cell's is main.
var scriptPackage = regexp.MustCompile(`\b(oracle/)?script\d{4}\.`)

// oracleShown is a line of the oracle's output.
type oracleShown struct {
	Cell                 int
	Stdout, Stderr       string
	Results, Error       string
	HasResult, HasFailed bool
}

func compareOracle(t *testing.T, binary string, s *replScript) {
	out, err := exec.CommandContext(t.Context(), "timeout", "20", binary, s.name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var shown oracleShown
		if err := d.Decode(&shown); err != nil {
			t.Fatal(err)
		}
		c := &s.cells[shown.Cell-1]
		want := shown.golden()
		if *rewrite {
			if !sameEvents(c.want, want) {
				c.want = want
			}
			continue
		}
		if !sameEvents(c.want, want) {
			t.Errorf("cell %d:\n%s\ncompiled Go shows:\n%sthe script says:\n%s", shown.Cell, c.code, want, c.want)
		}
	}
}

// golden is the form of the scripts for what a cell shows.
func (o oracleShown) golden() string {
	c := &testCell{}
	for _, e := range []event{{kind: "stdout", text: o.Stdout}, {kind: "stderr", text: o.Stderr}} {
		if e.text != "" {
			_ = c.add(e)
		}
	}
	if o.HasResult {
		_ = c.add(event{kind: "result", text: o.Results})
	}
	text := scriptPackage.ReplaceAllString(c.golden(nil), "main.")
	if o.HasFailed {
		text += "error: " + firstLine(scriptPackage.ReplaceAllString(o.Error, "main.")) + "\n"
	}
	return text
}

// sameEvents compares what a script says with what the oracle shows, which does not know how its streams were mixed and
// has no traceback.
func sameEvents(script, oracle string) bool { return sortEvents(script) == sortEvents(oracle) }

func sortEvents(text string) string {
	kinds := map[string]string{}
	kind := ""
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "    ") && kind != "error":
			kinds[kind] += line[4:]
		case strings.HasPrefix(line, " "):
		default:
			kind, line, _ = strings.Cut(line, ": ")
			kinds[kind] += line
		}
	}
	return fmt.Sprint(kinds)
}
