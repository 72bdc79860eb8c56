package source

// rowSpan is rows from one up to another, which is not among them.
type rowSpan struct{ from, to int64 }

// rowSpans are rows, in increasing order; no two spans touch.
type rowSpans []rowSpan

func (s rowSpans) rows() (n int64) {
	for _, r := range s {
		n += r.to - r.from
	}
	return n
}

// add appends a span behind all others, or to the last.
func (s rowSpans) add(from, to int64) rowSpans {
	switch last := len(s) - 1; {
	case from >= to:
		return s
	case last >= 0 && s[last].to >= from:
		s[last].to = max(s[last].to, to)
		return s
	}
	return append(s, rowSpan{from, to})
}

// and is the rows that both have.
func (s rowSpans) and(o rowSpans) (out rowSpans) {
	for len(s) > 0 && len(o) > 0 {
		out = out.add(max(s[0].from, o[0].from), min(s[0].to, o[0].to))
		if s[0].to < o[0].to {
			s = s[1:]
		} else {
			o = o[1:]
		}
	}
	return out
}

// or is the rows that one of them has.
func (s rowSpans) or(o rowSpans) (out rowSpans) {
	for len(s) > 0 || len(o) > 0 {
		if len(o) == 0 || len(s) > 0 && s[0].from <= o[0].from {
			out, s = out.add(s[0].from, s[0].to), s[1:]
		} else {
			out, o = out.add(o[0].from, o[0].to), o[1:]
		}
	}
	return out
}

// meets says whether some row from one up to another is among them.
func (s rowSpans) meets(from, to int64) bool { return len(s.and(rowSpans{{from, to}})) > 0 }
