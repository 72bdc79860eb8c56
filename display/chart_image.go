package display

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/rivulet-go/rivulet/frame/chart"
)

const (
	pixel    = vg.Inch / 96
	imageDPI = 144 // of a screen of 1.5 device pixels each
	// aroundWide and aroundHigh are what axes and their titles take beside the data area, in pixels.
	aroundWide, aroundHigh = 70, 60
	// lineHigh is a line of the title, in pixels.
	lineHigh = 16
)

// Colours are those that Vega calls tableau10 and tableau20.
var (
	tableau10 = []uint32{0x4c78a8, 0xf58518, 0xe45756, 0x72b7b2, 0x54a24b, 0xeeca3b, 0xb279a2, 0xff9da6, 0x9d755d, 0xbab0ac}
	tableau20 = []uint32{
		0x4c78a8, 0x9ecae9, 0xf58518, 0xffbf79, 0x54a24b, 0x88d27a, 0xb79a20, 0xf2cf5b, 0x439894, 0x83bcb6,
		0xe45756, 0xff9d98, 0x79706e, 0xbab0ac, 0xd67195, 0xfcbfd2, 0xb279a2, 0xd6a5c9, 0x9e765f, 0xd8b5a5,
	}
)

func seriesColor(i, of int) color.Color {
	colors := tableau10
	if of > len(tableau10) {
		colors = tableau20
	}
	c := colors[i%len(colors)]
	return color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255}
}

// chartImage is a chart as PNG, and the size at which it is shown, in pixels.
func chartImage(c *chart.Chart) (png []byte, wide, high int, err error) {
	p := plot.New()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		sans(&a.Label.TextStyle, 10)
		sans(&a.Tick.Label, 8)
		a.Padding = 0
	}
	legend := plot.NewLegend()
	sans(&legend.TextStyle, 8)
	head := headLines(c)
	above := lineHigh * len(head)
	high = c.Height + aroundHigh + above
	switch c.Kind {
	case chart.Line:
		err = addLines(p, &legend, c)
	case chart.Histogram:
		addBins(p, &legend, c)
	default:
		high += addBars(p, &legend, c) - c.Height
	}
	if err != nil {
		return nil, 0, 0, err
	}
	if len(c.Points) == 0 {
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	}
	wide = c.Width + aroundWide
	side := 0
	if len(c.Series) > 0 {
		for _, s := range c.Series {
			side = max(side, int(legend.TextStyle.Width(s)/pixel)+40)
		}
	}
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(wide+side)*pixel, vg.Length(high)*pixel), vgimg.UseDPI(imageDPI))
	all := draw.New(canvas)
	for i, line := range head {
		all.FillText(line.style, vg.Point{X: 8 * pixel, Y: all.Max.Y - vg.Length(lineHigh*i+2)*pixel}, line.text)
	}
	top := vg.Length(above+8) * pixel
	p.Draw(draw.Crop(all, 4*pixel, -vg.Length(side+8)*pixel, 4*pixel, -top))
	if side > 0 {
		legend.Top = true
		legend.Draw(draw.Crop(all, vg.Length(wide)*pixel, -4*pixel, 0, -top))
	}
	png, err = encodeChart(canvas.Image(), max(len(c.Series), 1))
	return png, wide + side, high, err
}

// headLine is a line above a chart.
type headLine struct {
	text  string
	style text.Style
}

// headLines are the title and the notes.
func headLines(c *chart.Chart) (lines []headLine) {
	style := plot.New().Title.TextStyle
	style.XAlign = draw.XLeft
	sans(&style, 11)
	if c.Title != "" {
		for l := range strings.SplitSeq(c.Title, "\n") {
			lines = append(lines, headLine{l, style})
		}
	}
	sans(&style, 8.5)
	style.Color = color.Gray{Y: 0x80}
	for _, n := range c.Notes {
		lines = append(lines, headLine{n, style})
	}
	return lines
}

func sans(s *text.Style, points vg.Length) {
	s.Font.Variant, s.Font.Size = "Sans", points
}

// curve is a line through points. It is drawn piece by piece: the time that one takes grows with the square of its crossings of a
// row of pixels.
type curve struct {
	plotter.XYs
	style draw.LineStyle
}

// Plot implements plot.Plotter.
func (l *curve) Plot(c draw.Canvas, p *plot.Plot) {
	const piece = 32
	x, y := p.Transforms(&c)
	for begin := 0; begin+1 < len(l.XYs); begin += piece {
		points := l.XYs[begin:min(begin+piece+1, len(l.XYs))]
		line := make([]vg.Point, len(points))
		for i, q := range points {
			line[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
		}
		c.StrokeLines(l.style, c.ClipLinesXY(line)...)
	}
}

// DataRange implements plot.DataRanger.
func (l *curve) DataRange() (xmin, xmax, ymin, ymax float64) { return plotter.XYRange(l.XYs) }

// Thumbnail draws the legend's dash.
func (l *curve) Thumbnail(c *draw.Canvas) {
	y := c.Center().Y
	c.StrokeLine2(l.style, c.Min.X, y, c.Max.X, y)
}

// bySeries is the series of a chart, or the one without a name.
func bySeries(c *chart.Chart) []string {
	if len(c.Series) == 0 {
		return []string{""}
	}
	return c.Series
}

// ticks marks an axis as the chart's scale wants it.
func ticks(scale chart.Scale, most int) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) []plot.Tick {
		var out []plot.Tick
		for _, t := range chart.Ticks(scale, low, high, most) {
			out = append(out, plot.Tick{Value: t.Value, Label: t.Label})
		}
		return out
	})
}

func setAxis(a *plot.Axis, of chart.Axis, pixels, each int) {
	a.Label.Text = of.Title
	a.Tick.Marker = ticks(of.Scale, max(pixels/each, 2))
}

// widen makes room where all values are one.
func widen(a *plot.Axis) {
	if a.Max > a.Min {
		return
	}
	by := max(math.Abs(a.Min)/10, 1)
	a.Min, a.Max = a.Min-by, a.Max+by
}

func addLines(p *plot.Plot, legend *plot.Legend, c *chart.Chart) error {
	setAxis(&p.X, c.X, c.Width, 90)
	setAxis(&p.Y, c.Y, c.Height, 50)
	for i, s := range bySeries(c) {
		var points plotter.XYs
		for _, q := range c.Points {
			if q.Series == s {
				points = append(points, plotter.XY{X: q.X, Y: q.Y})
			}
		}
		if len(points) == 0 {
			continue
		}
		line := &curve{XYs: points, style: draw.LineStyle{Color: seriesColor(i, len(c.Series)), Width: 1.5 * pixel}}
		p.Add(line)
		if fewPoints(c) {
			dots, err := plotter.NewScatter(points)
			if err != nil {
				return err
			}
			dots.GlyphStyle = draw.GlyphStyle{Color: line.style.Color, Radius: 2.5 * pixel, Shape: draw.CircleGlyph{}}
			p.Add(dots)
		}
		legend.Add(s, line)
	}
	widen(&p.X)
	widen(&p.Y)
	return nil
}
