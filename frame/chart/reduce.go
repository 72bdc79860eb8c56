package chart

import (
	"cmp"
	"math"
	"slices"
)

// Lines are reduced as by M4: Jugel, Jerzak, Hackenbroich, Markl, "M4: A Visualization-Oriented Time Series Data
// Aggregation", VLDB 2014. The line through the first, lowest, highest and last point of each pixel column colours the
// pixels that the line through all points does.

// Columns is in how many columns each line is reduced, so that all lines of a chart of that width together have at most
// about four points for each of its pixels.
func Columns(width, series int) int {
	const least = 64
	return max(width/max(series, 1), least)
}

// Column is what an engine knows of the points of a line that fall in one column.
type Column struct {
	First, Last     float64 // where the points begin and end
	AtFirst, AtLast float64 // the values there, NaN where they are not known
	Low, High       float64 // the values' range
}

// Points is at most four points that draw the column. Where in it the lowest and highest are is not seen: they stand in its
// middle.
func (c Column) Points(series string) []Point {
	middle := c.First + (c.Last-c.First)/2
	list := make([]Point, 0, 4)
	add := func(x, y float64) {
		p := Point{X: x, Y: y, Series: series}
		if !math.IsNaN(y) && (len(list) == 0 || list[len(list)-1] != p) {
			list = append(list, p)
		}
	}
	add(c.First, c.AtFirst)
	if c.AtFirst > c.Low+(c.High-c.Low)/2 {
		add(middle, c.High)
		add(middle, c.Low)
	} else {
		add(middle, c.Low)
		add(middle, c.High)
	}
	add(c.Last, c.AtLast)
	return list
}

// ByX sorts points by series, in the order given, and where they stand. Points of equal places keep their order.
func ByX(points []Point, series []string) {
	place := make(map[string]int, len(series))
	for i, s := range series {
		place[s] = i
	}
	slices.SortStableFunc(points, func(a, b Point) int {
		return cmp.Or(cmp.Compare(place[a.Series], place[b.Series]), cmp.Compare(a.X, b.X))
	})
}

// Reduce keeps the first, lowest, highest and last point of each of so many columns between the first and the last point of
// all. Points are sorted as ByX does.
func Reduce(points []Point, columns int) []Point {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		low, high = min(low, p.X), max(high, p.X)
	}
	if len(points) <= 4*columns {
		return points
	}
	scale := 0.0
	if low < high {
		scale = float64(columns) / (high/2 - low/2) / 2 // high-low may not be finite
	}
	column := func(p Point) float64 { return min(math.Floor((p.X-low)*scale), float64(columns-1)) }
	var out []Point
	for begin := 0; begin < len(points); {
		first, end := points[begin], begin
		least, most := begin, begin
		for ; end < len(points) && points[end].Series == first.Series && column(points[end]) == column(first); end++ {
			if points[end].Y < points[least].Y {
				least = end
			}
			if points[end].Y > points[most].Y {
				most = end
			}
		}
		kept := []int{begin, least, most, end - 1}
		slices.Sort(kept)
		for _, i := range slices.Compact(kept) {
			out = append(out, points[i])
		}
		begin = end
	}
	return out
}
