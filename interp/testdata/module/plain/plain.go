// Package plain is a module for tests.
package plain

// Shape is an interface.
type Shape interface{ Area() float64 }

// Square is one.
type Square struct{ Side float64 }

// Area is its area.
func (s Square) Area() float64 { return s.Side * s.Side }

// Total adds the areas of shapes.
func Total[S Shape](shapes ...S) (sum float64) {
	for s := range each(shapes) {
		sum += s.Area()
	}
	return sum
}

func each[T any](list []T) func(func(T) bool) {
	return func(yield func(T) bool) {
		for _, x := range list {
			if !yield(x) {
				return
			}
		}
	}
}
