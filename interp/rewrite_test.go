package interp

import (
	"fmt"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/interp/lower/lowertest"
)

// TestRewritten compiles the corpus with parts of it written in other ways.
func TestRewritten(t *testing.T) {
	root := goRoot(t)
	failing := readReasons(t, corpusFailing)
	files := corpusFiles(t, root)
	if !soak {
		files = today(t, files, corpusSample/3)
	}
	tried, accepted := 0, 0
	for _, file := range files {
		if failing[file] != "" {
			continue
		}
		code := corpusText(t, filepath.Join(root, file))
		l, end, err := localLanguage()
		if err != nil {
			t.Fatal(err)
		}
		for k := range 4 {
			text := l.rewritten(code, 2*k+1, uint64(k), 2<<(2*k))
			v := l.try(text, 2*k+2, false)
			tried++
			if v.rejected == "" {
				accepted++
			}
			if v.wrong != "" {
				t.Errorf("%s, written in other ways: %s\n%s", file, v.wrong, text)
			}
		}
		end()
	}
	t.Logf("of %d, the checker accepts %d", tried, accepted)
	if accepted < tried/2 {
		t.Error("the checker accepts too few")
	}
}

// rewritten is a cell with up to n of its parts written in other ways.
func (l *language) rewritten(code string, number int, seed uint64, n int) string {
	c, err := l.check.Check(code, number)
	if err != nil {
		return code
	}
	defer l.check.Discard()
	starts := []int{0}
	for line := range strings.Lines(code) {
		starts = append(starts, starts[len(starts)-1]+len(line))
	}
	return lowertest.Rewrite(lowertest.Source{
		Text: code, Files: c.Files, Info: c.Info, Pkg: c.Pkg,
		Offset: func(p token.Pos) (int, bool) {
			at := c.Fset.Position(p)
			if at.Filename != fmt.Sprintf("/cell/%d/_.go", number) || at.Line >= len(starts) {
				return 0, false
			}
			return starts[at.Line-1] + at.Column - 1, true
		},
	}, rand.New(rand.NewPCG(seed, uint64(len(code)))), n)
}
