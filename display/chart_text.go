package display

import (
	"fmt"
	"math"
	"strings"

	"github.com/rivulet-go/rivulet/frame/chart"
)

const (
	textBars  = 40 // columns of a terminal that the longest bar takes
	textWide  = 64 // columns of a line chart
	textHigh  = 12 // lines of it
	textLabel = 24 // columns of a label
	textMost  = 60 // bars
)

// chartText is a chart of characters.
func chartText(c *chart.Chart) string {
	var b strings.Builder
	head := c.Title
	if head == "" {
		head = c.Y.Title + " by " + c.X.Title
	}
	b.WriteString(head + "\n")
	switch {
	case len(c.Points) == 0:
		b.WriteString("nothing to draw\n")
	case c.Kind == chart.Line && len(c.Series) > 0:
		sparkLines(&b, c)
	case c.Kind == chart.Line:
		brailleLine(&b, c)
	default:
		textBarChart(&b, c)
	}
	for _, n := range c.Notes {
		b.WriteString(n + "\n")
	}
	return b.String()
}

// axisText is a value of an axis.
func axisText(a chart.Axis, v float64) string {
	if a.Scale == chart.Time {
		return chart.TimeText(v)
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return grouped(int64(v))
	}
	return chart.NumberText(v)
}

// textBarChart draws a bar a line, from the left; negative ones are drawn to the left of those.
func textBarChart(b *strings.Builder, c *chart.Chart) {
	type row struct {
		label, value string
		y            float64
	}
	points := c.Points[:min(len(c.Points), textMost)]
	rows := make([]row, len(points))
	wide, low, high, values := 0, 0.0, 0.0, 0
	for i, p := range points {
		label := p.Label
		if c.Kind == chart.Histogram {
			label = axisText(c.X, p.X) + " to " + axisText(c.X, p.To)
		}
		if p.Series != "" {
			label = strings.TrimSpace(label + " " + p.Series)
		}
		rows[i] = row{shorten(label, 2*textLabel), axisText(c.Y, p.Y), p.Y}
		wide, values = max(wide, width(rows[i].label)), max(values, len(rows[i].value))
		low, high = min(low, p.Y), max(high, p.Y)
	}
	if c.Y.Scale == chart.Time {
		low, high = yRange(points)
	}
	for _, r := range rows {
		pad := strings.Repeat(" ", wide-width(r.label))
		fmt.Fprintf(b, "%s%s %*s %s\n", r.label, pad, values, r.value, textBar(r.y, low, high))
	}
	if more := len(c.Points) - len(points); more > 0 {
		fmt.Fprintf(b, "… %d more\n", more)
	}
}

// textBar is a bar from 0, or from low where all values are above 0.
func textBar(v, low, high float64) string {
	scale := textBars / (high - min(low, 0))
	if low > 0 {
		scale = textBars / high
	}
	if high == low || math.IsInf(scale, 0) || math.IsNaN(scale) {
		return ""
	}
	zero := int(math.Round(-min(low, 0) * scale))
	if v < 0 {
		n := int(math.Round(-v * scale))
		return strings.Repeat(" ", max(zero-n, 0)) + strings.Repeat("█", n)
	}
	eighths := int(math.Round(v * scale * 8))
	if v > 0 && eighths == 0 {
		eighths = 1 // what is there is seen
	}
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return strings.Repeat(" ", zero) + bar
}

func yRange(points []chart.Point) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		low, high = min(low, p.Y), max(high, p.Y)
	}
	return low, high
}

func xRange(points []chart.Point) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		low, high = min(low, p.X), max(high, p.X)
	}
	return low, high
}

// placeIn is where v lies between low and high, from 0 to n-1.
func placeIn(v, low, high float64, n int) int {
	if !(high > low) {
		return (n - 1) / 2
	}
	return int(math.Round((v/2 - low/2) / (high/2 - low/2) * float64(n-1)))
}

// brailleLine draws one line in characters of two by four dots.
func brailleLine(b *strings.Builder, c *chart.Chart) {
	const dotsWide, dotsHigh = 2 * textWide, 4 * textHigh
	var dots [dotsHigh][dotsWide]bool
	xl, xh := xRange(c.Points)
	yl, yh := yRange(c.Points)
	var px, py int
	for i, p := range c.Points {
		x, y := placeIn(p.X, xl, xh, dotsWide), dotsHigh-1-placeIn(p.Y, yl, yh, dotsHigh)
		if i == 0 {
			px, py = x, y
		}
		for k, steps := 0, max(x-px, y-py, py-y, 1); k <= steps; k++ {
			dots[py+(y-py)*k/steps][px+(x-px)*k/steps] = true
		}
		px, py = x, y
	}
	top, bottom := axisText(c.Y, yh), axisText(c.Y, yl)
	wide := max(width(top), width(bottom))
	for line := range textHigh {
		label := ""
		switch line {
		case 0:
			label = top
		case textHigh - 1:
			label = bottom
		}
		fmt.Fprintf(b, "%*s ┤%s\n", wide, label, strings.TrimRight(brailleRow(dots[4*line:4*line+4]), "⠀ "))
	}
	left, right := axisText(c.X, xl), axisText(c.X, xh)
	gap := max(textWide-width(left)-width(right), 1)
	fmt.Fprintf(b, "%*s  %s%s%s\n", wide, "", left, strings.Repeat(" ", gap), right)
}

// brailleRow is four rows of dots as characters. The bits are those of the Unicode block Braille Patterns.
func brailleRow[R ~[2 * textWide]bool](rows []R) string {
	bits := [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
	var b strings.Builder
	for x := range textWide {
		r := rune(0)
		for y := range 4 {
			for side := range 2 {
				if rows[y][2*x+side] {
					r |= bits[y][side]
				}
			}
		}
		if r == 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(0x2800 + r)
	}
	return b.String()
}

// sparkLines draws a line of blocks for each series, all to one scale: the highest value of each of its places.
func sparkLines(b *strings.Builder, c *chart.Chart) {
	blocks := []rune("▁▂▃▄▅▆▇█")
	xl, xh := xRange(c.Points)
	yl, yh := yRange(c.Points)
	wide := 0
	for _, s := range c.Series {
		wide = max(wide, width(shorten(s, textLabel)))
	}
	for _, s := range c.Series {
		most := make([]float64, textWide)
		for i := range most {
			most[i] = math.NaN()
		}
		low, high := math.Inf(1), math.Inf(-1)
		for _, p := range c.Points {
			if p.Series != s {
				continue
			}
			low, high = min(low, p.Y), max(high, p.Y)
			if at := placeIn(p.X, xl, xh, textWide); !(most[at] >= p.Y) {
				most[at] = p.Y
			}
		}
		if low > high {
			continue
		}
		name := shorten(s, textLabel)
		b.WriteString(name + strings.Repeat(" ", wide-width(name)) + " ")
		for _, v := range most {
			r := ' '
			if !math.IsNaN(v) {
				r = blocks[placeIn(v, yl, yh, len(blocks))]
			}
			b.WriteRune(r)
		}
		fmt.Fprintf(b, " %s to %s\n", axisText(c.Y, low), axisText(c.Y, high))
	}
	left, right := axisText(c.X, xl), axisText(c.X, xh)
	gap := max(textWide-width(left)-width(right), 1)
	b.WriteString(strings.Repeat(" ", wide+1) + left + strings.Repeat(" ", gap) + right + "\n")
}
