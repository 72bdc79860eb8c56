// want 124500500000, from loop()
package main

// loop is nested counting with arithmetic on locals.
func loop() int {
	sum := 0
	for i := 0; i < 1000; i++ {
		for j := 0; j < 1000; j++ {
			if j%2 == i%2 {
				sum += i * j
			} else {
				sum -= j
			}
		}
	}
	return sum
}
