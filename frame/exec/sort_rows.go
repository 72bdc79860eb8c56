package exec

import (
	"context"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
)

// sortEntry is a row and the part of its key that is being sorted by.
type sortEntry struct {
	prefix uint64
	row    rowID
}

// comparedRows is up to how many rows with equal prefixes are sorted by comparing whole keys.
const comparedRows = 12

// sorter orders rows of several batches, key by key: all rows by the first, then those that are equal in it by the next.
// Strings are sorted eight bytes at a time, from where they begin to differ.
type sorter struct {
	chunks [][]sortColumn // by batch, by key
	keys   int
	nulls  []bool // by key: some row is null

	entries, spare []sortEntry
}

// sorters keeps the scratch memory of sorts.
var sorters = sync.Pool{New: func() any { return new(sorter) }}

// sortRecords gives the rows of records, each of at most chunkRows rows, in order; equal rows stay in input order.
func sortRecords(env *Env, spec *sortSpec, records []arrow.Record) ([]rowID, error) {
	keys := make([][]arrow.Array, 0, len(records))
	defer func() {
		for _, k := range keys {
			releaseArrays(k)
		}
	}()
	s := sorters.Get().(*sorter)
	defer s.free()
	s.keys = len(spec.keys)
	s.nulls = append(s.nulls[:0], make([]bool, s.keys)...)
	total := 0
	for _, rec := range records {
		// No key calls a function, which a cancel would have to stop: frame makes such keys columns first.
		arrays, err := evalAll(context.Background(), env, spec.keys, rec)
		if err != nil {
			return nil, err
		}
		keys = append(keys, arrays)
		s.chunks = append(s.chunks, spec.columnsOf(arrays))
		for k, arr := range arrays {
			s.nulls[k] = s.nulls[k] || arr.NullN() > 0
		}
		total += int(rec.NumRows())
	}
	s.entries, s.spare = sized(s.entries, total), sized(s.spare, total)
	at := 0
	for chunk, rec := range records {
		for row := range int(rec.NumRows()) {
			s.entries[at].row = rowAt(chunk, row)
			at++
		}
	}
	s.sort(s.entries, s.spare, 0)
	ids := make([]rowID, total)
	for i := range s.entries {
		ids[i] = s.entries[i].row
	}
	return ids, nil
}

// free gives the scratch memory back.
func (s *sorter) free() {
	clear(s.chunks)
	s.chunks = s.chunks[:0]
	sorters.Put(s)
}

// at is the column of a key in a row's batch, and the row in it.
func (s *sorter) at(id rowID, key int) (*sortColumn, int) {
	return &s.chunks[id>>chunkBits][key], int(id & (chunkRows - 1))
}

// sort orders rows that are equal in the keys before key and come in input order.
func (s *sorter) sort(entries, spare []sortEntry, key int) {
	if key == s.keys || len(entries) < 2 {
		return
	}
	if len(entries) <= comparedRows {
		s.sortFew(entries, key)
		return
	}
	switch s.chunks[0][key].kind {
	case keyWord:
		s.sortWords(entries, spare, key)
	case keyString:
		n := s.splitNulls(entries, spare, key)
		s.sortText(entries[:n], spare[:n], key, 0)
		s.sort(entries[n:], spare[n:], key+1)
	case keyWide:
		n := s.splitNulls(entries, spare, key)
		s.sortWide(entries[:n], spare[:n], key)
		s.sort(entries[n:], spare[n:], key+1)
	default:
		s.sort(entries, spare, key+1)
	}
}

// sortFew sorts by comparing.
func (s *sorter) sortFew(entries []sortEntry, key int) {
	for i := 1; i < len(entries); i++ {
		e := entries[i]
		j := i
		for ; j > 0 && s.compare(entries[j-1].row, e.row, key) > 0; j-- {
			entries[j] = entries[j-1]
		}
		entries[j] = e
	}
}

func (s *sorter) compare(a, b rowID, key int) int {
	return compareRows(s.chunks[a>>chunkBits], int(a&(chunkRows-1)), s.chunks[b>>chunkBits], int(b&(chunkRows-1)), key)
}

