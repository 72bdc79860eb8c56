package display

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

const (
	// cellWidth is the columns of a terminal that a cell's text may take; HTML keeps the whole in a title.
	cellWidth = 60
	// titleRunes bounds that title.
	titleRunes = 1000
	// drawnBytes is how much of a string is looked at: nothing beyond it is ever shown.
	drawnBytes = 4 * titleRunes
)

// clean makes a string safe to stand in one line among others: control characters, line ends, bytes that are no
// UTF-8 and characters that turn the direction of what follows become Go escapes.
func clean(s string) string {
	if len(s) > drawnBytes {
		s = s[:cutAt(s, drawnBytes)] + "…"
	}
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// hidden tells characters that have no picture of their own. The joiners of emoji and of Indic and Arabic scripts,
// and variation selectors, are part of the picture of their neighbours.
func hidden(r rune) bool {
	switch {
	case r == 0x200C, r == 0x200D, r >= 0xFE00 && r <= 0xFE0F:
		return false
	case r == ' ':
		return false
	case r >= 0xE0020 && r <= 0xE007F: // tags, in emoji flags
		return false
	}
	return unicode.Is(unicode.C, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == 0xFFFC
}

// shorten cuts s to so many columns of a terminal, with an ellipsis.
func shorten(s string, width int) string {
	if len(s) <= width {
		return s
	}
	if len(s) > 8*width {
		s = s[:cutAt(s, 8*width)] + "…" // measuring a megabyte to keep a line of it is waste
	}
	return widths.Truncate(s, width, "…")
}

// cutAt is the largest rune boundary up to n.
func cutAt(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// widths measures as terminals outside East Asian locales do, whatever the environment of this process says: the
// same value is drawn the same way everywhere.
var widths = &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

func width(s string) int { return widths.StringWidth(s) }

func escapeHTML(s string) string { return html.EscapeString(s) }
