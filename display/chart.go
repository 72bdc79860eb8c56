package display

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/rivulet-go/rivulet/frame/chart"
)

// vegaMIME is the newest version that JupyterLab 4 draws by itself.
const vegaMIME = "application/vnd.vegalite.v5+json"

// chartBundle draws the state of a chart: with Vega-Lite, an image and text; its progress alone while there is no chart.
// There is no HTML beside a chart: JupyterLab would prefer it.
func (s *state) chartBundle(seq int) Bundle {
	status := s.chartStatus()
	if s.chart == nil {
		return s.chartProgress(seq, status)
	}
	c := drawable(s.chart)
	if !s.final {
		c.Notes = append(c.Notes, strings.Join(status, " · "))
	}
	data := map[string]any{vegaMIME: vega(c)}
	metadata := s.metadata(seq)
	text := chartText(c)
	if image, width, height, err := chartImage(c); err == nil {
		data["image/png"] = base64.StdEncoding.EncodeToString(image)
		metadata["image/png"] = map[string]any{"width": width, "height": height}
	} else {
		text += "no image: " + err.Error() + "\n"
	}
	if s.final {
		text += strings.Join(status, " · ") + "\n"
	}
	if message := s.errorText(); message != "" {
		text += message + "\n"
	}
	data["text/plain"] = strings.TrimRight(text, "\n")
	return Bundle{Data: data, Metadata: metadata}
}

func (s *state) chartProgress(seq int, status []string) Bundle {
	var html, text strings.Builder
	line := strings.Join(status, " · ")
	bar := ""
	if !s.final && s.err == nil {
		bar = s.bar()
	}
	fmt.Fprintf(&html, `<div style="%s">%s%s</div>`, statusStyle, bar, escapeHTML(line))
	text.WriteString(line + "\n")
	if message := s.errorText(); message != "" {
		fmt.Fprintf(&html, "\n"+`<div style="%s">%s</div>`, errorStyle, escapeHTML(message))
		text.WriteString(message + "\n")
	}
	return Bundle{
		Data:     map[string]any{"text/html": "<div>" + html.String() + "</div>", "text/plain": strings.TrimRight(text.String(), "\n")},
		Metadata: s.metadata(seq),
	}
}

// chartStatus is how far the chart is: what it covers until it is complete, what it was made of then.
func (s *state) chartStatus() []string {
	switch {
	case s.final:
		parts := []string{grouped(s.progress.Rows) + " " + plural(s.progress.Rows, "row") + " read"}
		if s.progress.Elapsed > 0 {
			parts = append(parts, durationText(s.progress.Elapsed))
		}
		return append(parts, s.whereText()...)
	case s.interrupted, s.err != nil:
		return []string{s.stoppedText()}
	case s.chart != nil:
		return s.chartSoFar()
	}
	return append(s.progressSize(), s.progressParts()...)
}

// chartSoFar is short: a longer line would make the chart wider while it runs.
func (s *state) chartSoFar() []string {
	parts := []string{"so far"}
	if f, ok := s.fraction(); ok {
		parts = append(parts, percent(f)+" of the input")
	}
	return append(parts, grouped(s.progress.Rows)+" "+plural(s.progress.Rows, "row")+" read")
}

// chartLabel is how wide a text in a chart may be, in columns of a terminal.
const chartLabel = 32

// drawable is a copy of a chart whose texts are safe to draw.
func drawable(c *chart.Chart) *chart.Chart {
	safe := func(s string) string { return shorten(clean(s), chartLabel) }
	out := *c
	lines := strings.Split(c.Title, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	out.Title = strings.Join(lines, "\n")
	out.X.Title, out.Y.Title, out.Color = shorten(clean(c.X.Title), 2*chartLabel), shorten(clean(c.Y.Title), 2*chartLabel), safe(c.Color)
	names := distinct(c.Series, safe)
	out.Series = nil
	for _, s := range c.Series {
		out.Series = append(out.Series, names[s])
	}
	var labels []string
	for _, p := range c.Points {
		labels = append(labels, p.Label)
	}
	bars := distinct(labels, safe)
	out.Points = append([]chart.Point(nil), c.Points...)
	for i := range out.Points {
		p := &out.Points[i]
		p.Label = bars[p.Label]
		if p.Series != "" || len(names) > 0 {
			p.Series = names[p.Series]
		}
	}
	out.Notes = nil
	for _, n := range c.Notes {
		out.Notes = append(out.Notes, clean(n))
	}
	return &out
}

// distinct makes texts safe so that different ones stay different: bars of one name would be drawn over each other.
func distinct(texts []string, safe func(string) string) map[string]string {
	out, used := map[string]string{}, map[string]bool{}
	for _, t := range texts {
		if _, done := out[t]; done {
			continue
		}
		s := safe(t)
		for n := 2; used[s]; n++ {
			s = fmt.Sprintf("%s (%d)", safe(t), n)
		}
		out[t], used[s] = s, true
	}
	return out
}

// bars are the categories of a bar chart, in order.
func chartBars(c *chart.Chart) []string {
	var labels []string
	seen := map[string]bool{}
	for _, p := range c.Points {
		if !seen[p.Label] {
			seen[p.Label] = true
			labels = append(labels, p.Label)
		}
	}
	return labels
}

// lying says whether bars lie, so that their labels need not be turned: where these are wider than the chart.
func lying(c *chart.Chart, labels []string) bool {
	const character, gap = 7, 10 // pixels
	wide := 0
	for _, l := range labels {
		wide += width(l)*character + gap
	}
	return c.Kind == chart.Bar && wide > c.Width
}

// barStep is the height of a lying bar and its gap, in pixels.
const barStep = 18
