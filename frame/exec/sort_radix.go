package exec

import "math/bits"

const (
	// insertionRows is up to how many entries an insertion sort is fastest.
	insertionRows = 24

	// Digits are wide where there are enough entries to pay for as many counters.
	fewBits  = 8
	manyBits = 11
	manyRows = 1 << manyBits
)

// sortByPrefix sorts entries by prefix, stable; spare is as long and holds garbage afterwards. Only so many leading
// bits, among those in which prefixes differ, are sorted by radix as part the rows into groups of about one: what is
// left in groups is sorted within them, however unevenly the bits are spread.
func sortByPrefix(entries, spare []sortEntry) {
	if len(entries) <= insertionRows {
		sortByInsertion(entries)
		return
	}
	at := 1
	for at < len(entries) && entries[at-1].prefix <= entries[at].prefix {
		at++
	}
	if at == len(entries) {
		return
	}
	first, differ := entries[0].prefix, uint64(0)
	for i := range entries {
		differ |= entries[i].prefix ^ first
	}
	top := bits.Len64(differ)
	width := fewBits
	if len(entries) >= manyRows {
		width = manyBits
	}
	passes := (min(bits.Len(uint(len(entries))), top) + width - 1) / width
	low := max(0, top-passes*width)
	if width == fewBits {
		sortFewBits(entries, spare, uint(low), uint(top))
	} else {
		sortManyBits(entries, spare, uint(low), uint(top))
	}
	if low == 0 {
		return
	}
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].prefix>>low == entries[from].prefix>>low {
			to++
		}
		if to-from > 1 {
			sortByPrefix(entries[from:to], spare[from:to])
		}
		from = to
	}
}

// sortFewBits sorts by the bits of prefixes from low up to top, fewBits at a time, lowest first.
func sortFewBits(entries, spare []sortEntry, low, top uint) {
	from, to := entries, spare[:len(entries)]
	for shift := low; shift < top; shift += fewBits {
		var next [1 << fewBits]uint32
		for i := range from {
			next[from[i].prefix>>(shift&63)%(1<<fewBits)]++
		}
		if int(next[from[0].prefix>>(shift&63)%(1<<fewBits)]) == len(from) {
			continue
		}
		addUp(next[:])
		for i := range from {
			d := from[i].prefix >> (shift & 63) % (1 << fewBits)
			to[next[d]] = from[i]
			next[d]++
		}
		from, to = to, from
	}
	if &from[0] != &entries[0] {
		copy(entries, from)
	}
}

// sortManyBits sorts by the bits of prefixes from low up to top, manyBits at a time, lowest first.
func sortManyBits(entries, spare []sortEntry, low, top uint) {
	from, to := entries, spare[:len(entries)]
	for shift := low; shift < top; shift += manyBits {
		var next [1 << manyBits]uint32
		for i := range from {
			next[from[i].prefix>>(shift&63)%(1<<manyBits)]++
		}
		if int(next[from[0].prefix>>(shift&63)%(1<<manyBits)]) == len(from) {
			continue
		}
		addUp(next[:])
		for i := range from {
			d := from[i].prefix >> (shift & 63) % (1 << manyBits)
			to[next[d]] = from[i]
			next[d]++
		}
		from, to = to, from
	}
	if &from[0] != &entries[0] {
		copy(entries, from)
	}
}

// addUp makes of the number of entries with each digit where the first of them goes.
func addUp(next []uint32) {
	at := uint32(0)
	for d, n := range next {
		next[d] = at
		at += n
	}
}

func sortByInsertion(entries []sortEntry) {
	for i := 1; i < len(entries); i++ {
		e := entries[i]
		j := i
		for ; j > 0 && entries[j-1].prefix > e.prefix; j-- {
			entries[j] = entries[j-1]
		}
		entries[j] = e
	}
}
