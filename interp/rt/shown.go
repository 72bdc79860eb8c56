package rt

import (
	"fmt"
	"reflect"
)

// showMethods are the methods by which a value says how it is displayed; package display looks for them.
var showMethods = []string{"MIMEBundle", "HTML", "Markdown", "JSON", "PNG", "SVG", "Text"}

var showTypes = map[string]string{
	"HTML": "text/html", "Markdown": "text/markdown", "JSON": "application/json", "PNG": "image/png", "SVG": "image/svg+xml", "Text": "text/plain",
}

// shown is the adapter of values with such methods.
type shown struct{ held }

// MIMEBundle asks all of them. Where one fails, its error is shown instead.
func (s shown) MIMEBundle() (data, metadata map[string]any) {
	data = map[string]any{}
	for _, name := range showMethods {
		m := s.method(name)
		if m == nil || m.fn.Type().NumIn() != 1 || m.fn.Type().NumOut() == 0 {
			continue
		}
		out := m.call(s.x)
		if last := out[len(out)-1]; len(out) == 2 && last.Kind() == reflect.Interface && !last.IsNil() {
			text := fmt.Sprintf("error in a display method of %s: %v", s.r.TypeString(s.x), s.r.asError(last))
			return map[string]any{"text/plain": text}, nil
		}
		first := out[0]
		if first.Kind() == reflect.Interface {
			first = first.Elem()
		}
		if name == "MIMEBundle" {
			s.bundle(out, data, &metadata)
			continue
		}
		if _, taken := data[showTypes[name]]; !taken && first.IsValid() {
			data[showTypes[name]] = s.r.JSON(first.Interface())
		}
	}
	if _, ok := data["text/plain"]; !ok {
		data["text/plain"] = fmt.Sprintf("%+v", value(s))
	}
	return data, metadata
}

func (s shown) bundle(out []reflect.Value, data map[string]any, metadata *map[string]any) {
	if b, ok := reflect.TypeAssert[map[string]any](out[0]); ok {
		for mime, x := range b {
			data[mime] = s.r.JSON(s.r.In(x))
		}
	}
	if len(out) == 2 {
		*metadata, _ = reflect.TypeAssert[map[string]any](out[1])
	}
}
