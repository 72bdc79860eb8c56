package source

import (
	"bytes"
	"math/bits"
	"unsafe"
)

// Words of eight equal bytes, for looking at eight bytes at once. The tricks are from Bit Twiddling Hacks ("determine if
// a word has a zero byte") and Lemire's "Quickly parsing eight digits".
const (
	lowBits   = 0x0101010101010101
	highBits  = 0x8080808080808080
	newlines  = '\n' * lowBits
	zeroChars = '0' * lowBits
)

// load reads eight bytes at i. The bytes up to end+padding of a text are readable, see text.
func load(base unsafe.Pointer, i int) uint64 { return *(*uint64)(unsafe.Add(base, i)) }

func at(base unsafe.Pointer, i int) byte { return *(*byte)(unsafe.Add(base, i)) }

// match has the high bit of every byte of w that equals the byte repeated in x; above the first match there may be
// false ones.
func match(w, x uint64) uint64 {
	t := w ^ x
	return (t - lowBits) &^ t & highBits
}

// digits8 is how many of the eight bytes are leading digits, and their value.
func digits8(w uint64) (n uint, v uint64) {
	t := w ^ zeroChars
	notDigit := ((t + 0x7676767676767676) | t) & highBits
	n = uint(bits.TrailingZeros64(notDigit)) >> 3
	t <<= 64 - n*8 // no digits: a shift by 64 leaves zero
	t = t*10 + t>>8
	v = ((t&0x000000FF000000FF)*0x000F424000000064 + (t>>16&0x000000FF000000FF)*0x0000271000000001) >> 32
	return n, v
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// padding is how many bytes past its end a text can be read.
const padding = 64

// field is one field of a row.
type field struct {
	text   []byte // as written, without the quotes; into the input unless escaped
	quoted bool
	next   int // position of the delimiter or line end after it
}

// scanField reads the field at i of data[:end]. scratch receives the text of fields with quotes or escapes in them. It
// fails where a quote is not closed, or something follows the closing one.
func (x *syntax) scanField(data []byte, i, end int, scratch *[]byte) (field, error) {
	if x.quote == 0 && x.escape != 0 {
		return x.scanEscaped(data, i, end, scratch)
	}
	if i < end && data[i] == x.quote && x.quote != 0 {
		return x.scanQuoted(data, i, end, scratch)
	}
	j, delim := i, x.delim
	for j < end && data[j] != delim && data[j] != '\n' {
		j++
	}
	text := data[i:j]
	if (j == end || data[j] == '\n') && len(text) > 0 && text[len(text)-1] == '\r' {
		text = text[:len(text)-1]
	}
	return field{text: text, next: j}, nil
}

func (x *syntax) scanQuoted(data []byte, i, end int, scratch *[]byte) (field, error) {
	from := i + 1
	last := x.closingQuote(data, from, end)
	if last < 0 {
		return field{next: i}, errOpenQuote
	}
	next := last + 1
	if next < end && data[next] == '\r' && (next+1 == end || data[next+1] == '\n') {
		next++
	}
	if next < end && data[next] != x.delim && data[next] != '\n' {
		return field{next: next}, errAfterQuote
	}
	text := data[from:last]
	if bytes.IndexByte(text, x.quote) >= 0 || x.escape != 0 && bytes.IndexByte(text, x.escape) >= 0 {
		text = x.unquote((*scratch)[:0], text)
		*scratch = text
	}
	return field{text: text, quoted: true, next: next}, nil
}

// unquote appends text with its doubled or escaped quotes made single.
func (x *syntax) unquote(out, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if i+1 < len(text) && (c == x.quote && text[i+1] == x.quote || c == x.escape && c != 0 && (text[i+1] == x.quote || text[i+1] == c)) {
			i++
		}
		out = append(out, text[i])
	}
	return out
}

// scanEscaped reads a field of a text without quotes, where any character after the escape is one of the field.
func (x *syntax) scanEscaped(data []byte, i, end int, scratch *[]byte) (field, error) {
	out, from := (*scratch)[:0], i
	for i < end && data[i] != x.delim && data[i] != '\n' {
		if data[i] == x.escape && i+1 < end {
			out = append(out, data[from:i]...)
			i++
			from = i
		}
		i++
	}
	text := data[from:i]
	if (i == end || data[i] == '\n') && len(text) > 0 && text[len(text)-1] == '\r' {
		text = text[:len(text)-1]
	}
	if len(out) > 0 || from > 0 && data[from-1] == x.escape {
		text = append(out, text...)
		*scratch = text
	}
	return field{text: text, next: i}, nil
}

// closingQuote is the position of the quote that closes the field whose text starts at i, -1 where there is none.
func (x *syntax) closingQuote(data []byte, i, end int) int {
	if x.escape != 0 {
		return x.closingEscaped(data, i, end)
	}
	for i < end {
		q := bytes.IndexByte(data[i:end], x.quote)
		if q < 0 {
			return -1
		}
		i += q
		if i+1 >= end || data[i+1] != x.quote {
			return i
		}
		i += 2
	}
	return -1
}

func (x *syntax) closingEscaped(data []byte, i, end int) int {
	for ; i < end; i++ {
		switch c := data[i]; c {
		case x.escape:
			if i+1 < end && (data[i+1] == x.quote || data[i+1] == c) {
				i++
			}
		case x.quote:
			if i+1 >= end || data[i+1] != c {
				return i
			}
			i++
		}
	}
	return -1
}

// scanRow reads the fields of the row at i into fields, and gives the position after its line end. A blank line and a
// comment have no fields. Texts stay valid: escaped ones are copied.
func (x *syntax) scanRow(data []byte, i, end int, fields []field) ([]field, int, error) {
	fields = fields[:0]
	if n := x.noRow(data, i, end); n > 0 {
		return fields, i + n, nil
	}
	for {
		var scratch []byte
		f, err := x.scanField(data, i, end, &scratch)
		if err != nil {
			return fields, i, err
		}
		fields = append(fields, f)
		if f.next >= end {
			return fields, end, nil
		}
		i = f.next + 1
		if data[f.next] == '\n' {
			return fields, i, nil
		}
		if i == end { // a delimiter at the very end: one more empty field
			return append(fields, field{next: end}), end, nil
		}
	}
}

// noRow is the length of the blank line or comment at i, where a row could start; 0 where there is none.
func (x *syntax) noRow(data []byte, i, end int) int {
	if n := lineEnd(data, i, end); n > 0 {
		return n
	}
	if x.comment != "" && i < end && data[i] == x.comment[0] && bytes.HasPrefix(data[i:end], []byte(x.comment)) {
		return lineAfter(data, i, end) - i
	}
	return 0
}

// lineEnd is the length of the line end at i, 0 where there is none.
func lineEnd(data []byte, i, end int) int {
	switch {
	case i < end && data[i] == '\n':
		return 1
	case i+1 < end && data[i] == '\r' && data[i+1] == '\n':
		return 2
	}
	return 0
}

// lineAfter is the start of the line after the one that i is in.
func lineAfter(data []byte, i, end int) int {
	if n := bytes.IndexByte(data[i:end], '\n'); n >= 0 {
		return i + n + 1
	}
	return end
}
