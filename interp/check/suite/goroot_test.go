package suite

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// refused are programs of Go's own tests that cells can't have, by the word in the first error.
var refused = map[string]string{
	"cmplxdivide.go":            "undefined: tests", // it is in another file
	"fixedbugs/bug514.go":       "runtime/cgo",
	"fixedbugs/issue34968.go":   "cgo",
	"fixedbugs/issue36705.go":   "cgo",
	"fixedbugs/issue38093.go":   "syscall/js",
	"fixedbugs/issue40954.go":   "runtime/cgo",
	"fixedbugs/issue42032.go":   "runtime/cgo",
	"fixedbugs/issue42076.go":   "runtime/cgo",
	"fixedbugs/issue46903.go":   "runtime/cgo",
	"fixedbugs/issue47227.go":   "cgo",
	"fixedbugs/issue51733.go":   "runtime/cgo",
	"fixedbugs/issue73483.go":   "cgo",
	"fixedbugs/issue15071.dir/": "./exp",
	"fixedbugs/issue29612.dir/": "issue29612.dir",
	"fixedbugs/issue31959.dir/": "./a",
}

// TestGoRoot checks the programs of Go's own tests as cells, whose main the next cell calls.
func TestGoRoot(t *testing.T) {
	root := filepath.Join(runtime.GOROOT(), "test") //nolint:staticcheck // the tests of the toolchain that builds this one
	if _, err := os.Stat(root); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the Go distribution has no folder test")
		}
		t.Skip("the Go distribution has no folder test")
	}
	n := 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if line, _, _ := strings.Cut(string(data), "\n"); line == "// run" || strings.HasPrefix(line, "// run ") {
			n++
			checkProgram(t, strings.TrimPrefix(p, root+"/"), string(data))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 1000 {
		t.Errorf("only %d programs", n)
	}
}

func checkProgram(t *testing.T, name, text string) {
	s := newSession()
	c, err := s.Check(text, 1)
	if err == nil {
		s.Commit(c)
		if !c.Program {
			t.Errorf("%s is no program", name)
		}
		_, err = s.Check("main()", 2)
	}
	want := refused[name]
	if dir, _, ok := strings.Cut(name, ".dir/"); ok && want == "" {
		want = refused[dir+".dir/"]
	}
	switch {
	case err == nil && want != "":
		t.Errorf("%s: accepted, want an error about %s", name, want)
	case err != nil && want == "":
		t.Errorf("%s: %v", name, err)
	case err != nil && !strings.Contains(err.Error(), want):
		t.Errorf("%s: %v, want an error about %s", name, err, want)
	}
}
