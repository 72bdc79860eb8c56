package exec

import "github.com/apache/arrow/go/v17/arrow"

// hashSplit tells the rows of a record apart by some bits of their hashes. It is used by one goroutine.
type hashSplit struct {
	rowSplit     // into as many parts as the bits can say
	shift    int // of the lowest of the bits
}

func newHashSplit(env *Env, shift, parts int) hashSplit {
	return hashSplit{newRowSplit(env, parts), shift}
}

// spread gives the rows of each part of rec, which the caller keeps, to take, which owns them. schema is rec's.
func (s *hashSplit) spread(schema *arrow.Schema, rec arrow.Record, hashes []uint64, take func(part int, rec arrow.Record) error) error {
	s.begin()
	mask := uint64(len(s.ids) - 1)
	for row, h := range hashes {
		s.add(int(h>>s.shift&mask), row)
	}
	return s.give(schema, rec, take)
}

// rowSplit puts the rows of a record in parts.
type rowSplit struct {
	env *Env
	ids [][]rowID // by part
}

func newRowSplit(env *Env, parts int) rowSplit { return rowSplit{env, make([][]rowID, parts)} }

func (s *rowSplit) begin() {
	for i := range s.ids {
		s.ids[i] = s.ids[i][:0]
	}
}

func (s *rowSplit) add(part, row int) { s.ids[part] = append(s.ids[part], rowID(row)) }

// give gives the rows of each part of rec, which the caller keeps, to take, which owns them. schema is rec's.
func (s *rowSplit) give(schema *arrow.Schema, rec arrow.Record, take func(part int, rec arrow.Record) error) error {
	rows := newRecordGatherer(s.env.Mem, schema, []arrow.Record{rec})
	for i, ids := range s.ids {
		part := rec
		switch len(ids) {
		case 0:
			continue
		case int(rec.NumRows()):
			part.Retain()
		default:
			columns, err := rows.take(ids)
			if err != nil {
				return err
			}
			part = newRecord(schema, columns, len(ids))
		}
		if err := take(i, part); err != nil {
			return err
		}
	}
	return nil
}
