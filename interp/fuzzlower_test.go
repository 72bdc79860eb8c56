package interp

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// languageAge is how many texts of the fuzzer one language compiles: yaegi keeps the names of those that are given up.
const languageAge = 100

// fuzzSession are the cells that come before the text of the fuzzer.
var fuzzSession = []string{
	"x, y, err := 1, \"a\", error(nil)\ntype T struct { A int; b string }\nfunc (t T) M() int { return x }\nfunc f(t T) int { return t.M() + x }",
	"type G[K comparable, V any] map[K]V\nfunc (g G[K, V]) Get(k K) V { return g[k] }\nfunc id[T any](v T) T { return v }\ng := G[string, T]{}",
	"type I interface { M() int }\ntype N int\nfunc (n *N) M() int { return int(*n) }\nvar i I = T{}\nvar n N",
}

// FuzzLower checks that what the checker accepts is lowered to what yaegi compiles, or refused with a sentence of the list.
func FuzzLower(f *testing.F) {
	for _, file := range replFiles(f) {
		for _, s := range readReplFile(f, file) {
			for _, c := range s.cells {
				f.Add(c.code)
			}
		}
	}
	root := goRoot(f)
	for i, file := range corpusFiles(f, root) {
		if text := corpusText(f, filepath.Join(root, file)); i%10 == 0 && len(text) < 2000 {
			f.Add(text)
		}
	}
	var l *language
	age, end := languageAge, func() {}
	defer func() { end() }()
	f.Fuzz(func(t *testing.T, code string) {
		watchdog := time.AfterFunc(20*time.Second, func() { panic("slow: " + strconv.Quote(code)) })
		defer watchdog.Stop()
		if age == languageAge {
			end()
			l, end = fuzzLanguage(t)
			age = 0
		}
		age++
		v := l.try(code, len(fuzzSession)+age, false)
		if v.wrong == "" {
			return
		}
		age = languageAge
		fresh, done := fuzzLanguage(t)
		defer done()
		if again := fresh.try(code, len(fuzzSession)+1, false); again != v {
			t.Fatalf("%s\n%s\nin a new session: %+v", code, v.wrong, again)
		}
		t.Fatalf("%s\n%s", code, v.wrong)
	})
}

func fuzzLanguage(t *testing.T) (*language, func()) {
	l, end, err := localLanguage()
	if err != nil {
		t.Fatal(err)
	}
	for i, code := range fuzzSession {
		if v := l.try(code, i+1, true); v != (verdict{}) {
			t.Fatalf("%s: %+v", code, v)
		}
	}
	return l, end
}
