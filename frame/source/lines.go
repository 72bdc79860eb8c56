package source

import "bytes"

// lineScan is what a text has: line ends, and whether there are empty lines (one line end behind another), quotes, and carriage
// returns.
type lineScan struct {
	ends                     int
	empty, quoted, returning bool
}

// scanLines looks once at a text.
func scanLines(text []byte, quote byte) lineScan {
	n := 0
	var s lineScan
	if wideLines {
		n = len(text) &^ (wideBytes - 1)
	}
	if n > 0 {
		s = scanWide(text[:n], quote)
		s.empty = s.empty || n < len(text) && text[n-1] == '\n' && text[n] == '\n'
	}
	rest := plainLines(text[n:], quote)
	return lineScan{s.ends + rest.ends, s.empty || rest.empty, s.quoted || rest.quoted, s.returning || rest.returning}
}

// plainLines is scanLines without vector instructions.
func plainLines(text []byte, quote byte) lineScan {
	return lineScan{
		ends: bytes.Count(text, []byte{'\n'}), empty: bytes.Contains(text, []byte("\n\n")),
		quoted: bytes.IndexByte(text, quote) >= 0, returning: bytes.IndexByte(text, '\r') >= 0,
	}
}
