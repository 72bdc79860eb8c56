package source

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// TestCountsAcrossBlocks has empty lines, of either line end, everywhere about the ends of the blocks that are counted at once.
func TestCountsAcrossBlocks(t *testing.T) {
	checked(t)
	for seed := range sample.Seeds(40, 5) {
		r := rand.New(rand.NewPCG(1, seed))
		text := []byte("a,b\n")
		end := []string{"\n", "\r\n"}[seed%2]
		for block := 1; block < 4; block++ {
			for near := block*countBytes - 1 - r.IntN(8); len(text) < near-20; {
				text = fmt.Appendf(text, "%d,x%s", r.IntN(1000), end)
			}
			for len(text) < block*countBytes+8 {
				text = append(text, []string{end, end + end, "\n\r\n", "1,2" + end}[r.IntN(4)]...)
				for range r.IntN(3) {
					text = append(text, '7')
				}
				text = append(text, ",y"+end...)
			}
		}
		if seed%3 == 0 {
			text = append(text, "last,row"...)
		}
		s, err := Open(t.Context(), []string{writeFile(t, "t.csv", text)}, Options{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		want := len(oracle(t, bytes.Clone(text)))
		if n := countRows(t, s, 1<<30); n != int64(want) {
			t.Fatalf("seed %d: %d rows counted, want %d", seed, n, want)
		}
	}
}
