package widget

import "strings"

// Box is a row or a column of widgets.
type Box struct {
	*model
	children []Widget
}

// HBox makes a row of widgets.
func HBox(children ...Widget) *Box { return newBox("HBox", " ", children) }

// VBox makes a column of widgets.
func VBox(children ...Widget) *Box { return newBox("VBox", "\n", children) }

func newBox(name, between string, children []Widget) *Box {
	b := &Box{&model{}, children}
	b.look = func(state) (string, string) {
		var texts, htmls []string
		for _, c := range children {
			text, html := c.core().look(c.core().snapshot())
			texts, htmls = append(texts, text), append(htmls, html)
		}
		if between == "\n" {
			return strings.Join(texts, "\n"), "<div>" + strings.Join(htmls, "</div><div>") + "</div>"
		}
		return strings.Join(texts, "  "), strings.Join(htmls, " &nbsp; ")
	}
	ids := []string{}
	for _, c := range children {
		ids = append(ids, "IPY_MODEL_"+c.ID())
	}
	b.open(controls(name), state{"children": ids, "box_style": ""})
	return b
}
