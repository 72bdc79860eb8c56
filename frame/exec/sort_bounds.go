package exec

import (
	"cmp"
	"context"
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

// split samples the rows to cut their order into parts of even size. Rows without a key come in further parts, as many, by their places.
func (s *partedSort) split() {
	parts := int(min(maxParts, s.bytes()/s.env.partBytes()+1))
	every := max(1, s.rows/(parts*partSamples))
	var samples []wordBound
	at, next := 0, 0
	for i, key := range s.keys {
		c := s.column(i)
		for ; next < at+key.Len(); next = sampleAfter(next, every) {
			if row := next - at; !c.valid.null(row) {
				samples = append(samples, wordBound{c.word(row), next})
			}
		}
		at += key.Len()
	}
	slices.SortFunc(samples, wordBound.compare)
	for i := 1; i < parts; i++ {
		if n := i * len(samples) / parts; n > 0 {
			s.bounds = append(s.bounds, samples[n-1])
		}
	}
	s.bounds = slices.Compact(s.bounds)
	s.valid = len(s.bounds) + 1
	n := s.valid
	if s.nulls {
		n += parts
	}
	s.parts = make([]sortPart, n)
}

// sampleAfter is the row that is sampled after another: one of each stretch of so many, not always the same, lest it fall in step with the rows.
func sampleAfter(row, every int) int {
	stretch := row/every + 1
	return stretch*every + int(hashWord(uint64(stretch))%uint64(every))
}

// assign says which part each row of a unit belongs to, and how many each part has of them.
func (s *partedSort) assign(ctx context.Context, u *sortUnit) error {
	u.part, u.next = make([]uint16, u.rows), make([]uint32, len(s.parts))
	scratch := stages.Get().(*[]uint64)
	defer stages.Put(scratch)
	bounds := newWordBounds(s.bounds)
	u.inOrder = true
	part, at := u.part, u.base
	for i := u.from; i < u.to; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := s.keys[i].Len()
		*scratch = sized(*scratch, n)
		words := *scratch
		c := s.column(i)
		c.leadingWords(s.keys[i], words)
		if i == u.from {
			u.first = words[0]
		}
		u.inOrder = u.inOrder && words[0] >= u.last && slices.IsSorted(words)
		u.last = words[n-1]
		bounds.find(words, at, part[:n])
		s.assignNulls(u, c.valid, words, at, part[:n])
		for _, p := range part[:n] {
			u.next[p]++
		}
		part, at = part[n:], at+n
	}
	return nil
}

// assignNulls says which part the rows of a batch that have no key belong to.
func (s *partedSort) assignNulls(u *sortUnit, valid validity, words []uint64, at int, part []uint16) {
	if !s.nulls {
		return
	}
	for row, word := range words {
		switch {
		case word != nullOrder:
		case valid.null(row):
			part[row] = uint16(s.valid + (at+row)*(len(s.parts)-s.valid)/s.rows)
		default: // a null may have come before it, which the words don't tell
			u.inOrder = false
		}
	}
}

// inOrder says whether all rows came in order.
func (s *partedSort) inOrder() bool {
	last := uint64(0)
	for i := range s.units {
		if !s.units[i].inOrder || s.units[i].first < last {
			return false
		}
		last = s.units[i].last
	}
	return true
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
