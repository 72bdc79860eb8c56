package expr

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
)

// textNode maps texts; f appends the new text to dst.
type textNode struct {
	x    node
	f    func(dst, s []byte) []byte
	expr Expr
}

func (t *textNode) typ() arrow.DataType { return t.x.typ() }

func (t *textNode) eval(b *block) (arrow.Array, error) {
	a, err := t.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	n, in := a.Len(), textsOf(a)
	valid, off := validBits(a)
	w := newTextWriter(b.mem, n, int(in.offsets[n]-in.offsets[0]))
	for i := range n {
		if valid != nil && !bitAt(valid, off+i) {
			w.put(w.buf)
			continue
		}
		w.put(t.f(w.buf, in.at(i)))
	}
	return w.finish(a.DataType(), validity(b.mem, a), t.expr)
}

// wantText checks that arguments are texts; a bare nil becomes a null text.
func wantText(e Call, args []node, which ...int) error {
	for _, i := range which {
		switch dt := args[i].typ(); {
		case dt.ID() == arrow.NULL:
			args[i] = &constant{dt: arrow.BinaryTypes.String}
		case !isText(dt):
			return argument(e, i, args[i], "a string")
		}
	}
	return nil
}

func bindText(f func(dst, s []byte) []byte) func(Call, []node) (node, error) {
	return func(e Call, args []node) (node, error) {
		if err := wantText(e, args, 0); err != nil {
			return nil, err
		}
		return &textNode{args[0], f, e}, nil
	}
}

func lowerText(dst, s []byte) []byte {
	from := len(dst)
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return append(dst[:from], bytes.ToLower(s)...)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func upperText(dst, s []byte) []byte {
	from := len(dst)
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return append(dst[:from], bytes.ToUpper(s)...)
		}
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func trimText(dst, s []byte) []byte { return append(dst, bytes.TrimSpace(s)...) }

func bindReplace(e Call, args []node) (node, error) {
	if err := wantText(e, args, 0, 1, 2); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(args, isNullConstant) {
		return &constant{dt: args[0].typ()}, nil
	}
	old, ok1 := args[1].(*constant)
	with, ok2 := args[2].(*constant)
	if !ok1 || !ok2 {
		return nil, errorOf(ErrType, "%s: what is replaced, and with what, are literals (%s)", e, functions[e.Func].usage)
	}
	from, to := []byte(old.v.(string)), []byte(with.v.(string))
	return &textNode{args[0], func(dst, s []byte) []byte {
		if len(from) == 0 {
			return append(dst, s...)
		}
		for {
			i := bytes.Index(s, from)
			if i < 0 {
				return append(dst, s...)
			}
			dst = append(append(dst, s[:i]...), to...)
			s = s[i+len(from):]
		}
	}, e}, nil
}

// bindSubstr takes count characters from character from (0 the first, -1 the last); without count, all that follow.
func bindSubstr(e Call, args []node) (node, error) {
	if err := wantText(e, args, 0); err != nil {
		return nil, err
	}
	from, err := literalInt(e, args, 1)
	if err != nil {
		return nil, err
	}
	count := int64(-1)
	if len(args) == 3 {
		if count, err = literalInt(e, args, 2); err != nil {
			return nil, err
		}
		if count < 0 {
			return nil, errorOf(ErrType, "%s: a count of %d characters", e, count)
		}
	}
	return &textNode{args[0], func(dst, s []byte) []byte {
		start := from
		if start < 0 {
			start = max(0, int64(utf8.RuneCount(s))+start)
		}
		s = s[runeOffset(s, start):]
		if count >= 0 {
			s = s[:runeOffset(s, count)]
		}
		return append(dst, s...)
	}, e}, nil
}

// runeOffset is the byte at which character n begins, or the end.
func runeOffset(s []byte, n int64) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRune(s[at:])
		at += size
	}
	return at
}

// textTestNode is a predicate over two texts, the second often a literal.
type textTestNode struct {
	x, y node
	f    func(s, t string) bool
}

var textTests = map[string]func(s, t string) bool{
	"contains": strings.Contains, "starts_with": strings.HasPrefix, "ends_with": strings.HasSuffix,
}

func bindTextTest(e Call, args []node) (node, error) {
	if err := wantText(e, args, 0, 1); err != nil {
		return nil, err
	}
	if isNullConstant(args[0]) || isNullConstant(args[1]) {
		return &constant{dt: arrow.FixedWidthTypes.Boolean}, nil
	}
	if c, ok := args[1].(*constant); ok && e.Func == "contains" {
		return &likeNode{args[0], containing(c.v.(string))}, nil
	}
	return &textTestNode{args[0], args[1], textTests[e.Func]}, nil
}

func (t *textTestNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

func (t *textTestNode) eval(b *block) (arrow.Array, error) {
	a, err := t.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	in := textsOf(a)
	if c, ok := t.y.(*constant); ok {
		part := c.v.(string)
		buf, out := newBits(b.mem, b.rows)
		bitsOf(b.rows, out, func(i int) bool { return t.f(in.str(i), part) })
		return makeArray(t.typ(), b.rows, validity(b.mem, a), buf), nil
	}
	p, err := t.y.eval(b)
	if err != nil {
		return nil, err
	}
	defer p.Release()
	parts := textsOf(p)
	buf, out := newBits(b.mem, b.rows)
	bitsOf(b.rows, out, func(i int) bool { return t.f(in.str(i), parts.str(i)) })
	return makeArray(t.typ(), b.rows, validity(b.mem, a, p), buf), nil
}

// lengthNode counts a text's characters, or a binary's bytes.
type lengthNode struct{ x node }

func bindLength(e Call, args []node) (node, error) {
	if err := wantText(e, args, 0); err != nil {
		return nil, err
	}
	return &lengthNode{args[0]}, nil
}

func (l *lengthNode) typ() arrow.DataType { return int64Type }

func (l *lengthNode) eval(b *block) (arrow.Array, error) {
	a, err := l.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	in := textsOf(a)
	buf, out := newFixed[int64](b.mem, a.Len())
	for i := range out {
		if a.DataType().ID() == arrow.STRING {
			out[i] = int64(utf8.RuneCount(in.at(i)))
		} else {
			out[i] = int64(len(in.at(i)))
		}
	}
	return makeArray(int64Type, a.Len(), validity(b.mem, a), buf), nil
}
