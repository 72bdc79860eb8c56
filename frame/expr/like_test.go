package expr

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// TestLike compares with a regular expression over all short texts of an alphabet.
func TestLike(t *testing.T) {
	const alphabet = "abé"
	texts := []string{""}
	for from := 0; len(texts) < 360; from++ {
		for _, c := range alphabet {
			texts = append(texts, texts[from]+string(c))
		}
	}
	all := textsIn(texts)
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var pattern, expression strings.Builder
		for range r.IntN(7) {
			switch c := []rune("abé%%%__")[r.IntN(8)]; c {
			case '%':
				pattern.WriteRune(c)
				expression.WriteString("(?s:.*)")
			case '_':
				pattern.WriteRune(c)
				expression.WriteString("(?s:.)")
			default:
				pattern.WriteRune(c)
				expression.WriteString(regexp.QuoteMeta(string(c)))
			}
		}
		p, want := newLikePattern(pattern.String()), regexp.MustCompile("^"+expression.String()+"$")
		out := make([]byte, byteCount(len(texts)))
		p.matchAll(all, len(texts), out)
		for i, s := range texts {
			if got := p.match([]byte(s)); got != want.MatchString(s) || bitAt(out, i) != got {
				t.Fatalf("like(%q, %q) is %v, with others %v", s, pattern.String(), got, bitAt(out, i))
			}
		}
	}
}

// TestIndexOf compares with the standard library over texts of few letters, of all lengths around those of vectors.
func TestIndexOf(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		s, part := make([]byte, r.IntN(150)), make([]byte, 1+r.IntN(6))
		for _, b := range [][]byte{s, part} {
			for i := range b {
				b[i] = "aaab"[r.IntN(4)]
			}
		}
		if r.IntN(2) == 0 && len(s) > 0 { // seldom there
			part[0] = 'c'
			s[r.IntN(len(s))] = 'c'
		}
		if got, want := indexOf(s, string(part)), bytes.Index(s, part); got != want {
			t.Fatalf("%q in %q is at %d, want %d", part, s, got, want)
		}
	}
}

// textsIn are texts one behind the other, the first not where their bytes begin.
func textsIn(list []string) texts {
	in := texts{offsets: []int32{2}, data: []byte("ab")}
	for _, s := range list {
		in.data = append(in.data, s...)
		in.offsets = append(in.offsets, int32(len(in.data)))
	}
	return in
}
