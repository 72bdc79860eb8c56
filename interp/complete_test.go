package interp

import (
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, `import ("strings"; "time"; m "math")
type Point struct{ X, Y int; name string }
func (p Point) Length() float64 { return 0 }
// double doubles.
func double(i int) int { return 2 * i }
p := Point{1, 2, "n"}
table := map[string]time.Duration{}
const answer = 42`)
	tests := []struct {
		code  string // | is the cursor
		want  string // matches that must be there
		never string
	}{
		{"strings.ToU|", "ToUpper ToUpperSpecial", "ToLower"},
		{"m.Sq|", "Sqrt", ""},
		{"dou|", "double", ""},
		{"dou|ble", "double", ""},
		{"fo|", "for", ""},
		{"ans|", "answer", ""},
		{"p.|", "X Y name Length", "Xname"},
		{"p.X + p.Y|", "Y", "X"},
		{`table["a"].Sec|`, "Seconds", ""},
		{"time.Now().Unix|", "Unix UnixNano", ""},
		{"strings.NewReader(\"a)b\").Le|", "Len", ""},
		{"local := 1\nloc|", "local", ""},
		{"fra|", "frame", ""},
		{"frame.Re|", "Read", ""},
		{"Rea|", "Read", ""},
		{`"strings.To|`, "", "ToUpper"},
		{"// strings.To|", "", "ToUpper"},
		{"é.stri|", "", "strings"},
	}
	for _, tt := range tests {
		cursor := strings.Index(tt.code, "|")
		code := strings.Replace(tt.code, "|", "", 1)
		c, err := s.Complete(t.Context(), code, cursor)
		if err != nil {
			t.Errorf("%s: %v", tt.code, err)
			continue
		}
		for w := range strings.FieldsSeq(tt.want) {
			if !slices.Contains(c.Matches, w) {
				t.Errorf("%s: %q is not among %q", tt.code, w, c.Matches)
			}
		}
		for w := range strings.FieldsSeq(tt.never) {
			if slices.Contains(c.Matches, w) {
				t.Errorf("%s: %q is among the matches", tt.code, w)
			}
		}
		if len(c.Types) != len(c.Matches) {
			t.Errorf("%s: %d types for %d matches", tt.code, len(c.Types), len(c.Matches))
		}
	}
	inspect := []struct{ code, want string }{
		{"stri|ngs.ToUpper", "package strings"},
		{"strings.ToUp|per", "func strings.ToUpper(string) string"},
		{"dou|ble(1)", "// double doubles."},
		{"p|", "{X:1 Y:2"},
		{"nothing|", ""},
		{"|", ""},
	}
	for _, tt := range inspect {
		cursor := strings.Index(tt.code, "|")
		b, err := s.Inspect(t.Context(), strings.Replace(tt.code, "|", "", 1), cursor, 0)
		if err != nil {
			t.Errorf("%s: %v", tt.code, err)
		}
		if got := plain(b); !strings.Contains(got, tt.want) || (tt.want == "" && got != "") {
			t.Errorf("%s: got %q, want %q", tt.code, got, tt.want)
		}
	}
}

// TestCompleteWhileRunning asks for completions while a cell runs.
func TestCompleteWhileRunning(t *testing.T) {
	s := newTestSession(t)
	done := make(chan error, 1)
	c := &testCell{count: 1}
	go func() { done <- s.Execute(t.Context(), "ch := make(chan int)\nprintln(1)\n<-ch", c) }()
	got, err := s.Complete(t.Context(), "fo", 2)
	if err != nil || !slices.Contains(got.Matches, "for") {
		t.Errorf("got %v, %v", got, err)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("the cell survived a restart")
	}
}
