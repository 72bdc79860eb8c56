package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// corpus are cells of the golden files here and of the session, script by script.
func corpus(tb testing.TB) [][]string {
	var files []string
	for _, pattern := range []string{"testdata/*.txt", "../testdata/*.txt", "../testdata/repl/*.txt"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			tb.Fatal("no corpus", pattern, err)
		}
		files = append(files, found...)
	}
	var scripts [][]string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		for _, script := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			_, body, _ := strings.Cut(script, "\n")
			var cells []string
			for part := range strings.SplitSeq(body, "\n---\n") {
				code, _, _ := strings.Cut(part, "\n...")
				code, _, _ = strings.Cut(code, "\n<<<")
				cells = append(cells, code)
			}
			scripts = append(scripts, cells)
		}
	}
	return scripts
}

// snapshot is all that cells can see of a session.
func snapshot(s *Session) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.names)) {
		e := s.names[name]
		fmt.Fprintf(&b, "%s %p %s %s %d\n", name, e.obj, e.path, e.member, e.made)
		tn, ok := e.obj.(*types.TypeName)
		if !ok {
			continue
		}
		if n, ok := types.Unalias(tn.Type()).(*types.Named); ok {
			for m := range n.Methods() {
				fmt.Fprintf(&b, "  %p %s\n", m, m)
			}
		}
	}
	for _, d := range s.decls {
		fmt.Fprintf(&b, "%p %v %d %t\n", d, d.keys, d.made, d.stale)
	}
	var funcs []string
	for f, src := range s.funcs {
		if f.Pkg() == s.pkg {
			funcs = append(funcs, fmt.Sprintf("%s %p %p\n", f.Name(), f, src))
		}
	}
	slices.Sort(funcs)
	return b.String() + strings.Join(funcs, "") + fmt.Sprint(s.dots)
}

// TestNothingChanges runs scripts with the cells of others between: cells that fail, and cells that are not committed, leave
// the session as it was.
func TestNothingChanges(t *testing.T) {
	scripts := corpus(t)
	all := slices.Concat(scripts...)
	r := rand.New(rand.NewPCG(1, 2))
	failed, discarded := 0, 0
	for round := range 300 {
		script := scripts[r.IntN(len(scripts))]
		s := newTestSession(t)
		number := 0
		for _, code := range script {
			for range 3 {
				number++
				before := snapshot(s)
				c, err := s.Check(all[r.IntN(len(all))], number)
				if err != nil {
					failed++
				} else {
					discarded++
					_ = c
					s.Discard()
				}
				if after := snapshot(s); after != before {
					t.Fatalf("round %d, cell %d: the session changed (%v):\n%s\nwas\n%s", round, number, err, after, before)
				}
			}
			number++
			if c, err := s.Check(code, number); err == nil {
				s.Commit(c)
			}
		}
	}
	if failed < 100 || discarded < 100 {
		t.Fatalf("only %d cells failed, %d were discarded", failed, discarded)
	}
}

// TestOthersDoNotMatter compares what the cells of a script are with and without failing and discarded cells between them.
func TestOthersDoNotMatter(t *testing.T) {
	scripts := corpus(t)
	all := slices.Concat(scripts...)
	r := rand.New(rand.NewPCG(3, 4))
	for range 150 {
		script := scripts[r.IntN(len(scripts))]
		plain, mixed := newTestSession(t), newTestSession(t)
		for i, code := range script {
			if _, err := mixed.Check(all[r.IntN(len(all))], 1000+i); err == nil {
				mixed.Discard()
			}
			if x, y := outcome(plain, code, i+1), outcome(mixed, code, i+1); x != y {
				t.Fatalf("cell %d:\n%s\nalone:\n%s\nafter another:\n%s", i+1, code, x, y)
			}
		}
	}
}

func outcome(s *Session, code string, number int) string {
	c, err := s.Check(code, number)
	if err != nil {
		return err.Error()
	}
	defer s.Commit(c)
	return summary(s, c)
}

// TestPositions compares identifiers with the text at their positions.
func TestPositions(t *testing.T) {
	n := 0
	for _, code := range slices.Concat(corpus(t)...) {
		s := newTestSession(t)
		src := parse(s.fset, code, 7)
		lines := strings.Split(code, "\n")
		for _, p := range src.pieces {
			for _, node := range p.nodes() {
				ast.Inspect(node, func(x ast.Node) bool {
					id, ok := x.(*ast.Ident)
					if !ok {
						return true
					}
					n++
					at := s.position(id.Pos())
					if cellOf(at) != 7 || at.Line > len(lines) || !strings.HasPrefix(lines[at.Line-1][at.Column-1:], id.Name) {
						t.Fatalf("%q: %s at %+v", code, id.Name, at)
					}
					return true
				})
			}
		}
	}
	if n < 1000 {
		t.Fatal("only", n, "identifiers")
	}
}

// FuzzCheck checks that no text makes the checker panic or go/types give up, that errors lie in the text, and that they can
// be shown.
func FuzzCheck(f *testing.F) {
	for _, c := range slices.Concat(corpus(f)...) {
		f.Add(c)
	}
	s := newTestSession(f)
	for i, code := range []string{
		"x, y, err := 1, \"a\", error(nil)\ntype T struct { A int; b string }\nfunc (t T) M() int { return x }\nfunc f(t T) int { return t.M() + x }",
		"type G[K comparable, V any] map[K]V\nfunc (g G[K, V]) Get(k K) V { return g[k] }\nfunc id[T any](v T) T { return v }\ng := G[string, T]{}",
	} {
		c, err := s.Check(code, i+1)
		if err != nil {
			f.Fatal(err)
		}
		s.Commit(c)
	}
	f.Fuzz(func(t *testing.T, src string) {
		watchdog := time.AfterFunc(5*time.Second, func() { panic("slow: " + strconv.Quote(src)) })
		defer watchdog.Stop()
		before := snapshot(s)
		c, err := s.Check(src, 3)
		if err == nil {
			summary(s, c)
			s.Discard()
		} else {
			list, ok := errors.AsType[*Errors](err)
			if !ok || len(list.List) == 0 {
				t.Fatalf("error %#v", err)
			}
			lines := strings.Split(src, "\n")
			for _, d := range list.List {
				if strings.Contains(d.Msg, "gave up") {
					t.Fatalf("%s: %s", d.Pos, d.Msg)
				}
				if d.Pos.Line < 1 || d.Pos.Line > len(lines) || d.Pos.Column < 1 || d.Pos.Column > len(lines[d.Pos.Line-1])+1 {
					t.Fatalf("error at %+v of %q: %s", d.Pos, src, d.Msg)
				}
				if strings.ContainsAny(d.Msg, "\ue000\ue001\ue002\ue003") && !strings.ContainsAny(src, "\ue000\ue001\ue002\ue003") {
					t.Fatalf("a hidden name in %q", d.Msg)
				}
				Render(d, func(int) string { return src }, s.label, Plain)
			}
		}
		if after := snapshot(s); after != before {
			t.Fatalf("%q changed the session:\n%s\nwas\n%s", src, after, before)
		}
	})
}
