package display

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What JupyterLab's sanitizer keeps in a notebook that is not trusted, cut down to what this package uses: elements
// with their attributes, beside style, title and dir, and style properties with their values. Whatever is not here
// would be dropped there, or is new here and has to be looked up.
var (
	keptElements = map[string][]string{
		"div": nil, "span": nil, "bdi": nil, "br": nil, "table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": nil,
		"td": nil, "progress": {"max", "value"}, "img": {"alt", "src"}, "a": {"href", "target"},
	}
	length     = `[+-]?([0-9]*[.])?[0-9]+(px|em|%)|0`
	colour     = `rgb\(\d{1,3},\d{1,3},\d{1,3}\)|rgba\(\d{1,3},\d{1,3},\d{1,3},(1|0(\.[0-9]+)?)\)`
	keptStyles = map[string]string{
		"border-collapse": `collapse|separate`,
		"border-spacing":  length,
		"border-bottom":   `((thin|` + length + `|solid|` + colour + `)\s*){1,3}`,
		"border-left":     `((thin|` + length + `|solid|` + colour + `)\s*){1,3}`,
		"font-family":     `monospace`,
		"font-size":       length,
		"font-style":      `normal|italic`,
		"font-weight":     `normal|bold`,
		"margin":          `((` + length + `|auto)\s*){1,4}`,
		"margin-right":    length,
		"margin-top":      length,
		"max-width":       length,
		"opacity":         `1|0\.[0-9]+`,
		"overflow-x":      `auto`,
		"padding":         `((` + length + `)\s*){1,4}`,
		"text-align":      `left|right|center`,
		"vertical-align":  `baseline|bottom|middle`,
		"white-space":     `normal|pre|nowrap|pre-wrap`,
		"width":           length + `|auto`,
	}
)

// checkKept fails where the sanitizer would drop a part of s, and where tags are not closed in order.
func checkKept(t *testing.T, s string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(s))
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("not closed: %v", open)
			}
			return
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("unexpected token %s", z.Token())
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			checkElement(t, tok)
			if tok.Data != "br" && tok.Data != "img" {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			tok := z.Token()
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				t.Fatalf("</%s> closes %v", tok.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func checkElement(t *testing.T, tok html.Token) {
	t.Helper()
	attributes, ok := keptElements[tok.Data]
	if !ok {
		t.Errorf("<%s> is not kept", tok.Data)
	}
	for _, a := range tok.Attr {
		switch {
		case a.Key == "title" || a.Key == "dir" || slices.Contains(attributes, a.Key):
		case a.Key == "style":
			for declaration := range strings.SplitSeq(a.Val, ";") {
				property, value, _ := strings.Cut(declaration, ":")
				pattern, ok := keptStyles[property]
				if !ok || !regexp.MustCompile(`^(`+pattern+`)$`).MatchString(value) {
					t.Errorf("<%s> style %q is not kept", tok.Data, declaration)
				}
			}
		default:
			t.Errorf("<%s> attribute %s is not kept", tok.Data, a.Key)
		}
	}
}

func TestCheckKept(t *testing.T) {
	for _, bad := range []string{
		`<script>x</script>`, `<style>x</style>`, `<div id="a"></div>`, `<div style="color:var(--x)"></div>`,
		`<div onclick="x"></div>`, `<svg></svg>`, `<div style="color:inherit"></div>`, `<div>`, `<!-- x -->`,
	} {
		if !fails(func(t *testing.T) { checkKept(t, bad) }) {
			t.Errorf("%s passes", bad)
		}
	}
}

// fails runs check with a test of its own and tells whether it failed.
func fails(check func(*testing.T)) bool {
	t := &testing.T{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // a T outside a run can't log
		check(t)
	}()
	<-done
	return t.Failed()
}
