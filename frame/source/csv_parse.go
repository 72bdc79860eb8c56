package source

import (
	"context"
	"errors"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

var (
	errOpenQuote  = errors.New("a quote is not closed")
	errAfterQuote = errors.New("text after a closing quote")
	errNotUTF8    = errors.New("the text is not UTF-8")
)

// step is what the parser does with the next field or fields of a row.
type step struct {
	kind  kind
	col   *column
	skip  int  // fields to skip, for kindSkip
	field int  // index of the field in the row, of the first one skipped
	last  bool // the row's last field
	want  byte // what ends the field: the delimiter, or the line end's first byte
	crlf  bool // the line end is \r\n
}

// parser reads whole rows of a text into columns. The loops look at eight bytes at once and leave whatever is unusual
// (quotes, nulls in words, long numbers, spaces) to the slow path, one field at a time.
type parser struct {
	mem     memory.Allocator
	data    []byte // readable up to len+padding
	pos     int    // start of the next row
	dialect *dialect
	steps   []step
	comment byte // the first byte of comments
	fields  int  // of a row
	fill    bool // rows with too few fields get nulls, of those with too many the first count
	reject  func(from, to int, why *rowError)
	widen   func(s *step, f field) // is told of values that do not fit
	escaped bool                   // escapes are anywhere: texts go the slow way
	scratch []byte
}

// mostBatchBytes bounds the text of one batch whatever the estimate of its rows was.
const mostBatchBytes = 32 << 20

// rows parses at most most rows into the columns and gives how many.
func (p *parser) rows(ctx context.Context, most int) (int, error) {
	base, end := unsafe.Pointer(unsafe.SliceData(p.data)), len(p.data)
	i, start := p.pos, p.pos
	row := 0
	for row < most && i < end && i-start < mostBatchBytes {
		if c := at(base, i); c == '\n' || c == '\r' || c == p.comment {
			if n := p.dialect.noRow(p.data, i, end); n > 0 {
				i += n
				p.pos = i
				continue
			}
		}
		kept := true
		for k := range p.steps {
			s := &p.steps[k]
			next := fast(p, s, base, i, row)
			if next < 0 {
				var err error
				if next, err = p.slow(s, i, row); err != nil {
					if kept, i, err = p.settle(err, row); err != nil {
						return row, err
					}
					break
				}
			}
			i = next
		}
		if !kept || p.reject != nil && !p.isText(row, i) {
			p.pos = i
			continue
		}
		row++
		p.pos = i
		if row&8191 == 0 {
			if err := ctx.Err(); err != nil {
				return row, err
			}
		}
	}
	return row, nil
}
