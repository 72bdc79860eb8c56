// want 25997, from sieve()
package main

// sieve marks composites in a slice.
func sieve() int {
	const limit = 300000
	composite := make([]bool, limit+1)
	count := 0
	for i := 2; i <= limit; i++ {
		if composite[i] {
			continue
		}
		count++
		for j := i + i; j <= limit; j += i {
			composite[j] = true
		}
	}
	return count
}
