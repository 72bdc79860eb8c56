package rt

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/display"
)

// displayed is the text that package display makes of a value.
func displayed(t *testing.T, x any) string {
	t.Helper()
	b, ok := display.Value(t.Context(), x)
	if !ok {
		return "nothing"
	}
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := b.Data["text/plain"].(string); ok {
		return plainAddresses(s)
	}
	return string(text)
}

// unspaced takes out what depends on the length of the package's name.
var unspaced = strings.NewReplacer(" ", "", "\n", "", "─", "", ",", "")

// TestDisplayAsCompiled holds that results look as those of compiled types do. What has methods of its own to be shown
// is left to Format, and the names of types that are not structs are not drawn.
func TestDisplayAsCompiled(t *testing.T) {
	for file, get := range map[string]struct {
		name   string
		values func() []any
	}{"golden_format_test.go": {"gValues", gValues}, "golden_json_test.go": {"jValues", jValues}} {
		c, vs := goldenCells(t, file, get.name)
		for i, w := range get.values() {
			name := c.r.TypeString(vs[i])
			if strings.Contains(name, "gFmt") || strings.Contains(name, "gBad") || strings.Contains(name, "Pair") ||
				strings.HasPrefix(name, "map[main.") || name == "main.gMap" || strings.HasPrefix(name, "main.jMaps") {
				continue
			}
			got, want := displayed(t, c.r.Display(vs[i])), displayed(t, w)
			for _, p := range []string{"rt.g", "rt.j"} {
				want = strings.ReplaceAll(want, p, "main."+p[3:])
			}
			if strings.Contains(got, "──") && (strings.Contains(got, "°C") || strings.Contains(want, "main.jTemp")) {
				continue // in a table, what is a float is drawn as one
			}
			if unspaced.Replace(got) != unspaced.Replace(want) {
				t.Errorf("%d %s: got\n%s\nwant\n%s", i, name, got, want)
			}
		}
	}
}

func TestDisplayMethods(t *testing.T) {
	c := newCells(t)
	c.use(t, "errors/errors", map[string]any{"New": func(s string) error { return fmt.Errorf("%s", s) }})
	pkg := checked(t, `
type P struct { X int }
func (p P) HTML() string { return "" }
func (p P) Text() (string, error) { return "", nil }
type Q struct { X int }
func (q Q) MIMEBundle() map[string]any { return nil }
`)
	c.r.Declare(1, pkg.Scope().Lookup("P").Type(), false, []string{"HTML", "Text"})
	c.r.Declare(2, pkg.Scope().Lookup("Q").Type(), false, []string{"MIMEBundle"})
	c.eval(t, `import "errors"
type T_1 struct { X int "rv:\"1\"" }
func T_1_HTML(p T_1) string { return "<b>x</b>" }
func T_1_Text(p T_1) (string, interface{}) { if p.X == 0 { return "", rv.In(errors.New("no text")) }; return "x", nil }
type T_2 struct { X int "rv:\"2\"" }
func T_2_MIMEBundle(q T_2) map[string]interface{} { return map[string]interface{}{"a/b": 1} }
var bound_1 = rv.Bind(1, T_1{}, T_1_HTML, T_1_Text)
var bound_2 = rv.Bind(2, T_2{}, T_2_MIMEBundle)
func all() []interface{} { return []interface{}{T_1{1}, T_1{}, T_2{3}} }
`)
	var got []string
	for _, x := range c.eval(t, `all()`).Interface().([]any) {
		b, _ := display.Value(t.Context(), c.r.Display(x))
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(text))
	}
	for i, want := range []string{`"text/plain":"x"`, "error in a display method of main.P: no text", `"a/b":1,"text/plain":"{X:3}"`} {
		if !strings.Contains(got[i], want) {
			t.Errorf("got %s, want %s", got[i], want)
		}
	}
	if !strings.Contains(got[0], `"text/html":"\u003cb\u003ex`) {
		t.Errorf("got %s", got[0])
	}
}
