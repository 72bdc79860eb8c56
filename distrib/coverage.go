package distrib

import "github.com/rivulet-go/rivulet/frame/batch"

// coverage is what of the inputs a result was computed from.
type coverage struct {
	// streamed is the name of the source whose prefix the result follows. A join of a source with itself has it as a
	// build side too: that use is complete whenever there is a result, and is left out, so that the name means one
	// thing.
	streamed string
	built    []batch.Span
	spans    []batch.Span
	grown    bool // something was added since spans were last taken
}

// add takes the next span of a scan, in the order of its splits.
func (c *coverage) add(s batch.Span, building bool) {
	if building {
		if s.Input != c.streamed {
			c.built = merge(c.built, s)
			c.grown = true
		}
		return
	}
	c.spans = merge(c.spans, s)
	c.grown = true
}

// merge adds s to spans, as a part of one that ends where it starts.
func merge(spans []batch.Span, s batch.Span) []batch.Span {
	for i := range spans {
		have := &spans[i]
		if have.Input != s.Input {
			continue
		}
		switch {
		case *have == s:
			return spans
		case have.End == s.Start:
			have.End = s.End
			return spans
		case s.End == have.Start:
			have.Start = s.Start
			return spans
		}
	}
	return append(spans, s)
}

// take gives the spans covered so far, build sides first.
func (c *coverage) take() []batch.Span {
	c.grown = false
	out := make([]batch.Span, 0, len(c.built)+len(c.spans))
	for _, b := range c.built {
		if !reads(c.spans, b.Input) {
			out = append(out, b)
		}
	}
	return append(out, c.spans...)
}

func reads(spans []batch.Span, input string) bool {
	for _, s := range spans {
		if s.Input == input {
			return true
		}
	}
	return false
}