func (s *sorter) sortWords(entries, spare []sortEntry, key int) {
	for i := range entries {
		c, row := s.at(entries[i].row, key)
		entries[i].prefix = c.word(row)
	}
	sortByPrefix(entries, spare)
	if key+1 == s.keys && !s.nulls[key] {
		return
	}
	eachTie(entries, func(from, to int) {
		if entries[from].prefix == nullOrder {
			n := from + s.splitNulls(entries[from:to], spare[from:to], key)
			s.sort(entries[from:n], spare[from:n], key+1)
			from = n
		}
		s.sort(entries[from:to], spare[from:to], key+1)
	})
}

func (s *sorter) sortWide(entries, spare []sortEntry, key int) {
	for i := range entries {
		c, row := s.at(entries[i].row, key)
		entries[i].prefix, _ = c.wide(row)
	}
	sortByPrefix(entries, spare)
	eachTie(entries, func(from, to int) {
		tied := entries[from:to]
		for i := range tied {
			c, row := s.at(tied[i].row, key)
			_, tied[i].prefix = c.wide(row)
		}
		sortByPrefix(tied, spare[from:to])
		eachTie(tied, func(low, high int) { s.sort(tied[low:high], spare[from+low:from+high], key+1) })
	})
}

// sortText sorts by strings, none null, that are equal in their first depth bytes and have as many.
func (s *sorter) sortText(entries, spare []sortEntry, key, depth int) {
	if len(entries) <= comparedRows {
		s.sortFew(entries, key)
		return
	}
	depth = s.commonBytes(entries, key, depth)
	for i := range entries {
		c, row := s.at(entries[i].row, key)
		entries[i].prefix = c.textWord(row, depth)
	}
	sortByPrefix(entries, spare)
	eachTie(entries, func(from, to int) { s.sortEnds(entries[from:to], spare[from:to], key, depth) })
}

// sortEnds sorts strings that agree in eight bytes from depth on, or end before and would if zeros followed: the shorter
// first, and those that go on by what follows.
func (s *sorter) sortEnds(entries, spare []sortEntry, key, depth int) {
	if len(entries) <= comparedRows {
		s.sortFew(entries, key)
		return
	}
	const goesOn = 9
	for i := range entries {
		c, row := s.at(entries[i].row, key)
		entries[i].prefix = uint64(min(len(c.bytes(row, depth)), goesOn)) ^ c.flip
	}
	sortByPrefix(entries, spare)
	eachTie(entries, func(from, to int) {
		if c, row := s.at(entries[from].row, key); len(c.bytes(row, depth)) >= goesOn {
			s.sortText(entries[from:to], spare[from:to], key, depth+8)
			return
		}
		s.sort(entries[from:to], spare[from:to], key+1)
	})
}

// commonBytes is how many bytes, depth at least, all strings begin with.
func (s *sorter) commonBytes(entries []sortEntry, key, depth int) int {
	c, row := s.at(entries[0].row, key)
	common := c.bytes(row, depth)
	for i := range entries {
		c, row := s.at(entries[i].row, key)
		b := c.bytes(row, depth)
		n := min(len(b), len(common))
		if string(b[:n]) != string(common[:n]) {
			n = 0
			for b[n] == common[n] {
				n++
			}
		}
		if common = common[:n]; n == 0 {
			break
		}
	}
	return depth + len(common)
}

// splitNulls puts rows that are null in a key last, and says how many are not.
func (s *sorter) splitNulls(entries, spare []sortEntry, key int) int {
	if !s.nulls[key] {
		return len(entries)
	}
	valid, nulls := 0, 0
	for _, e := range entries {
		if c, row := s.at(e.row, key); c.valid.null(row) {
			spare[nulls] = e
			nulls++
		} else {
			entries[valid] = e
			valid++
		}
	}
	copy(entries[valid:], spare[:nulls])
	return valid
}

// eachTie calls f with the bounds of the groups of entries that have one prefix. f may change them.
func eachTie(entries []sortEntry, f func(from, to int)) {
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].prefix == entries[from].prefix {
			to++
		}
		if to-from > 1 {
			f(from, to)
		}
		from = to
	}
}
