package display

import (
	"fmt"
	"maps"
)

// The methods by which a value says how it looks. Each may also return an error as its second result.
type (
	htmler      interface{ HTML() string }
	htmlErr     interface{ HTML() (string, error) }
	markdowner  interface{ Markdown() string }
	markdownErr interface{ Markdown() (string, error) }
	jsoner      interface{ JSON() any }
	jsonBytes   interface{ JSON() []byte }
	jsonText    interface{ JSON() string }
	jsonErr     interface{ JSON() ([]byte, error) }
	pnger       interface{ PNG() []byte }
	pngErr      interface{ PNG() ([]byte, error) }
	svger       interface{ SVG() string }
	svgBytes    interface{ SVG() []byte }
	svgErr      interface{ SVG() (string, error) }
	texter      interface{ Text() string }
	textErr     interface{ Text() (string, error) }
	bundler     interface{ MIMEBundle() map[string]any }
	bundleBoth  interface {
		MIMEBundle() (data, metadata map[string]any)
	}
	bundleValue interface{ MIMEBundle() Bundle }
)

// byMethods asks v's methods; false where it has none of them. text/plain comes from plain where Text is missing.
func byMethods(v any, plain func() string) (b Bundle, ok bool) {
	out := Bundle{Data: map[string]any{}}
	defer func() {
		if p := recover(); p != nil {
			b, ok = textBundle(fmt.Sprintf("panic in a display method of %T: %v", v, p)), true
		}
	}()
	var failed error
	use := func(b Bundle, err error) {
		if err != nil {
			failed = err
			return
		}
		for mime, data := range b.Data {
			if _, taken := out.Data[mime]; !taken && mime != "text/plain" {
				out.Data[mime] = data
			}
		}
	}
	mimeMethod(v, &out)
	htmlMethods(v, use)
	imageMethods(v, use)
	jsonMethods(v, use)
	text, hasText, err := textMethod(v)
	if err != nil {
		failed = err
	}
	if hasText && err == nil {
		out.Data["text/plain"] = valid(text)
	}
	if failed != nil {
		return textBundle(fmt.Sprintf("error in a display method of %T: %v", v, failed)), true
	}
	if len(out.Data) == 0 {
		return Bundle{}, false
	}
	if _, has := out.Data["text/plain"]; !has {
		out.Data["text/plain"] = plain()
	}
	return out, true
}

func mimeMethod(v any, out *Bundle) {
	switch v := v.(type) {
	case bundler:
		maps.Copy(out.Data, v.MIMEBundle())
	case bundleBoth:
		data, metadata := v.MIMEBundle()
		maps.Copy(out.Data, data)
		out.Metadata = metadata
	case bundleValue:
		b := v.MIMEBundle()
		maps.Copy(out.Data, b.Data)
		out.Metadata = b.Metadata
	}
	for mime, data := range out.Data {
		if raw, ok := data.([]byte); ok {
			out.Data[mime] = bytesAs(mime, raw)
		}
	}
}

func htmlMethods(v any, use func(Bundle, error)) {
	switch v := v.(type) {
	case htmler:
		use(htmlBundle(v.HTML()), nil)
	case htmlErr:
		s, err := v.HTML()
		use(htmlBundle(s), err)
	}
	switch v := v.(type) {
	case markdowner:
		use(markdownBundle(v.Markdown()), nil)
	case markdownErr:
		s, err := v.Markdown()
		use(markdownBundle(s), err)
	}
}

func imageMethods(v any, use func(Bundle, error)) {
	switch v := v.(type) {
	case pnger:
		use(pngBundle(v.PNG()), nil)
	case pngErr:
		data, err := v.PNG()
		use(pngBundle(data), err)
	}
	switch v := v.(type) {
	case svger:
		use(svgBundle(v.SVG()), nil)
	case svgBytes:
		use(svgBundle(string(v.SVG())), nil)
	case svgErr:
		s, err := v.SVG()
		use(svgBundle(s), err)
	}
}

func jsonMethods(v any, use func(Bundle, error)) {
	switch v := v.(type) {
	case jsoner:
		use(jsonBundle(v.JSON()), nil)
	case jsonBytes:
		use(jsonBundle(v.JSON()), nil)
	case jsonText:
		use(jsonBundle([]byte(v.JSON())), nil)
	case jsonErr:
		data, err := v.JSON()
		use(jsonBundle(data), err)
	}
}

func textMethod(v any) (text string, ok bool, err error) {
	switch v := v.(type) {
	case texter:
		return v.Text(), true, nil
	case textErr:
		text, err = v.Text()
		return text, true, err
	}
	return "", false, nil
}
