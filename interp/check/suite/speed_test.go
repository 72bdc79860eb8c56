package suite

import (
	"strconv"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/interp/check"
)

// fifty is a cell of 50 lines.
const fifty = `import (
	"strconv"
	"bufio"
	"errors"
	"fmt"
	"sort"
	"strings"
)

type word struct {
	text  string
	count int
}

type byCount []word

func (b byCount) Len() int           { return len(b) }
func (b byCount) Less(i, j int) bool { return b[i].count > b[j].count }
func (b byCount) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

var errEmpty = errors.New("empty")

func count(text string) (map[string]int, error) {
	if text == "" {
		return nil, errEmpty
	}
	counts := map[string]int{}
	sc := bufio.NewScanner(strings.NewReader(text))
	for sc.Scan() {
		for _, w := range strings.Fields(sc.Text()) {
			counts[strings.ToLower(w)]++
		}
	}
	return counts, sc.Err()
}

func top[K comparable, V any](m map[K]V, n int, less func(a, b K) bool) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return less(keys[i], keys[j]) })
	return keys[:min(n, len(keys))]
}

counts, err := count("the quick brown fox jumps over the lazy dog")
if err != nil {
	panic(err)
}
for i, k := range top(counts, 3, func(a, b string) bool { return counts[a] > counts[b] }) {
	fmt.Printf("%d %-8s %d\n", i, k, counts[k])
}
counts := counts
`

// BenchmarkCheck checks a cell of 50 lines again and again, as a user who edits it does: it redefines all that it declares.
func BenchmarkCheck(b *testing.B) {
	s := newSession()
	run(b, s, fifty, 1)
	n := 1
	for b.Loop() {
		n++
		run(b, s, fifty, n)
	}
}

// BenchmarkReplay redefines a function that 100 others use.
func BenchmarkReplay(b *testing.B) {
	s := newSession()
	run(b, s, "func f0() int { return 1 }", 1)
	for i := range 100 {
		run(b, s, "func f"+strconv.Itoa(i+1)+"() int { return f"+strconv.Itoa(i)+"() + len(strings.Fields(\"a b\")) }", i+2)
	}
	n := 200
	for b.Loop() {
		n++
		run(b, s, "func f0() int { return 2 }", n)
	}
}

func run(tb testing.TB, s *check.Session, code string, n int) {
	c, err := s.Check(code, n)
	if err != nil {
		tb.Fatal(err)
	}
	s.Commit(c)
}

// TestSpeed holds the checker to its share of the front end's time: 10 ms for a warm cell of 50 lines.
func TestSpeed(t *testing.T) {
	s := newSession()
	run(t, s, fifty, 1)
	best := time.Hour
	for i := range 10 {
		start := time.Now()
		run(t, s, fifty, i+2)
		best = min(best, time.Since(start))
	}
	if best > 10*time.Millisecond {
		t.Errorf("%v", best)
	}
	t.Log(best)
}

// BenchmarkPartial completes at the end of a cell of 50 lines.
func BenchmarkPartial(b *testing.B) {
	s := newSession()
	run(b, s, fifty, 1)
	text := fifty + "strings.NewReader(\"\")."
	for b.Loop() {
		if p := s.CheckPartial(text, len(text)); len(p.Visible()) < 20 || len(p.Path) == 0 {
			b.Fatal(p)
		}
	}
}
