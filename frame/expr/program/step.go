package program

import "unsafe"

// words are the bits of integers and floats.
func (m *Machine) words(r int) []uint64 {
	if v := m.v[r].Floats; v != nil {
		return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(v))), len(v))[:m.rows]
	}
	return m.uints(r)
}

// step makes the loop of instruction i.
func (r *Runner) step(i int) step {
	p := r.program
	in := p.Code[i]
	out := r.register[p.first()+i]
	args := make([]int, len(in.Args))
	for k, a := range in.Args {
		args[k] = r.register[a]
	}
	operand := Invalid
	if len(in.Args) > 0 {
		operand = p.KindOf(in.Args[0])
	}
	guard := None
	if in.Guard != None {
		guard = r.register[in.Guard]
	}
	switch in.Op {
	case Eq, Ne, Lt, Le:
		return compareStep(in.Op, operand.class(), out, args)
	case Select:
		return selectStep(in.Kind.class(), out, args)
	case Convert:
		return convertStep(operand.class(), in.Kind, out, args[0])
	case Call:
		return functions[in.Func].step(out, args, guard)
	case Shl, Shr:
		return shiftStep(i, in, p.KindOf(in.Args[1]), out, args, guard)
	case Len, Index, Slice:
		return textStep(i, in.Op, out, args, guard)
	case Null:
		null := r.nulls[in.Args[0]]
		return func(m *Machine) { copy(m.bools(out), m.bools(null)) }
	case Deref:
		null := r.nulls[in.Args[0]]
		return func(m *Machine) {
			nulls := m.bools(null)
			m.failWhere(i, guard, func(i int) bool { return nulls[i] != 0 })
		}
	case Fail:
		return func(m *Machine) {
			clear(m.bools(out))
			m.failWhere(i, guard, func(int) bool { return true })
		}
	}
	s := arithmeticStep(in, out, args)
	if (in.Op == Div || in.Op == Rem) && in.Kind.Integer() {
		divisor := args[1]
		return func(m *Machine) {
			s(m)
			y := m.uints(divisor)
			m.failWhere(i, guard, func(i int) bool { return y[i] == 0 })
		}
	}
	return s
}

func arithmeticStep(in Instr, out int, args []int) step {
	var s step
	switch in.Kind.class() {
	case classFloat:
		s = floatStep(in.Op, out, args)
	case classInt:
		s = integerStep(in.Op, out, args, (*Machine).ints)
		if s == nil {
			s = orderedStep(in.Op, out, args, (*Machine).ints)
		}
	case classUint:
		s = integerStep(in.Op, out, args, (*Machine).uints)
		if s == nil {
			s = orderedStep(in.Op, out, args, (*Machine).uints)
		}
	case classText:
		s = orderedStep(in.Op, out, args, (*Machine).texts)
	case classBool:
		return boolStep(in.Op, out, args)
	}
	return cutStep(in.Kind, out, s)
}

// cutStep brings the result of s into kind k.
func cutStep(k Kind, out int, s step) step {
	if !k.narrow() {
		return s
	}
	switch k.class() {
	case classInt:
		return func(m *Machine) { s(m); cutInts(k, m.ints(out)) }
	case classUint:
		return func(m *Machine) { s(m); cutUints(k, m.uints(out)) }
	default:
		return func(m *Machine) { s(m); cutFloats(m.floats(out)) }
	}
}

// unary and binary join a loop with the registers that it works on.
func unary[T any](view func(*Machine, int) []T, loop func(out, x []T), out int, args []int) step {
	x := args[0]
	return func(m *Machine) { loop(view(m, out), view(m, x)) }
}

func binary[T any](view func(*Machine, int) []T, loop func(out, x, y []T), out int, args []int) step {
	x, y := args[0], args[1]
	return func(m *Machine) { loop(view(m, out), view(m, x), view(m, y)) }
}

func floatStep(op Op, out int, args []int) step {
	view := (*Machine).floats
	switch op {
	case Sub:
		return binary(view, subLoop[float64], out, args)
	case Mul:
		return binary(view, mulLoop[float64], out, args)
	case Div:
		return binary(view, divFloatLoop, out, args)
	case Neg:
		return unary(view, negLoop[float64], out, args)
	}
	return orderedStep(op, out, args, view)
}

func integerStep[T integer](op Op, out int, args []int, view func(*Machine, int) []T) step {
	switch op {
	case Sub:
		return binary(view, subLoop[T], out, args)
	case Mul:
		return binary(view, mulLoop[T], out, args)
	case Div:
		return binary(view, divLoop[T], out, args)
	case Rem:
		return binary(view, remLoop[T], out, args)
	case BitAnd:
		return binary(view, andLoop[T], out, args)
	case BitOr:
		return binary(view, orLoop[T], out, args)
	case BitXor:
		return binary(view, xorLoop[T], out, args)
	case AndNot:
		return binary(view, andNotLoop[T], out, args)
	case Neg:
		return unary(view, negLoop[T], out, args)
	case Not:
		return unary(view, notLoop[T], out, args)
	}
	return nil
}

func orderedStep[T ordered](op Op, out int, args []int, view func(*Machine, int) []T) step {
	switch op {
	case Add:
		return binary(view, addLoop[T], out, args)
	case Min:
		return binary(view, minLoop[T], out, args)
	case Max:
		return binary(view, maxLoop[T], out, args)
	}
	return nil
}

func boolStep(op Op, out int, args []int) step {
	view := (*Machine).bools
	switch op {
	case BitAnd:
		return binary(view, andLoop[uint8], out, args)
	case BitOr:
		return binary(view, orLoop[uint8], out, args)
	case BitXor:
		return binary(view, xorLoop[uint8], out, args)
	case Not:
		return unary(view, notBoolLoop, out, args)
	}
	return nil
}

