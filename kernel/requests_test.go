package kernel

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestKernelInfo(t *testing.T) {
	c := start(t, &fake{}, "tcp", nil).client("me")
	for _, channel := range []*channel{c.shell, c.control} {
		id := channel.send("kernel_info_request", nil)
		m := channel.receive()
		info := m.Content["language_info"].(map[string]any)
		if m.text("status") != "ok" || m.text("protocol_version") != "5.5" || m.text("implementation") != "rivulet" ||
			m.text("implementation_version") != "1.2.3" || m.text("banner") != "hello" || m.Header["version"] != "5.5" {
			t.Errorf("%v", m.Content)
		}
		if info["name"] != "go" || "go"+info["version"].(string) != runtime.Version() || info["file_extension"] != ".go" ||
			info["mimetype"] != "text/x-go" || info["pygments_lexer"] != "go" || info["codemirror_mode"] != "go" {
			t.Errorf("language_info %v", info)
		}
		if features, ok := m.Content["supported_features"].([]any); !ok || fmt.Sprint(features) != "[kernel subshells]" {
			t.Errorf("supported_features %v", m.Content["supported_features"])
		}
		if got := outline(c.until(id)); !strings.HasSuffix(got, "busy idle") {
			t.Errorf("iopub: %s", got)
		}
	}
}

func TestSmallRequests(t *testing.T) {
	in := &fake{isComplete: func(code string) (string, string) {
		switch code {
		case "for {":
			return "incomplete", "\t"
		case ")":
			return "invalid", ""
		case "?":
			return "nonsense", ""
		}
		return "complete", ""
	}}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	for _, test := range []struct {
		kind    string
		content map[string]any
		want    string
	}{
		{"is_complete_request", map[string]any{"code": "for {"}, "map[indent:\t status:incomplete]"},
		{"is_complete_request", map[string]any{"code": ")"}, "map[status:invalid]"},
		{"is_complete_request", map[string]any{"code": "1"}, "map[status:complete]"},
		{"history_request", map[string]any{"hist_access_type": "tail"}, "map[history:[] status:ok]"},
		{"comm_info_request", nil, "map[comms:map[] status:ok]"},
		{"interrupt_request", nil, "map[status:ok]"},
		{"connect_request", nil, fmt.Sprintf("map[control_port:%v hb_port:%v iopub_port:%v shell_port:%v status:ok stdin_port:%v]",
			s.connection["control_port"], s.connection["hb_port"], s.connection["iopub_port"], s.connection["shell_port"],
			s.connection["stdin_port"])},
	} {
		id := c.shell.send(test.kind, test.content)
		m := c.shell.receive()
		// Ports are float64 after JSON; %v of %.0f is what the test compares.
		got := fmt.Sprint(m.Content)
		if test.kind == "connect_request" {
			for k, v := range m.Content {
				if f, ok := v.(float64); ok {
					m.Content[k] = int(f)
				}
			}
			got = fmt.Sprint(m.Content)
		}
		if m.Parent["msg_id"] != id || m.kind() != replyKind(test.kind) || got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.kind, got, test.want)
		}
		c.until(id)
	}
	id := c.shell.send("is_complete_request", map[string]any{"code": "?"})
	if m := c.shell.receive(); m.text("status") != "error" {
		t.Errorf("a status that does not exist: %v", m.Content)
	}
	c.until(id)

	id = c.shell.send("comm_open", map[string]any{"comm_id": "1", "target_name": "none"})
	if got := outline(c.until(id)); got != "busy comm_close idle" {
		t.Errorf("comm_open: %s", got)
	}
	id = c.shell.send("no_such_request", nil)
	if got := outline(c.until(id)); got != "busy idle" {
		t.Errorf("unknown: %s", got)
	}
	s.awaitLog("unknown request", "no_such_request")
}

// Cursors are code points on the wire and bytes in the interpreter.
func TestCursors(t *testing.T) {
	const code = `"😀é" + fo`
	in := &fake{
		complete: func(code string, cursor int) (Completion, error) {
			return Completion{Matches: []string{"foo"}, Types: []string{"function"}, Signatures: []string{"(x int)"}, Start: strings.Index(code, "fo"), End: cursor}, nil
		},
		inspect: func(code string, cursor int) (Bundle, error) {
			return Bundle{Data: map[string]any{"text/plain": code[:cursor]}}, nil
		},
	}
	c := start(t, in, "tcp", nil).client("me")
	c.shell.send("complete_request", map[string]any{"code": code, "cursor_pos": 9})
	m := c.shell.receive()
	if m.text("matches") != "[foo]" || m.text("cursor_start") != "7" || m.text("cursor_end") != "9" {
		t.Errorf("complete: %v", m.Content)
	}
	types := m.Content["metadata"].(map[string]any)["_jupyter_types_experimental"].([]any)
	if got := fmt.Sprint(types); got != "[map[end:9 signature:(x int) start:7 text:foo type:function]]" {
		t.Errorf("types: %s", got)
	}
	for cursor, want := range map[any]string{0: "", 2: `"😀`, 3: `"😀é`, 99: code, -1: "", nil: code} {
		c.shell.send("inspect_request", map[string]any{"code": code, "cursor_pos": cursor})
		m := c.shell.receive()
		if got := m.Content["data"].(map[string]any)["text/plain"]; got != want || m.text("found") != "true" {
			t.Errorf("inspect at %v: %v", cursor, m.Content)
		}
	}
}

func TestCursorConversion(t *testing.T) {
	for _, code := range []string{"", "abc", "é", "😀x😀", "a\xffb", "日本語"} {
		n := len([]rune(code))
		for p := range n + 1 {
			if got := codePoints(code, byteOffset(code, p)); got != p {
				t.Errorf("%q: %d becomes %d", code, p, got)
			}
		}
	}
}

func TestHelpCell(t *testing.T) {
	in := &fake{inspect: func(code string, cursor int) (Bundle, error) {
		if code != "frame.Read" || cursor != len(code) {
			return Bundle{}, nil
		}
		return Bundle{Data: map[string]any{"text/plain": "reads files"}}, nil
	}}
	c := start(t, in, "tcp", nil).client("me")
	for code, want := range map[string]string{
		"frame.Read?":   "ok [map[data:map[text/plain:reads files] source:page start:0]]",
		" ??frame.Read": "ok [map[data:map[text/plain:reads files] source:page start:0]]",
		"nothing?":      "error []",
		"?":             "ok []",
		"?a?":           "ok []",
	} {
		id := c.shell.send("execute_request", map[string]any{"code": code})
		m := c.shell.receive()
		if got := fmt.Sprint(m.text("status"), " ", m.Content["payload"]); got != want {
			t.Errorf("%q: %s", code, got)
		}
		c.until(id)
	}
}
