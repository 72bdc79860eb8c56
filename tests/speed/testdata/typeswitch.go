// want 960000, from switchTypes()
package main

type point struct{ x, y int }

// switchTypes tells the values of an any apart.
func switchTypes() int {
	values := []any{1, "four", 2.5, []int{1, 2, 3}, &point{3, 4}, true, nil, uint8(7)}
	sum := 0
	for i := 0; i < 40000; i++ {
		for _, v := range values {
			switch v := v.(type) {
			case nil:
				sum++
			case int:
				sum += v
			case string:
				sum += len(v)
			case float64:
				sum += int(v)
			case []int:
				sum += v[1]
			case *point:
				sum += v.x + v.y
			case bool:
				if v {
					sum += 2
				}
			default:
				sum += 5
			}
		}
	}
	return sum
}
