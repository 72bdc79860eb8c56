package program

// The loops over vectors of one length, one for each operation: Go does not inline a function that a generic is given.
// Reslicing the operands to the length of out lets the compiler drop the bounds checks.

type number interface{ int64 | uint64 | float64 }

type integer interface{ int64 | uint64 }

type ordered interface {
	int64 | uint64 | float64 | string
}

func addLoop[T ordered](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] + y[i]
	}
}

func subLoop[T number](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] - y[i]
	}
}

func mulLoop[T number](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] * y[i]
	}
}

func divFloatLoop(out, x, y []float64) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] / y[i]
	}
}

// divLoop gives 0 where the divisor is zero.
func divLoop[T integer](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		if d := y[i]; d != 0 {
			out[i] = x[i] / d
		} else {
			out[i] = 0
		}
	}
}

func remLoop[T integer](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		if d := y[i]; d != 0 {
			out[i] = x[i] % d
		} else {
			out[i] = 0
		}
	}
}

func andLoop[T integer | uint8](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] & y[i]
	}
}

func orLoop[T integer | uint8](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] | y[i]
	}
}

func xorLoop[T integer | uint8](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] ^ y[i]
	}
}

func andNotLoop[T integer](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] &^ y[i]
	}
}

// Shift counts come as unsigned bits; a negative one is huge here and a failure elsewhere.

func shlLoop[T integer](out, x []T, count []uint64) {
	x, count = x[:len(out)], count[:len(out)]
	for i := range out {
		out[i] = x[i] << count[i]
	}
}

func shrLoop[T integer](out, x []T, count []uint64) {
	x, count = x[:len(out)], count[:len(out)]
	for i := range out {
		out[i] = x[i] >> count[i]
	}
}

func negLoop[T number](out, x []T) {
	x = x[:len(out)]
	for i := range out {
		out[i] = -x[i]
	}
}

func notLoop[T integer](out, x []T) {
	x = x[:len(out)]
	for i := range out {
		out[i] = ^x[i]
	}
}

func notBoolLoop(out, x []uint8) {
	x = x[:len(out)]
	for i := range out {
		out[i] = x[i] ^ 1
	}
}

func byteOf(b bool) uint8 {
	var v uint8
	if b {
		v = 1
	}
	return v
}

func eqLoop[T ordered | uint8](out []uint8, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = byteOf(x[i] == y[i])
	}
}

func neLoop[T ordered | uint8](out []uint8, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = byteOf(x[i] != y[i])
	}
}

func ltLoop[T ordered](out []uint8, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = byteOf(x[i] < y[i])
	}
}

func leLoop[T ordered](out []uint8, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = byteOf(x[i] <= y[i])
	}
}

func minLoop[T ordered](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = min(x[i], y[i])
	}
}

func maxLoop[T ordered](out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = max(x[i], y[i])
	}
}

// selectWords takes words by a mask, without a branch.
func selectWords(out []uint64, cond []uint8, yes, no []uint64) {
	cond, yes, no = cond[:len(out)], yes[:len(out)], no[:len(out)]
	for i := range out {
		mask := -uint64(cond[i])
		out[i] = no[i] ^ (no[i]^yes[i])&mask
	}
}

func selectBools(out, cond, yes, no []uint8) {
	cond, yes, no = cond[:len(out)], yes[:len(out)], no[:len(out)]
	for i := range out {
		out[i] = no[i] ^ (no[i]^yes[i])&cond[i]
	}
}

func selectTexts(out []string, cond []uint8, yes, no []string) {
	cond, yes, no = cond[:len(out)], yes[:len(out)], no[:len(out)]
	for i := range out {
		if cond[i] != 0 {
			out[i] = yes[i]
		} else {
			out[i] = no[i]
		}
	}
}

func convertLoop[T, S number](out []T, x []S) {
	x = x[:len(out)]
	for i := range out {
		out[i] = T(x[i])
	}
}

// cut brings 64-bit results into a narrower kind, as Go's conversions do.
func cutInts(k Kind, out []int64) {
	switch k {
	case Int8:
		for i, v := range out {
			out[i] = int64(int8(v))
		}
	case Int16:
		for i, v := range out {
			out[i] = int64(int16(v))
		}
	case Int32:
		for i, v := range out {
			out[i] = int64(int32(v))
		}
	}
}

func cutUints(k Kind, out []uint64) {
	switch k {
	case Uint8:
		for i, v := range out {
			out[i] = uint64(uint8(v))
		}
	case Uint16:
		for i, v := range out {
			out[i] = uint64(uint16(v))
		}
	case Uint32:
		for i, v := range out {
			out[i] = uint64(uint32(v))
		}
	}
}

func cutFloats(out []float64) {
	for i, v := range out {
		out[i] = float64(float32(v))
	}
}
