package cell

import (
	"strings"
	"testing"
)

func TestMagics(t *testing.T) {
	tests := []struct{ name, src, magics, rest string }{
		{"none", "x := 1\n", "", "x := 1\n"},
		{"first line", "%get a.b/c@v1\nimport \"a.b/c\"", "get 1:1 %get a.b/c@v1", "             \nimport \"a.b/c\""},
		{"among lines", "x := 1\n  %get ../a\r\ny := 2", "get 2:3 %get ../a", "x := 1\n           \r\ny := 2"},
		{"name ends at a tab", "%get\tx", "get 1:1 %get\tx", "      "},
		{"no name", "%", " 1:1 %", " "},
		{"raw string", "s := `\n%get x\n`\n%set y", "set 4:1 %set y", "s := `\n%get x\n`\n      "},
		{"comment", "/*\n%get x\n*/ %get y\n%z", "z 4:1 %z", "/*\n%get x\n*/ %get y\n  "},
		{"quotes don't open", "c := '`' + \"/*\\\"\" // `\n%get x", "get 2:1 %get x", "c := '`' + \"/*\\\"\" // `\n      "},
		{"quotes in a magic", "%get \"../a `b\nx", "get 1:1 %get \"../a `b", "             \nx"},
		{"shell", "!ls -l\nx := 1\n  !echo `", "sh 1:1 !ls -l\nsh 3:3 !echo `", "      \nx := 1\n         "},
		{"not is Go", "a := b &&\n!c\nf(\n!a,\n)\nx++\n!ls", "sh 7:1 !ls", "a := b &&\n!c\nf(\n!a,\n)\nx++\n   "},
		{"whole cell", "\n%%sh  -x \r\necho `\n%get\n", "sh 2:1 %%sh  -x", "\n         \r\n      \n    \n"},
		{"whole cell of Go", "%%time\nx := 1\n!ls", "time 1:1 %%time\nsh 3:1 !ls", "      \nx := 1\n   "},
		{"not the first line", "x := 1\n%%sh\ny := 2", "sh 2:1 %%sh", "x := 1\n    \ny := 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, rest := Magics(test.src)
			var lines []string
			for _, m := range found {
				lines = append(lines, m.Name+" "+string(rune('0'+m.Line))+":"+string(rune('0'+m.Column))+" "+m.Text)
			}
			if got := strings.Join(lines, "\n"); got != test.magics {
				t.Errorf("magics %q, want %q", got, test.magics)
			}
			if rest != test.rest {
				t.Errorf("rest %q, want %q", rest, test.rest)
			}
		})
	}
}
