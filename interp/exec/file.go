package exec

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Cell is one code cell of a file.
type Cell struct {
	Code string
	Line int // its first line in the file, 0 for notebooks
}

// Cells reads the code cells of a file: a notebook (.ipynb), or Go source with or without "// %%" markers.
func Cells(path string) ([]Cell, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(path), ".ipynb") {
		cells, err := notebook(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return cells, nil
	}
	return source(string(data)), nil
}

// notebook reads nbformat 4.
func notebook(data []byte) ([]Cell, error) {
	var nb struct {
		Format int `json:"nbformat"`
		Cells  []struct {
			Type   string          `json:"cell_type"`
			Source json.RawMessage `json:"source"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if nb.Format != 4 {
		return nil, fmt.Errorf("notebook format %d: only format 4 is supported", nb.Format)
	}
	var cells []Cell
	for i, c := range nb.Cells {
		if c.Type != "code" {
			continue
		}
		var text string
		var lines []string
		if json.Unmarshal(c.Source, &lines) == nil {
			text = strings.Join(lines, "")
		} else if err := json.Unmarshal(c.Source, &text); err != nil {
			return nil, fmt.Errorf("cell %d: source: %w", i+1, err)
		}
		cells = append(cells, Cell{Code: text})
	}
	return cells, nil
}

// source cuts Go source at lines that begin with "// %%"; what follows "[markdown]" is not code.
func source(text string) []Cell {
	var cells []Cell
	var b strings.Builder
	line, start, skip := 0, 1, false
	flush := func() {
		if !skip && strings.TrimSpace(b.String()) != "" {
			cells = append(cells, Cell{b.String(), start})
		}
		b.Reset()
	}
	for l := range strings.Lines(text) {
		line++
		if strings.HasPrefix(l, "// %%") {
			flush()
			skip = strings.Contains(l, "[markdown]")
			start = line + 1
			continue
		}
		b.WriteString(l)
	}
	flush()
	return cells
}
