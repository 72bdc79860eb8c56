package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// decoderOf is what makes UTF-8 of an encoding, nil where it is UTF-8.
func decoderOf(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8":
		return nil, nil
	case "utf-16", "utf16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "utf8-lossy", "utf-8-lossy":
		return unicode.UTF8, nil
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("encoding %q is not known (known are utf-8, utf8-lossy, utf-16, latin1, windows-1252, shift_jis, gbk and the others of the WHATWG's list)", name)
	}
	return e, nil
}

// isUTF16 looks for the byte order mark of UTF-16.
func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
}

// openPlain opens a file that is not compressed as a stream.
func openPlain(name string) openText {
	return func() (*textInput, error) {
		f, err := openSequential(name)
		if err != nil {
			return nil, err
		}
		counter := &countingReader{Reader: f}
		return &textInput{Reader: counter, counter: counter, closers: []func(){func() { _ = f.Close() }}}, nil
	}
}

// decoded is a text as UTF-8; without the name of an encoding, a byte order mark decides.
func decoded(open openText, name string) openText {
	return func() (*textInput, error) {
		e, err := decoderOf(name)
		if err != nil {
			return nil, err
		}
		in, err := open()
		if err != nil {
			return nil, err
		}
		if name == "" {
			peeked := bufio.NewReader(in.Reader)
			in.Reader = peeked
			if head, _ := peeked.Peek(2); isUTF16(head) {
				e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
			}
		}
		if e != nil {
			in.Reader = e.NewDecoder().Reader(in.Reader)
		}
		return in, nil
	}
}

// hasOldLines tells whether the lines of a text end with carriage returns alone, as those of old Macs.
func hasOldLines(head []byte) bool {
	head = head[:min(len(head), 64<<10)]
	first := bytes.IndexByte(head, '\r')
	return first >= 0 && first < len(head)-1 && bytes.IndexByte(head, '\n') < 0
}

// newLines makes line feeds of the carriage returns of a text, also of those in quotes.
func newLines(open openText) openText {
	return func() (*textInput, error) {
		in, err := open()
		if err != nil {
			return nil, err
		}
		in.Reader = &lineReader{in: in.Reader}
		return in, nil
	}
}

type lineReader struct {
	in io.Reader
	cr bool // the last byte read was a carriage return
}

func (l *lineReader) Read(b []byte) (int, error) {
	n, err := l.in.Read(b)
	out := 0
	for _, c := range b[:n] {
		after := l.cr
		if l.cr = c == '\r'; l.cr {
			c = '\n'
		} else if c == '\n' && after {
			continue // a pair is one line end
		}
		b[out] = c
		out++
	}
	return out, err
}
