package exec

import (
	"slices"
)

// groupEntry is a row of held with the prefix of its key.
type groupEntry struct {
	prefix uint64
	row    rowID
}

// pick keeps the best n rows of each group, group by group.
func (t *GroupTopKState) pick() error {
	if t.fresh == 0 {
		return nil
	}
	t.fresh = 0
	if t.ranks != nil {
		return t.pickRanked()
	}
	keys, err := t.orderKeys()
	defer func() {
		for _, k := range keys {
			k.release()
		}
	}()
	if err != nil {
		return err
	}
	entries, ends := t.byGroup(keys)
	ids, owners := make([]rowID, 0, len(entries)), make([]uint32, 0, len(entries))
	from := 0
	for g, to := range ends {
		list := t.best(keys, entries[from:to])
		from = to
		for _, e := range list {
			ids, owners = append(ids, e.row), append(owners, uint32(g))
		}
		if int64(len(list)) == t.spec.n {
			t.limits.vals[g] = list[len(list)-1].prefix
		}
	}
	picked, size, err := pickRecords(t.env, t.spec.schema, t.held, ids)
	if err != nil {
		return err
	}
	releaseRecords(t.held)
	t.held, t.groups, t.bytes = picked, append(t.groups[:0], owners...), size
	return nil
}

func (t *GroupTopKState) orderKeys() (keys []*sortKeys, err error) {
	if t.spec.order == nil {
		return nil, nil
	}
	for _, rec := range t.held {
		k, err := t.spec.order.keysOf(t.env, rec)
		if err != nil {
			return keys, err
		}
		keys = append(keys, k)
		k.prepare(int(rec.NumRows()))
	}
	return keys, nil
}

// byGroup lists the rows of held by group, those of a group as they came, without those above its limit; ends says where
// each group's end.
func (t *GroupTopKState) byGroup(keys []*sortKeys) (entries []groupEntry, ends []int) {
	ends = make([]int, t.table.len())
	i := 0
	for chunk, rec := range t.held {
		for row := range int(rec.NumRows()) {
			if g := t.groups[i]; keys == nil || keys[chunk].prefix[row] <= t.limits.vals[g] {
				ends[g]++
			}
			i++
		}
	}
	at := 0
	for g, n := range ends {
		ends[g] = at
		at += n
	}
	entries = make([]groupEntry, at)
	i = 0
	for chunk, rec := range t.held {
		for row := range int(rec.NumRows()) {
			e := groupEntry{row: rowAt(chunk, row)}
			if keys != nil {
				e.prefix = keys[chunk].prefix[row]
			}
			g := t.groups[i]
			i++
			if keys != nil && e.prefix > t.limits.vals[g] {
				continue
			}
			entries[ends[g]] = e
			ends[g]++
		}
	}
	return entries, ends
}

// best orders a group's rows and gives the first n.
func (t *GroupTopKState) best(keys []*sortKeys, list []groupEntry) []groupEntry {
	if keys != nil && len(list) > 1 {
		tie := t.spec.order.mode != sortWord
		slices.SortFunc(list, func(a, b groupEntry) int {
			switch {
			case a.prefix < b.prefix:
				return -1
			case a.prefix > b.prefix:
				return 1
			case tie || a.prefix == nullOrder:
				c := keys[a.row>>chunkBits].compareTie(int(a.row&(chunkRows-1)), keys[b.row>>chunkBits], int(b.row&(chunkRows-1)))
				if c != 0 {
					return c
				}
			}
			return int(int64(a.row) - int64(b.row))
		})
	}
	return list[:min(int64(len(list)), t.spec.n)]
}
