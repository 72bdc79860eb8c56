package source

import (
	"bytes"
	"context"
	"math/bits"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// countBytes is how much of a text is counted at once: it is looked at several times, so it should stay in the cache.
const countBytes = 64 << 10

// Counts tells whether s gives batches of no columns faster than those of any one, for who wants the number of rows.
func Counts(s Source) bool {
	f, ok := filesOf(s)
	if !ok {
		return false
	}
	for _, in := range f.inputs {
		switch in := in.(type) {
		case *parquetFile:
		case *csvFile:
			if !in.dialect.usual() {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// count yields records without columns for the rows of a split, whose fields it does not look at: too many or too few of
// them go unnoticed, as values of columns that are not read do.
func (c *csvFile) count(ctx context.Context, s *textSplit, limit int64, yield func(arrow.Record, error) bool) {
	schema := arrow.NewSchema(nil, nil)
	n := counter{dialect: c.dialect, pos: s.lo, rowStart: s.lo, closed: -2}
	small := s.first
	for left := limit; n.pos < len(s.data); {
		err := ctx.Err()
		if err == nil {
			err = n.next(c.input, s.data)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for n.rows > 0 {
			most := int64(batchRows)
			if small {
				most, small = firstRows, false
			}
			if limit > 0 {
				most = min(most, left)
			}
			rows := min(n.rows, most)
			n.rows -= rows
			if !yield(array.NewRecord(schema, nil, rows), nil) {
				return
			}
			if left -= rows; limit > 0 && left == 0 {
				return
			}
		}
	}
}

// counter counts rows by their line ends and quotes, 64 bytes at once.
type counter struct {
	dialect  *dialect
	rows     int64 // since they were last taken
	pos      int
	rowStart int
	open     bool // in quotes
	closed   int  // where the last quoted field was closed
}

func (n *counter) next(input string, data []byte) (err error) {
	defer guardFault(input, &err)()
	base, end := unsafe.Pointer(unsafe.SliceData(data)), min(n.pos+countBytes, len(data))
	s := scanLines(data[n.pos:end], n.dialect.quote)
	s.quoted = s.quoted || n.open
	if n.plain(data[n.pos:end], s) {
		n.pos = end
	}
	for n.pos < end {
		to := min(n.pos+64, len(data))
		if to-n.pos < 64 || !n.block(base, s.quoted, s.returning) {
			n.bytewise(base, to)
		}
	}
	if n.pos >= len(data) && n.rowStart < len(data) && (len(data) > n.rowStart+1 || at(base, n.rowStart) != '\r') {
		n.rows++ // the last row without a line end
	}
	return nil
}

// plain counts in a text without quotes that has no empty line; else it is false, and has done nothing.
func (n *counter) plain(text []byte, s lineScan) bool {
	if s.quoted || s.empty || text[0] == '\n' || text[0] == '\r' || s.returning && bytes.Contains(text, []byte("\n\r\n")) {
		return false
	}
	n.rows += int64(s.ends)
	if last := bytes.LastIndexByte(text, '\n'); last >= 0 {
		n.rowStart = n.pos + last + 1
	}
	return true
}

// block counts in the 64 bytes at pos by masks of one bit a byte. It is false, and has done nothing, where a quote opens
// that is not at the start of a field: that one is a character.
func (n *counter) block(base unsafe.Pointer, quoted, returns bool) bool {
	i := n.pos
	ends := byteMask(base, i, newlines)
	open, closed := n.open, -2
	if quoted {
		quotes := byteMask(base, i, n.dialect.quotes)
		inside := prefixXor(quotes)
		before := uint64(0)
		if open {
			inside = ^inside
		}
		if i == n.rowStart || n.closed == i-1 || at(base, i-1) == n.dialect.delim {
			before = 1
		}
		// A quote may open after the one that closes: both are one of the text.
		fields := (byteMask(base, i, n.dialect.delims)|ends|quotes)<<1 | before
		if quotes&inside&^fields != 0 {
			return false
		}
		ends &^= inside
		open = inside>>63 != 0
		if quotes>>63 != 0 && !open {
			closed = i + 63
		}
	}
	starts := ends << 1
	if n.rowStart == i {
		starts |= 1
	}
	blank := ends & starts
	if returns {
		blank |= ends & (byteMask(base, i, '\r'*lowBits) & starts << 1)
		if n.rowStart == i-1 && at(base, i-1) == '\r' {
			blank |= ends & 1
		}
	}
	n.rows += int64(bits.OnesCount64(ends &^ blank))
	if ends != 0 {
		n.rowStart = i + 64 - bits.LeadingZeros64(ends)
	}
	n.pos, n.open, n.closed = i+64, open, closed
	return true
}

// bytewise counts up to to, whatever the quotes.
func (n *counter) bytewise(base unsafe.Pointer, to int) {
	quote, delim := n.dialect.quote, n.dialect.delim
	for j := n.pos; j < to; j++ {
		switch c := at(base, j); {
		case c == quote:
			switch {
			case n.open:
				n.open, n.closed = false, j
			case j == n.rowStart || n.closed == j-1 || at(base, j-1) == delim:
				n.open = true
			}
		case c == '\n' && !n.open:
			if j > n.rowStart+1 || j == n.rowStart+1 && at(base, n.rowStart) != '\r' {
				n.rows++
			}
			n.rowStart = j + 1
		}
	}
	n.pos = to
}

// byteMask has a bit for each of the 64 bytes at i that equals the byte repeated in x.
func byteMask(base unsafe.Pointer, i int, x uint64) (mask uint64) {
	for k := range 8 {
		// The product collects the high bits of eight bytes in its highest byte.
		mask |= exactMatch(load(base, i+8*k), x) >> 7 * 0x0102040810204080 >> 56 << (8 * k)
	}
	return mask
}

// prefixXor has in each bit the parity of the bits of m up to it.
func prefixXor(m uint64) uint64 {
	for shift := 1; shift < 64; shift *= 2 {
		m ^= m << shift
	}
	return m
}
