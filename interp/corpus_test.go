package interp

import (
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// corpusFailing names the files of the corpus that don't compile in a cell, with the reasons.
const corpusFailing = "testdata/lowering/failing.txt"

// corpusSample is how many of the files are tried where not all are: others every day.
const corpusSample = 250

// TestCorpus compiles programs of Go's own tests and the examples of the standard library as cells, without running them.
func TestCorpus(t *testing.T) {
	root := goRoot(t)
	files := corpusFiles(t, root)
	if len(files) < 1000 {
		t.Fatalf("%s has only %d tests and examples", root, len(files))
	}
	failing := readReasons(t, corpusFailing)
	names := map[string]bool{}
	for _, f := range files {
		names[f] = true
	}
	for name := range failing {
		if !names[name] {
			t.Errorf("%s names %s, which is no file", corpusFailing, name)
		}
	}
	if !soak {
		files = today(t, files, corpusSample)
	}
	verdicts := make([]verdict, len(files))
	next := make(chan int)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for i := range next {
				verdicts[i] = tryAlone(corpusText(t, filepath.Join(root, files[i])))
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	workers.Wait()
	compiled := 0
	for i, v := range verdicts {
		_, known := failing[files[i]]
		switch {
		case v == verdict{} && known:
			t.Errorf("%s compiles: strike it off %s", files[i], corpusFailing)
		case v == verdict{}:
			compiled++
		case !known:
			t.Errorf("%s: %s%s%s", files[i], v.wrong, v.refused, v.rejected)
		}
	}
	t.Logf("%d of %d compile", compiled, len(files))
}

// tryAlone compiles a cell in a session of its own.
func tryAlone(code string) verdict {
	l, end, err := localLanguage()
	if err != nil {
		return verdict{wrong: err.Error()}
	}
	defer end()
	return l.try(code, 1, false)
}

// today is a sample that is another every day.
func today[T any](t *testing.T, all []T, n int) []T {
	day := uint64(time.Now().Unix() / (24 * 60 * 60))
	t.Logf("a sample of %d of %d, for day %d", n, len(all), day)
	r := rand.New(rand.NewPCG(day, 0))
	r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return all[:min(n, len(all))]
}

// corpusFiles are paths below the root of a Go tree.
func corpusFiles(tb testing.TB, root string) []string {
	var files []string
	add := func(folder string, wanted func(path string) bool) {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "internal" || d.Name() == "cmd" || d.Name() == "vendor" || d.Name() == "testdata" || strings.HasSuffix(d.Name(), ".dir")):
				return fs.SkipDir
			case !d.IsDir() && wanted(path):
				name, err := filepath.Rel(root, path)
				files = append(files, filepath.ToSlash(name))
				return err
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	add("test", func(path string) bool {
		if filepath.Ext(path) != ".go" {
			return false
		}
		data, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		line := firstLine(string(data))
		return line == "// run" || strings.HasPrefix(line, "// run ")
	})
	add("src", func(path string) bool {
		name := filepath.Base(path)
		return strings.HasPrefix(name, "example") && strings.HasSuffix(name, "_test.go")
	})
	return files
}

// corpusText is the text of a file as a cell: an example is no program, so it has no package clause, but its lines stay.
func corpusText(tb testing.TB, path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Error(err)
		return ""
	}
	text := string(data)
	if !strings.HasSuffix(path, "_test.go") {
		return text
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.PackageClauseOnly)
	if err != nil {
		tb.Error(err)
		return ""
	}
	start, end := fset.Position(f.Package).Offset, fset.Position(f.Name.End()).Offset
	return text[:start] + strings.Repeat(" ", end-start) + text[end:]
}

// readReasons reads a list: in each line a name, then the reason.
func readReasons(t *testing.T, file string) map[string]string {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, _ := strings.Cut(line, " ")
		if reason = strings.TrimSpace(reason); reason == "" || reasons[name] != "" {
			t.Errorf("%s: %q: want a name that no other line has, and a reason", file, line)
		}
		reasons[name] = reason
	}
	return reasons
}

func goRoot(tb testing.TB) string {
	return strings.TrimSpace(string(goCommand(tb, ".", "env", "GOROOT")))
}
