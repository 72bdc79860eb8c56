// want 317811, from callFib()
package main

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// callFib is recursion.
func callFib() int { return fib(28) }
