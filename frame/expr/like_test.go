package expr

import (
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
		for _, s := range texts {
			if got := p.match([]byte(s)); got != want.MatchString(s) {
				t.Fatalf("like(%q, %q) is %v", s, pattern.String(), got)
			}
		}
	}
}
