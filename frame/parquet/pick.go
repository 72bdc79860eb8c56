package parquet

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// packedPicks is how many numbers of a packed run there are for each that is picked, for those to be read one by one: where more are picked,
// it is quicker to unpack all.
const packedPicks = 6

// picker is values of which some can be chosen at once.
type picker interface {
	// picks says whether that holds for those of the page.
	picks() bool
	// pick makes of the next n values those whose numbers less base are in picks, in increasing order, the rows from at on.
	pick(at int, picks []int32, base int32, n int) error
}

// Picks says whether Pick takes about as long for many runs of rows as for one: values have a fixed width, or are codes.
func (c *Column) Picks() bool {
	_, ok := c.values.(picker)
	return ok
}

// Pick gives rows of those to come: picks are their numbers, in increasing order, where from is the number of the next. Of long texts it
// gives fewer, at least one. The column then stands behind the last that was given.
func (c *Column) Pick(from int32, picks []int32) (arrow.Array, error) {
	c.begin(len(picks))
	p, _ := c.values.(picker)
	done := 0
	for done < len(picks) && !c.values.full() {
		c.behind += int64(picks[done] - from)
		from = picks[done]
		for c.inPage == 0 || c.behind > 0 {
			if err := c.settle(); err != nil {
				return nil, err
			}
		}
		var read, passed int
		var err error
		if p != nil && p.picks() {
			read, passed, err = c.pickPage(p, done, from, picks[done:])
		} else {
			most := min(len(picks)-done, c.inPage, c.values.step())
			read, err = c.read(done, done+oneRun(picks[done:done+most]))
			passed = read
		}
		if err != nil {
			return nil, fmt.Errorf("page %d: its values: %w", c.pages.index, err)
		}
		done += read
		from += int32(passed)
		c.inPage -= passed
		c.left -= int64(passed)
	}
	return c.finish(done)
}

// oneRun is how many of picks, from the first on, are side by side.
func oneRun(picks []int32) int {
	n := 1
	for n < len(picks) && picks[n] == picks[0]+int32(n) {
		n++
	}
	return n
}

// pickPage picks rows of the page, whose next is from, the first of picks, and says how many, and how many rows it has passed over.
func (c *Column) pickPage(p picker, done int, from int32, picks []int32) (read, passed int, err error) {
	rows := c.inPage
	if !c.levels.none {
		rows = min(rows, levelRows)
	}
	picks = picks[:before(picks, from+int32(rows))]
	rows = int(picks[len(picks)-1]-from) + 1
	if rows == len(picks) {
		read, err = c.read(done, done+rows)
		return read, read, err
	}
	if c.levels.none {
		return len(picks), rows, p.pick(done, picks, from, rows)
	}
	bits, set, err := c.present(rows)
	if err != nil {
		return 0, 0, err
	}
	if set == rows {
		return len(picks), rows, p.pick(done, picks, from, rows)
	}
	there, numbers := c.chosen(bits, from, picks)
	if err := p.pick(done, numbers, 0, set); err != nil {
		return 0, 0, err
	}
	if len(numbers) < len(picks) {
		c.validity.mark(there, done, len(picks), len(numbers), c.room)
		c.values.spread(done, len(picks), len(numbers), there)
	}
	return len(picks), rows, nil
}

// chosen gives which of picks are not null, where bits are those of the rows from the one from on, and their numbers among what is not null.
func (c *Column) chosen(present []byte, from int32, picks []int32) (there []byte, numbers []int32) {
	c.there = slices.Grow(c.there[:0], (len(picks)+7)/8)[:(len(picks)+7)/8]
	clear(c.there)
	numbers = c.numbers[:0]
	rank, at := 0, 0 // of the byte at
	for i, p := range picks {
		row := int(p - from)
		for ; at < row>>3; at++ {
			rank += bits.OnesCount8(present[at])
		}
		if present[at]>>(row&7)&1 != 0 {
			c.there[i>>3] |= 1 << (i & 7)
			numbers = append(numbers, int32(rank+bits.OnesCount8(present[at]&(1<<(row&7)-1))))
		}
	}
	c.numbers = numbers
	return c.there, numbers
}

