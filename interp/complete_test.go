package interp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, `import ("strings"; "time"; m "math")
type Point struct{ X, Y int; name string }
func (p Point) Length() float64 { return 0 }
// double doubles.
func double(i int) int { return 2 * i }
p := Point{1, 2, "n"}
table := map[string]time.Duration{"north": time.Second}
nested := struct{ Table map[string]time.Duration }{table}
var shape any = p
flights := frame.New(map[string]any{"carrier": []string{"UA"}, "distance": []int{1}})
late := flights.Filter("distance > 0")
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
		{"%get x\ndou|", "double", ""},
		{`table["|`, "north", ""},
		{`nested.Table["|"]`, "north", ""},
		{`flights.Filter("dist|`, "distance", "carrier"},
		{`late.Floats("|")`, "carrier distance", ""},
		{`x := Col("|`, "carrier distance", ""},
		{"Point{X: 1, |", "Y name", "X"},
		{"double(|", "answer p", ""},
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
		if len(c.Types) != len(c.Matches) || len(c.Signatures) != len(c.Matches) {
			t.Errorf("%s: %d types and %d signatures for %d matches", tt.code, len(c.Types), len(c.Signatures), len(c.Matches))
		}
	}
	for code, want := range map[string]string{
		"strings.ToUppe": "ToUpper function (s string) string", "double": "double function (i int) int", "p.Len": "Length method () float64",
		"p.nam": "name field string", "answe": "answer constant untyped int = 42", "flight": "flights instance *frame.Frame",
		"Poin": "Point class struct", "defe": "defer keyword ", "frame": "frame module github.com/rivulet-go/rivulet/frame",
		`flights.Floats("dis`: "distance column int", `table["nor`: "north key time.Duration",
	} {
		c, err := s.Complete(t.Context(), code, len(code))
		if err != nil || len(c.Matches) == 0 || c.Matches[0]+" "+c.Types[0]+" "+c.Signatures[0] != want {
			t.Errorf("%s: %v %v, want %s", code, c, err, want)
		}
	}
}

func TestInspect(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, `type Point struct{ X, Y int; name string }
type Level int
func (l Level) String() string { panic("it runs") }
// double doubles.
func double(i int) int {
	return 2 * i
}
p := Point{1, 2, "n"}
level := Level(3)
var shape any = &p
levels := map[Level][]Point{1: {p}}
took := 3 * time.Second
flights := frame.New(map[string]any{"carrier": []string{"UA"}, "distance": []int{1}})
long := strings.Repeat("x", 100000)
many := make([]int, 1000000)
err := errors.Join(io.EOF, io.ErrUnexpectedEOF)`)
	for _, tt := range []struct {
		code, want string
		detail     int
	}{
		{"stri|ngs.ToUpper", "package strings", 0},
		{"strings.ToUp|per", "func strings.ToUpper(s string) string", 0},
		{"dou|ble(1)", "func double(i int) int\n\nIn[1]:5\n\ndouble doubles.", 0},
		{"dou|ble(1)", "\treturn 2 * i\n}", 1},
		{"double(|)", "argument 1 of 1: i int", 0},
		{"p|", "{X:1 Y:2 name:\"n\"}", 0},
		{"p.na|me", "\"n\"", 0},
		{"lev|el", "var level Level\n\n3", 0},
		{"sha|pe", "*main.Point: &{X:1 Y:2 name:\"n\"}", 0},
		{"lev|els", "map[1:[{X:1 Y:2 name:\"n\"}]]", 0},
		{"too|k", "3s", 0},
		{"flig|hts", "distance  int", 0},
		{"lo|ng", "xxx…", 0},
		{"ma|ny", "(1000000 elements)", 0},
		{"er|r", "EOF\nunexpected EOF", 0},
		{"nothing|", "", 0},
		{"|", "", 0},
	} {
		cursor := strings.Index(tt.code, "|")
		b, err := s.Inspect(t.Context(), strings.Replace(tt.code, "|", "", 1), cursor, tt.detail)
		if err != nil {
			t.Errorf("%s: %v", tt.code, err)
		}
		if got := plain(b); !strings.Contains(got, tt.want) || (tt.want == "" && got != "") || len(got) > 3000 {
			t.Errorf("%s: got %.3000q, want %q", tt.code, got, tt.want)
		}
	}
}

// TestCompleteWhileRunning asks for completions while a cell runs.
func TestCompleteWhileRunning(t *testing.T) {
	s := newTestSession(t)
	done := make(chan error, 1)
	execute(t, s, "df := frame.New(map[string]any{\"distance\": []int{1}})\ntable := map[string]int{\"a\": 1}")
	c := &testCell{count: 2}
	go func() {
		done <- s.Execute(t.Context(), "ch := make(chan int)\nfmt.Println(1)\nfor i := 0; ; i++ { table[fmt.Sprint(i%1000)] = i }\n<-ch", c)
	}()
	for c.text("stdout") == "" {
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		for code, want := range map[string]string{"fo": "for", "df.Floats(\"": "distance", "df.Flo": "Floats", "ch": "ch"} {
			got, err := s.Complete(t.Context(), code, len(code))
			if err != nil || !slices.Contains(got.Matches, want) {
				t.Errorf("%s: got %v, %v", code, got, err)
			}
		}
		if got, err := s.Complete(t.Context(), "table[\"", 7); err != nil || len(got.Matches) > 0 {
			t.Errorf("the keys of a map that is being written: %v, %v", got, err)
		}
		if got, err := s.Inspect(t.Context(), "table", 5, 0); err != nil || plain(got) != "var table map[string]int\n\nits value is not shown: a cell runs\nIn[1]:2" {
			t.Errorf("got %q, %v", plain(got), err)
		}
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("the cell survived a restart")
	}
}

// TestCompleteBesideGoroutine asks for the keys of a map that a goroutine writes to, and once it has ended.
func TestCompleteBesideGoroutine(t *testing.T) {
	s := newTestSession(t)
	execute(t, s, `counts := map[string]int{"a": 1}
stop := make(chan bool)
go func() {
	for {
		select {
		case <-stop:
			return
		default:
			counts["b"]++
		}
	}
}()`)
	for range 50 {
		if got, err := s.Complete(t.Context(), `counts["`, 8); err != nil || len(got.Matches) > 0 {
			t.Fatal(got, err)
		}
	}
	execute(t, s, "close(stop)")
	for range 1000 {
		got, err := s.Complete(t.Context(), `counts["`, 8)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(got.Matches, []string{"a", "b"}) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("the keys do not come")
}

// BenchmarkCompleteSession asks through the pipe, in a session with many variables.
func BenchmarkCompleteSession(b *testing.B) {
	s := newTestSession(b)
	var cell strings.Builder
	for i := range 200 {
		fmt.Fprintf(&cell, "v%d := map[string]int{\"key\": %d}\nf%d := frame.New([]struct{ A%d, B int }{{1, 2}})\n", i, i, i, i)
	}
	c := &testCell{count: 1}
	if err := s.Execute(b.Context(), cell.String(), c); err != nil {
		b.Fatal(err)
	}
	for _, code := range []string{"http.", "v", `v7["`, `x := Col("`} {
		b.Run(code, func(b *testing.B) {
			for b.Loop() {
				if got, err := s.Complete(b.Context(), code, len(code)); err != nil || len(got.Matches) == 0 {
					b.Fatal(got, err)
				}
			}
		})
	}
}
