package source

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// dialect is how a CSV file is written.
type dialect struct {
	syntax
	delims   uint64 // delim eight times
	quotes   uint64 // quote eight times
	escapes  uint64 // escape eight times, or quote where there is none
	crlf     bool
	header   bool
	trailing bool // rows end with a delimiter that the header has not
	nulls    *nullWords
	first    []field  // of the first row, the header where there is one
	names    []string // of the columns, unique
	start    int      // where the data begins: behind the byte order mark and the header
}

// newDialect looks at a file's first bytes, at least one row unless atEnd says that there are no more.
func newDialect(name string, head []byte, o *Options) (*dialect, error) {
	d := &dialect{syntax: o.syntax(), nulls: newNullWords(o.nullWords())}
	start := 0
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		start = 3
	}
	for n := d.noRow(head, start, len(head)); n > 0; n = d.noRow(head, start, len(head)) {
		start += n // blank lines and comments before the header
	}
	if start >= len(head) {
		return nil, fmt.Errorf("%s: %w", name, ErrEmpty)
	}
	if bytes.IndexByte(head[:min(len(head), 4096)], 0) >= 0 {
		return nil, fmt.Errorf("%s: %w: this is no text (give its Format, its Encoding if it is text such as utf-16le, or name it by its format)", name, ErrCorrupt)
	}
	if o.Delimiter == 0 {
		d.delim = ','
		if o.Format == "tsv" {
			d.delim = '\t'
		} else if found := detectDelimiter(head[start:], d.syntax); found != 0 {
			d.delim = found
		}
	}
	d.fillWords()
	fields, next, err := d.scanRow(head, start, len(head), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: line 1: %w: %w", name, ErrCorrupt, err)
	}
	d.crlf = next >= 2 && head[next-1] == '\n' && head[next-2] == '\r'
	d.first, d.start, d.header = fields, start, !o.NoHeader
	if d.header {
		d.start = next
	}
	d.names = columnNames(d.first, d.header)
	return d, nil
}

// fillWords makes words of the syntax's bytes.
func (d *dialect) fillWords() {
	d.delims, d.quotes, d.escapes = uint64(d.delim)*lowBits, uint64(d.quote)*lowBits, uint64(d.escape)*lowBits
	if d.escape == 0 {
		d.escapes = d.quotes
	}
}

// columnNames gives every column a name of its own.
func columnNames(fields []field, header bool) []string {
	names := make([]string, len(fields))
	taken := make(map[string]bool, len(fields))
	if header {
		for _, f := range fields {
			taken[string(f.text)] = true
		}
	}
	used := make(map[string]bool, len(fields))
	for i, f := range fields {
		name := fmt.Sprintf("column_%d", i+1)
		if header && len(f.text) > 0 {
			name = strings.ToValidUTF8(string(f.text), "\uFFFD")
		}
		if used[name] {
			base := name
			for n := 2; used[name] || taken[name]; n++ {
				name = fmt.Sprintf("%s_%d", base, n)
			}
		}
		used[name] = true
		names[i] = name
	}
	return names
}

// detectDelimiter takes the candidate that splits the first rows into the same number of fields, the largest number
// where several do; 0 where none splits them.
func detectDelimiter(head []byte, x syntax) byte {
	const rows = 10
	var best byte
	bestScore := 0
	for _, delim := range []byte{',', '\t', ';', '|'} {
		x.delim = delim
		var fields []field
		var err error
		same, count, seen := 0, 0, 0
		for i := 0; i < len(head) && seen < rows; seen++ {
			from := i
			if fields, i, err = x.scanRow(head, i, len(head), fields); err != nil {
				break
			}
			if len(fields) == 0 {
				seen--
				continue
			}
			if i == len(head) && head[i-1] != '\n' && from > 0 {
				break // perhaps cut off
			}
			if count == 0 {
				count = len(fields)
			}
			if len(fields) == count {
				same++
			}
		}
		if count < 2 || seen == 0 {
			continue
		}
		// Rows that agree count most: a text with commas in it has them in unequal numbers.
		score := same*1000/seen*1000 + min(count, 999)
		if score > bestScore {
			best, bestScore = delim, score
		}
	}
	return best
}

// hasTrailing tells whether the rows at the data's start have one field more than there are names, always empty: they
// end with a delimiter.
func (d *dialect) hasTrailing(data []byte, whole bool) bool {
	const most = 100
	rows := 0
	var fields []field
	for i := d.start; i < len(data) && rows < most; {
		var err error
		fields, i, err = d.scanRow(data, i, len(data), fields)
		if err != nil || i == len(data) && !whole && data[i-1] != '\n' {
			break
		}
		if n := len(fields); n > 0 {
			if n != len(d.names)+1 || len(fields[n-1].text) > 0 || fields[n-1].quoted {
				return false
			}
			rows++
		}
	}
	return rows > 0
}

// firstIsData tells whether the first row looks like those below, of which guesses are: each of its fields under which
// there are numbers, dates or the like is one too. Where there are none, a row of texts may be names.
func (d *dialect) firstIsData(guesses []guess, o *Options) bool {
	names, years, typed, texts := map[string]bool{}, 0, 0, 0
	unlike := false
	for i, f := range d.first {
		text := trimSpace(f.text)
		if _, ok := o.Types[string(f.text)]; ok || slices.Contains(o.Columns, string(f.text)) {
			return false
		}
		names[string(text)] = true
		own := guess(0).look(f, d.nulls)
		if y, ok := parseInt(text); ok && y >= 1800 && y < 2200 {
			years++
		}
		switch {
		case own == 0:
		case own&sawText != 0:
			texts++
			unlike = unlike || guesses[i] != 0 && guesses[i]&sawText == 0
		case guesses[i]&sawText == 0 && guesses[i] != 0:
			typed++
			unlike = unlike || (guesses[i]|own).dataType().ID() == arrow.STRING
		}
	}
	all := guess(0)
	for _, g := range guesses {
		all |= g
	}
	switch {
	case all == 0: // no rows below, or empty ones
		return texts == 0 && d.anyValue()
	case unlike || typed == 0:
		return false
	}
	// A row of years, each once, may well be names of columns of numbers.
	return years != typed || len(names) < len(d.first)
}

// anyValue tells whether the first row has a field that is not null.
func (d *dialect) anyValue() bool {
	return slices.ContainsFunc(d.first, func(f field) bool { return guess(0).look(f, d.nulls) != 0 })
}
