package exec

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// sortEntry is a row and the prefix of its key.
type sortEntry struct {
	prefix uint64
	row    rowID
}

// sortRecords gives the rows of records, each of at most chunkRows rows, in order; equal rows stay in input order.
func sortRecords(env *Env, spec *sortSpec, records []arrow.Record) ([]rowID, error) {
	keys := make([]*sortKeys, 0, len(records))
	defer func() {
		for _, k := range keys {
			k.release()
		}
	}()
	total := 0
	for _, rec := range records {
		k, err := spec.keysOf(env, rec)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
		k.window(0, int(rec.NumRows()))
		total += int(rec.NumRows())
	}
	entries := make([]sortEntry, 0, total)
	for chunk, k := range keys {
		for row, p := range k.prefix {
			entries = append(entries, sortEntry{p, rowAt(chunk, row)})
		}
	}
	entries = sortByPrefix(entries)
	sortTies(spec, keys, entries)
	ids := make([]rowID, total)
	for i, e := range entries {
		ids[i] = e.row
	}
	return ids, nil
}

// sortByPrefix sorts entries by prefix, stable: by radix, one pass for each byte in which prefixes differ.
func sortByPrefix(entries []sortEntry) []sortEntry {
	if len(entries) < 128 {
		slices.SortStableFunc(entries, func(a, b sortEntry) int { return cmp.Compare(a.prefix, b.prefix) })
		return entries
	}
	differ, sorted := uint64(0), true
	for i := 1; i < len(entries); i++ {
		differ |= entries[i].prefix ^ entries[0].prefix
		sorted = sorted && entries[i-1].prefix <= entries[i].prefix
	}
	if sorted {
		return entries
	}
	other := make([]sortEntry, len(entries))
	for shift := uint(0); shift < 64; shift += 8 {
		if differ>>shift&0xFF == 0 {
			continue
		}
		var next [256]int
		for i := range entries {
			next[uint8(entries[i].prefix>>shift)]++
		}
		at := 0
		for b, n := range next {
			next[b] = at
			at += n
		}
		for i := range entries {
			b := uint8(entries[i].prefix >> shift)
			other[next[b]] = entries[i]
			next[b]++
		}
		entries, other = other, entries
	}
	return entries
}

// sortTies orders the entries of equal prefix by the rest of their keys, then by input order.
func sortTies(spec *sortSpec, keys []*sortKeys, entries []sortEntry) {
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].prefix == entries[from].prefix {
			to++
		}
		if to-from > 1 && (spec.mode != sortWord || entries[from].prefix == nullOrder) {
			slices.SortFunc(entries[from:to], func(a, b sortEntry) int {
				k, o := keys[a.row>>chunkBits], keys[b.row>>chunkBits]
				if c := k.compareTie(int(a.row&(chunkRows-1)), o, int(b.row&(chunkRows-1))); c != 0 {
					return c
				}
				return cmp.Compare(a.row, b.row)
			})
		}
		from = to
	}
}

// chunked cuts rec, which it takes over, into records that row ids can address, and appends them to list.
func chunked(list []arrow.Record, rec arrow.Record) []arrow.Record {
	if rec.NumRows() <= chunkRows {
		return append(list, rec)
	}
	defer rec.Release()
	for from := int64(0); from < rec.NumRows(); from += chunkRows {
		list = append(list, rec.NewSlice(from, min(from+chunkRows, rec.NumRows())))
	}
	return list
}

// eachChunk cuts rec, which it takes over, and gives the pieces to f, which owns them.
func eachChunk(rec arrow.Record, f func(arrow.Record) error) error {
	pieces := chunked(nil, rec)
	for i, piece := range pieces {
		if err := f(piece); err != nil {
			releaseRecords(pieces[i+1:])
			return err
		}
	}
	return nil
}

// takeRows gives the rows named, in batches of at most maxRows rows.
func takeRows(g *gatherer, schema *arrow.Schema, ids []rowID, emit emitFunc) error {
	for len(ids) > 0 {
		n := g.fit(ids[:min(len(ids), maxRows)])
		columns, err := g.take(ids[:n])
		if err != nil {
			return err
		}
		if err := emit(newRecord(schema, columns, n)); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
