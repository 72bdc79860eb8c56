package exec

import "github.com/apache/arrow/go/v17/arrow"

// hashSplit tells the rows of a record apart by some bits of their hashes. It is used by one goroutine.
type hashSplit struct {
	env   *Env
	shift int       // of the lowest of the bits
	ids   [][]rowID // by the bits: as many as they can say
}

func newHashSplit(env *Env, shift, parts int) hashSplit {
	return hashSplit{env: env, shift: shift, ids: make([][]rowID, parts)}
}

// spread gives the rows of each part of rec, which the caller keeps, to take, which owns them. schema is rec's.
func (s *hashSplit) spread(schema *arrow.Schema, rec arrow.Record, hashes []uint64, take func(part int, rec arrow.Record) error) error {
	for i := range s.ids {
		s.ids[i] = s.ids[i][:0]
	}
	mask := uint64(len(s.ids) - 1)
	for row, h := range hashes {
		i := h >> s.shift & mask
		s.ids[i] = append(s.ids[i], rowID(row))
	}
	for i, ids := range s.ids {
		part, err := pickRows(s.env, schema, rec, ids)
		if err == nil && part != nil {
			err = take(i, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
