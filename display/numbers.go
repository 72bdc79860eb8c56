package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// byteText writes a number of bytes in powers of 1000, as file managers do.
func byteText(n int64) string {
	return scaled(float64(n), []string{" B", " kB", " MB", " GB", " TB", " PB"})
}

// countText shortens a large number: 1.2 M.
func countText(f float64) string { return scaled(f, []string{"", " k", " M", " G", " T"}) }

func scaled(f float64, units []string) string {
	i := 0
	for math.Abs(f) >= 999.5 && i < len(units)-1 {
		f /= 1000
		i++
	}
	if i == 0 || math.Abs(f) >= 9.95 {
		return fmt.Sprintf("%.0f%s", f, units[i])
	}
	return fmt.Sprintf("%.1f%s", f, units[i])
}

// durationText is a duration for people: 85 ms, 4.2 s, 3 min 5 s, 2 h 10 min.
func durationText(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 995*time.Millisecond:
		return fmt.Sprintf("%d ms", max(1, d.Round(time.Millisecond).Milliseconds()))
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

func plural(n int64, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func indented(raw []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return valid(string(raw))
	}
	return strings.TrimRight(b.String(), "\n")
}
