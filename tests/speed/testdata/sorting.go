// want 265072, from sortBoth()
package main

import "sort"

func quicksort(a []int) {
	for len(a) > 12 {
		pivot, i, j := a[len(a)/2], 0, len(a)-1
		for i <= j {
			for a[i] < pivot {
				i++
			}
			for a[j] > pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		quicksort(a[:j+1])
		a = a[i:]
	}
	for i := 1; i < len(a); i++ {
		for j := i; j > 0 && a[j] < a[j-1]; j-- {
			a[j], a[j-1] = a[j-1], a[j]
		}
	}
}

// sortBoth sorts with its own code, and with the library's and a closure.
func sortBoth() int {
	a, b := make([]int, 30000), make([]int, 12000)
	seed := 1
	next := func() int {
		seed = seed * 1103515245 % 2147483647
		return seed
	}
	for i := range a {
		a[i] = next()
	}
	for i := range b {
		b[i] = next()
	}
	quicksort(a)
	sort.Slice(b, func(i, j int) bool { return b[i] < b[j] })
	sum := 0
	for i := 1; i < len(a); i++ {
		if a[i-1] > a[i] {
			return -1
		}
		sum = (sum*31 + a[i]) % 1000003
	}
	for i := range b {
		sum = (sum*31 + b[i]) % 1000003
	}
	return sum
}
