package main

import (
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files of the lists.
const (
	failingFile  = "failing.txt"
	baselineFile = "baseline.txt"
	slowFile     = "slow.txt"
)

// lists are what the repository knows of the tests.
type lists struct {
	known    failing
	baseline map[string]bool // raw yaegi passes them
	slow     map[string]bool
}

func readLists(folder string) (*lists, error) {
	known, err := readFailing(filepath.Join(folder, failingFile))
	if err != nil {
		return nil, err
	}
	l := &lists{known: known, baseline: map[string]bool{}, slow: map[string]bool{}}
	for file, set := range map[string]map[string]bool{baselineFile: l.baseline, slowFile: l.slow} {
		lines, err := readLines(filepath.Join(folder, file))
		if err != nil {
			return nil, err
		}
		for _, name := range lines {
			set[name] = true
		}
	}
	return l, nil
}

// unknown are listed names that are no tests.
func (l *lists) unknown(all []string) []string {
	var names []string
	for _, listed := range []iter.Seq[string]{maps.Keys(l.known), maps.Keys(l.baseline), maps.Keys(l.slow)} {
		names = slices.AppendSeq(names, listed)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(all, name) })
	slices.Sort(names)
	return slices.Compact(names)
}

// failing is the list of known failures: file, class, reason. Columns are separated by spaces; the reason is the rest.
type failing map[string]entry

type entry struct{ class, reason string }

const failingHead = `# Tests that fail, each with the class and the reason. Every other test has to pass.
# make gotest-update drops those that pass and adds those that are new, with the class "new" and what they say.
# The classes toolchain (runs the go command), cgo, runtime (looks into the compiler's runtime) and target (for another
# system) are those that do not apply to an interpreter.
`

func readFailing(path string) (failing, error) {
	lines, err := readLines(path)
	if err != nil {
		return nil, err
	}
	list := failing{}
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			return nil, fmt.Errorf("%s: %q: a line has a file, a class and a reason", path, line)
		}
		if _, twice := list[fields[0]]; twice {
			return nil, fmt.Errorf("%s: %s: listed twice", path, fields[0])
		}
		list[fields[0]] = entry{fields[1], strings.Join(fields[2:], " ")}
	}
	return list, nil
}

func (list failing) write(path string) error {
	var b strings.Builder
	b.WriteString(failingHead)
	for _, name := range slices.Sorted(maps.Keys(list)) {
		fmt.Fprintf(&b, "%-40s %-10s %s\n", name, list[name].class, list[name].reason)
	}
	return os.WriteFile(path, []byte(b.String()), 0o666)
}

// readLines reads a list: lines without the empty ones and comments.
func readLines(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, nil
}
