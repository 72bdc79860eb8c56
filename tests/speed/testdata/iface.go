// want 397698103, from callInterface()
package main

type shape interface {
	area() int
	scale(int)
}

type square struct{ side int }

type rectangle struct{ width, height int }

func (s *square) area() int       { return s.side * s.side }
func (s *square) scale(by int)    { s.side = (s.side*by)%97 + 1 }
func (r *rectangle) area() int    { return r.width * r.height }
func (r *rectangle) scale(by int) { r.width = (r.width*by)%89 + 1 }

// callInterface calls methods through an interface.
func callInterface() int {
	shapes := []shape{&square{3}, &rectangle{2, 5}, &square{7}, &rectangle{11, 1}}
	sum := 0
	for i := 0; i < 60000; i++ {
		for _, s := range shapes {
			s.scale(i%5 + 1)
			sum += s.area()
		}
	}
	return sum
}
