package display

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/rivulet-go/rivulet/frame/chart"
)

// rectangles are bars and bins, in the units of the axes.
type rectangles struct {
	list  []plotter.XYs // two opposite corners each
	color color.Color
}

func (r *rectangles) add(x0, y0, x1, y1 float64) {
	r.list = append(r.list, plotter.XYs{{X: x0, Y: y0}, {X: x1, Y: y1}})
}

// Plot draws them, a hair apart.
func (r *rectangles) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, corners := range r.list {
		a, b := corners[0], corners[1]
		left, right := x(min(a.X, b.X)), x(max(a.X, b.X))
		if gap := pixel / 2; right-left > 4*gap {
			left, right = left+gap, right-gap
		}
		low, high := y(min(a.Y, b.Y)), y(max(a.Y, b.Y))
		c.FillPolygon(r.color, c.ClipPolygonXY([]vg.Point{{X: left, Y: low}, {X: left, Y: high}, {X: right, Y: high}, {X: right, Y: low}}))
	}
}

// DataRange implements plot.DataRanger.
func (r *rectangles) DataRange() (xmin, xmax, ymin, ymax float64) {
	var all plotter.XYs
	for _, corners := range r.list {
		all = append(all, corners...)
	}
	return plotter.XYRange(all)
}

// Thumbnail draws the legend's square.
func (r *rectangles) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(r.color, []vg.Point{c.Min, {X: c.Min.X, Y: c.Max.Y}, c.Max, {X: c.Max.X, Y: c.Min.Y}})
}

func addBins(p *plot.Plot, legend *plot.Legend, c *chart.Chart) {
	setAxis(&p.X, c.X, c.Width, 90)
	setAxis(&p.Y, c.Y, c.Height, 50)
	height := map[float64]float64{}
	for i, s := range slices.Backward(bySeries(c)) { // stacked so that the first is on top, as in the legend
		r := &rectangles{color: seriesColor(i, len(c.Series))}
		for _, q := range c.Points {
			if q.Series == s {
				r.add(q.X, height[q.X], q.To, height[q.X]+q.Y)
				height[q.X] += q.Y
			}
		}
		if len(r.list) > 0 {
			p.Add(r)
		}
	}
	addLegend(legend, c)
	p.Y.Min = 0
	widen(&p.Y)
}

// addBars adds bars and gives the height of the data area.
func addBars(p *plot.Plot, legend *plot.Legend, c *chart.Chart) (high int) {
	labels := chartBars(c)
	lies := lying(c, labels)
	high = c.Height
	along, across := &p.X, &p.Y
	if lies {
		along, across = &p.Y, &p.X
		rows := len(labels)
		if c.Grouped {
			rows *= len(c.Series)
		}
		high = barStep * rows
	}
	across.Label.Text, along.Label.Text = c.Y.Title, c.X.Title
	size, each := c.Height, 50
	if lies {
		size, each = c.Width, 90
	}
	across.Tick.Marker = ticks(c.Y.Scale, max(size/each, 2))
	places := map[string]int{}
	names := make([]plot.Tick, len(labels))
	for i, l := range labels {
		at := i
		if lies {
			at = len(labels) - 1 - i // the first on top
		}
		places[l] = at
		names[i] = plot.Tick{Value: float64(at), Label: l}
	}
	addBarSeries(p, legend, c, func(label string, from, to, low, high float64) (x0, y0, x1, y1 float64) {
		at := float64(places[label])
		if lies {
			return low, at - from, high, at - to
		}
		return at + from, low, at + to, high
	})
	along.Tick.Marker = plot.ConstantTicks(names)
	along.Tick.Length = 0
	along.Min, along.Max = -0.5, float64(len(labels))-0.5
	if c.Y.Scale != chart.Time {
		across.Min, across.Max = min(across.Min, 0), max(across.Max, 0)
	}
	widen(across)
	return high
}

// addBarSeries draws a bar's parts: stacked away from zero, or side by side. corners puts a part in its place, which goes from
// and to about the middle of its bar.
func addBarSeries(p *plot.Plot, legend *plot.Legend, c *chart.Chart, corners func(label string, from, to, low, high float64) (x0, y0, x1, y1 float64)) {
	up, down := map[string]float64{}, map[string]float64{}
	base := 0.0
	if c.Y.Scale == chart.Time {
		base, _ = yRange(c.Points)
	}
	series := bySeries(c)
	for i, s := range slices.Backward(series) {
		r := &rectangles{color: seriesColor(i, len(c.Series))}
		from, to := -0.4, 0.4
		if c.Grouped {
			from = -0.4 + 0.8*float64(i)/float64(len(series))
			to = from + 0.8/float64(len(series))
		}
		for _, q := range c.Points {
			if q.Series != s {
				continue
			}
			low := base
			if !c.Grouped && len(series) > 1 {
				side := up
				if q.Y < 0 {
					side = down
				}
				low = side[q.Label]
				side[q.Label] += q.Y
				q.Y += low
			}
			r.add(corners(q.Label, from, to, low, q.Y))
		}
		if len(r.list) > 0 {
			p.Add(r)
		}
	}
	addLegend(legend, c)
}

// addLegend names the colours of bars.
func addLegend(legend *plot.Legend, c *chart.Chart) {
	for i, s := range c.Series {
		legend.Add(s, &rectangles{color: seriesColor(i, len(c.Series))})
	}
}