func compareStep(op Op, c class, out int, args []int) step {
	switch c {
	case classInt:
		return comparison(op, (*Machine).ints, out, args)
	case classUint:
		return comparison(op, (*Machine).uints, out, args)
	case classFloat:
		return comparison(op, (*Machine).floats, out, args)
	case classText:
		return comparison(op, (*Machine).texts, out, args)
	}
	loop := eqLoop[uint8]
	if op == Ne {
		loop = neLoop[uint8]
	}
	return compared((*Machine).bools, loop, out, args)
}

func comparison[T ordered](op Op, view func(*Machine, int) []T, out int, args []int) step {
	loops := map[Op]func(out []uint8, x, y []T){Eq: eqLoop[T], Ne: neLoop[T], Lt: ltLoop[T], Le: leLoop[T]}
	return compared(view, loops[op], out, args)
}

func compared[T any](view func(*Machine, int) []T, loop func(out []uint8, x, y []T), out int, args []int) step {
	x, y := args[0], args[1]
	return func(m *Machine) { loop(m.bools(out), view(m, x), view(m, y)) }
}

func selectStep(c class, out int, args []int) step {
	cond, yes, no := args[0], args[1], args[2]
	switch c {
	case classBool:
		return func(m *Machine) { selectBools(m.bools(out), m.bools(cond), m.bools(yes), m.bools(no)) }
	case classText:
		return func(m *Machine) { selectTexts(m.texts(out), m.bools(cond), m.texts(yes), m.texts(no)) }
	}
	return func(m *Machine) { selectWords(m.words(out), m.bools(cond), m.words(yes), m.words(no)) }
}

func convertStep(from class, to Kind, out, x int) step {
	switch from {
	case classInt:
		return convertFrom(to, out, x, (*Machine).ints)
	case classUint:
		return convertFrom(to, out, x, (*Machine).uints)
	}
	if to.Integer() && to.narrow() {
		return narrowFloatStep(to, out, x)
	}
	return convertFrom(to, out, x, (*Machine).floats)
}

func convertFrom[S number](to Kind, out, x int, view func(*Machine, int) []S) step {
	switch to.class() {
	case classInt:
		return cutStep(to, out, func(m *Machine) { convertLoop(m.ints(out), view(m, x)) })
	case classUint:
		return cutStep(to, out, func(m *Machine) { convertLoop(m.uints(out), view(m, x)) })
	}
	if to == Float32 { // rounded once, not first to float64
		return func(m *Machine) {
			for i, v := range view(m, x) {
				m.v[out].Floats[i] = float64(float32(v))
			}
		}
	}
	return func(m *Machine) { convertLoop(m.floats(out), view(m, x)) }
}

// narrowFloatStep converts floats to narrow integers at once: what Go gives for a value that does not fit depends on it.
func narrowFloatStep(to Kind, out, x int) step {
	f := map[Kind]func(float64) int64{
		Int8: func(v float64) int64 { return int64(int8(v)) }, Int16: func(v float64) int64 { return int64(int16(v)) },
		Int32: func(v float64) int64 { return int64(int32(v)) }, Uint8: func(v float64) int64 { return int64(uint8(v)) },
		Uint16: func(v float64) int64 { return int64(uint16(v)) }, Uint32: func(v float64) int64 { return int64(uint32(v)) },
	}[to]
	return func(m *Machine) {
		for i, v := range m.floats(x) {
			m.v[out].Ints[i] = f(v)
		}
	}
}

func shiftStep(i int, in Instr, count Kind, out int, args []int, guard int) step {
	x, n := args[0], args[1]
	var s step
	switch {
	case in.Op == Shl && in.Kind.Signed():
		s = func(m *Machine) { shlLoop(m.ints(out), m.ints(x), m.uints(n)) }
	case in.Op == Shl:
		s = func(m *Machine) { shlLoop(m.uints(out), m.uints(x), m.uints(n)) }
	case in.Kind.Signed():
		s = func(m *Machine) { shrLoop(m.ints(out), m.ints(x), m.uints(n)) }
	default:
		s = func(m *Machine) { shrLoop(m.uints(out), m.uints(x), m.uints(n)) }
	}
	s = cutStep(in.Kind, out, s)
	if !count.Signed() {
		return s
	}
	return func(m *Machine) {
		s(m)
		counts := m.ints(n)
		m.failWhere(i, guard, func(i int) bool { return counts[i] < 0 })
	}
}

func textStep(i int, op Op, out int, args []int, guard int) step {
	s := args[0]
	switch op {
	case Len:
		return func(m *Machine) {
			for i, v := range m.texts(s) {
				m.v[out].Ints[i] = int64(len(v))
			}
		}
	case Index:
		at := args[1]
		return func(m *Machine) {
			texts, ats, bytes := m.texts(s), m.ints(at), m.ints(out)
			outside := func(i int) bool { return ats[i] < 0 || ats[i] >= int64(len(texts[i])) }
			for i, v := range texts {
				bytes[i] = 0
				if !outside(i) {
					bytes[i] = int64(v[ats[i]])
				}
			}
			m.failWhere(i, guard, outside)
		}
	}
	from, to := args[1], args[2]
	return func(m *Machine) {
		texts, lows, highs, parts := m.texts(s), m.ints(from), m.ints(to), m.texts(out)
		outside := func(i int) bool { return lows[i] < 0 || highs[i] < lows[i] || highs[i] > int64(len(texts[i])) }
		for i, v := range texts {
			if outside(i) {
				parts[i] = ""
			} else {
				parts[i] = v[lows[i]:highs[i]]
			}
		}
		m.failWhere(i, guard, outside)
	}
}
