package display

import (
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/rivulet-go/rivulet/frame/chart"
)

// vega is a chart in Vega-Lite 5. Its data is CSV, a third of the size of JSON.
func vega(c *chart.Chart) map[string]any {
	spec := map[string]any{
		"$schema":  "https://vega.github.io/schema/vega-lite/v5.json",
		"data":     vegaData(c),
		"width":    c.Width,
		"height":   c.Height,
		"mark":     vegaMark(c),
		"encoding": vegaEncoding(c),
		// The default leaves long titles on the labels.
		"config": map[string]any{"axisLeft": map[string]any{"titlePadding": 12}},
	}
	if c.Kind == chart.Bar {
		if labels := chartBars(c); lying(c, labels) {
			spec["height"] = map[string]any{"step": barStep}
		}
	}
	if c.Title != "" || len(c.Notes) > 0 {
		spec["title"] = vegaTitle(c)
	}
	return spec
}

// vegaTitle is the title with the notes below it. A subtitle without a title is not drawn: then the notes are the title.
func vegaTitle(c *chart.Chart) map[string]any {
	const gray = "#888"
	title := map[string]any{"anchor": "start"}
	switch {
	case c.Title == "":
		title["text"], title["color"], title["fontSize"], title["fontWeight"] = c.Notes, gray, 11, "normal"
	case len(c.Notes) > 0:
		title["subtitle"], title["subtitleColor"] = c.Notes, gray
		fallthrough
	default:
		title["text"] = strings.Split(c.Title, "\n")
	}
	return title
}

func vegaMark(c *chart.Chart) map[string]any {
	mark := map[string]any{"type": "bar", "tooltip": true}
	switch c.Kind {
	case chart.Histogram:
		mark["binSpacing"] = 1
	case chart.Line:
		mark["type"], mark["strokeWidth"] = "line", 1.5
		mark["point"] = fewPoints(c)
	}
	return mark
}

// fewPoints says whether the points of lines are to be seen: a line of one point has no other picture.
func fewPoints(c *chart.Chart) bool {
	const few = 40
	return len(c.Points) <= few*max(len(c.Series), 1)
}

// manyPoints is from how many points on their values have ten digits: nobody points at each of them.
const manyPoints = 500

// vegaData is the points as CSV.
func vegaData(c *chart.Chart) map[string]any {
	var b strings.Builder
	w := csv.NewWriter(&b)
	digits := -1
	if len(c.Points) > manyPoints {
		digits = 10
	}
	number := func(v float64, digits int) string { return strconv.FormatFloat(v, 'g', digits, 64) }
	parse := map[string]any{"y": "number"}
	head := []string{"x", "y"}
	if c.Kind != chart.Bar {
		parse["x"] = "number"
	}
	if c.Kind == chart.Histogram {
		head, parse["to"] = append(head, "to"), "number"
	}
	if len(c.Series) > 0 {
		head = append(head, "series")
	}
	_ = w.Write(head) // a strings.Builder takes everything
	for _, p := range c.Points {
		row := []string{p.Label, number(p.Y, digits)}
		if c.Kind != chart.Bar {
			row[0] = number(p.X, -1)
		}
		if c.Kind == chart.Histogram {
			row = append(row, number(p.To, -1))
		}
		if len(c.Series) > 0 {
			row = append(row, p.Series)
		}
		_ = w.Write(row)
	}
	w.Flush()
	return map[string]any{"values": b.String(), "format": map[string]any{"type": "csv", "parse": parse}}
}

func vegaEncoding(c *chart.Chart) map[string]any {
	x, y := vegaAxis("x", c.X), vegaAxis("y", c.Y)
	encoding := map[string]any{}
	switch c.Kind {
	case chart.Bar:
		labels := chartBars(c)
		x["sort"] = nil // as they come
		if lying(c, labels) {
			encoding["y"], encoding["x"] = x, y
		} else {
			x["axis"] = map[string]any{"labelAngle": 0}
		}
	case chart.Histogram:
		if c.X.Scale == chart.Number {
			x["bin"] = "binned"
		}
		encoding["x2"] = map[string]any{"field": "to"}
	case chart.Line:
		scale, _ := y["scale"].(map[string]any)
		if scale == nil {
			scale = map[string]any{}
		}
		scale["zero"] = false
		y["scale"] = scale
		if c.X.Scale == chart.Number {
			x["scale"] = map[string]any{"zero": false, "nice": false}
		}
	}
	if encoding["x"] == nil {
		encoding["x"], encoding["y"] = x, y
	}
	if len(c.Series) == 0 {
		return encoding
	}
	scheme := "tableau10"
	if len(c.Series) > 10 {
		scheme = "tableau20"
	}
	encoding["color"] = map[string]any{
		"field": "series", "type": "nominal", "title": c.Color, "sort": nil,
		"scale": map[string]any{"domain": c.Series, "scheme": scheme},
	}
	if c.Grouped {
		beside := map[string]any{"field": "series", "type": "nominal", "sort": nil, "scale": map[string]any{"domain": c.Series}}
		if lying(c, chartBars(c)) {
			encoding["yOffset"] = beside
		} else {
			encoding["xOffset"] = beside
		}
		y["stack"] = nil
	} else if c.Kind != chart.Line {
		y["stack"] = "zero"
	}
	return encoding
}

// vegaAxis is a field with its scale. Times are shown as they are on the clock of their zone, whatever that of the browser is.
func vegaAxis(field string, a chart.Axis) map[string]any {
	axis := map[string]any{"field": field, "title": a.Title, "type": "quantitative"}
	switch a.Scale {
	case chart.Time:
		axis["type"] = "temporal"
		axis["scale"] = map[string]any{"type": "utc"}
	case chart.Category:
		axis["type"] = "nominal"
	}
	return axis
}
