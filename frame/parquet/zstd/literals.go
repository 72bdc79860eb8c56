package zstd

import "errors"

const (
	literalsRaw, literalsRepeated, literalsCompressed, literalsTreeless = 0, 1, 2, 3

	// slack is how many bytes can be read behind literals, which are copied 32 bytes at a time.
	slack = 32
)

var errLiterals = errors.New("the literals of its zstd are damaged")

// readLiterals reads the literals that a block begins with, and says how many bytes they take. They are in src where they are stored as they are, and
// slack bytes can be read behind them.
func (d *Decoder) readLiterals(src []byte, behind int) (literals []byte, n int, err error) {
	if len(src) == 0 {
		return nil, 0, errLiterals
	}
	kind, format := src[0]&3, src[0]>>2&3
	if kind == literalsRaw || kind == literalsRepeated {
		return d.plainLiterals(src, kind, format, behind)
	}
	headBytes, width, decode := 3, 10, d.huffman.decode4
	switch format {
	case 0:
		decode = d.huffman.decode1
	case 2:
		headBytes, width = 4, 14
	case 3:
		headBytes, width = 5, 18
	}
	if len(src) < headBytes {
		return nil, 0, errLiterals
	}
	head := number(src[:headBytes]) >> 4
	count, stored := int(head&(1<<width-1)), int(head>>width)
	if n = headBytes + stored; n > len(src) || count > blockMost {
		return nil, 0, errLiterals
	}
	body := src[headBytes:n]
	if kind == literalsCompressed {
		tree, err := d.huffman.read(body)
		if err != nil {
			return nil, 0, err
		}
		body = body[tree:]
	} else if d.huffman.log == 0 {
		return nil, 0, errLiterals
	}
	literals = d.literals[:count]
	return literals, n, decode(literals, body)
}

// plainLiterals reads literals that are not compressed, or are one byte again and again.
func (d *Decoder) plainLiterals(src []byte, kind, format uint8, behind int) (literals []byte, n int, err error) {
	headBytes, shift := 1, 3
	switch format {
	case 1:
		headBytes, shift = 2, 4
	case 3:
		headBytes, shift = 3, 4
	}
	if len(src) < headBytes {
		return nil, 0, errLiterals
	}
	count := int(number(src[:headBytes]) >> shift)
	if n = headBytes + count; kind == literalsRepeated {
		n = headBytes + 1
	}
	if n > len(src) || count > blockMost {
		return nil, 0, errLiterals
	}
	switch literals = d.literals[:count]; {
	case kind == literalsRepeated:
		repeat(literals, src[headBytes])
	case len(src)-n+behind >= slack:
		literals = src[headBytes:n]
	default:
		copy(literals, src[headBytes:n])
	}
	return literals, n, nil
}
