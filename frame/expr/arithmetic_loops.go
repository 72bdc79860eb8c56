package expr

import "math/bits"

// Loops over both operands or one and a constant (a slice of length one). Integer loops gather a mark that is negative
// where any row overflowed, instead of branching in each.

func addFloats(out, x, y []float64) {
	if len(x) == 1 {
		x, y = y, x
	}
	if len(y) == 1 {
		s := y[0]
		if len(x) == 1 {
			x = constantSlice(out, x[0])
		}
		for i, v := range x {
			out[i] = v + s
		}
		return
	}
	y = y[:len(x)]
	out = out[:len(x)]
	for i, v := range x {
		out[i] = v + y[i]
	}
}

// constantSlice fills out with the value, for the rare case of two constants.
func constantSlice[T number](out []T, v T) []T {
	for i := range out {
		out[i] = v
	}
	return out
}

func subtractFloats(out, x, y []float64) {
	if len(x) == 1 {
		s := x[0]
		for i, v := range y {
			out[i] = s - v
		}
		return
	}
	y = y[:len(x)]
	out = out[:len(x)]
	for i, v := range x {
		out[i] = v - y[i]
	}
}

func multiplyFloats(out, x, y []float64) {
	if len(x) == 1 {
		x, y = y, x
	}
	if len(y) == 1 {
		s := y[0]
		if len(x) == 1 {
			x = constantSlice(out, x[0])
		}
		for i, v := range x {
			out[i] = v * s
		}
		return
	}
	y = y[:len(x)]
	out = out[:len(x)]
	for i, v := range x {
		out[i] = v * y[i]
	}
}

func divideFloats(out, x, y []float64) {
	switch {
	case len(y) == 1:
		s := y[0]
		if len(x) == 1 {
			x = constantSlice(out, x[0])
		}
		for i, v := range x {
			out[i] = v / s
		}
	case len(x) == 1:
		s := x[0]
		for i, v := range y {
			out[i] = s / v
		}
	default:
		y = y[:len(x)]
		out = out[:len(x)]
		for i, v := range x {
			out[i] = v / y[i]
		}
	}
}

func addInts(out, x, y []int64) (marks int64) {
	if len(x) == 1 {
		x, y = y, x
	}
	if len(y) == 1 {
		s := y[0]
		if len(x) == 1 {
			x = constantSlice(out, x[0])
		}
		for i, v := range x {
			r, mark := addInt(v, s)
			out[i] = r
			marks |= mark
		}
		return marks
	}
	y = y[:len(x)]
	out = out[:len(x)]
	for i, v := range x {
		r, mark := addInt(v, y[i])
		out[i] = r
		marks |= mark
	}
	return marks
}

func subtractInts(out, x, y []int64) (marks int64) {
	switch {
	case len(y) == 1:
		s := y[0]
		if len(x) == 1 {
			x = constantSlice(out, x[0])
		}
		for i, v := range x {
			r, mark := subtractInt(v, s)
			out[i] = r
			marks |= mark
		}
	case len(x) == 1:
		s := x[0]
		for i, v := range y {
			r, mark := subtractInt(s, v)
			out[i] = r
			marks |= mark
		}
	default:
		y = y[:len(x)]
		out = out[:len(x)]
		for i, v := range x {
			r, mark := subtractInt(v, y[i])
			out[i] = r
			marks |= mark
		}
	}
	return marks
}

func multiplyInts(out, x, y []int64) (marks int64) {
	if len(x) == 1 {
		x, y = y, x
	}
	if len(y) == 1 {
		s := y[0]
		if len(x) == 1 {
			x = constantSlice(out, x[0])
		} else if done := wideProducts(out, x, s); done > 0 {
			out, x = out[done:], x[done:]
		} else if multiplyShort(out, x, s) {
			return 0
		}
		for i, v := range x {
			r, mark := multiplyInt(v, s)
			out[i] = r
			marks |= mark
		}
		return marks
	}
	y = y[:len(x)]
	out = out[:len(x)]
	for i, v := range x {
		r, mark := multiplyInt(v, y[i])
		out[i] = r
		marks |= mark
	}
	return marks
}

// multiplyShort multiplies by one value and reports whether the operands are so short that no product can overflow: it looks at their
// lengths together, which costs less than the high words of all products.
func multiplyShort(out, x []int64, s int64) bool {
	out = out[:len(x)]
	ones := int64(0)
	for i, v := range x {
		out[i] = v * s
		ones |= v ^ v>>63
	}
	return bits.Len64(uint64(ones))+bits.Len64(uint64(s^s>>63)) < 62
}
