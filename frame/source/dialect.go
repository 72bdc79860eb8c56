package source

import (
	"bytes"
	"fmt"
	"strings"
)

// dialect is how a CSV file is written.
type dialect struct {
	delim  byte
	delims uint64 // delim eight times
	crlf   bool
	header bool
	nulls  *nullWords
	names  []string // of the columns, unique
	start  int      // where the data begins: behind the byte order mark and the header
}

// newDialect looks at a file's first bytes, at least one row unless atEnd says that there are no more.
func newDialect(name string, head []byte, o *Options) (*dialect, error) {
	d := &dialect{header: !o.NoHeader, nulls: newNullWords(o.nullWords())}
	start := 0
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		start = 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, fmt.Errorf("%s: %w: the text is UTF-16 (convert it: iconv -f utf-16 -t utf-8)", name, ErrCorrupt)
	}
	for n := lineEnd(head, start, len(head)); n > 0; n = lineEnd(head, start, len(head)) {
		start += n // blank lines before the header
	}
	if start >= len(head) {
		return nil, fmt.Errorf("%s: %w", name, ErrEmpty)
	}
	if bytes.IndexByte(head[:min(len(head), 4096)], 0) >= 0 {
		return nil, fmt.Errorf("%s: %w: this is no text (give its Format, or name it by its format)", name, ErrCorrupt)
	}
	d.delim = byte(o.Delimiter)
	if o.Delimiter == 0 {
		d.delim = ','
		if o.Format == "tsv" {
			d.delim = '\t'
		} else if found := detectDelimiter(head[start:]); found != 0 {
			d.delim = found
		}
	}
	d.delims = uint64(d.delim) * lowBits
	fields, next, err := scanRow(head, start, len(head), d.delim, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: line 1: %w: %w", name, ErrCorrupt, err)
	}
	d.crlf = next >= 2 && head[next-1] == '\n' && head[next-2] == '\r'
	d.start = start
	if d.header {
		d.start = next
	}
	d.names = columnNames(fields, d.header)
	return d, nil
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
func detectDelimiter(head []byte) byte {
	const rows = 10
	var best byte
	bestScore := 0
	for _, delim := range []byte{',', '\t', ';', '|'} {
		var fields []field
		var err error
		same, count, seen := 0, 0, 0
		for i := 0; i < len(head) && seen < rows; seen++ {
			from := i
			if fields, i, err = scanRow(head, i, len(head), delim, fields); err != nil {
				break
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
