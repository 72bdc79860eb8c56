package exec

import "math/bits"

const (
	// insertionRows is up to how many entries an insertion sort is fastest.
	insertionRows = 24

	digitBits = 8
	digits    = 1 << digitBits
)

// sortByPrefix sorts entries by prefix, stable; spare is as long and holds garbage afterwards. Only so many leading
// bits, among those in which prefixes differ, are sorted by radix as part the rows into groups of about one: what is
// left in groups is sorted within them, however unevenly the bits are spread.
func sortByPrefix(entries, spare []sortEntry) {
	if len(entries) <= insertionRows {
		sortByInsertion(entries)
		return
	}
	first, last := entries[0].prefix, entries[0].prefix
	differ, sorted := uint64(0), true
	for i := range entries {
		p := entries[i].prefix
		differ |= p ^ first
		if p < last {
			sorted = false
		}
		last = p
	}
	if sorted {
		return
	}
	top := bits.Len64(differ)
	passes := min(bits.Len(uint(len(entries)))+3, top+digitBits-1) / digitBits
	low := uint(max(0, top-passes*digitBits))
	sortDigits(entries, spare, low, uint(top))
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

// sortDigits sorts by the bits of prefixes from low up to top, lowest digit first.
func sortDigits(entries, spare []sortEntry, low, top uint) {
	from, to := entries, spare[:len(entries)]
	for shift := low; shift < top; shift += digitBits {
		var next [digits]uint32
		for i := range from {
			next[uint8(from[i].prefix>>(shift&63))]++
		}
		if int(next[uint8(from[0].prefix>>(shift&63))]) == len(from) {
			continue
		}
		at := uint32(0)
		for d, n := range next {
			next[d] = at
			at += n
		}
		for i := range from {
			d := uint8(from[i].prefix >> (shift & 63))
			to[next[d]] = from[i]
			next[d]++
		}
		from, to = to, from
	}
	if &from[0] != &entries[0] {
		copy(entries, from)
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
