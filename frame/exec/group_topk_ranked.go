package exec

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// groupRanks is the best n rows of each group where n is small: entries in order, n for each group, of rows in held. A row
// that is among them takes its place at once, and what it pushes out stays behind in held until the next pick.
type groupRanks struct {
	n       int
	entries slab[groupEntry]
	keys    []*sortKeys // of held, as far as ties need them; nil without an order
	prefix  []uint64    // of the batch
	ids     []rowID     // scratch
}

// groupTopKThin is the share of a batch's rows, one in so many, below which only those are held that are among the best.
const groupTopKThin = 4

func (r *groupRanks) grow(groups int) {
	known := len(r.entries.vals)
	r.entries.resize(groups * r.n)
	fill(r.entries.vals[known:], groupEntry{math.MaxUint64, noRow})
}

// rank gives the rows of rec that are among the best of their groups so far, whose places they take. chunk is where in
// held rec will be.
func (r *groupRanks) rank(order *sortKeys, groups []uint32, chunk int) []rowID {
	ids, n := r.ids[:0], r.n
	if order == nil {
		r.prefix = sized(r.prefix, len(groups)) // all alike
		clear(r.prefix)
	} else {
		r.keys = append(r.keys, order)
	}
	prefix := r.prefix[:len(groups)]
	for row, g := range groups {
		p := prefix[row]
		list := r.entries.vals[int(g)*n:][:n]
		at := n - 1
		if p > list[at].prefix {
			continue
		}
		e := groupEntry{p, rowAt(chunk, row)}
		if p == list[at].prefix && !r.before(e, list[at]) {
			continue
		}
		for at > 0 && (p < list[at-1].prefix || p == list[at-1].prefix && r.before(e, list[at-1])) {
			list[at] = list[at-1]
			at--
		}
		list[at] = e
		ids = append(ids, rowID(row))
	}
	r.ids = ids
	return ids
}

// before says whether e, the later row, comes before o, whose prefix is the same.
func (r *groupRanks) before(e, o groupEntry) bool {
	if o.row == noRow {
		return true
	}
	if r.keys == nil || r.keys[0].spec.mode == sortWord && e.prefix != nullOrder {
		return false
	}
	k, other := r.keys[e.row>>chunkBits], r.keys[o.row>>chunkBits]
	return k.compareTie(int(e.row&(chunkRows-1)), other, int(o.row&(chunkRows-1))) < 0
}

// moved says that of a chunk only the rows ids are held, which are in order.
func (r *groupRanks) moved(groups []uint32, chunk int, ids []rowID) {
	for to, row := range ids {
		list := r.entries.vals[int(groups[row])*r.n:][:r.n]
		for i, e := range list {
			if e.row == rowAt(chunk, int(row)) {
				list[i].row = rowAt(chunk, to)
				break
			}
		}
	}
}

// best lists the rows of all groups, and the groups.
func (r *groupRanks) best() (ids []rowID, owners []uint32) {
	ids, owners = make([]rowID, 0, len(r.entries.vals)), make([]uint32, 0, len(r.entries.vals))
	for i, e := range r.entries.vals {
		if e.row != noRow {
			ids, owners = append(ids, e.row), append(owners, uint32(i/r.n))
		}
	}
	return ids, owners
}

// renumber says that held is what best listed.
func (r *groupRanks) renumber(held []arrow.Record) {
	chunk, row := 0, 0
	for i := range r.entries.vals {
		e := &r.entries.vals[i]
		if e.row == noRow {
			continue
		}
		for row == int(held[chunk].NumRows()) {
			chunk, row = chunk+1, 0
		}
		e.row = rowAt(chunk, row)
		row++
	}
}

func (r *groupRanks) reset() {
	r.entries.free()
	r.dropKeys(0)
}

// dropKeys forgets the keys of held from a chunk on.
func (r *groupRanks) dropKeys(from int) {
	from = min(from, len(r.keys)) // there are none without an order
	for _, k := range r.keys[from:] {
		k.release()
	}
	r.keys = r.keys[:from]
}

// rankedKeys are the keys of rec without what the entries hold already.
func (t *GroupTopKState) rankedKeys(rec arrow.Record, prefix bool) (*sortKeys, error) {
	if t.spec.order == nil {
		return nil, nil
	}
	k, err := t.spec.order.keysOf(t.env, rec)
	if err != nil {
		return nil, err
	}
	if prefix || t.spec.order.mode == sortRows {
		k.prefix = t.ranks.prefix
		k.prepare(int(rec.NumRows()))
		t.ranks.prefix = k.prefix
	}
	return k, nil
}

// takeRanked holds what is among the best so far, or all of rec where that is most of it.
func (t *GroupTopKState) takeRanked(rec arrow.Record, groups []uint32) error {
	t.ranks.grow(t.table.len())
	order, err := t.rankedKeys(rec, true)
	if err != nil {
		return err
	}
	ids := t.ranks.rank(order, groups, len(t.held))
	if len(ids) == 0 || len(ids) < len(groups)/groupTopKThin {
		return t.holdThin(rec, groups, ids)
	}
	if order != nil {
		order.prefix = nil
	}
	rec.Retain()
	t.hold(rec)
	return nil
}

// holdThin holds, of a batch that was ranked, the rows ids alone.
func (t *GroupTopKState) holdThin(rec arrow.Record, groups []uint32, ids []rowID) error {
	chunk := len(t.held)
	thin, err := pickRows(t.env, t.spec.schema, rec, ids)
	if err != nil {
		return err
	}
	t.ranks.moved(groups, chunk, ids)
	t.ranks.dropKeys(chunk)
	if thin == nil {
		return nil
	}
	t.hold(thin)
	return t.keepKeys(thin)
}

func (t *GroupTopKState) hold(rec arrow.Record) {
	t.held = append(t.held, rec)
	t.fresh += rec.NumRows()
	t.bytes += batch.Bytes(rec)
}

// keepKeys keeps what ties need of the keys of rec, the next of held.
func (t *GroupTopKState) keepKeys(rec arrow.Record) error {
	order, err := t.rankedKeys(rec, false)
	if err != nil || order == nil {
		return err
	}
	order.prefix = nil
	t.ranks.keys = append(t.ranks.keys, order)
	return nil
}

// pickRanked keeps the best rows alone, group by group.
func (t *GroupTopKState) pickRanked() error {
	ids, owners := t.ranks.best()
	picked, size, err := pickRecords(t.env, t.spec.schema, t.held, ids)
	if err != nil {
		return err
	}
	releaseRecords(t.held)
	t.ranks.dropKeys(0)
	t.held, t.groups, t.bytes = picked, owners, size
	t.ranks.renumber(picked)
	for _, rec := range picked {
		if err := t.keepKeys(rec); err != nil {
			return err
		}
	}
	return nil
}
