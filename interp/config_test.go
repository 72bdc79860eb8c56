package interp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tasteOption is an option that has no effect but its own value.
func tasteOption() Option {
	taste := "plain"
	words := []string{"sweet", "sour"}
	return Option{
		Name: "taste", Purpose: "what it is like", Words: words,
		Get: func() string { return taste },
		Set: func(value string) error {
			switch {
			case value == "default":
				taste = "plain"
			case !slices.Contains(words, value):
				return fmt.Errorf("%q is no taste", value)
			default:
				taste = value
			}
			return nil
		},
	}
}

// TestConfigProgress sees what the modes do to a running result.
func TestConfigProgress(t *testing.T) {
	s := newTestSession(t)
	cellOf(t, s, `long := make([]int, 400_000)
df := frame.New(map[string]any{"n": long}).WithColumn("m", "sqrt(n + 1) * log(n + 2)")`)
	for _, test := range []struct {
		live          bool
		mode          string
		lines, update bool
	}{
		{false, "auto", true, false},
		{true, "line", true, false},
		{false, "live", false, true},
		{true, "off", false, false},
		{false, "off", false, false},
	} {
		t.Run(test.mode, func(t *testing.T) {
			cellOf(t, s, "%config progress="+test.mode)
			c := &testCell{count: 1, live: test.live, stdin: []string{}} // a terminal unless it is live
			if err := s.Execute(t.Context(), `display.Show(df.GroupBy("m").Agg(Count()))`, c); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(c.text("stderr"), transient); got != test.lines {
				t.Errorf("a line of progress: %v, want %v: %q", got, test.lines, c.text("stderr"))
			}
			named := slices.ContainsFunc(c.events, func(e event) bool { return e.kind == "show" && e.id != "" })
			if named != test.update {
				t.Errorf("a display that can be updated: %v, want %v", named, test.update)
			}
		})
	}
}
