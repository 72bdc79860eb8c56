package parquet

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestTextsThatAreMostlyAlike reads texts of one length, among which there are some of others, and picks and skips some of them.
func TestTextsThatAreMostlyAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, odd := range []int{0, 1, 2, 40} {
		for _, length := range []int{0, 3, 12, 16, 17, 100} {
			want := make([]string, 3000)
			for i := range want {
				want[i] = strings.Repeat(string(rune('a'+i%26)), length)
			}
			for range odd {
				want[r.IntN(len(want))] = strings.Repeat("é", r.IntN(30))
			}
			t.Run(fmt.Sprintf("%d of %d bytes", odd, length), func(t *testing.T) { readTexts(t, r, want) })
		}
	}
}

func readTexts(t *testing.T, r *rand.Rand, want []string) {
	t.Helper()
	mem := checked(t)
	texts := newTexts(mem, arrow.BinaryTypes.String, 0)
	defer texts.free()
	if err := texts.page(encodingPlain, plainTexts(want)); err != nil {
		t.Fatal(err)
	}
	texts.begin(len(want))
	var rows []int
	for at := 0; at < len(want); {
		n := min(1+r.IntN(tileRows), len(want)-at)
		var err error
		switch r.IntN(3) {
		case 0:
			err = texts.skip(n)
		case 1:
			err = texts.read(len(rows), n)
			for i := range n {
				rows = append(rows, at+i)
			}
		case 2:
			var picks []int32
			for i := range n {
				if r.IntN(4) == 0 {
					picks = append(picks, int32(at+i))
				}
			}
			err = texts.pick(len(rows), picks, int32(at), n)
			for _, p := range picks {
				rows = append(rows, int(p))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		at += n
	}
	got, err := texts.finish(len(rows), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Release()
	for i, text := range texted(got) {
		if row := rows[i]; !strings.Contains(text, want[row]) {
			t.Fatalf("row %d is %q, not %q", row, text, want[row])
		}
	}
	if err := texts.skip(1); err == nil {
		t.Error("a text behind the last is passed over")
	}
}

// plainTexts is texts as a page has them, with room to read behind them.
func plainTexts(texts []string) (page []byte) {
	for _, text := range texts {
		page = append(binary.LittleEndian.AppendUint32(page, uint32(len(text))), text...)
	}
	return slices.Grow(page, slack)
}

// TestCutTexts has pages whose last text is cut, or claims to be longer than all.
func TestCutTexts(t *testing.T) {
	page := plainTexts(slices.Repeat([]string{"twelve bytes"}, 40))
	for cut := 1; cut < 9*16; cut++ {
		for _, call := range []func(*texts) error{
			func(x *texts) error { return x.skip(40) },
			func(x *texts) error { return x.pick(0, []int32{1, 38}, 0, 40) },
			func(x *texts) error { return x.read(0, 40) },
		} {
			texts := newTexts(checked(t), arrow.BinaryTypes.String, 0)
			if err := texts.page(encodingPlain, page[:len(page)-cut]); err != nil {
				t.Fatal(err)
			}
			texts.begin(40)
			if err := call(texts); err == nil {
				t.Errorf("without its last %d bytes a page has all texts", cut)
			}
			texts.free()
		}
	}
	long := slices.Clone(page)
	binary.LittleEndian.PutUint32(long[16*20:], 1<<32-1)
	texts := newTexts(checked(t), arrow.BinaryTypes.String, 0)
	if err := texts.page(encodingPlain, slices.Grow(long, slack)); err != nil {
		t.Fatal(err)
	}
	if err := texts.skip(40); err == nil {
		t.Error("a text of 4 GiB is passed over")
	}
}
