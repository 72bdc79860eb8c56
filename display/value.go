package display

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"maps"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// Value renders a Go value; false where there is nothing to show (nil). Display methods of the value decide first;
// then images, errors and tables (slices of structs or maps, maps, slices of slices) have their own looks, and
// everything else is text in Go's syntax, shortened where it is long. A Watcher is described, not run.
func Value(_ context.Context, v any) (b Bundle, ok bool) {
	if v == nil {
		return Bundle{}, false
	}
	defer func() {
		if p := recover(); p != nil {
			b, ok = textBundle(fmt.Sprintf("%T: panic while it was drawn: %v", v, p)), true
		}
	}()
	if isNil(v) {
		return textBundle(nilText(v)), true
	}
	if b, ok := v.(Bundle); ok {
		return withPlain(b), true
	}
	if b, ok := byMethods(v, func() string { return valid(plainText(v)) }); ok {
		return b, true
	}
	switch v := v.(type) {
	case image.Image:
		return imageBundle(v), true
	case error:
		return textBundle("error: " + v.Error()), true
	case string:
		return textBundle(v), true
	case json.RawMessage:
		return jsonBundle(v), true
	case []byte:
		return textBundle(bytesText(v)), true
	}
	if _, named := v.(fmt.Stringer); !named {
		if g, note, ok := goTable(reflect.ValueOf(v)); ok {
			return gridBundle(g, note), true
		}
	}
	return textBundle(plainText(v)), true
}

func withPlain(b Bundle) Bundle {
	if _, ok := b.Data["text/plain"]; ok {
		return b
	}
	data := map[string]any{"text/plain": ""}
	maps.Copy(data, b.Data)
	return Bundle{Data: data, Metadata: b.Metadata}
}

// plainText is a value as text: what it says of itself, else Go's syntax.
func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case error:
		return "error: " + v.Error()
	case time.Time:
		return timeText(v)
	case fmt.Stringer:
		return v.String()
	}
	return goText(reflect.ValueOf(v))
}

// timeText leaves out the monotonic clock, which means nothing to people.
func timeText(t time.Time) string { return t.Round(0).String() }

func nilText(v any) string { return fmt.Sprintf("nil (%T)", v) }

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface, reflect.UnsafePointer:
		return r.IsNil()
	}
	return !r.IsValid()
}

// imageBundle encodes an image; one of more than maxPixels is only described.
func imageBundle(m image.Image) Bundle {
	const maxPixels = 64 << 20
	size := m.Bounds().Size()
	text := fmt.Sprintf("image %d × %d", size.X, size.Y)
	if size.X <= 0 || size.Y <= 0 || int64(size.X)*int64(size.Y) > maxPixels {
		return textBundle(text + ", not drawn")
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, m); err != nil {
		return textBundle(text + ": " + err.Error())
	}
	b := pngBundle(buf.Bytes())
	b.Data["text/plain"] = text
	return b
}

// bytesText shows bytes as the text that they are, or in hexadecimal.
func bytesText(data []byte) string {
	most := 256
	if printable(data[:min(len(data), most)]) {
		most = 80
	}
	head := data[:min(len(data), most)]
	rest := ""
	if len(data) > most {
		rest = fmt.Sprintf("\n… %s more", byteText(int64(len(data)-most)))
	}
	title := fmt.Sprintf("[]byte of %s %s", grouped(int64(len(data))), plural(int64(len(data)), "byte"))
	if len(data) == 0 {
		return title
	}
	if printable(head) {
		return fmt.Sprintf("%s: %q%s", title, head, rest)
	}
	return title + "\n" + strings.TrimRight(hex.Dump(head), "\n") + rest
}

func printable(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		// A rune cut at the end of the head is no fault.
		if r == utf8.RuneError && n == 1 && (utf8.FullRune(b) || len(b) >= utf8.UTFMax) {
			return false
		}
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' {
			return false
		}
		b = b[n:]
	}
	return true
}

// bytesAs is data of a MIME type as JSON carries it: text as text, anything else in base64.
func bytesAs(mime string, raw []byte) any {
	switch {
	case strings.HasSuffix(mime, "json"):
		if json.Valid(raw) {
			return json.RawMessage(raw)
		}
		return valid(string(raw))
	case strings.HasPrefix(mime, "text/"), strings.HasSuffix(mime, "xml"), strings.HasSuffix(mime, "javascript"):
		return valid(string(raw))
	}
	return base64.StdEncoding.EncodeToString(raw)
}
