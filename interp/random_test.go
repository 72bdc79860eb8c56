package interp

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/interp/lower/lowertest"
)

const (
	// randomFailing names the seeds whose programs don't do in a cell what they do compiled, with the reasons.
	randomFailing = "testdata/lowering/seeds.txt"
	// randomPrograms is how many seeds there are, from 0; the programs of those from plainPrograms on are written in other
	// ways. randomSample is how many of them are tried where not all are: others every day.
	randomPrograms = 700
	plainPrograms  = 400
	randomSample   = 24
	// randomTimeout bounds a program.
	randomTimeout = time.Minute
)

var seedsFlag = flag.String("seeds", "", "the seeds of the random `programs` to try, such as 3,14")

// TestRandom compares what random programs print as cells with what they print when they are compiled.
func TestRandom(t *testing.T) {
	failing := readReasons(t, randomFailing)
	seeds := randomSeeds(t)
	dir := t.TempDir()
	var imports, table strings.Builder
	for _, seed := range seeds {
		name := fmt.Sprintf("script%04d", seed)
		text := strings.Replace(randomProgram(t, seed), "package main", "package "+name, 1)
		write(t, filepath.Join(dir, name, name+".go"), strings.Replace(text, "\nfunc main() {", "\nfunc Main() {", 1))
		fmt.Fprintf(&imports, "import %q\n", "oracle/"+name)
		fmt.Fprintf(&table, "case %q: %s.Main()\n", fmt.Sprint(seed), name)
	}
	write(t, filepath.Join(dir, "go.mod"), "module oracle\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), "package main\nimport \"os\"\n"+imports.String()+
		"func main() {\nswitch os.Args[1] {\n"+table.String()+"default: panic(os.Args[1])\n}\n}\n")
	binary := buildOracle(t, dir)
	for _, seed := range seeds {
		name := fmt.Sprint(seed)
		reason, known := failing[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			different := compareProgram(t, binary, name, randomProgram(t, seed))
			switch {
			case known && different == "":
				t.Errorf("passes: strike it off %s", randomFailing)
			case known:
				t.Logf("known to fail: %s", reason)
			case different != "":
				t.Error(different)
			}
		})
	}
}

// randomProgram is the program of a seed.
func randomProgram(t *testing.T, seed int) string {
	source := lowertest.Program(uint64(seed))
	if seed < plainPrograms {
		return source
	}
	l, end, err := localLanguage()
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	text := l.rewritten(source, 1, uint64(seed), 4+seed%60)
	if _, err := l.check.Check(text, 2); err != nil {
		return source
	}
	return text
}

func randomSeeds(t *testing.T) []int {
	var seeds []int
	if *seedsFlag != "" {
		for text := range strings.SplitSeq(*seedsFlag, ",") {
			seed, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			seeds = append(seeds, seed)
		}
		return seeds
	}
	for seed := range randomPrograms {
		seeds = append(seeds, seed)
	}
	if !soak {
		seeds = today(t, seeds, randomSample)
	}
	return seeds
}

// compareProgram says where a cell differs from the compiled program.
func compareProgram(t *testing.T, binary, name, source string) string {
	ctx, cancel := context.WithTimeout(t.Context(), randomTimeout)
	defer cancel()
	compiled := exec.CommandContext(ctx, binary, name)
	var stderr bytes.Buffer
	compiled.Stderr = &stderr
	want, failed := compiled.Output()
	panicked := strings.HasPrefix(stderr.String(), "panic: ")
	if failed != nil && !panicked {
		t.Fatalf("compiled: %v\n%s", failed, stderr.Bytes())
	}
	c := &testCell{count: 1}
	switch err := newTestSession(t).Execute(ctx, source, c); {
	case err != nil && !panicked:
		return c.golden(err)
	case err == nil && panicked:
		return "it does not panic; compiled: " + stderr.String()
	}
	return firstDifference(c.text("stdout"), scriptPackage.ReplaceAllString(string(want), "main."))
}

// firstDifference is the first line in which two texts differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		line := func(l []string) string {
			if i < len(l) {
				return l[i]
			}
			return "no more"
		}
		if line(g) != line(w) || i >= len(g) || i >= len(w) {
			return fmt.Sprintf("line %d is %q, compiled %q", i+1, line(g), line(w))
		}
	}
	return ""
}
