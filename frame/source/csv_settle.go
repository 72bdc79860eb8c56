package source

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// settle decides what becomes of the row at p.pos, for which err came up: it is kept after all, left out, or the end.
// next is the position after it.
func (p *parser) settle(err error, row int) (kept bool, next int, _ error) {
	why, ok := errors.AsType[*rowError](err)
	if !ok {
		return false, 0, err
	}
	if p.fill && errors.Is(err, ErrRagged) {
		p.rollback(row)
		if next, err = p.fillRow(row); err == nil {
			return true, next, nil
		}
		if why, ok = errors.AsType[*rowError](err); !ok {
			return false, 0, err
		}
	}
	if p.reject == nil {
		return false, 0, err
	}
	p.rollback(row)
	next = p.dialect.nextOf(p.data, p.pos, len(p.data))
	p.reject(p.pos, next, why)
	return false, next, nil
}

func (p *parser) rollback(row int) {
	for _, s := range p.steps {
		if s.col != nil {
			s.col.rollback(row)
		}
	}
}

// fillRow parses the row at p.pos whatever the number of its fields.
func (p *parser) fillRow(row int) (next int, err error) {
	fields, next, err := p.dialect.scanRow(p.data, p.pos, len(p.data), nil)
	if err != nil {
		return 0, &rowError{pos: p.pos, err: fmt.Errorf("%w: %w", ErrCorrupt, err)}
	}
	for k := range p.steps {
		s := &p.steps[k]
		switch {
		case s.col == nil:
		case s.field >= len(fields) || p.isNull(s.col, fields[s.field]):
			s.col.setNull(p.mem, row)
		default:
			if err := p.set(s, fields[s.field], row, p.pos); err != nil {
				return 0, err
			}
		}
	}
	return next, nil
}

// isText checks the strings of a row that was read and rejects it where one is not UTF-8. Without rejects this is done
// for a batch at once.
func (p *parser) isText(row, next int) bool {
	for _, s := range p.steps {
		if c := s.col; c != nil && c.isText(row) {
			continue
		} else if c != nil {
			p.rollback(row)
			p.reject(p.pos, next, &rowError{pos: p.pos, column: c.name, err: fmt.Errorf("%w: %w", ErrCorrupt, errNotUTF8)})
			return false
		}
	}
	return true
}

func (c *column) isText(row int) bool {
	if c.kind != kindString || c.typ.ID() != arrow.STRING {
		return true
	}
	return utf8.Valid(c.raw[c.offset(row):c.used])
}

// rollback takes back what was set for row, the last one, whole or not.
func (c *column) rollback(row int) {
	switch c.kind {
	case kindLook:
		return
	case kindOther:
		if n := c.other.Len(); n > row+len(c.dropped) {
			c.dropped = append(c.dropped, n-1)
		}
		return
	case kindString:
		c.used = int(c.offset(row))
	case kindBool:
		c.raw[row>>3] &^= 1 << (row & 7)
	}
	if c.valid != nil && c.valid[row>>3]>>(row&7)&1 == 0 {
		c.valid[row>>3] |= 1 << (row & 7)
		c.nulls--
	}
}

// kept is the array of other without the rows that were taken back.
func (c *column) kept(mem memory.Allocator) arrow.Array {
	whole := c.other.NewArray()
	if len(c.dropped) == 0 {
		return whole
	}
	defer whole.Release()
	var parts []arrow.Array
	from := 0
	for _, at := range append(c.dropped, whole.Len()) {
		parts = append(parts, array.NewSlice(whole, int64(from), int64(at)))
		from = at + 1
	}
	out, err := array.Concatenate(parts, mem)
	for _, part := range parts {
		part.Release()
	}
	if err != nil {
		panic(err) // only of parts of different types
	}
	return out
}
