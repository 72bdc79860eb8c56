package source

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// rowError is what is wrong with a row, at a position of the text; the split knows the file and counts the lines.
type rowError struct {
	pos    int
	column string // "" where it is about the row
	err    error
}

func (e *rowError) Error() string { return e.err.Error() }

func (e *rowError) Unwrap() error { return e.err }

// slow parses the fields of one step whatever their form and gives the position after them.
func (p *parser) slow(s *step, i, row int) (int, error) {
	if s.kind == kindSkip {
		for n := range s.skip {
			f, err := p.field(i, s.field+n, s.last && n == s.skip-1)
			if err != nil {
				return 0, err
			}
			i = f.next
		}
		return i, nil
	}
	f, err := p.field(i, s.field, s.last)
	switch {
	case err != nil:
		return 0, err
	case s.kind != kindTrailing:
	case len(f.text) > 0 || f.quoted:
		return 0, p.ragged()
	default:
		return f.next, nil
	}
	c := s.col
	if p.isNull(c, f) {
		c.setNull(p.mem, row)
		return f.next, nil
	}
	return f.next, p.set(s, f, row, i)
}

// set sets the value of a column from the field at pos.
func (p *parser) set(s *step, f field, row, pos int) error {
	if c := s.col; s.kind == kindLook || !c.set(p.mem, row, f.text) {
		if p.widen == nil {
			return &rowError{pos: pos, column: c.name, err: valueError(c.typ, f.text)}
		}
		p.widen(s, f)
		c.setNull(p.mem, row)
	}
	return nil
}

// isNull says which fields are null: unquoted null words, and for types that are not strings quoted ones too.
func (p *parser) isNull(c *column, f field) bool {
	if c.kind == kindString {
		return !f.quoted && p.dialect.nulls.has(f.text)
	}
	text := trimSpace(f.text)
	return len(text) == 0 || p.dialect.nulls.has(text)
}

// field scans the field at i and checks that the row goes on or ends after it as it must; next is behind the
// delimiter or line end.
func (p *parser) field(i, index int, last bool) (field, error) {
	end := len(p.data)
	f, err := p.dialect.scanField(p.data, i, end, &p.scratch)
	if err != nil {
		column := ""
		for _, c := range p.steps {
			if c.col != nil && c.field == index {
				column = c.col.name
			}
		}
		return f, &rowError{pos: i, column: column, err: fmt.Errorf("%w: %w", ErrCorrupt, err)}
	}
	atEnd := f.next >= end || p.data[f.next] == '\n'
	if atEnd != last {
		return f, p.ragged()
	}
	f.next = min(f.next+1, end)
	return f, nil
}

// ragged is the error for the row at p.pos.
func (p *parser) ragged() error {
	fields, _, err := p.dialect.scanRow(p.data, p.pos, len(p.data), nil)
	if err != nil {
		return &rowError{pos: p.pos, err: fmt.Errorf("%w: %w", ErrCorrupt, err)}
	}
	return &rowError{pos: p.pos, err: fmt.Errorf("%w: %d fields, %d expected", ErrRagged, len(fields), p.fields)}
}

func valueError(t arrow.DataType, text []byte) error {
	const most = 60
	shown := string(text)
	if len(shown) > most {
		shown = shown[:most] + "..."
	}
	return fmt.Errorf("%w: %q is not %s", ErrValue, shown, typeWords(t))
}

// typeWords names a type to people.
func typeWords(t arrow.DataType) string {
	switch t.ID() {
	case arrow.INT64:
		return "an integer of 64 bits"
	case arrow.UINT64:
		return "an unsigned integer of 64 bits"
	case arrow.FLOAT64:
		return "a number"
	case arrow.BOOL:
		return "true or false"
	case arrow.DATE32:
		return "a date such as 2006-01-02"
	case arrow.TIMESTAMP:
		if t.(*arrow.TimestampType).TimeZone != "" {
			return "a time such as 2006-01-02T15:04:05Z"
		}
		return "a time such as 2006-01-02 15:04:05"
	}
	return "of type " + t.String()
}

// wayOut is what the user can do about an error, for the end of its text.
func wayOut(e *rowError) string {
	switch {
	case e.column != "" && errors.Is(e.err, ErrValue):
		return ` (declare the column's type in Types, as string where values are mixed, add the word to NullWords, or read with Widen or Rejects)`
	case errors.Is(e.err, ErrRagged):
		return ` (read with Ragged to fill and cut such rows, or with Rejects to leave them out)`
	case errors.Is(e.err, errNotUTF8):
		return ` (give its Encoding, such as latin1, or declare the column as binary in Types)`
	case errors.Is(e.err, errOpenQuote), errors.Is(e.err, errAfterQuote):
		return ` (a field with quotes in it must be quoted whole, its quotes doubled: else give Quote, Escape or Rejects)`
	}
	return ""
}

// row is the position of the n-th row from the row start from on, 0 for the first.
func (p *parser) row(from, n int) int {
	var fields []field
	for from < len(p.data) {
		var next int
		var err error
		if fields, next, err = p.dialect.scanRow(p.data, from, len(p.data), fields); err != nil {
			break
		}
		if len(fields) > 0 {
			if n == 0 {
				break
			}
			n--
		}
		from = next
	}
	return from
}
