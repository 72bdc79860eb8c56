package exec

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
)

// wordBound is a row at which the order of all rows is cut: those up to it, of equal words the earlier ones, are before the cut.
type wordBound struct {
	word uint64
	at   int // rows that came before it
}

func (b wordBound) compare(o wordBound) int {
	return cmp.Or(cmp.Compare(b.word, o.word), cmp.Compare(b.at, o.at))
}

// split samples the rows to cut their order into parts of even size.
func (s *partedSort) split() {
	parts := int(min(maxParts, s.bytes()/s.env.partBytes()+1))
	every := max(1, s.rows/(parts*partSamples))
	var samples []wordBound
	at, next := 0, 0
	for chunk, rec := range s.records {
		end := at + int(rec.NumRows())
		for ; next < end; next = sampleAfter(next, every) {
			var word [1]uint64
			s.words(chunk, next-at, word[:])
			b := wordBound{word[0], next}
			if s.tied < len(s.keys) { // a later row may be less
				b.at = math.MaxInt
			}
			samples = append(samples, b)
		}
		at = end
	}
	slices.SortFunc(samples, wordBound.compare)
	for i := 1; i < parts; i++ {
		if n := i * len(samples) / parts; n > 0 {
			s.bounds = append(s.bounds, samples[n-1])
		}
	}
	s.bounds = slices.Compact(s.bounds)
	s.parts = make([]sortPart, len(s.bounds)+1)
}

// sampleAfter is the row that is sampled after another: one of each stretch of so many, not always the same, lest it fall in step with the rows.
func sampleAfter(row, every int) int {
	stretch := row/every + 1
	return stretch*every + int(hashWord(uint64(stretch))%uint64(every))
}

// assignUnit says which part each row of a unit belongs to, and how many each part has of them.
func (s *partedSort) assignUnit(ctx context.Context, u *sortUnit) error {
	u.part, u.next = make([]uint16, u.rows), make([]uint32, len(s.parts))
	bounds := newWordBounds(s.bounds)
	var block [sortBlock]uint64
	u.inOrder = true
	part, at := u.part, u.base
	for chunk := u.from; chunk < u.to; chunk++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := int(s.records[chunk].NumRows())
		for from := 0; from < rows; from += sortBlock {
			n := min(sortBlock, rows-from)
			words := block[:n]
			s.words(chunk, from, words)
			if at == u.base {
				u.first = words[0]
			} else {
				u.inOrder = u.inOrder && s.follows(u.last, words[0])
			}
			for i := 1; i < n && u.inOrder; i++ {
				u.inOrder = s.follows(words[i-1], words[i])
			}
			u.last = words[n-1]
			bounds.find(words, at, part[:n])
			for _, p := range part[:n] {
				u.next[p]++
			}
			part, at = part[n:], at+n
		}
	}
	return nil
}

// follows says whether a row of one word may come after a row of another.
func (s *partedSort) follows(before, word uint64) bool {
	return before < word || before == word && s.tied == len(s.keys)
}

// inOrder says whether all rows came in order.
func (s *partedSort) inOrder() bool {
	for i := range s.units {
		if !s.units[i].inOrder || i > 0 && !s.follows(s.units[i-1].last, s.units[i].first) {
			return false
		}
	}
	return true
}

// words makes the words of a few rows of a batch.
func (s *partedSort) words(chunk, from int, out []uint64) {
	clear(out)
	var block [sortBlock]uint64
	values := block[:len(out)]
	for i := range s.keys[:min(s.tied+1, len(s.keys))] {
		k := &s.keys[i]
		k.stored(chunk, from, values)
		k.values(values)
		if valid := k.column.valid[chunk]; !valid.all() {
			for row := range values {
				if valid.null(from + row) {
					values[row] = k.null
				}
			}
		}
		k.mix(out, values)
	}
}

// packedWords makes the words of a few rows of a part.
func (s *partedSort) packedWords(p *sortPart, from int, out []uint64) {
	clear(out)
	var block [sortBlock]uint64
	values := block[:len(out)]
	for i := range s.keys[:min(s.tied+1, len(s.keys))] {
		s.packedValues(p, i, from, values)
		s.keys[i].mix(out, values)
	}
}

// packedValues is the values of a key in a few rows of a part.
func (s *partedSort) packedValues(p *sortPart, key, from int, out []uint64) {
	k, w := &s.keys[key], s.layout.width
	rows := p.words[from*w:]
	k.packed(rows, w, out)
	k.values(out)
	if k.column.nulls {
		halves := halvesOf(rows)[s.layout.nulls+k.number/32:]
		for i := range out {
			if halves[2*i*w]>>(k.number%32)&1 != 0 {
				out[i] = k.null
			}
		}
	}
}

func (s *partedSort) packedValue(p *sortPart, key, row int) uint64 {
	var one [1]uint64
	s.packedValues(p, key, row, one[:])
	return one[0]
}

// wordBounds finds the parts of words.
type wordBounds struct {
	bounds []wordBound
	words  []uint64 // of bounds, up to one less than a power of two
}

func newWordBounds(bounds []wordBound) *wordBounds {
	b := &wordBounds{bounds: bounds, words: make([]uint64, 1<<bits.Len(uint(len(bounds)))-1)}
	for i := range b.words {
		b.words[i] = nullOrder
		if i < len(bounds) {
			b.words[i] = bounds[i].word
		}
	}
	return b
}

// find gives the part of each row, of which so many came before: how many bounds are lower.
func (b *wordBounds) find(words []uint64, at int, part []uint16) {
	for row, word := range words {
		low := 0
		for step := (len(b.words) + 1) / 2; step > 0; step /= 2 {
			_, less := bits.Sub64(b.words[low+step-1], word, 0) // without a branch: nobody can predict it
			low += step & -int(less)
		}
		if low < len(b.bounds) && b.bounds[low].word == word {
			n, _ := slices.BinarySearchFunc(b.bounds[low:], wordBound{word, at + row}, wordBound.compare)
			low += n
		}
		part[row] = uint16(low)
	}
}