// before is how many of picks are less than row.
func before(picks []int32, row int32) int {
	if last := len(picks) - 1; last < 0 || picks[last] < row {
		return last + 1
	}
	n, _ := slices.BinarySearch(picks, row)
	return n
}

func (w *words[W]) picks() bool {
	switch w.encoding {
	case encodingPlain, encodingPlainDictionary, encodingRLEDictionary:
		return true
	}
	return false
}

func (w *words[W]) pick(at int, picks []int32, base int32, n int) error {
	out := w.out[at : at+len(picks)]
	if w.encoding == encodingPlain {
		if n > len(w.stored)/w.width {
			return errShort
		}
		taken := w.stored[:n*w.width]
		w.stored = w.stored[n*w.width:]
		return w.pickPlain(out, taken, picks, base)
	}
	end := base + int32(n)
	for len(out) > 0 {
		k := min(len(out), tileRows)
		next := picks[k-1] + 1
		if err := w.codes.pick(w.numbers[:k], picks[:k], base, int(next-base)); err != nil {
			return err
		}
		if err := w.look(out[:k], w.numbers[:k]); err != nil {
			return err
		}
		out, picks, base = out[k:], picks[k:], next
	}
	return w.codes.skip(int(end - base))
}

// pickPlain converts some of the values that are stored.
func (w *words[W]) pickPlain(out []W, stored []byte, picks []int32, base int32) error {
	if w.tile == nil {
		w.tile = make([]byte, tileRows*w.width)
	}
	for len(out) > 0 {
		k := min(len(out), tileRows)
		tile := w.tile[:k*w.width]
		switch w.width {
		case 4:
			pickWords(view[uint32](tile, k), stored, picks[:k], base)
		case 8:
			pickWords(view[uint64](tile, k), stored, picks[:k], base)
		default:
			for i, p := range picks[:k] {
				copy(tile[i*w.width:(i+1)*w.width], stored[int(p-base)*w.width:])
			}
		}
		if err := w.convert(out[:k], tile); err != nil {
			return err
		}
		out, picks = out[k:], picks[k:]
	}
	return nil
}

func pickWords[W uint32 | uint64](out []W, stored []byte, picks []int32, base int32) {
	values := view[W](stored, len(stored)/sizeOf[W]())
	for i, p := range picks {
		out[i] = values[p-base]
	}
}

// pick gives of the next n numbers those whose numbers less base are in picks.
func (h *hybrid) pick(out []uint32, picks []int32, base int32, n int) error {
	for n > 0 {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		k := min(n, h.left)
		some := before(picks[:min(len(picks), k)], base+int32(k))
		if h.packed {
			h.pickPacked(out[:some], picks[:some], base)
			h.bit += k * h.width
		} else {
			for i := range out[:some] {
				out[i] = h.value
			}
		}
		out, picks = out[some:], picks[some:]
		base += int32(k)
		h.left -= k
		n -= k
	}
	return nil
}

// pickPacked is pick of a run.
func (h *hybrid) pickPacked(out []uint32, picks []int32, base int32) {
	if len(picks) == 0 {
		return
	}
	data := h.data[:len(h.data)+slack]
	span := int(picks[len(picks)-1]-picks[0]) + 1
	if len(picks)*packedPicks < span {
		for i, p := range picks {
			out[i] = one(data, h.bit+int(p-base)*h.width, h.width)
		}
		return
	}
	var tile [tileRows / 2]uint32
	for len(picks) > 0 {
		first := picks[0]
		some := before(picks[:min(len(picks), len(tile))], first+int32(len(tile)))
		rows := int(picks[some-1]-first) + 1
		unpack(tile[:rows], data, h.bit+int(first-base)*h.width, h.width)
		for i, p := range picks[:some] {
			out[i] = tile[p-first]
		}
		out, picks = out[some:], picks[some:]
	}
}
