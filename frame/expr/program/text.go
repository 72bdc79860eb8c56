package program

import (
	"math"
	"strconv"
	"strings"
)

// mostText is about how long the text of a program gets before the rest is left out.
const mostText = 160

// String is the program as an expression over its parameters, in Go-like syntax; a long one ends in …
func (p *Program) String() string {
	w := textWriter{p: p}
	w.value(p.Result, 0)
	if p.Null != None {
		text := w.b.String()
		w.b.Reset()
		w.b.WriteString("when(")
		w.value(p.Null, 0)
		w.b.WriteString(", nil, " + text + ")")
	}
	text := w.b.String()
	if r := []rune(text); len(r) > mostText {
		return string(r[:mostText-1]) + "…"
	}
	return text
}

type textWriter struct {
	p *Program
	b strings.Builder
}

const (
	looseOr = iota + 1
	looseAnd
	looseCompare
	looseAdd
	looseMul
	looseUnary
)

var precedences = map[Op]int{
	BitOr: looseAdd, BitXor: looseAdd, Add: looseAdd, Sub: looseAdd, Mul: looseMul, Div: looseMul, Rem: looseMul, BitAnd: looseMul,
	AndNot: looseMul, Shl: looseMul, Shr: looseMul, Eq: looseCompare, Ne: looseCompare, Lt: looseCompare, Le: looseCompare,
}

// value writes a value, in parentheses where it binds looser than least.
func (w *textWriter) value(v, least int) {
	if w.b.Len() > mostText {
		return
	}
	switch first := w.p.first(); {
	case v < len(w.p.Params):
		w.b.WriteString(w.p.Params[v].Name)
	case v < first:
		w.b.WriteString(w.p.Consts[v-len(w.p.Params)].String())
	default:
		w.instr(w.p.Code[v-first], least)
	}
}

func (w *textWriter) instr(in Instr, least int) {
	switch in.Op {
	case Neg, Not:
		sign := "-"
		if in.Op == Not {
			sign = "^"
			if in.Kind == Bool {
				sign = "!"
			}
		}
		w.b.WriteString(sign)
		w.value(in.Args[0], looseUnary)
	case Convert:
		w.call(in.Kind.String(), in.Args)
	case Call:
		w.call(in.Func, in.Args)
	case Index:
		w.value(in.Args[0], looseUnary)
		w.b.WriteByte('[')
		w.value(in.Args[1], 0)
		w.b.WriteByte(']')
	case Slice:
		w.value(in.Args[0], looseUnary)
		w.b.WriteByte('[')
		w.value(in.Args[1], 0)
		w.b.WriteByte(':')
		w.value(in.Args[2], 0)
		w.b.WriteByte(']')
	case Deref:
		w.b.WriteByte('*')
		w.value(in.Args[0], looseUnary)
	case Null:
		w.value(in.Args[0], looseCompare)
		w.b.WriteString(" == nil")
	default:
		p, ok := precedences[in.Op]
		if !ok {
			w.call(in.Op.String(), in.Args)
			return
		}
		sign := in.Op.String()
		if in.Kind == Bool && in.Op == BitAnd {
			p, sign = looseAnd, "&&"
		} else if in.Kind == Bool && in.Op == BitOr {
			p, sign = looseOr, "||"
		}
		if p < least {
			w.b.WriteByte('(')
			defer w.b.WriteByte(')')
		}
		w.value(in.Args[0], p)
		w.b.WriteString(" " + sign + " ")
		w.value(in.Args[1], p+1)
	}
}

func (w *textWriter) call(name string, args []int) {
	w.b.WriteString(name + "(")
	for i, a := range args {
		if i > 0 {
			w.b.WriteString(", ")
		}
		w.value(a, 0)
	}
	w.b.WriteByte(')')
}

// String is the constant as Go writes it, or the name of what was captured.
func (c Const) String() string {
	switch {
	case c.Capture != "":
		return c.Capture
	case c.Kind == Bool:
		return strconv.FormatBool(c.Bits != 0)
	case c.Kind.Signed():
		return strconv.FormatInt(int64(c.Bits), 10)
	case c.Kind.Unsigned():
		return strconv.FormatUint(c.Bits, 10)
	case c.Kind.Float():
		return strconv.FormatFloat(math.Float64frombits(c.Bits), 'g', -1, 64)
	}
	return strconv.Quote(c.Text)
}
