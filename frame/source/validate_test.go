package source

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestValidateViews(t *testing.T) {
	const text = "longer than a view holds"
	for name, c := range map[string]struct {
		change func(views []arrow.ViewHeader)
		cut    int // bytes of the views that are missing
		good   bool
	}{
		"as written":     {change: func([]arrow.ViewHeader) {}, good: true},
		"null anywhere":  {change: func(v []arrow.ViewHeader) { v[1].SetIndexOffset(7, 1<<30) }, good: true},
		"other buffer":   {change: func(v []arrow.ViewHeader) { v[2].SetIndexOffset(1, 0) }},
		"buffer below 0": {change: func(v []arrow.ViewHeader) { v[2].SetIndexOffset(-1, 0) }},
		"offset":         {change: func(v []arrow.ViewHeader) { v[2].SetIndexOffset(0, 1) }},
		"offset below 0": {change: func(v []arrow.ViewHeader) { v[2].SetIndexOffset(0, -1) }},
		"cut off":        {change: func([]arrow.ViewHeader) {}, cut: 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := array.NewStringViewBuilder(memory.NewGoAllocator())
			defer b.Release()
			b.Append("short")
			b.AppendNull()
			b.Append(text)
			made := b.NewArray()
			defer made.Release()
			buffers := made.Data().Buffers()
			c.change(arrow.ViewHeaderTraits.CastFromBytes(buffers[1].Bytes()))
			views := memory.NewBufferBytes(buffers[1].Bytes()[:3*arrow.ViewHeaderSizeBytes-c.cut])
			values := memory.NewBufferBytes(buffers[2].Bytes()[:len(text)])
			data := array.NewData(made.DataType(), 3, []*memory.Buffer{buffers[0], views, values}, nil, 1, 0)
			defer data.Release()
			if err := validate(data); (err == nil) != c.good {
				t.Fatalf("error %v", err)
			}
		})
	}
}

func TestViewsAreRead(t *testing.T) {
	checked(t)
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "s", Type: arrow.BinaryTypes.StringView, Nullable: true},
		{Name: "b", Type: arrow.BinaryTypes.BinaryView, Nullable: true},
	}, nil)
	rec, _, err := array.RecordFromJSON(memory.NewGoAllocator(), schema, strings.NewReader(
		`[{"s":"longer than a view holds","b":"bG9uZ2VyIHRoYW4gYSB2aWV3IGhvbGRz"},{"s":"","b":"YQ=="},{"s":null,"b":null}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	s, err := Open(t.Context(), []string{writeFile(t, "v.arrow", arrowStream(t, rec))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := s.Schema(t.Context())
	if words := shortSchema(got); words != "s:utf8 b:binary" {
		t.Fatalf("schema %s", words)
	}
	rows, err := readAll(t.Context(), s, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"longer than a view holds", "bG9uZ2VyIHRoYW4gYSB2aWV3IGhvbGRz"}, {"", "YQ=="}, {"<null>", "<null>"}}
	if !slices.EqualFunc(text(rows), want, slices.Equal) {
		t.Fatalf("rows %q", text(rows))
	}
}

// arrowStream is rec as an IPC stream.
func arrowStream(t *testing.T, rec arrow.Record) []byte {
	t.Helper()
	var stream bytes.Buffer
	w := ipc.NewWriter(&stream, ipc.WithSchema(rec.Schema()))
	if err := errors.Join(w.Write(rec), w.Close()); err != nil {
		t.Fatal(err)
	}
	return stream.Bytes()
}
