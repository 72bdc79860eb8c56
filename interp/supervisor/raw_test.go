package supervisor

import (
	"strings"
	"testing"
)

func TestRawPipe(t *testing.T) {
	tests := []struct {
		name   string
		chunks []string
		want   string
		crash  string
	}{
		{"text", []string{"a", "b\n"}, "ab\n", ""},
		{"split rune", []string{"h\xc3", "\xa9!"}, "hé!", ""},
		{"invalid", []string{"\xff\n"}, "\uFFFD\n", ""},
		{"trace", []string{"x\nfatal error: y\n", "goroutine 1\n"}, "x\n", "fatal error: y\ngoroutine 1\n"},
		{"not at a line's start", []string{"my panic: no\n"}, "my panic: no\n", ""},
		{"not at a line's start, later", []string{"my ", "panic: no\n"}, "my panic: no\n", ""},
	}
	for _, tt := range tests {
		var b strings.Builder
		p := newRawPipe(nil, func(s string) { b.WriteString(s) })
		p.holdCrash = true
		for _, c := range tt.chunks {
			p.take([]byte(c))
		}
		if b.String() != tt.want || p.crash() != tt.crash {
			t.Errorf("%s: got %q and %q", tt.name, b.String(), p.crash())
		}
		p.release()
		if b.String() != tt.want+tt.crash {
			t.Errorf("%s: released %q", tt.name, b.String())
		}
	}
}
