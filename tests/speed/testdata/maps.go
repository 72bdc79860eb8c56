// want 8389290, from useMaps()
package main

// useMaps fills, reads, counts, ranges over and deletes from maps.
func useMaps() int {
	counts := map[int]int{}
	words := map[string]int{}
	names := []string{"ebb", "flood", "delta", "mouth", "source"}
	for i := 0; i < 150000; i++ {
		counts[i*7919%4096]++
		words[names[i%len(names)]] += i
	}
	sum := 0
	for k, v := range counts {
		sum += k ^ v
		if k%3 == 0 {
			delete(counts, k)
		}
	}
	for _, n := range names {
		if v, ok := words[n]; ok {
			sum += v % 1000
		}
	}
	return sum + len(counts)
}
