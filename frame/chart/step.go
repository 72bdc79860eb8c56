package chart

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Step is the width of bins, or the distance of ticks: Size, or 1/Per where Per is not 0, which is exact where a
// fraction such as 0.1 is not.
type Step struct {
	Size float64
	Per  float64
}

// Width is the width as a number.
func (s Step) Width() float64 {
	if s.Per != 0 {
		return 1 / s.Per
	}
	return s.Size
}

// At is the k-th multiple.
func (s Step) At(k float64) float64 {
	if s.Per != 0 {
		return k / s.Per
	}
	return k * s.Size
}

// Index is the multiple at or below x.
func (s Step) Index(x float64) float64 {
	if s.Per != 0 {
		return math.Floor(x * s.Per)
	}
	return math.Floor(x / s.Size)
}

// NiceStep is the smallest of 1, 2 and 5 times a power of ten, and at least least, of which at most about most fit between
// low and high. Where they are equal it is a tenth of them.
func NiceStep(low, high float64, most int, least float64) Step {
	want := high/float64(most) - low/float64(most) // the difference itself may not be finite
	if want <= 0 {
		want = max(math.Abs(low)/10, least)
	}
	want = max(want, least, 1e-300)
	if want == 0 || math.IsInf(want, 0) {
		want = 1
	}
	exponent := int(math.Floor(math.Log10(want)))
	for _, e := range []int{exponent - 1, exponent, exponent + 1} {
		for _, digit := range []float64{1, 2, 5} {
			s := Step{Size: digit * math.Pow10(e)}
			if e < 0 {
				s = Step{Per: math.Round(math.Pow10(-e) / digit)}
				if -e > 15 { // beyond what whole numbers can say
					s.Per = math.Pow10(-e) / digit
				}
			}
			if s.Width() >= want*(1-1e-9) {
				return s
			}
		}
	}
	return Step{Size: want}
}

// timeSteps are distances of times, in seconds.
var timeSteps = []float64{
	1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600,
	86400, 2 * 86400, 7 * 86400, 14 * 86400, 28 * 86400, 91 * 86400, 364 * 86400,
}

// TimeStep is the smallest usual distance of times, in seconds, of which at most about most fit between low and high, also
// in seconds. Below a second and above a year it is a round number of seconds or days.
func TimeStep(low, high float64, most int, least float64) Step {
	want := max((high-low)/float64(most), least)
	if want == 0 {
		want = 1
	}
	if want < 0.5 {
		return NiceStep(0, want, 1, 0)
	}
	for _, s := range timeSteps {
		if s >= want*(1-1e-9) {
			return Step{Size: s}
		}
	}
	s := NiceStep(0, want/86400, 1, 1)
	return Step{Size: s.Width() * 86400}
}

// Tick is a mark on an axis.
type Tick struct {
	Value float64
	Label string
}

// Ticks are at most about most marks between low and high on an axis of numbers or times.
func Ticks(scale Scale, low, high float64, most int) []Tick {
	if scale == Time {
		return timeTicks(low, high, most)
	}
	s := NiceStep(low, high, most, 0)
	var ticks []Tick
	for k := s.Index(low); len(ticks) <= 2*most; k++ {
		v := s.At(k)
		if v > high+s.Width()*1e-9 || math.IsInf(v, 0) || k+1 == k {
			break
		}
		if v >= low-s.Width()*1e-9 {
			ticks = append(ticks, Tick{v, NumberText(v)})
		}
	}
	return ticks
}

// timeTicks marks months and years by the calendar, and shorter distances by the clock.
func timeTicks(low, high float64, most int) []Tick {
	const day = 86400e3
	span := (high - low) / float64(most)
	var ticks []Tick
	if span > 14*day {
		months := 1
		for _, m := range []int{1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 12000} {
			if months = m; float64(m)*30*day >= span {
				break
			}
		}
		layout := "Jan 2006"
		if months >= 12 {
			layout = "2006"
		}
		start := At(low)
		first := start.Year()*12 + int(start.Month()) - 1
		first -= ((first % months) + months) % months
		for n := first; len(ticks) <= 2*most; n += months {
			t := time.Date(0, time.January+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
			if v := float64(t.UnixMilli()); v > high {
				break
			} else if v >= low {
				ticks = append(ticks, Tick{v, t.Format(layout)})
			}
		}
		return ticks
	}
	s := TimeStep(low/1000, high/1000, most, 0)
	layout := "15:04:05"
	switch w := s.Width(); {
	case w >= 86400:
		layout = "2 Jan"
	case w >= 60 && high-low > day:
		layout = "2 Jan 15:04"
	case w >= 60:
		layout = "15:04"
	case w < 1:
		layout = "15:04:05.000"
	}
	for k := s.Index(low / 1000); len(ticks) <= 2*most; k++ {
		v := s.At(k) * 1000
		if v > high || k+1 == k {
			break
		}
		if v >= low {
			ticks = append(ticks, Tick{v, At(v).Format(layout)})
		}
	}
	return ticks
}

// At is a value of a Time axis as a time, in UTC.
func At(milliseconds float64) time.Time { return time.UnixMilli(int64(milliseconds)).UTC() }

// NumberText is a number in at most four digits, thousands as k, M, G, T.
func NumberText(v float64) string {
	for _, p := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e4, "k"}} {
		if a := math.Abs(v); a >= p.size && a < 1e15 {
			size := p.size
			if p.name == "k" {
				size = 1e3
			}
			return strconv.FormatFloat(v/size, 'g', 4, 64) + p.name
		}
	}
	text := strconv.FormatFloat(v, 'g', 4, 64)
	return strings.Replace(text, "e+", "e", 1)
}

// TimeText is a value of a Time axis as short text: the date alone where all of the values between low and high are days.
func TimeText(milliseconds float64) string {
	t := At(milliseconds)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format(time.DateOnly)
	}
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("2006-01-02 15:04:05.999")
}
