package source

import (
	"math/bits"
	"unsafe"
)

// fast parses the usual form of a field and gives the position after its delimiter or line end, -1 where the form is
// unusual.
func fast(p *parser, s *step, base unsafe.Pointer, i, row int) int {
	switch s.kind {
	case kindInt:
		if v, j := readInt(base, i); j >= 0 && at(base, j) == s.want {
			*(*int64)(unsafe.Add(s.col.values, row*8)) = v
			return s.after(base, j)
		}
	case kindFloat:
		if v, j := readFloat(base, i); j >= 0 && at(base, j) == s.want {
			*(*float64)(unsafe.Add(s.col.values, row*8)) = v
			return s.after(base, j)
		}
	case kindString:
		if p.escaped {
			return -1
		}
		return p.readString(s, base, i, row)
	case kindSkip:
		if p.dialect.escape != 0 {
			return -1
		}
		return p.readSkip(s, base, i)
	case kindTimestamp:
		if v, j := readTimestamp(base, i, s.col); j >= 0 && at(base, j) == s.want {
			*(*int64)(unsafe.Add(s.col.values, row*8)) = v
			return s.after(base, j)
		}
	case kindDate:
		if days, ok := readDate(base, i); ok && at(base, i+10) == s.want {
			*(*int32)(unsafe.Add(s.col.values, row*4)) = days
			return s.after(base, i+10)
		}
	case kindBool:
		if v, n := readBool(base, i); n > 0 && at(base, i+n) == s.want {
			s.col.raw[row>>3] |= v << (row & 7)
			return s.after(base, i+n)
		}
	case kindTrailing:
		if at(base, i) == s.want {
			return s.after(base, i)
		}
		return -1
	default:
		return -1
	}
	return p.quotedOrEmpty(s, base, i, row)
}

// quotedOrEmpty reads a number, date or the like in quotes, or nothing, which is null.
func (p *parser) quotedOrEmpty(s *step, base unsafe.Pointer, i, row int) int {
	switch c := at(base, i); {
	case c == s.want:
		next := s.after(base, i)
		if next >= 0 {
			s.col.setNull(p.mem, row)
		}
		return next
	case c != p.dialect.quote || c == 0:
		return -1
	}
	i++
	switch s.kind {
	case kindInt:
		if v, j := readInt(base, i); j >= 0 && at(base, j) == p.dialect.quote && at(base, j+1) == s.want {
			*(*int64)(unsafe.Add(s.col.values, row*8)) = v
			return s.after(base, j+1)
		}
	case kindFloat:
		if v, j := readFloat(base, i); j >= 0 && at(base, j) == p.dialect.quote && at(base, j+1) == s.want {
			*(*float64)(unsafe.Add(s.col.values, row*8)) = v
			return s.after(base, j+1)
		}
	case kindTimestamp:
		if v, j := readTimestamp(base, i, s.col); j >= 0 && at(base, j) == p.dialect.quote && at(base, j+1) == s.want {
			*(*int64)(unsafe.Add(s.col.values, row*8)) = v
			return s.after(base, j+1)
		}
	case kindDate:
		if days, ok := readDate(base, i); ok && at(base, i+10) == p.dialect.quote && at(base, i+11) == s.want {
			*(*int32)(unsafe.Add(s.col.values, row*4)) = days
			return s.after(base, i+11)
		}
	}
	return -1
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

// readQuoted copies a quoted field eight bytes at a time, its doubled quotes made single, and gives the position after its
// end. It leaves fields with escapes.
func (p *parser) readQuoted(s *step, base unsafe.Pointer, start, row int) int {
	c, quote, quotes, escapes := s.col, p.dialect.quote, p.dialect.quotes, p.dialect.escapes
	if quote == 0 {
		return -1
	}
	i, used := start+1, c.used
	for i < len(p.data) {
		if used+9 > len(c.raw) {
			c.grow(p.mem, used-c.used)
		}
		w := load(base, i)
		*(*uint64)(unsafe.Add(c.values, used)) = w
		hit := match(w, quotes) | match(w, escapes)
		if hit == 0 {
			i += 8
			used += 8
			continue
		}
		k := bits.TrailingZeros64(hit) >> 3
		i += k
		used += k
		switch {
		case i >= len(p.data) || at(base, i) != quote:
			return -1
		case at(base, i+1) == quote:
			*(*byte)(unsafe.Add(c.values, used)) = quote
			used++
			i += 2
		case at(base, i+1) != s.want:
			return -1
		default:
			next := s.after(base, i+1)
			if next >= 0 {
				c.used = used
				*(*int32)(unsafe.Add(c.offsets, (row+1)*4)) = int32(used)
			}
			return next
		}
	}
	return -1
}

// readSkip passes over fields.
func (p *parser) readSkip(s *step, base unsafe.Pointer, i int) int {
	left, delims, quote, quotes := s.skip, p.dialect.delims, p.dialect.quote, p.dialect.quotes
	if quote == 0 {
		quotes = delims // finds nothing more
	}
	from, closed, open := i, -2, false // the field's start, where its quote was closed
	for i < len(p.data) {
		w := load(base, i)
		hits := exactMatch(w, delims) | exactMatch(w, newlines) | exactMatch(w, quotes)
		for ; hits != 0; hits &= hits - 1 {
			j := i + bits.TrailingZeros64(hits)>>3
			c := at(base, j)
			if c == quote {
				switch {
				case open:
					open, closed = false, j
				case j == from || closed == j-1:
					open = true
				}
				continue // else a character inside a field
			}
			switch {
			case j >= len(p.data):
				return -1
			case open:
				continue
			case closed >= 0 && closed != j-1 && (c != '\n' || closed != j-2 || at(base, j-1) != '\r'): // the slow path knows what may be there
				return -1
			case c == '\n':
				if left != 1 || !s.last {
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
			from, closed = j+1, -2
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
