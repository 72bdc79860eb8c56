package complete

import (
	"fmt"
	"strings"
	"testing"
)

// longCell is a cell of about that many lines.
func longCell(lines int) string {
	var b strings.Builder
	b.WriteString("import (\n\t\"fmt\"\n\t\"net/http\"\n\t\"sort\"\n)\n")
	for i := 0; i < lines; i += 10 {
		fmt.Fprintf(&b, `type Item%[1]d struct { A, B int; name string }
// sum%[1]d adds up.
func sum%[1]d(xs []Item%[1]d) (sum int, err error) {
	for i, x := range xs {
		if x.A > i && strings.Contains(x.name, "a") { sum += x.B }
	}
	sort.Slice(xs, func(i, j int) bool { return xs[i].A < xs[j].A })
	return sum, fmt.Errorf("none of %%d", len(xs))
}
total%[1]d, _ := sum%[1]d(nil)
`, i)
	}
	return b.String()
}

// questions are asked at the end of a long cell, or in its middle.
func questions() map[string]string {
	cell := longCell(200)
	inside := func(text string) string { return strings.Replace(cell, "sum += x.B }", text, 1) }
	return map[string]string{
		"net/http":     cell + "http.|",
		"members":      cell + "http.DefaultClient.|",
		"names":        cell + "tot|",
		"inside":       inside("sum += x.| }"),
		"open bracket": inside("sum += sum0(x.|"),
		"columns":      cell + `flights.Filter(Col("|`,
		"signature":    cell + "http.NewRequest(|",
	}
}

func BenchmarkComplete(b *testing.B) {
	s := testSession(b)
	for name, text := range questions() {
		code, cursor := cut(text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Complete(code, cursor)
			}
		})
	}
}

func BenchmarkInspect(b *testing.B) {
	s := testSession(b)
	for name, text := range questions() {
		code, cursor := cut(text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Inspect(code, cursor, 1)
			}
		})
	}
}
