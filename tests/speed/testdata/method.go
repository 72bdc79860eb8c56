// want 137810671, from callMethods()
package main

type vector struct{ x, y, z float64 }

func (v vector) plus(w vector) vector { return vector{v.x + w.x, v.y + w.y, v.z + w.z} }
func (v vector) dot(w vector) float64 { return v.x*w.x + v.y*w.y + v.z*w.z }
func (v *vector) halve()              { v.x, v.y, v.z = v.x/2, v.y/2, v.z/2 }

// callMethods calls methods of values and pointers.
func callMethods() int {
	position, velocity := vector{1, 2, 3}, vector{0.5, -0.25, 0.125}
	energy := 0.0
	for i := 0; i < 120000; i++ {
		position = position.plus(velocity)
		energy += position.dot(velocity)
		if i%2 == 0 {
			position.halve()
		}
	}
	return int(energy * 1000)
}
