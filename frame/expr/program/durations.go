package program

import "time"

// addDurations adds the methods of time.Duration, which programs take for an int64.
func addDurations(table map[string]function) {
	for name, f := range map[string]func(time.Duration) float64{
		"Seconds": time.Duration.Seconds, "Minutes": time.Duration.Minutes, "Hours": time.Duration.Hours,
	} {
		table["time.Duration."+name] = function{[]Kind{Int64}, Float64, map1((*Machine).ints, (*Machine).floats,
			func(d int64) float64 { return f(time.Duration(d)) })}
	}
	for name, f := range map[string]func(time.Duration) int64{
		"Nanoseconds": time.Duration.Nanoseconds, "Microseconds": time.Duration.Microseconds, "Milliseconds": time.Duration.Milliseconds,
	} {
		table["time.Duration."+name] = function{[]Kind{Int64}, Int64, map1((*Machine).ints, (*Machine).ints,
			func(d int64) int64 { return f(time.Duration(d)) })}
	}
	table["time.Duration.Abs"] = function{[]Kind{Int64}, Int64, map1((*Machine).ints, (*Machine).ints,
		func(d int64) int64 { return int64(time.Duration(d).Abs()) })}
	for name, f := range map[string]func(d, m time.Duration) time.Duration{
		"Round": time.Duration.Round, "Truncate": time.Duration.Truncate,
	} {
		table["time.Duration."+name] = function{[]Kind{Int64, Int64}, Int64, map2((*Machine).ints, (*Machine).ints, (*Machine).ints,
			func(d, m int64) int64 { return int64(f(time.Duration(d), time.Duration(m))) })}
	}
}
