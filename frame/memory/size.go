package memory

import (
	"fmt"
	"strconv"
	"strings"
)

var units = []struct {
	suffix string
	bytes  float64
}{
	// Longer suffixes first: "MiB" ends in "B" as well.
	{"kib", 1 << 10},
	{"mib", 1 << 20},
	{"gib", 1 << 30},
	{"tib", 1 << 40},
	{"kb", 1e3},
	{"mb", 1e6},
	{"gb", 1e9},
	{"tb", 1e12},
	{"k", 1 << 10},
	{"m", 1 << 20},
	{"g", 1 << 30},
	{"t", 1 << 40},
	{"b", 1},
}

// ParseSize reads a size such as 64MiB, 2GB, 512m or 1000000 (bytes).
func ParseSize(s string) (int64, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	factor := 1.0
	for _, u := range units {
		if before, ok := strings.CutSuffix(text, u.suffix); ok {
			text, factor = strings.TrimSpace(before), u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0) || n*factor >= 1<<62 {
		return 0, fmt.Errorf("memory size %q: want a positive number with a unit, such as 64MiB or 2GB", s)
	}
	return int64(n * factor), nil
}

// FormatSize is the size in the largest binary unit that keeps it above one, such as 1.5GiB.
func FormatSize(n int64) string {
	if n < 1<<10 {
		return strconv.FormatInt(n, 10) + "B"
	}
	v, unit := float64(n), ""
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if v < 1<<10 {
			break
		}
		v, unit = v/(1<<10), u
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + unit
}
