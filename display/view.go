package display

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

const (
	statusStyle = "font-size:90%;opacity:0.75;margin-top:4px"
	errorStyle  = "border-left:3px solid rgb(220,60,60);margin-top:6px;padding:4px 10px;white-space:pre-wrap;" +
		"font-family:monospace"
	barStyle = "width:160px;vertical-align:middle;margin-right:8px"
)

// bundle draws the state.
func (s *state) bundle(seq int) (b Bundle) {
	defer func() {
		if p := recover(); p != nil {
			b = textBundle(fmt.Sprintf("display: panic: %v\n%s", p, debug.Stack()))
			b.Metadata = s.metadata(seq)
		}
	}()
	if s.charted {
		return s.chartBundle(seq)
	}
	rows := s.shownRows()
	g := s.grid(rows)
	var html, text strings.Builder
	if g != nil {
		html.WriteString(g.html())
		text.WriteString(g.text())
	}
	s.status(&html, &text, rows)
	if message := s.errorText(); message != "" {
		fmt.Fprintf(&html, "\n"+`<div style="%s">%s</div>`, errorStyle, escapeHTML(message))
		text.WriteString(message + "\n")
	}
	return Bundle{
		Data: map[string]any{
			"text/html":  "<div>" + html.String() + "</div>",
			"text/plain": strings.TrimRight(text.String(), "\n"),
		},
		Metadata: s.metadata(seq),
	}
}

// shownRows is all of a small result, the head of a larger one, and of one that most likely becomes larger: a table does not shrink then.
func (s *state) shownRows() int {
	if s.rows > watchRows() || !s.final && s.rows == watchRows() {
		return int(min(headRows(), s.held))
	}
	return int(s.held)
}

func (s *state) grid(rows int) *grid {
	switch {
	case s.schema != nil && s.schema.NumFields() > 0:
		return arrowGrid(s.schema, s.records, rows)
	case len(s.columns) > 0 && s.final:
		return emptyGrid(s.columns)
	}
	return nil
}

// status writes the line below the table: its size, and while it is not final how far the computation is.
func (s *state) status(html, text *strings.Builder, rows int) {
	parts, bar := s.sizeParts(rows), ""
	var running []string
	switch {
	case s.final:
		if s.progress.Elapsed > 0 {
			parts = append(parts, durationText(s.progress.Elapsed))
		}
		parts = append(parts, s.whereText()...)
	case s.interrupted, s.err != nil:
		parts = append(parts, s.stoppedText())
	default:
		running, bar = s.progressParts(), s.bar()
	}
	line := strings.Join(parts, " · ")
	fmt.Fprintf(html, "\n"+`<div style="%s">%s</div>`, statusStyle, escapeHTML(line))
	text.WriteString(line + "\n")
	if len(running) > 0 || bar != "" {
		line := strings.Join(running, " · ")
		fmt.Fprintf(html, "\n"+`<div style="%s">%s%s</div>`, statusStyle, bar, escapeHTML(line))
		text.WriteString(line + "\n")
	}
	if !s.final {
		s.cluster(html, text)
	}
}

// sizeParts are the size of the result, and which of its rows are shown.
func (s *state) sizeParts(rows int) []string {
	if s.rows == 0 && !s.final {
		return []string{"no rows yet"}
	}
	columns := len(s.columns)
	if s.schema != nil {
		columns = s.schema.NumFields()
	}
	size := grouped(s.rows) + " " + plural(s.rows, "row")
	if columns > 0 {
		size += fmt.Sprintf(" × %d %s", columns, plural(int64(columns), "column"))
	}
	if !s.final {
		size += " so far"
	}
	parts := []string{size}
	if s.sample {
		return append(parts, "a sample from anywhere in the result")
	}
	if int64(rows) < s.rows {
		if rows == 0 {
			return append(parts, "rows are shown at the end")
		}
		parts = append(parts, fmt.Sprintf("the first %d shown", rows))
	}
	return parts
}

// stoppedText says what a result that was not completed covers.
func (s *state) stoppedText() string {
	verb := "stopped by an error"
	if s.interrupted {
		verb = "interrupted"
	}
	if f, ok := s.fraction(); ok {
		return fmt.Sprintf("partial: %s after %s of the input", verb, percent(f))
	}
	return fmt.Sprintf("partial: %s after %s input %s", verb, grouped(s.progress.Rows), plural(s.progress.Rows, "row"))
}

// percent is whole, but never 100 % of what is not complete.
func percent(f float64) string { return fmt.Sprintf("%d %%", min(99, int(f*100))) }

func (s *state) bar() string {
	f, ok := s.fraction()
	if !ok {
		return ""
	}
	return fmt.Sprintf(`<progress max="100" value="%.1f" style="%s"></progress>`, f*100, barStyle)
}

// progressParts are how far the computation is: splits, rows, bytes, rate, time left.
func (s *state) progressParts() []string {
	p := s.progress
	var parts []string
	switch {
	case p.SplitsTotal > 0:
		parts = append(parts, fmt.Sprintf("%s of %s splits", grouped(int64(p.Splits)), grouped(int64(p.SplitsTotal))))
	case p.Splits > 0:
		parts = append(parts, grouped(int64(p.Splits))+" "+plural(int64(p.Splits), "split"))
	}
	if p.Rows > 0 {
		parts = append(parts, grouped(p.Rows)+" "+plural(p.Rows, "row")+" read")
	}
	switch {
	case p.BytesTotal > 0:
		parts = append(parts, byteText(p.Bytes)+" of "+byteText(p.BytesTotal))
	case p.Bytes > 0:
		parts = append(parts, byteText(p.Bytes))
	}
	if p.SpilledBytes > 0 {
		parts = append(parts, byteText(p.SpilledBytes)+" spilled to disk")
	}
	if p.Elapsed >= 100*time.Millisecond && p.Rows > 0 {
		parts = append(parts, countText(float64(p.Rows)/p.Elapsed.Seconds())+" rows/s")
	}
	if left, ok := s.timeLeft(); ok {
		parts = append(parts, "about "+durationText(left)+" left")
	}
	return parts
}

// timeLeft goes by the pace so far. It says nothing in the first half second, of which nothing can be told.
func (s *state) timeLeft() (time.Duration, bool) {
	f, ok := s.fraction()
	if !ok || f < 0.01 || f >= 1 || s.progress.Elapsed < 500*time.Millisecond {
		return 0, false
	}
	return time.Duration(float64(s.progress.Elapsed) * (1 - f) / f), true
}

// progressLine is the state in one line, for terminals.
func (s *state) progressLine() string {
	parts := append(s.progressSize(), s.progressParts()...)
	if f, ok := s.fraction(); ok {
		parts = append([]string{percent(f)}, parts...)
	}
	return strings.Join(parts, " · ")
}

// progressSize is how much of the result there is, in one part.
func (s *state) progressSize() []string {
	if !s.charted {
		return s.sizeParts(int(s.held))[:1]
	}
	if s.stage != "" {
		return []string{s.stage}
	}
	return nil
}

func (s *state) errorText() string {
	if s.err == nil || s.interrupted {
		return ""
	}
	lines := strings.Split(s.err.Error(), "\n")
	for i, l := range lines {
		lines[i] = clean(strings.ReplaceAll(l, "\t", "    "))
	}
	return "error: " + strings.Join(lines, "\n")
}
