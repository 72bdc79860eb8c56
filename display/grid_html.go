package display

import (
	"fmt"
	"strings"
)

// Styles are inline, of properties and values that JupyterLab's sanitizer keeps. Colours are half transparent greys,
// which read on light and on dark; text keeps the theme's own.
const (
	tableStyle  = "border-collapse:collapse;border-spacing:0;margin:0;width:auto"
	headLeft    = "text-align:left;vertical-align:bottom;white-space:nowrap;padding:3px 10px;border-bottom:1px solid rgba(128,128,128,0.6)"
	headRight   = "text-align:right;vertical-align:bottom;white-space:nowrap;padding:3px 10px;border-bottom:1px solid rgba(128,128,128,0.6)"
	kindStyle   = "font-weight:normal;font-size:85%;opacity:0.65"
	cellLeft    = "text-align:left;white-space:pre;padding:2px 10px"
	cellRight   = "text-align:right;white-space:nowrap;padding:2px 10px"
	nullStyle   = "opacity:0.5;font-style:italic"
	gapStyle    = "text-align:center;opacity:0.65;padding:2px 10px"
	scrollStyle = "overflow-x:auto;max-width:100%"
)

// html is the grid as a table element.
func (g *grid) html() string {
	var b strings.Builder
	b.WriteString(`<div style="` + scrollStyle + `"><table style="` + tableStyle + `"><thead><tr>`)
	for i, c := range g.columns {
		if g.hidden > 0 && i == g.gap {
			fmt.Fprintf(&b, `<th style="%s" title="%d columns are not shown">…<br><span style="%s">%d more</span></th>`,
				headLeft, g.hidden, kindStyle, g.hidden)
		}
		style := headLeft
		if c.right {
			style = headRight
		}
		fmt.Fprintf(&b, `<th style="%s">%s`, style, escapeHTML(c.name))
		if c.kind != "" {
			fmt.Fprintf(&b, `<br><span style="%s">%s</span>`, kindStyle, escapeHTML(c.kind))
		}
		b.WriteString(`</th>`)
	}
	b.WriteString("</tr></thead><tbody>")
	for row := range g.rows {
		b.WriteString("\n<tr>")
		for i, c := range g.columns {
			if g.hidden > 0 && i == g.gap {
				b.WriteString(`<td style="` + gapStyle + `">…</td>`)
			}
			c.cells[row].html(&b, c.right)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("\n</tbody></table></div>")
	return b.String()
}

func (c cell) html(b *strings.Builder, right bool) {
	style := cellLeft
	if right {
		style = cellRight
	}
	b.WriteString(`<td style="` + style + `"`)
	if c.full != "" {
		title := []rune(c.full)
		if len(title) > titleRunes {
			title = append(title[:titleRunes:titleRunes], '…')
		}
		b.WriteString(` title="` + escapeHTML(string(title)) + `"`)
	}
	b.WriteByte('>')
	if c.null {
		b.WriteString(`<span style="` + nullStyle + `">` + c.text + `</span></td>`)
		return
	}
	// dir lets text that runs from right to left do so in its own cell.
	if !right && !ascii(c.text) {
		b.WriteString(`<bdi>` + escapeHTML(c.text) + `</bdi></td>`)
		return
	}
	b.WriteString(escapeHTML(c.text) + `</td>`)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
