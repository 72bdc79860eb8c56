package display

import (
	"fmt"
	"strings"
)

const (
	// textWidth is the terminal that tables are made for.
	textWidth = 100
	// textCellWidth bounds a column, so that one long text does not push the others out.
	textCellWidth = 32
)

// text is the grid as aligned columns under a rule; the middle is left out where it is too wide.
func (g *grid) text() string {
	columns := make([]textColumn, len(g.columns))
	for i, c := range g.columns {
		columns[i] = newTextColumn(c, g.rows)
	}
	left, right := columns, []textColumn(nil)
	if g.hidden > 0 {
		left, right = columns[:g.gap], columns[g.gap:]
	}
	hidden := g.hidden
	left, right, hidden = fit(left, right, hidden)
	shown := append([]textColumn{}, left...)
	if hidden > 0 {
		gap := textColumn{name: "…", kind: fmt.Sprintf("%d more", hidden)}
		for range g.rows {
			gap.cells = append(gap.cells, "…")
		}
		gap.measure()
		shown = append(shown, gap)
	}
	shown = append(shown, right...)
	return drawText(shown, g.rows)
}

type textColumn struct {
	name, kind string
	right      bool
	cells      []string
	width      int
}

func newTextColumn(c column, rows int) textColumn {
	t := textColumn{name: shorten(c.name, textCellWidth), kind: shorten(c.kind, textCellWidth), right: c.right}
	for i := range rows {
		t.cells = append(t.cells, shorten(c.cells[i].text, textCellWidth))
	}
	t.measure()
	return t
}

func (t *textColumn) measure() {
	t.width = max(width(t.name), width(t.kind))
	for _, c := range t.cells {
		t.width = max(t.width, width(c))
	}
}

// fit takes columns out of the middle until the rest fits the terminal; at least one stays.
func fit(left, right []textColumn, hidden int) (l, r []textColumn, hid int) {
	total := func() int {
		n := 0
		for _, c := range left {
			n += c.width + 2
		}
		for _, c := range right {
			n += c.width + 2
		}
		if hidden > 0 {
			n += len(fmt.Sprintf("%d more", hidden)) + 2
		}
		return n - 2
	}
	if total() > textWidth && len(right) == 0 {
		half := (len(left) + 1) / 2
		left, right = left[:half], left[half:]
	}
	for total() > textWidth && len(left)+len(right) > 1 {
		if len(left) > len(right) {
			left = left[:len(left)-1]
		} else {
			right = right[1:]
		}
		hidden++
	}
	return left, right, hidden
}

func drawText(columns []textColumn, rows int) string {
	var b strings.Builder
	line := func(pick func(textColumn) string) {
		var l strings.Builder
		for i, c := range columns {
			if i > 0 {
				l.WriteString("  ")
			}
			text := pick(c)
			pad := strings.Repeat(" ", max(0, c.width-width(text)))
			if c.right {
				l.WriteString(pad + text)
			} else {
				l.WriteString(text + pad)
			}
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	kinds := false
	for _, c := range columns {
		kinds = kinds || c.kind != ""
	}
	line(func(c textColumn) string { return c.name })
	if kinds {
		line(func(c textColumn) string { return c.kind })
	}
	line(func(c textColumn) string { return strings.Repeat("─", max(1, c.width)) })
	for row := range rows {
		line(func(c textColumn) string { return c.cells[row] })
	}
	return b.String()
}
