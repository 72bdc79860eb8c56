package kernelspec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Facts is what the doctor can't find out by itself: it knows no other package.
type Facts struct {
	Name        string // the kernel's name
	Version     string // of the running binary
	BudgetBytes int64  // the memory budget
	BudgetError error  // why there is none, such as a malformed RIVULET_MEMORY
	SpillDir    string
	More        []Finding // of others, at the end of the report
}

// Finding is one line of the report.
type Finding struct {
	What, Value string
	Err         error  // what is wrong
	Fix         string // the way out of it
}

// ErrUnhealthy ends a Check that found something wrong; the report has the details.
var ErrUnhealthy = errors.New("doctor: something is wrong, see above")

// minimumSpillBytes is the free space under which a spill directory is reported: a sort of a file of a gigabyte needs it.
const minimumSpillBytes = 1 << 30

// Check writes a report of the installation to w and returns ErrUnhealthy where something is wrong.
func Check(ctx context.Context, w io.Writer, facts Facts) error {
	findings := []Finding{
		{What: "rivulet", Value: facts.Version},
		{What: "go", Value: fmt.Sprintf("%s, %s/%s, %d processors", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))},
	}
	findings = append(findings, checkSpec(ctx, facts)...)
	findings = append(findings, checkBudget(facts), checkSpill(facts.SpillDir), checkWidgets(ctx))
	if report(w, append(findings, facts.More...)) {
		return ErrUnhealthy
	}
	return nil
}

// report writes findings, and says whether something is wrong.
func report(w io.Writer, findings []Finding) (wrong bool) {
	for _, f := range findings {
		word := "WRONG"
		if f.Err == nil {
			fmt.Fprintf(w, "ok     %-12s %s\n", f.What, f.Value)
			continue
		} else if _, ok := errors.AsType[advice](f.Err); ok {
			word = "note"
		} else {
			wrong = true
		}
		fmt.Fprintf(w, "%-6s %-12s %v\n       %-12s %s\n", word, f.What, f.Err, "", f.Fix)
	}
	return wrong
}

func checkSpec(ctx context.Context, facts Facts) []Finding {
	dir, how, err := Find(ctx, facts.Name)
	if err != nil {
		return []Finding{{What: "kernelspec", Err: err, Fix: "run: rivulet install --user (or --sys-prefix inside Jupyter's environment)"}}
	}
	findings := []Finding{{What: "kernelspec", Value: dir + " (" + how + ")"}}
	spec, err := Load(dir)
	if err == nil && !spec.owned() {
		err = fmt.Errorf("%s: %w (%q)", dir, ErrForeign, spec.DisplayName)
	}
	if err != nil {
		return append(findings, Finding{What: "kernel.json", Err: err, Fix: "choose another name: rivulet install --name NAME"})
	}
	executable := spec.Executable(dir)
	version, err := versionOf(ctx, executable)
	switch {
	case err != nil:
		return append(findings, Finding{What: "binary", Err: err, Fix: "the binary has moved or gone: run rivulet install again"})
	case version != facts.Version:
		err := fmt.Errorf("%s is %s, this is %s", executable, version, facts.Version)
		return append(findings, Finding{What: "binary", Err: err, Fix: "run: rivulet install, from the binary that Jupyter should start"})
	}
	return append(findings, Finding{What: "binary", Value: executable})
}

// Find gives the directory of the kernelspec name as Jupyter sees it, and who said so.
func Find(ctx context.Context, name string) (dir, how string, err error) {
	if jupyter, err := exec.LookPath("jupyter"); err == nil {
		dirs, err := listed(ctx, jupyter)
		if err == nil {
			if dir, ok := dirs[name]; ok {
				return dir, "found by jupyter", nil
			}
			return "", "", fmt.Errorf("%q: %w: %s does not list it", name, ErrMissing, jupyter)
		}
	}
	for _, parent := range searchDirs(ctx) {
		dir := filepath.Join(parent, name)
		if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err == nil {
			return dir, "no jupyter on PATH; found in its data directories", nil
		}
	}
	return "", "", fmt.Errorf("%q: %w: no jupyter on PATH, and not in its data directories", name, ErrMissing)
}

func listed(ctx context.Context, jupyter string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, jupyter, "kernelspec", "list", "--json").Output()
	if err != nil {
		return nil, fmt.Errorf("jupyter kernelspec list: %w", err)
	}
	var list struct {
		Kernelspecs map[string]struct {
			ResourceDir string `json:"resource_dir"`
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("jupyter kernelspec list: %w", err)
	}
	dirs := make(map[string]string, len(list.Kernelspecs))
	for name, entry := range list.Kernelspecs {
		dirs[name] = entry.ResourceDir
	}
	return dirs, nil
}

// versionOf asks the installed binary, unless it is the one that runs.
func versionOf(ctx context.Context, executable string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, executable, "version", "--short").Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", executable, err)
	}
	return strings.TrimSpace(string(out)), nil
}

func checkBudget(facts Facts) Finding {
	f := Finding{What: "memory", Value: fmt.Sprintf("budget %s", sizeText(facts.BudgetBytes)), Err: facts.BudgetError}
	f.Fix = "set RIVULET_MEMORY to a size such as 512MiB or 4GB"
	return f
}

func checkSpill(dir string) Finding {
	f := Finding{What: "spill", Fix: "set RIVULET_SPILL_DIR to a writable directory with free space"}
	probe, err := os.CreateTemp(dir, ".rivulet-doctor-")
	if err != nil {
		f.Err = err
		return f
	}
	name := probe.Name()
	_, err = probe.WriteString("probe")
	f.Err = errors.Join(err, probe.Close(), os.Remove(name))
	free, known := freeBytes(dir)
	switch {
	case !known:
		f.Value = dir
	case free < minimumSpillBytes:
		f.Err = errors.Join(f.Err, fmt.Errorf("%s: only %s free", dir, sizeText(free)))
	default:
		f.Value = fmt.Sprintf("%s, %s free", dir, sizeText(free))
	}
	return f
}

func sizeText(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	value, unit := float64(n), 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	return fmt.Sprintf("%.4g %s", value, units[unit])
}
