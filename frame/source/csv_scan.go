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
	quotes    = '"' * lowBits
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

// scanField reads the field at i of data[:end]. scratch receives the text of fields with doubled quotes. It fails
// where a quote is not closed, or something follows the closing one.
func scanField(data []byte, i, end int, delim byte, scratch *[]byte) (field, error) {
	if i < end && data[i] == '"' {
		return scanQuoted(data, i, end, delim, scratch)
	}
	j := i
	for j < end && data[j] != delim && data[j] != '\n' {
		j++
	}
	text := data[i:j]
	if (j == end || data[j] == '\n') && len(text) > 0 && text[len(text)-1] == '\r' {
		text = text[:len(text)-1]
	}
	return field{text: text, next: j}, nil
}

func scanQuoted(data []byte, i, end int, delim byte, scratch *[]byte) (field, error) {
	from := i + 1
	last := closingQuote(data, from, end)
	if last < 0 {
		return field{}, errOpenQuote
	}
	next := last + 1
	if next < end && data[next] == '\r' && (next+1 == end || data[next+1] == '\n') {
		next++
	}
	if next < end && data[next] != delim && data[next] != '\n' {
		return field{}, errAfterQuote
	}
	text := data[from:last]
	if bytes.IndexByte(text, '"') >= 0 {
		out := (*scratch)[:0]
		for len(text) > 0 {
			q := bytes.IndexByte(text, '"')
			if q < 0 {
				out = append(out, text...)
				break
			}
			out = append(out, text[:q+1]...)
			text = text[q+2:]
		}
		*scratch = out
		text = out
	}
	return field{text: text, quoted: true, next: next}, nil
}

// closingQuote is the position of the quote that closes the field whose text starts at i, -1 where there is none.
func closingQuote(data []byte, i, end int) int {
	for i < end {
		q := bytes.IndexByte(data[i:end], '"')
		if q < 0 {
			return -1
		}
		i += q
		if i+1 >= end || data[i+1] != '"' {
			return i
		}
		i += 2
	}
	return -1
}

// scanRow reads the fields of the row at i into fields, and gives the position after its line end. A blank line has
// no fields. Texts stay valid: escaped ones are copied.
func scanRow(data []byte, i, end int, delim byte, fields []field) ([]field, int, error) {
	fields = fields[:0]
	if n := lineEnd(data, i, end); n > 0 {
		return fields, i + n, nil
	}
	for {
		var scratch []byte
		f, err := scanField(data, i, end, delim, &scratch)
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

// rowBoundary is the first row start at or after from+want, given that from is a row start. It is exact unless quotes
// are dense (then it trusts that quotes come in pairs; the parser checks that every split ends at a row's end).
func rowBoundary(data []byte, from, want int, delim byte) int {
	end := len(data)
	goal := from + want
	if goal >= end {
		return end
	}
	pos := from
	switch n := bytes.Count(data[from:goal], quoteByte); {
	case n == 0:
		pos = goal
	case n > want/sparse:
		for goal < end && (data[goal] == '"' || data[goal-1] == '"') {
			goal++ // not between the two quotes of a pair
		}
		if goal == end {
			return end
		}
		pos = goal
		if bytes.Count(data[from:goal], quoteByte)%2 == 1 {
			if pos = skipOpen(data, pos, end); pos == end {
				return end
			}
		}
	}
	return nextRow(data, pos, goal, delim)
}

// sparse is how many bytes a quote must come with for quotes to be looked at one by one.
const sparse = 128

var quoteByte = []byte{'"'}

// skipOpen is the position after the quote that closes the field that pos is in.
func skipOpen(data []byte, pos, end int) int {
	q := closingQuote(data, pos, end)
	if q < 0 {
		return end
	}
	return q + 1
}

// nextRow is the first row start at or after goal; pos is outside quotes.
func nextRow(data []byte, pos, goal int, delim byte) int {
	end := len(data)
	for pos < end {
		// Look for the line end that counts, then for quotes before it.
		from := max(pos, goal-1)
		if from >= end {
			return end
		}
		line := bytes.IndexByte(data[from:], '\n')
		stop := end
		if line >= 0 {
			stop = from + line
		}
		q := bytes.IndexByte(data[pos:stop], '"')
		if q < 0 {
			if line < 0 {
				return end
			}
			return stop + 1
		}
		q += pos
		pos = q + 1
		if q == 0 || data[q-1] == delim || data[q-1] == '\n' {
			pos = skipOpen(data, pos, end)
		}
	}
	return end
}
