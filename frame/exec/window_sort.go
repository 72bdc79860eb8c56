package exec

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// minShardRows is the least rows that are worth a goroutine's turn.
const minShardRows = 1 << 14

// windowOrder is held rows in the order of their windows: partition by partition, in each by the order keys, equal rows
// as they came.
type windowOrder struct {
	spec    *WindowSpec
	held    []arrow.Record
	keys    []*sortKeys // of held; nil without an order
	entries []sortEntry // of all rows, with an order
	ids     []rowID     // of all rows
	starts  []int       // of the partitions, and the end
}

// windowShard is a stretch of whole partitions: of ids, rows [from, to), of the partitions, [first, last).
type windowShard struct{ from, to, first, last int }

// newWindowOrder parts the held rows. groups has, for each record, the partitions of its rows; nil where there is one.
func newWindowOrder(env *Env, spec *WindowSpec, held []arrow.Record, groups [][]uint32, partitions int) (*windowOrder, error) {
	o := &windowOrder{spec: spec, held: held}
	rows := 0
	for _, rec := range held {
		rows += int(rec.NumRows())
	}
	if spec.keys != nil {
		for _, rec := range held {
			k, err := spec.keys.keysOf(env, rec)
			if err != nil {
				o.close()
				return nil, err
			}
			o.keys = append(o.keys, k)
		}
	}
	o.starts = make([]int, partitions+1)
	if groups == nil {
		o.starts[partitions] = rows
	}
	for _, list := range groups {
		for _, g := range list {
			o.starts[g+1]++
		}
	}
	for i := range partitions {
		if groups != nil {
			o.starts[i+1] += o.starts[i]
		}
	}
	o.ids = make([]rowID, rows)
	if spec.keys != nil {
		o.entries = make([]sortEntry, rows)
	}
	o.place(groups)
	return o, nil
}

// place puts the rows of each partition side by side.
func (o *windowOrder) place(groups [][]uint32) {
	next := slices.Clone(o.starts)
	at := 0
	for chunk, rec := range o.held {
		rows := int(rec.NumRows())
		var prefix []uint64
		if o.keys != nil {
			o.keys[chunk].prepare(rows)
			prefix = o.keys[chunk].prefix
		}
		for row := range rows {
			to := at + row
			if groups != nil {
				g := groups[chunk][row]
				to = next[g]
				next[g]++
			}
			if prefix != nil {
				o.entries[to] = sortEntry{prefix[row], rowAt(chunk, row)}
			} else {
				o.ids[to] = rowAt(chunk, row)
			}
		}
		at += rows
	}
}

func (o *windowOrder) close() {
	for _, k := range o.keys {
		k.release()
	}
	o.keys = nil
}

// shards parts the rows, at the bounds of partitions, for workers.
func (o *windowOrder) shards(workers int) []windowShard {
	var out []windowShard
	most := max(minShardRows, len(o.ids)/(4*workers))
	for first := 0; first < len(o.starts)-1; {
		last := first + 1
		for last < len(o.starts)-1 && o.starts[last+1]-o.starts[first] <= most {
			last++
		}
		out = append(out, windowShard{o.starts[first], o.starts[last], first, last})
		first = last
	}
	return out
}

// sort orders the rows of a shard and marks where partitions and peers begin.
func (o *windowOrder) sort(ctx context.Context, s windowShard) (part, peer bitmap, err error) {
	part = newBitmap(s.to - s.from)
	for _, at := range o.starts[s.first:s.last] {
		if at < s.to {
			part.set(at - s.from)
		}
	}
	if o.keys == nil {
		// Without an order all rows of a partition are peers.
		return part, part, nil
	}
	peer = newBitmap(s.to - s.from)
	var scratch []sortEntry
	for p := s.first; p < s.last; p++ {
		entries := o.entries[o.starts[p]:o.starts[p+1]]
		if scratch, err = sortWindow(ctx, entries, scratch); err != nil {
			return nil, nil, err
		}
		sortTies(o.spec.keys, o.keys, entries)
		for i, e := range entries {
			o.ids[o.starts[p]+i] = e.row
			if i == 0 || !o.equal(entries[i-1], e) {
				peer.set(o.starts[p] + i - s.from)
			}
		}
	}
	return part, peer, ctx.Err()
}

func (o *windowOrder) equal(a, b sortEntry) bool {
	if a.prefix != b.prefix {
		return false
	}
	if o.spec.keys.mode == sortWord && a.prefix != nullOrder {
		return true
	}
	k, other := o.keys[a.row>>chunkBits], o.keys[b.row>>chunkBits]
	return k.compareTie(int(a.row&(chunkRows-1)), other, int(b.row&(chunkRows-1))) == 0
}

// sortWindow sorts entries by prefix and row in place: small ones by comparing, others by radix, one pass for each byte
// in which prefixes differ. Entries come in the order of their rows.
func sortWindow(ctx context.Context, entries, scratch []sortEntry) ([]sortEntry, error) {
	if len(entries) < 256 {
		sortFew(entries, 0)
		return scratch, nil
	}
	differ, sorted := uint64(0), true
	for i := 1; i < len(entries); i++ {
		differ |= entries[i].prefix ^ entries[0].prefix
		sorted = sorted && entries[i-1].prefix <= entries[i].prefix
	}
	if sorted {
		return scratch, nil
	}
	scratch = sized(scratch, len(entries))
	from, to := entries, scratch
	for shift := uint(0); shift < 64; shift += 8 {
		if differ>>shift&0xFF == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return scratch, err
		}
		var next [256]int
		for i := range from {
			next[uint8(from[i].prefix>>shift)]++
		}
		at := 0
		for b, n := range next {
			next[b] = at
			at += n
		}
		for i := range from {
			b := uint8(from[i].prefix >> shift)
			to[next[b]] = from[i]
			next[b]++
		}
		from, to = to, from
	}
	if &from[0] != &entries[0] {
		copy(entries, from)
	}
	return scratch, nil
}

// sortFew sorts entries by prefix and row: quicksort by the median of three, of few entries by insertion.
func sortFew(e []sortEntry, depth int) {
	for len(e) > 16 {
		if depth++; depth > 32 {
			slices.SortFunc(e, func(a, b sortEntry) int { return cmp.Or(cmp.Compare(a.prefix, b.prefix), cmp.Compare(a.row, b.row)) })
			return
		}
		last := len(e) - 1
		if before(e[len(e)/2], e[0]) {
			e[0], e[len(e)/2] = e[len(e)/2], e[0]
		}
		if before(e[last], e[0]) {
			e[0], e[last] = e[last], e[0]
		}
		if before(e[last], e[len(e)/2]) {
			e[last], e[len(e)/2] = e[len(e)/2], e[last]
		}
		pivot := e[len(e)/2]
		i, j := 0, last
		for i <= j {
			for before(e[i], pivot) {
				i++
			}
			for before(pivot, e[j]) {
				j--
			}
			if i <= j {
				e[i], e[j] = e[j], e[i]
				i++
				j--
			}
		}
		sortFew(e[:j+1], depth)
		e = e[i:]
	}
	for i := 1; i < len(e); i++ {
		x := e[i]
		j := i
		for ; j > 0 && before(x, e[j-1]); j-- {
			e[j] = e[j-1]
		}
		e[j] = x
	}
}

func before(a, b sortEntry) bool {
	return a.prefix < b.prefix || a.prefix == b.prefix && a.row < b.row
}
