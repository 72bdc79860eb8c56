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

// Pick gives rows of those to come: picks are their numbers, in increasing order, where from is the number of the next. Of long texts it
// gives fewer, at least one. The column then stands behind the last that was given.
func (c *Column) Pick(from int32, picks []int32) (arrow.Array, error) {
	c.begin(len(picks))
	done := 0
	for done < len(picks) && !c.values.full() {
		c.behind += int64(picks[done] - from)
		from = picks[done]
		for c.inPage == 0 || c.behind > 0 {
			if err := c.settle(); err != nil {
				return nil, err
			}
		}
		read, passed, err := c.pickPage(done, from, picks[done:])
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

// pickPage picks rows of the page, whose next is from, the first of picks, and says how many, and how many rows it has passed over.
func (c *Column) pickPage(done int, from int32, picks []int32) (read, passed int, err error) {
	rows := c.inPage
	if !c.levels.none {
		rows = min(rows, levelRows)
	}
	picks = picks[:before(picks[:min(len(picks), c.values.step())], from+int32(rows))]
	rows = int(picks[len(picks)-1]-from) + 1
	if rows == len(picks) {
		read, err = c.read(done, done+rows)
		return read, read, err
	}
	if c.levels.none {
		return len(picks), rows, c.values.pick(done, picks, from, rows)
	}
	bits, set, err := c.present(rows)
	if err != nil {
		return 0, 0, err
	}
	if set == rows {
		return len(picks), rows, c.values.pick(done, picks, from, rows)
	}
	there, numbers := c.chosen(bits, from, picks)
	if err := c.values.pick(done, numbers, 0, set); err != nil {
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

// pickTiles is pick for who does something else with the numbers: take gets them a tile at a time, and how many there were before.
func (h *hybrid) pickTiles(tile []uint32, picks []int32, base int32, n int, take func(done int, numbers []uint32) error) error {
	end := base + int32(n)
	for done := 0; done < len(picks); {
		some := picks[done:min(len(picks), done+len(tile))]
		next := some[len(some)-1] + 1
		numbers := tile[:len(some)]
		if err := h.pick(numbers, some, base, int(next-base)); err != nil {
			return err
		}
		if err := take(done, numbers); err != nil {
			return err
		}
		done, base = done+len(some), next
	}
	return h.skip(int(end - base))
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
		rows := min(int(picks[len(picks)-1]-first)+1, len(tile))
		unpack(tile[:rows], data, h.bit+int(first-base)*h.width, h.width)
		some := before(picks[:min(len(picks), rows)], first+int32(rows))
		choose(out[:some], tile[:rows], picks[:some], first)
		out, picks = out[some:], picks[some:]
	}
}
