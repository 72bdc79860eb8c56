package expr

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// evalWhere evaluates n for all rows, which is fast; where that is an error, it evaluates the wanted rows alone, run by
// run, and gives null elsewhere. So a guard such as x != "" && int(x) > 3 keeps what it guards from failing, at no cost
// where nothing fails. wanted gives the rows as words of a bitmap.
func evalWhere(n node, b *block, wanted func() []uint64) (arrow.Array, error) {
	a, err := n.eval(b)
	if err == nil || b.rows == 0 {
		return a, err
	}
	if _, ok := n.(*constant); ok || b.rec == nil {
		return nil, err
	}
	words := wanted()
	var parts []arrow.Array
	defer func() {
		for _, p := range parts {
			p.Release()
		}
	}()
	for from := 0; from < b.rows; {
		want, to := runEnd(words, from, b.rows)
		if !want {
			parts = append(parts, nullArray(b.mem, n.typ(), to-from))
		} else {
			part := b.rec.NewSlice(int64(from), int64(to))
			a, err := n.eval(&block{ctx: b.ctx, mem: b.mem, rec: part, rows: to - from, first: b.first + from})
			part.Release()
			if err != nil {
				return nil, err
			}
			parts = append(parts, a)
		}
		from = to
	}
	return array.Concatenate(parts, b.mem)
}

// runEnd says whether row from is wanted and where the run of rows like it ends.
func runEnd(words []uint64, from, rows int) (want bool, to int) {
	want = words[from/64]>>(from%64)&1 != 0
	for to = from; to < rows; {
		w := words[to/64] >> (to % 64)
		if want {
			w = ^w
		}
		// w has its lowest bit set at the first row unlike the run, as far as this word reaches.
		left := 64 - to%64
		if k := bits.TrailingZeros64(w); k < left {
			return want, min(to+k, rows)
		}
		to += left
	}
	return want, rows
}
