package source

import (
	"bytes"
	"context"
	"errors"
	"math/bits"
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

// fast parses the usual form of a field and gives the position after its delimiter or line end, -1 where the form is
// unusual.
func fast(p *parser, s *step, base unsafe.Pointer, i, row int) int {
	switch s.kind {
	case kindInt:
		v, j := readInt(base, i)
		if j < 0 || at(base, j) != s.want {
			return -1
		}
		*(*int64)(unsafe.Add(s.col.values, row*8)) = v
		return s.after(base, j)
	case kindFloat:
		v, j := readFloat(base, i)
		if j < 0 || at(base, j) != s.want {
			return -1
		}
		*(*float64)(unsafe.Add(s.col.values, row*8)) = v
		return s.after(base, j)
	case kindString:
		if p.escaped {
			return -1
		}
		return p.readString(s, base, i, row)
	case kindSkip:
		if p.escaped {
			return -1
		}
		return p.readSkip(s, base, i)
	case kindTrailing:
		if at(base, i) == s.want {
			return s.after(base, i)
		}
	case kindDate:
		days, ok := readDate(base, i)
		if !ok || at(base, i+10) != s.want {
			return -1
		}
		*(*int32)(unsafe.Add(s.col.values, row*4)) = days
		return s.after(base, i+10)
	}
	return -1
}

// after is the position after the delimiter or line end at j, whose first byte is the one wanted.
func (s *step) after(base unsafe.Pointer, j int) int {
	if !s.crlf {
		return j + 1
	}
	if at(base, j+1) != '\n' {
		return -1
	}
	return j + 2
}

var pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// readInt reads a decimal integer of at most 16 digits; the position after it is -1 where there is none or more.
func readInt(base unsafe.Pointer, i int) (v int64, next int) {
	negative := at(base, i) == '-'
	if negative {
		i++
	}
	n, u := digits8(load(base, i))
	i += int(n)
	switch n {
	case 8:
		more, low := digits8(load(base, i))
		if more == 8 {
			if isDigit(at(base, i+8)) {
				return 0, -1
			}
		}
		u = u*pow10[more] + low
		i += int(more)
	case 0:
		return 0, -1
	}
	if negative {
		return -int64(u), i
	}
	return int64(u), i
}

var floatPow10 = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// readFloat reads a decimal number without exponent where the result is exact by one division (Clinger: digits below
// 2^53 and a power of ten up to 10^22 are exact float64s); the position after it is -1 otherwise.
func readFloat(base unsafe.Pointer, i int) (v float64, next int) {
	negative := at(base, i) == '-'
	if negative {
		i++
	}
	n, u := digits8(load(base, i))
	i += int(n)
	digits := n
	if n == 8 {
		more, low := digits8(load(base, i))
		u = u*pow10[more] + low
		i += int(more)
		digits += more
	}
	fraction := uint(0)
	if at(base, i) == '.' {
		i++
		n, low := digits8(load(base, i))
		i += int(n)
		fraction = n
		if n == 8 {
			if digits > 8 {
				return 0, -1
			}
			more, lower := digits8(load(base, i))
			i += int(more)
			fraction += more
			low = low*pow10[more] + lower
			u = u*pow10[8]*pow10[more] + low
		} else {
			u = u*pow10[n] + low
		}
		digits += fraction
	}
	// 19 digits fit a uint64, so u did not wrap.
	if digits == 0 || digits > 19 || u > 1<<53 {
		return 0, -1
	}
	v = float64(u)
	if fraction > 0 {
		v /= floatPow10[fraction]
	}
	if negative {
		v = -v
	}
	return v, i
}

// readDate reads 2006-01-02: with its dashes made zeros, the first eight bytes are a number.
func readDate(base unsafe.Pointer, i int) (int32, bool) {
	const (
		both   = 0xff<<32 | 0xff<<56
		dashes = '-'<<32 | '-'<<56
		flip   = ('-' ^ '0') << 32 & both
	)
	w := load(base, i)
	if w&both != dashes {
		return 0, false
	}
	n, v := digits8(w ^ (flip | flip<<24))
	tens, ones := at(base, i+8), at(base, i+9)
	if n != 8 || !isDigit(tens) || !isDigit(ones) {
		return 0, false
	}
	return daysOf(int(v/10000), int(v%10000/10), int(tens-'0')*10+int(ones-'0'))
}

// readString copies an unquoted field eight bytes at a time and gives the position after its end.
func (p *parser) readString(s *step, base unsafe.Pointer, start, row int) int {
	c, i := s.col, start
	if at(base, i) == p.dialect.quote {
		return p.readQuoted(s, base, start, row)
	}
	delims, used, first := p.dialect.delims, c.used, load(base, i)
	for w := first; ; w = load(base, i) {
		if used+8 > len(c.raw) {
			c.grow(p.mem, used-c.used)
		}
		*(*uint64)(unsafe.Add(c.values, used)) = w
		if hit := match(w, delims) | match(w, newlines); hit != 0 {
			k := bits.TrailingZeros64(hit) >> 3
			i += k
			used += k
			break
		}
		i += 8
		used += 8
		if i >= len(p.data) {
			return -1
		}
	}
	n := i - start
	end := at(base, i)
	if (end == '\n') != s.last || i >= len(p.data) {
		return -1
	}
	if end == '\n' && n > 0 && at(base, i-1) == '\r' {
		n--
		used--
	}
	if n <= 7 {
		if nulls := p.dialect.nulls; nulls.lengths>>n&1 != 0 && nulls.matches(first, n) {
			c.setNull(p.mem, row)
			return i + 1
		}
	} else if len(p.dialect.nulls.long) > 0 {
		return -1
	}
	c.used = used
	*(*int32)(unsafe.Add(c.offsets, (row+1)*4)) = int32(used)
	return i + 1
}

// readQuoted reads a quoted field without quotes inside.
func (p *parser) readQuoted(s *step, base unsafe.Pointer, start, row int) int {
	from, quote := start+1, p.dialect.quote
	if quote == 0 {
		return -1
	}
	end := p.dialect.closingQuote(p.data, from, len(p.data))
	if end < 0 || at(base, end+1) != s.want {
		return -1
	}
	text := p.data[from:end]
	next := s.after(base, end+1)
	if escape := p.dialect.escape; next < 0 || bytes.IndexByte(text, quote) >= 0 || escape != 0 && bytes.IndexByte(text, escape) >= 0 {
		return -1
	}
	s.col.setString(p.mem, row, text)
	return next
}

// readSkip passes over fields.
func (p *parser) readSkip(s *step, base unsafe.Pointer, i int) int {
	left, delims, quote, quotes := s.skip, p.dialect.delims, p.dialect.quote, p.dialect.quotes
	if at(base, i) == quote {
		return -1
	}
	for i < len(p.data) {
		w := load(base, i)
		hits := exactMatch(w, delims) | exactMatch(w, newlines) | exactMatch(w, quotes)
		for ; hits != 0; hits &= hits - 1 {
			j := i + bits.TrailingZeros64(hits)>>3
			switch c := at(base, j); c {
			case quote:
				if before := at(base, j-1); before == p.dialect.delim {
					return -1
				}
				continue // a quote inside a field is a character
			case '\n':
				if left != 1 || !s.last || j >= len(p.data) {
					return -1
				}
				return j + 1
			}
			if left--; left == 0 {
				if s.last {
					return -1
				}
				return j + 1
			}
		}
		i += 8
	}
	return -1
}

// exactMatch is match without false positives.
func exactMatch(w, x uint64) uint64 {
	t := w ^ x
	const most = ^uint64(highBits)
	return ^((t&most + most) | t | most)
}
