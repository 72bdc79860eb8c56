package source

import "bytes"

// syntax is what divides a text into rows and fields.
type syntax struct {
	delim   byte
	quote   byte   // what fields are quoted by; 0: nothing is
	escape  byte   // what makes a quote in a quoted field, or any character where nothing is quoted, one of the text; 0: nothing
	comment string // what lines that are no rows begin with; "": none do
	exact   bool   // row starts are found row by row, in broken rows too
}

// usual tells whether row starts can be found by quotes and line ends alone.
func (x *syntax) usual() bool { return x.quote != 0 && x.escape == 0 && x.comment == "" && !x.exact }

// rowBoundary is the first row start at or after from+want, given that from is a row start. It is exact unless quotes
// are dense (then it trusts that quotes come in pairs; the parser checks that every split ends at a row's end).
func (x *syntax) rowBoundary(data []byte, from, want int) int {
	end := len(data)
	goal := from + want
	if goal >= end {
		return end
	}
	if !x.usual() {
		return x.walk(data, from, goal)
	}
	pos, quoteByte := from, []byte{x.quote}
	switch n := bytes.Count(data[from:goal], quoteByte); {
	case n == 0:
		pos = goal
	case n > want/sparse:
		for goal < end && (data[goal] == x.quote || data[goal-1] == x.quote) {
			goal++ // not between the two quotes of a pair
		}
		if goal == end {
			return end
		}
		pos = goal
		if bytes.Count(data[from:goal], quoteByte)%2 == 1 {
			if pos = x.skipOpen(data, pos, end); pos == end {
				return end
			}
		}
	}
	return x.nextRow(data, pos, goal)
}

// sparse is how many bytes a quote must come with for quotes to be looked at one by one.
const sparse = 128

// skipOpen is the position after the quote that closes the field that pos is in.
func (x *syntax) skipOpen(data []byte, pos, end int) int {
	q := x.closingQuote(data, pos, end)
	if q < 0 {
		return end
	}
	return q + 1
}

// nextRow is the first row start at or after goal; pos is outside quotes.
func (x *syntax) nextRow(data []byte, pos, goal int) int {
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
		q := bytes.IndexByte(data[pos:stop], x.quote)
		if q < 0 {
			if line < 0 {
				return end
			}
			return stop + 1
		}
		q += pos
		pos = q + 1
		if q == 0 || data[q-1] == x.delim || data[q-1] == '\n' {
			pos = x.skipOpen(data, pos, end)
		}
	}
	return end
}

// walk is the first row start at or after goal, found row by row from the row start pos on.
func (x *syntax) walk(data []byte, pos, goal int) int {
	for pos < goal {
		pos = x.nextOf(data, pos, len(data))
	}
	return pos
}

// nextOf is the position after the row at i. Where the row is broken (a quote that is not closed, or something behind a
// closing one), the next row starts after the line that the trouble is in.
func (x *syntax) nextOf(data []byte, i, end int) int {
	if n := x.noRow(data, i, end); n > 0 {
		return i + n
	}
	if x.quote != 0 {
		if next := lineAfter(data, i, end); bytes.IndexByte(data[i:next], x.quote) < 0 {
			return next
		}
	} else if x.escape == 0 {
		return lineAfter(data, i, end)
	}
	var scratch []byte
	for i < end {
		f, err := x.scanField(data, i, end, &scratch)
		if err != nil {
			return lineAfter(data, f.next, end)
		}
		if f.next >= end {
			return end
		}
		i = f.next + 1
		if data[f.next] == '\n' {
			return i
		}
	}
	return end
}
