package program

import (
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// function is a row of the table of functions that programs call: those of Go's library that give one value of their
// arguments alone, and never fail.
type function struct {
	params []Kind
	result Kind
	step   func(out int, args []int, guard int) step
}

// Function gives the kinds that a function takes and gives; false where the table lacks it. Names are those of Go, such
// as math.Sqrt, with the package's whole path.
func Function(name string) (params []Kind, result Kind, ok bool) {
	f, ok := functions[name]
	return slices.Clone(f.params), f.result, ok
}

// Functions are the names in the table, sorted.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }

var functions = functionTable()

func functionTable() map[string]function {
	table := map[string]function{
		// These are single instructions: a loop of their own is several times faster.
		"math.Sqrt":  {[]Kind{Float64}, Float64, floatLoop(sqrtLoop)},
		"math.Abs":   {[]Kind{Float64}, Float64, floatLoop(absLoop)},
		"math.Floor": {[]Kind{Float64}, Float64, floatLoop(floorLoop)},
		"math.Ceil":  {[]Kind{Float64}, Float64, floatLoop(ceilLoop)},
		"math.Trunc": {[]Kind{Float64}, Float64, floatLoop(truncLoop)},

		"math.IsNaN":           {[]Kind{Float64}, Bool, map1((*Machine).floats, (*Machine).bools, func(v float64) uint8 { return byteOf(math.IsNaN(v)) })},
		"math.Signbit":         {[]Kind{Float64}, Bool, map1((*Machine).floats, (*Machine).bools, func(v float64) uint8 { return byteOf(math.Signbit(v)) })},
		"math.Float64bits":     {[]Kind{Float64}, Uint64, map1((*Machine).floats, (*Machine).uints, math.Float64bits)},
		"math.Float64frombits": {[]Kind{Uint64}, Float64, map1((*Machine).uints, (*Machine).floats, math.Float64frombits)},
		"math.NaN":             {nil, Float64, constantFloat(math.NaN())},
		"math.Inf": {[]Kind{Int}, Float64, map1((*Machine).ints, (*Machine).floats, func(sign int64) float64 {
			return math.Inf(int(min(max(sign, -1), 1)))
		})},
		"math.IsInf": {[]Kind{Float64, Int}, Bool, map2((*Machine).floats, (*Machine).ints, (*Machine).bools, func(v float64, sign int64) uint8 {
			return byteOf(math.IsInf(v, int(min(max(sign, -1), 1))))
		})},
		"math.Ldexp": {[]Kind{Float64, Int}, Float64, map2((*Machine).floats, (*Machine).ints, (*Machine).floats, func(v float64, exp int64) float64 {
			return math.Ldexp(v, int(exp))
		})},
		"math.Pow10": {[]Kind{Int}, Float64, map1((*Machine).ints, (*Machine).floats, func(n int64) float64 { return math.Pow10(int(n)) })},
		"math.FMA": {[]Kind{Float64, Float64, Float64}, Float64, func(out int, args []int, _ int) step {
			return func(m *Machine) {
				x, y, z := m.floats(args[0]), m.floats(args[1]), m.floats(args[2])
				for i := range x {
					m.v[out].Floats[i] = math.FMA(x[i], y[i], z[i])
				}
			}
		}},
		"math/bits.OnesCount64":     {[]Kind{Uint64}, Int, map1((*Machine).uints, (*Machine).ints, func(v uint64) int64 { return int64(bits.OnesCount64(v)) })},
		"math/bits.LeadingZeros64":  {[]Kind{Uint64}, Int, map1((*Machine).uints, (*Machine).ints, func(v uint64) int64 { return int64(bits.LeadingZeros64(v)) })},
		"math/bits.TrailingZeros64": {[]Kind{Uint64}, Int, map1((*Machine).uints, (*Machine).ints, func(v uint64) int64 { return int64(bits.TrailingZeros64(v)) })},
		"math/bits.Len64":           {[]Kind{Uint64}, Int, map1((*Machine).uints, (*Machine).ints, func(v uint64) int64 { return int64(bits.Len64(v)) })},
		"unicode/utf8.RuneCountInString": {[]Kind{String}, Int, map1((*Machine).texts, (*Machine).ints, func(s string) int64 {
			return int64(utf8.RuneCountInString(s))
		})},
		"strings.Replace": {[]Kind{String, String, String, Int}, String, func(out int, args []int, guard int) step {
			return func(m *Machine) {
				s, old, with, n := m.texts(args[0]), m.texts(args[1]), m.texts(args[2]), m.ints(args[3])
				for i := range s {
					if guard == None || m.v[guard].Bools[i] != 0 {
						m.v[out].Texts[i] = strings.Replace(s[i], old[i], with[i], int(n[i]))
					}
				}
			}
		}},
		"strings.ReplaceAll": {[]Kind{String, String, String}, String, func(out int, args []int, guard int) step {
			return func(m *Machine) {
				s, old, with := m.texts(args[0]), m.texts(args[1]), m.texts(args[2])
				for i := range s {
					if guard == None || m.v[guard].Bools[i] != 0 {
						m.v[out].Texts[i] = strings.ReplaceAll(s[i], old[i], with[i])
					}
				}
			}
		}},
	}
	addMath(table)
	addStrings(table)
	addDurations(table)
	return table
}

func addMath(table map[string]function) {
	for name, f := range map[string]func(float64) float64{
		"Round": math.Round, "RoundToEven": math.RoundToEven, "Exp": math.Exp, "Exp2": math.Exp2, "Expm1": math.Expm1,
		"Log": math.Log, "Log2": math.Log2, "Log10": math.Log10, "Log1p": math.Log1p, "Logb": math.Logb, "Cbrt": math.Cbrt,
		"Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Asin": math.Asin, "Acos": math.Acos, "Atan": math.Atan,
		"Sinh": math.Sinh, "Cosh": math.Cosh, "Tanh": math.Tanh, "Asinh": math.Asinh, "Acosh": math.Acosh, "Atanh": math.Atanh,
		"Erf": math.Erf, "Erfc": math.Erfc, "Erfinv": math.Erfinv, "Erfcinv": math.Erfcinv, "Gamma": math.Gamma,
		"J0": math.J0, "J1": math.J1, "Y0": math.Y0, "Y1": math.Y1,
	} {
		table["math."+name] = function{[]Kind{Float64}, Float64, map1((*Machine).floats, (*Machine).floats, f)}
	}
	for name, f := range map[string]func(x, y float64) float64{
		"Pow": math.Pow, "Atan2": math.Atan2, "Hypot": math.Hypot, "Mod": math.Mod, "Remainder": math.Remainder, "Max": math.Max,
		"Min": math.Min, "Dim": math.Dim, "Copysign": math.Copysign, "Nextafter": math.Nextafter,
	} {
		table["math."+name] = function{[]Kind{Float64, Float64}, Float64, map2((*Machine).floats, (*Machine).floats, (*Machine).floats, f)}
	}
}

func addStrings(table map[string]function) {
	for name, f := range map[string]func(string) string{
		"ToUpper": strings.ToUpper, "ToLower": strings.ToLower, "TrimSpace": strings.TrimSpace,
	} {
		table["strings."+name] = function{[]Kind{String}, String, map1((*Machine).texts, (*Machine).texts, f)}
	}
	for name, f := range map[string]func(s, t string) string{
		"Trim": strings.Trim, "TrimLeft": strings.TrimLeft, "TrimRight": strings.TrimRight,
		"TrimPrefix": strings.TrimPrefix, "TrimSuffix": strings.TrimSuffix,
	} {
		table["strings."+name] = function{[]Kind{String, String}, String, map2((*Machine).texts, (*Machine).texts, (*Machine).texts, f)}
	}
	for name, f := range map[string]func(s, t string) bool{
		"Contains": strings.Contains, "HasPrefix": strings.HasPrefix, "HasSuffix": strings.HasSuffix,
		"EqualFold": strings.EqualFold, "ContainsAny": strings.ContainsAny,
	} {
		table["strings."+name] = function{[]Kind{String, String}, Bool, map2((*Machine).texts, (*Machine).texts, (*Machine).bools,
			func(s, t string) uint8 { return byteOf(f(s, t)) })}
	}
	for name, f := range map[string]func(s, t string) int{
		"Index": strings.Index, "LastIndex": strings.LastIndex, "IndexAny": strings.IndexAny, "Count": strings.Count,
		"Compare": strings.Compare,
	} {
		table["strings."+name] = function{[]Kind{String, String}, Int, map2((*Machine).texts, (*Machine).texts, (*Machine).ints,
			func(s, t string) int64 { return int64(f(s, t)) })}
	}
}

func floatLoop(loop func(out, x []float64)) func(out int, args []int, guard int) step {
	return func(out int, args []int, guard int) step { return unary((*Machine).floats, loop, out, args) }
}

func constantFloat(v float64) func(out int, args []int, guard int) step {
	return func(out int, _ []int, _ int) step {
		return func(m *Machine) {
			for i := range m.floats(out) {
				m.v[out].Floats[i] = v
			}
		}
	}
}

// map1 and map2 are the loops of functions of one and two arguments. Where there is a guard, they are called in its rows
// only: what a branch that is seldom taken computes should not cost much.
func map1[S, T any](from func(*Machine, int) []S, to func(*Machine, int) []T, f func(S) T) func(out int, args []int, guard int) step {
	return func(out int, args []int, guard int) step {
		return func(m *Machine) {
			y, x := to(m, out), from(m, args[0])
			if guard == None {
				for i := range y {
					y[i] = f(x[i])
				}
				return
			}
			var zero T
			for i, g := range m.bools(guard) {
				if v := x[i]; g != 0 {
					y[i] = f(v)
				} else {
					y[i] = zero
				}
			}
		}
	}
}

func map2[A, B, T any](a func(*Machine, int) []A, b func(*Machine, int) []B, to func(*Machine, int) []T, f func(A, B) T) func(out int, args []int, guard int) step {
	return func(out int, args []int, guard int) step {
		return func(m *Machine) {
			z, x, y := to(m, out), a(m, args[0]), b(m, args[1])
			if guard == None {
				for i := range z {
					z[i] = f(x[i], y[i])
				}
				return
			}
			var zero T
			for i, g := range m.bools(guard) {
				if v, w := x[i], y[i]; g != 0 {
					z[i] = f(v, w)
				} else {
					z[i] = zero
				}
			}
		}
	}
}

func sqrtLoop(out, x []float64) {
	for i, v := range x {
		out[i] = math.Sqrt(v)
	}
}

func absLoop(out, x []float64) {
	for i, v := range x {
		out[i] = math.Abs(v)
	}
}

func floorLoop(out, x []float64) {
	for i, v := range x {
		out[i] = math.Floor(v)
	}
}

func ceilLoop(out, x []float64) {
	for i, v := range x {
		out[i] = math.Ceil(v)
	}
}

func truncLoop(out, x []float64) {
	for i, v := range x {
		out[i] = math.Trunc(v)
	}
}
