package parquet

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/cespare/xxhash/v2"
)

// TestPick reads some rows of each column of the corpus, by Pick, Skip and Next in turn, with the page index and without.
func TestPick(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i, data := range corpus(t) {
		file, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for field := range file.Fields {
			for _, typ := range everyType {
				if !file.Decodes(field, typ) {
					continue
				}
				for g := range file.Groups {
					mem := checked(t)
					var want []string
					if err := readColumn(mem, file, data, g, field, typ, 1000, func(a arrow.Array) { want = append(want, texted(a)...) }); err != nil {
						continue // not a type of this field's values
					}
					for range 10 {
						got, rows := picked(t, r, mem, file, data, g, field, typ)
						for k, row := range rows {
							if got[k] != want[row] {
								t.Fatalf("file %d, field %d, group %d as %s: row %d is %q, not %q", i, field, g, typ, row, got[k], want[row])
							}
						}
					}
				}
			}
		}
	}
}

// picked reads rows of a column, and says which.
func picked(t *testing.T, r *rand.Rand, mem memory.Allocator, file *File, data []byte, group, field int, typ arrow.DataType) (values []string, rows []int) {
	t.Helper()
	c, err := file.Column(bytes.NewReader(data), mem, group, field, typ)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if r.IntN(2) == 0 {
		c.Locate(file.Pages(bytes.NewReader(data), mem, group, field, typ, false))
	}
	share := []float64{0.001, 0.02, 0.5}[r.IntN(3)]
	for at, all := 0, int(file.Groups[group].Rows); at < all; {
		n := min(1+r.IntN(max(all/3, 1)), all-at)
		switch r.IntN(3) {
		case 0:
			c.Skip(n)
		case 1:
			arr, err := c.Next(n)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, texted(arr)...)
			n = arr.Len()
			arr.Release()
			for i := range n {
				rows = append(rows, at+i)
			}
		case 2:
			var picks []int32
			for i := range n {
				if r.Float64() < share {
					picks = append(picks, int32(i))
					rows = append(rows, at+i)
				}
			}
			values = append(values, pickAll(t, c, picks, n)...)
		}
		at += n
	}
	if _, err := c.Next(1); !errors.Is(err, io.EOF) {
		t.Fatalf("behind the last row: %v", err)
	}
	return values, rows
}

func pickAll(t *testing.T, c *Column, picks []int32, rows int) (values []string) {
	t.Helper()
	from := int32(0)
	for len(picks) > 0 {
		arr, err := c.Pick(from, picks)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, texted(arr)...)
		from, picks = picks[arr.Len()-1]+1, picks[arr.Len():]
		arr.Release()
	}
	c.Skip(rows - int(from))
	return values
}

func TestXXH64(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0xef46db3751d8e999, "a": 0xd24ec4f1a98c6e5b, "abc": 0x44bc2cf5ad770999,
		"The quick brown fox jumps over the lazy dog": 0x0b242d361fda71bc,
	} {
		if got := xxhash.Sum64String(text); got != want {
			t.Errorf("%q: %x, want %x", text, got, want)
		}
	}
}

func TestRowsOfPages(t *testing.T) {
	places := []place{{0, 0}, {10, 5}, {20, 9}}
	for row, want := range map[int64]int{0: 0, 1: 1, 5: 1, 6: 2, 9: 2, 10: 3} {
		if got := nextPlace(places, row); got != want {
			t.Errorf("row %d: %d, want %d", row, got, want)
		}
	}
}

func TestTheFarthestNumberIsFoundWhereverItIs(t *testing.T) {
	for n := range 70 {
		numbers := make([]uint32, n)
		for i := range numbers {
			numbers[i] = uint32(i % 7)
		}
		for at := range numbers {
			old := numbers[at]
			numbers[at] = 1<<31 + uint32(at)
			if got := farthest(numbers); got != numbers[at] {
				t.Errorf("the greatest of %d, at %d: %d, not %d", n, at, got, numbers[at])
			}
			numbers[at] = old
		}
	}
}
