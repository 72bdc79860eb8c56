package rt

import (
	"bytes"
	"fmt"
	html "html/template"
	"io"
	"strings"
	"testing"
	text "text/template"
)

var templateTexts = []string{
	`{{.Title}} {{.ID}} {{.Describe}}`, `{{range .Items}}{{.Name}}:{{.Price}}:{{.Kind}}:{{.Temp}};{{end}}`,
	`{{range $i, $x := .Items}}{{$i}}={{$x.Name}} {{$x.Upper "p" 3}} {{end}}`, `{{range .Ptrs}}{{.Name}} {{.Ptr}}{{end}}`,
	`{{range .Items}}{{.Ptr}}{{end}}`, `{{.First.Name}} {{.First.Temp}} {{with .First}}{{.Name}}{{end}}`, `{{with .Nil}}yes{{else}}no{{end}}`,
	`{{.Nil.Name}}`, `{{range .Temps}}{{.}} {{end}}`, `{{range $k, $v := .ByName}}{{$k}}={{$v}} {{end}}`, `{{.Index.k.Name}} {{.ByName.a}} {{.ByName.zz}}`,
	`{{.Any}} {{.Err}} {{.When}} {{.When.Seconds}}`, `{{.HTML}}`, `{{.Count}}`, `{{(.Lookup "pen").Name}} {{.Lookup "none"}}`,
	`{{len .Items}} {{index .Temps 0}} {{(index .Items 1).Name}}`, `{{if .Temps}}t{{end}}{{if .Title}}u{{end}}{{if .Nil}}n{{end}}`,
	`{{range .Items}}{{if .Kind}}[{{.Kind}}]{{else}}none{{end}}{{if .Temp}}warm{{end}}{{end}}`, `{{printf "%v %s %.1f" .Title .Any .ID}}`,
	`{{.Title | printf "%q"}} {{.Any | printf "%v"}}`, `{{eq .Title "T & t"}} {{lt .ID 9}} {{and .Title .Items}}`, `{{.Missing}}`, `{{.owner}}`,
	`{{range .Items}}{{.owner}}{{end}}`, `{{range .Items}}{{.Check true}}{{end}}`, `{{range .Items}}{{.Check false}}{{end}}`,
	`{{range .Items}}{{.Many "s" 1 2}} {{.Many "s"}} {{.Self.Self.Name}} {{.Any}}{{end}}`, `{{range .Items}}{{.Upper 1 2}}{{end}}`,
	`{{range .Items}}{{.Upper "x"}}{{end}}`, `{{define "x"}}<{{.Name}} {{.Temp}}>{{end}}{{range .Items}}{{template "x" .}}{{end}}`,
	`{{.}}`, `{{range .}}{{.}} {{end}}`, `{{.Add 1}} {{(.Add 1.5).Add 2}}`, `{{.P.Title}} {{.T}} {{.n}} {{.zz}}`, `{{.Name}} {{.Ptr}}`,
	`{{range .}}{{.Name}}{{end}}`, `{{$x := .Title}}{{$x}} {{$y := .Any}}{{$y}} {{$y.Add 1}}`, `{{range .Items}}{{range .Tags}}{{.}}{{$.ID}}{{end}}{{end}}`,
	`{{len .Title}}{{/* c */}}{{- .ID -}} {{html .Any}} {{js .Title}} {{print .Any .ID}}`, `{{range $k, $v := .Index}}{{$k}}{{$v.Name}}{{$v.Temp}}{{end}}`,
	`{{range .Temps}}{{.Add 1}} {{if .}}+{{else}}0{{end}}{{end}}`, `{{.Temp}} {{.Temp.Add 2}} {{.Temp.String}}`, `{{.F 1}}`, `{{.Describe 1}}`,
	`{{len .}}`, `{{index . 0}}`, `{{slice .Title 0 1}}`, `{{not .Nil}} {{or .Nil .Any}}`, `{{range 2}}{{.}}{{end}}`,
	`<a href="/{{.Title}}" onclick="f({{.Title}}, {{.ID}}, {{.Any}})">{{.HTML}}</a>`, `<script>var x = {{.Items}};</script>`,
}

func TestTemplateAsCompiled(t *testing.T) {
	c, vs := goldenCells(t, "golden_template_test.go", "tValues")
	ws := tValues()
	bad := 0
	check := func(kind, source string, i int, run func(w io.Writer, x any, ours bool) error) {
		var a, b bytes.Buffer
		err, wantErr := run(&a, vs[i], true), run(&b, ws[i], false)
		got := fmt.Sprintf("%s %v", plainAddresses(a.String()), err)
		want := fmt.Sprintf("%s %v", plainAddresses(strings.ReplaceAll(b.String(), "rt.t", "main.t")), strings.ReplaceAll(fmt.Sprint(wantErr), "rt.t", "main.t"))
		if err != nil && wantErr != nil && a.String() == b.String() && !strings.Contains(err.Error(), "_rivulet") {
			return // the text of a position may differ
		}
		if got != want && bad < 30 {
			bad++
			t.Errorf("%s %s of %T: got\n%s\nwant\n%s", kind, source, ws[i], got, want)
		}
	}
	for _, source := range templateTexts {
		for i := range ws {
			check("text", source, i, func(w io.Writer, x any, ours bool) error {
				tm := text.Must(text.New("n").Parse(source))
				if !ours {
					return tm.Execute(w, x)
				}
				err, _ := c.r.TemplateExecute(tm, w, x).(error)
				return err
			})
			check("html", source, i, func(w io.Writer, x any, ours bool) error {
				tm := html.Must(html.New("n").Parse(source))
				if !ours {
					return tm.Execute(w, x)
				}
				err, _ := c.r.TemplateExecuteNamed(tm, w, "n", x).(error)
				return err
			})
		}
	}
}
