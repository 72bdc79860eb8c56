package expr

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
)

// fastCall calls functions of the most common types without reflection; nil for all others. An interpreted function of
// such a type is one call through reflection, not two.
func fastCall(fn any, args []arrow.Array, out *resultWriter) rowCall {
	if strconv.IntSize != 64 {
		return nil
	}
	switch f := fn.(type) {
	case func(float64) float64:
		return call1(f, floatArg, args, out.float)
	case func(float64) (float64, error):
		return callErr1(f, floatArg, args, out.float)
	case func(float64) bool:
		return call1(f, floatArg, args, out.bool)
	case func(float64) string:
		return call1(f, floatArg, args, out.string)
	case func(float64) int:
		return call1(f, floatArg, args, out.goInt)
	case func(int) int:
		return call1(f, intArg, args, out.goInt)
	case func(int) float64:
		return call1(f, intArg, args, out.float)
	case func(int) bool:
		return call1(f, intArg, args, out.bool)
	case func(int) string:
		return call1(f, intArg, args, out.string)
	case func(int64) int64:
		return call1(f, int64Arg, args, out.int)
	case func(string) string:
		return call1(f, textArg, args, out.string)
	case func(string) (string, error):
		return callErr1(f, textArg, args, out.string)
	case func(string) (float64, error):
		return callErr1(f, textArg, args, out.float)
	case func(string) (int, error):
		return callErr1(f, textArg, args, out.goInt)
	case func(string) float64:
		return call1(f, textArg, args, out.float)
	case func(string) int:
		return call1(f, textArg, args, out.goInt)
	case func(string) bool:
		return call1(f, textArg, args, out.bool)
	case func(float64, float64) float64:
		return call2(f, floatArg, floatArg, args, out.float)
	case func(float64, float64) bool:
		return call2(f, floatArg, floatArg, args, out.bool)
	case func(float64, float64) string:
		return call2(f, floatArg, floatArg, args, out.string)
	case func(int, int) int:
		return call2(f, intArg, intArg, args, out.goInt)
	case func(int, int) bool:
		return call2(f, intArg, intArg, args, out.bool)
	case func(string, string) string:
		return call2(f, textArg, textArg, args, out.string)
	case func(string, string) bool:
		return call2(f, textArg, textArg, args, out.bool)
	case func(string, float64) float64:
		return call2(f, textArg, floatArg, args, out.float)
	case func(string, int) string:
		return call2(f, textArg, intArg, args, out.string)
	case func(float64, float64, float64) float64:
		return call3(f, floatArg, floatArg, floatArg, args, out.float)
	}
	return nil
}

func (w *resultWriter) goInt(i, v int) { w.ints[i] = int64(v) }

func floatArg(a arrow.Array) func(i int) float64 {
	if physicalOf(a.DataType()) != physFloat {
		return nil
	}
	v := values[float64](a)
	return func(i int) float64 { return v[i] }
}

func int64Arg(a arrow.Array) func(i int) int64 {
	if physicalOf(a.DataType()) != physInt64 {
		return nil
	}
	v := values[int64](a)
	return func(i int) int64 { return v[i] }
}

func intArg(a arrow.Array) func(i int) int {
	at := int64Arg(a)
	if at == nil {
		return nil
	}
	return func(i int) int { return int(at(i)) }
}

// textArg copies: the function may keep what it is given.
func textArg(a arrow.Array) func(i int) string {
	if physicalOf(a.DataType()) != physBytes {
		return nil
	}
	t := textsOf(a)
	return func(i int) string { return string(t.at(i)) }
}

func call1[A, R any](f func(A) R, arg func(arrow.Array) func(int) A, args []arrow.Array, put func(int, R)) rowCall {
	if len(args) != 1 {
		return nil
	}
	x := arg(args[0])
	if x == nil {
		return nil
	}
	return func(i int) error {
		put(i, f(x(i)))
		return nil
	}
}

func callErr1[A, R any](f func(A) (R, error), arg func(arrow.Array) func(int) A, args []arrow.Array, put func(int, R)) rowCall {
	if len(args) != 1 {
		return nil
	}
	x := arg(args[0])
	if x == nil {
		return nil
	}
	return func(i int) error {
		v, err := f(x(i))
		if err == nil {
			put(i, v)
		}
		return err
	}
}

func call2[A, B, R any](f func(A, B) R, argA func(arrow.Array) func(int) A, argB func(arrow.Array) func(int) B, args []arrow.Array, put func(int, R)) rowCall {
	if len(args) != 2 {
		return nil
	}
	x, y := argA(args[0]), argB(args[1])
	if x == nil || y == nil {
		return nil
	}
	return func(i int) error {
		put(i, f(x(i), y(i)))
		return nil
	}
}

func call3[A, B, C, R any](f func(A, B, C) R, argA func(arrow.Array) func(int) A, argB func(arrow.Array) func(int) B, argC func(arrow.Array) func(int) C, args []arrow.Array, put func(int, R)) rowCall {
	if len(args) != 3 {
		return nil
	}
	x, y, z := argA(args[0]), argB(args[1]), argC(args[2])
	if x == nil || y == nil || z == nil {
		return nil
	}
	return func(i int) error {
		put(i, f(x(i), y(i), z(i)))
		return nil
	}
}
