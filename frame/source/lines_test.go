package source

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestScanLines(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 40_000 {
		text := bytes.Repeat([]byte{'x'}, r.IntN(300))
		for range r.IntN(1 + min(len(text), i%7)) {
			text[r.IntN(len(text))] = "\n\n\n\r\"y\x8a"[r.IntN(7)]
		}
		if n := len(text); n > 40 && r.IntN(4) == 0 {
			copy(text[31:], "\n\n")
		}
		text = text[min(len(text), r.IntN(9)):]
		if got, want := scanLines(text, '"'), plainLines(text, '"'); got != want {
			t.Fatalf("%q: got %+v, want %+v", text, got, want)
		}
	}
}
