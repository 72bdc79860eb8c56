package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBlankPackage(t *testing.T) {
	tests := []struct{ source, want string }{
		{"// run\n\npackage main\nfunc main() {}\n", "// run\n\n            \nfunc main() {}\n"},
		{"/* package x */ package main; import \"fmt\"\n", "/* package x */             ; import \"fmt\"\n"},
		{"package\nmain // why\n", "       \n     // why\n"},
	}
	for _, tt := range tests {
		got, err := blankPackage([]byte(tt.source))
		if err != nil || got != tt.want {
			t.Errorf("%q: got %q, %v", tt.source, got, err)
		}
	}
	if got, err := blankPackage([]byte("func main() {}\n")); err == nil {
		t.Errorf("without a clause: got %q", got)
	}
}

// tree makes a Go tree with a few tests.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range folders {
		if err := os.MkdirAll(filepath.Join(root, "test", folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"b.go": "// run\npackage main\n", "b.out": "x\n", "flags.go": "// run -race\npackage main\n",
		"ken/a.go": "// run\r\npackage main\n", "ken/a.txt": "// run\n", "fixedbugs/c.go": "// errorcheck\n", "chan/empty.go": "",
	} {
		if err := os.WriteFile(filepath.Join(root, "test", name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSuite(t *testing.T) {
	root := tree(t)
	names, err := suite(root)
	if want := []string{"b.go", "ken/a.go"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("got %v, %v, want %v", names, err, want)
	}
	for name, want := range map[string]string{"b.go": "x\n", "ken/a.go": ""} {
		if got, err := expected(filepath.Join(root, "test", name)); err != nil || got != want {
			t.Errorf("%s: expects %q, %v", name, got, err)
		}
	}
}

func TestWithoutGo(t *testing.T) {
	with, without := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(with, "go"), nil, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := withoutGo(with + ":" + without); got != without {
		t.Errorf("got %s", got)
	}
}

func TestJudge(t *testing.T) {
	l := &lists{
		known:    failing{"old.go": {"cgo", "C"}, "mended.go": {"speed", "slow"}, "gone.go": {"speed", "slow"}},
		baseline: map[string]bool{"new.go": true, "fine.go": true, "old.go": true},
	}
	j := &judge{lists: l, results: map[string]Result{
		"old.go": {Status: Noise}, "mended.go": {Status: OK}, "fine.go": {Status: OK},
		"new.go": {Status: Fail, Error: "panic: x"},
	}}
	for what, got := range map[string][]string{
		"new.go": j.unlisted(), "mended.go": j.fixed(), "gone.go": l.unknown([]string{"old.go", "mended.go", "new.go", "fine.go"}),
	} {
		if !slices.Equal(got, []string{what}) {
			t.Errorf("got %v, want %s", got, what)
		}
	}
	if got := j.lost(); !slices.Equal(got, []string{"new.go"}) {
		t.Errorf("lost: %v", got)
	}
	var out strings.Builder
	if j.print(&out) {
		t.Error("an unlisted failure passes")
	}
	for _, want := range []string{
		"all              2 of     4   50.0 %", "that apply       2 of     3   66.7 %", "as baseline      3 of     4   75.0 %",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, &out)
		}
	}
	j.update()
	list := filepath.Join(t.TempDir(), "failing.txt")
	if err := j.known.write(list); err != nil {
		t.Fatal(err)
	}
	again, err := readFailing(list)
	if err != nil || len(again) != 3 || again["new.go"] != (entry{"new", "fail: panic: x"}) || again["old.go"] != j.known["old.go"] {
		t.Errorf("read %v, %v", again, err)
	}
	if j.known = again; !j.print(&out) {
		t.Error("an updated list does not agree with its results")
	}
}

func TestChoose(t *testing.T) {
	all := []string{"a.go", "b.go", "ken/c.go", "ken/d.go"}
	l := &lists{known: failing{"b.go": {"speed", "slow"}}, slow: map[string]bool{"a.go": true}}
	matching, err := choose(all, l, options{pattern: "^ken/"})
	if err != nil || !slices.Equal(matching, all[2:]) {
		t.Errorf("got %v, %v", matching, err)
	}
	if listed, err := choose(all, l, options{listed: true}); err != nil || !slices.Equal(listed, []string{"b.go"}) {
		t.Errorf("listed: got %v, %v", listed, err)
	}
	seen := map[string]bool{}
	for seed := range uint64(20) {
		sample, err := choose(all, l, options{sample: 1, seed: seed + 1})
		again, _ := choose(all, l, options{sample: 1, seed: seed + 1})
		if err != nil || len(sample) != 1 || !slices.Equal(sample, again) {
			t.Errorf("seed %d: got %v and %v, %v", seed, sample, again, err)
		}
		for _, name := range sample {
			seen[name] = true
		}
	}
	if len(seen) != 2 || !seen["ken/c.go"] || !seen["ken/d.go"] {
		t.Errorf("samples saw %v", seen)
	}
}

func TestClock(t *testing.T) {
	used, err := processorTime(os.Getpid())
	if err != nil || used > time.Hour {
		t.Errorf("this process has used %v, %v", used, err)
	}
	for _, pid := range []int{os.Getpid(), -1} {
		// A process that waits, and one that is gone.
		ctx, cancel := clock(t.Context(), pid, 20*time.Millisecond)
		<-ctx.Done()
		cancel()
	}
}

func TestDifference(t *testing.T) {
	got := difference("a\nb\n", "a\nc\n")
	if !strings.HasPrefix(got, `line 2 of the output is "b\n", want "c\n"`) {
		t.Errorf("got %s", got)
	}
}

// TestLists checks the lists of the repository against each other.
func TestLists(t *testing.T) {
	l, err := readLists(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range l.known {
		if e.class == "new" {
			t.Errorf("%s has no reason yet: %s", name, e.reason)
		}
	}
	if len(l.baseline) == 0 || len(l.slow) == 0 {
		t.Errorf("%d in the baseline, %d slow", len(l.baseline), len(l.slow))
	}
}
