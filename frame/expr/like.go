package expr

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
)

// likePattern is a pattern of SQL's LIKE, cut at its percent signs: the pieces come one after the other, the first where the text begins
// and the last where it ends.
type likePattern struct {
	pieces []likePiece
}

// likePiece is text in which an underscore stands for any character.
type likePiece struct {
	text string
	any  bool // there are underscores
}

func newLikePattern(pattern string) likePattern {
	var p likePattern
	for text := range strings.SplitSeq(pattern, "%") {
		p.pieces = append(p.pieces, likePiece{text, strings.Contains(text, "_")})
	}
	return p
}

// containing is the pattern of texts that have part in them, whatever its characters.
func containing(part string) likePattern {
	return likePattern{[]likePiece{{}, {text: part}, {}}}
}

func (p likePattern) match(s []byte) bool {
	n, ok := p.pieces[0].prefix(s)
	if !ok {
		return false
	}
	s = s[n:]
	if len(p.pieces) == 1 {
		return len(s) == 0
	}
	return matchRest(s, p.pieces[1:])
}

// matchRest says whether the pieces come one after the other in s, the last where it ends.
func matchRest(s []byte, pieces []likePiece) bool {
	last := len(pieces) - 1
	for _, piece := range pieces[:last] {
		end, ok := piece.find(s)
		if !ok {
			return false
		}
		s = s[end:]
	}
	return pieces[last].suffix(s)
}

// anywhere is the text that has to stand somewhere in what matches, and where all else comes after; "" where there is none such.
func (p likePattern) anywhere() string {
	if len(p.pieces) < 3 || p.pieces[0].text != "" || p.pieces[1].any {
		return ""
	}
	return p.pieces[1].text
}

// matchAll sets the bits of the texts that match. Those with some text in them are found in all texts at once, as if they were one.
func (p likePattern) matchAll(in texts, rows int, out []byte) {
	part := p.anywhere()
	if part == "" || rows == 0 {
		bitsOf(rows, out, func(i int) bool { return p.match(in.at(i)) })
		return
	}
	clear(out)
	s := in.data[:in.offsets[rows]]
	for row, from := 0, int(in.offsets[0]); ; {
		at := indexOf(s[from:], part)
		if at < 0 {
			return
		}
		from += at
		for int(in.offsets[row+1]) <= from {
			row++
		}
		end := int(in.offsets[row+1])
		if from+len(part) > end { // a part of this text and of the next
			from++
			continue
		}
		if matchRest(s[from+len(part):end], p.pieces[2:]) {
			out[row>>3] |= 1 << (row & 7)
		}
		from = end
	}
}

// indexOf is where part stands first in s, -1 for nowhere.
func indexOf(s []byte, part string) int {
	from, found := wideFind(s, part)
	if found {
		return from
	}
	at := bytes.Index(s[from:], []byte(part))
	if at >= 0 {
		at += from
	}
	return at
}

// prefix is how many bytes of s the piece takes from its beginning.
func (p likePiece) prefix(s []byte) (n int, ok bool) {
	if !p.any {
		return len(p.text), len(s) >= len(p.text) && string(s[:len(p.text)]) == p.text
	}
	for _, r := range p.text {
		c, size := utf8.DecodeRune(s[n:])
		if size == 0 || r != '_' && r != c {
			return 0, false
		}
		n += size
	}
	return n, true
}

// find gives where the first place that the piece takes ends.
func (p likePiece) find(s []byte) (end int, ok bool) {
	if !p.any {
		at := bytes.Index(s, []byte(p.text))
		return at + len(p.text), at >= 0
	}
	for at := 0; ; {
		if n, ok := p.prefix(s[at:]); ok {
			return at + n, true
		}
		_, size := utf8.DecodeRune(s[at:])
		if size == 0 {
			return 0, false
		}
		at += size
	}
}

func (p likePiece) suffix(s []byte) bool {
	if !p.any {
		return len(s) >= len(p.text) && string(s[len(s)-len(p.text):]) == p.text
	}
	from := len(s)
	for range utf8.RuneCountInString(p.text) {
		_, size := utf8.DecodeLastRune(s[:from])
		if size == 0 {
			return false
		}
		from -= size
	}
	n, ok := p.prefix(s[from:])
	return ok && from+n == len(s)
}

// likeNode is LIKE with a pattern that is known at Bind.
type likeNode struct {
	x       node
	pattern likePattern
}

func bindLike(e Call, args []node) (node, error) {
	if err := wantText(e, args, 0, 1); err != nil {
		return nil, err
	}
	c, ok := args[1].(*constant)
	if !ok {
		return nil, errorOf(ErrType, "%s: the pattern is a literal (%s)", e, functions[e.Func].usage)
	}
	if c.v == nil || isNullConstant(args[0]) {
		return &constant{dt: arrow.FixedWidthTypes.Boolean}, nil
	}
	return &likeNode{args[0], newLikePattern(c.v.(string))}, nil
}

func (l *likeNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

func (l *likeNode) eval(b *block) (arrow.Array, error) {
	a, err := l.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	in := textsOf(a)
	buf, out := newBits(b.mem, b.rows)
	l.pattern.matchAll(in, b.rows, out)
	return makeArray(l.typ(), b.rows, validity(b.mem, a), buf), nil
}
