//go:build go1.22

package greet

// NewLoops is of a file that asks for Go 1.22, where each iteration has its own variables.
func NewLoops() []int {
	var calls []func() int
	for i := 0; i < 3; i++ {
		calls = append(calls, func() int { return i })
	}
	for i, v := range []int{7, 8, 9} {
		calls = append(calls, func() int { return 10*i + v })
	}
	var out []int
	for _, c := range calls {
		out = append(out, c())
	}
	return out
}
